"""The workbook: totals are formulas that come to what they say, texts stay texts, and the bytes are repeatable."""

import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from plans import HOSTILE, file_of, hostile_plan, line, placement, plan, world_plan, xlsx_of
from test_finance_views import example

from placement.diagnostics import InputError
from placement.finance import workbook
from placement.finance.cells import unescaped
from placement.finance.workbook import CUT, MAX_UNITS, fitting
from placement.plan.model import Plan, Schedule

ROOT = Path(__file__).resolve().parents[1]
SHEETS = ["summary", "placements", "lines", "cash_flow", "assumptions"]
CELL = re.compile(r"(?:(\w+)!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")


class Calculator:
    """Computes the few functions the workbook uses, from its cells, in exact decimals."""

    def __init__(self, stream: BytesIO) -> None:
        self.book = openpyxl.load_workbook(stream)

    def value(self, sheet: str, cell: str):
        found = self.book[sheet][cell]
        return self.formula(sheet, found.value) if found.data_type == "f" else found.value

    def formula(self, sheet: str, text: str) -> Decimal:
        match = re.fullmatch(r"=ROUND\((.*),2\)", text)
        assert match, text
        return self.expression(sheet, match[1]).quantize(Decimal("0.01"))

    def expression(self, sheet: str, text: str) -> Decimal:
        if match := re.fullmatch(r"SUM\(([^()]+)\)", text):
            return sum(map(number, self.range(sheet, match[1])), Decimal(0))
        if match := re.fullmatch(r'SUMIF\(([^,()]+),">=0",([^,()]+)\)', text):
            pairs = zip(self.range(sheet, match[1]), self.range(sheet, match[2]), strict=True)
            return sum((number(value) for key, value in pairs if key is not None and number(key) >= 0), Decimal(0))
        if match := re.fullmatch(r"SUMIF\(([^,()]+),([^,()]+),([^,()]+)\)", text):
            (wanted,) = self.range(sheet, match[2])
            assert re.fullmatch("[A-Za-z_0-9]+", wanted), "a criterion must mean nothing but itself"
            pairs = zip(self.range(sheet, match[1]), self.range(sheet, match[3]), strict=True)
            return sum((number(value) for key, value in pairs if str(key).lower() == wanted.lower()), Decimal(0))
        if match := re.fullmatch(r"SUMPRODUCT\(EXACT\(([^,()]+),([^,()]+)\)\*([^,()]+)\)", text):
            wanted = "" if match[2] == '""' else self.range(sheet, match[2])[0]
            pairs = zip(self.range(sheet, match[1]), self.range(sheet, match[3]), strict=True)
            return sum((number(value) for key, value in pairs if (key or "") == wanted), Decimal(0))
        assert re.fullmatch(r"[A-Z]+\d+([+-][A-Z]+\d+)*", text), text
        signed = re.findall(r"([+-]?)([A-Z]+\d+)", text)
        return sum((number(self.value(sheet, cell)) * (-1 if sign == "-" else 1) for sign, cell in signed), Decimal(0))

    def range(self, sheet: str, text: str) -> list:
        match = CELL.fullmatch(text)
        assert match, text
        name, column, first, until, last = match.groups()
        assert until in (None, column)
        return [self.value(name or sheet, f"{column}{row}") for row in range(int(first), int(last or first) + 1)]


def number(value) -> Decimal:
    return Decimal(str(value)) if value is not None else Decimal(0)


def check(made: Plan, least: int) -> None:
    """Every formula comes to the value that is stored with it."""
    stream = xlsx_of(made)
    cached, live = openpyxl.load_workbook(stream, data_only=True), Calculator(stream)
    assert cached.sheetnames == SHEETS
    count = 0
    for sheet in live.book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    count += 1
                    stored = Decimal(str(cached[sheet.title][cell.coordinate].value)).quantize(Decimal("0.01"))
                    assert live.formula(sheet.title, cell.value) == stored, (sheet.title, cell.coordinate, cell.value)
    assert count >= least


@pytest.mark.parametrize("name", ["minimal", "enterprise", "unplaced"])
def test_formulas_of_examples(name: str) -> None:
    check(example(name), 10)


@pytest.mark.parametrize("seed", range(7300, 7306))
def test_formulas_of_worlds(seed: int) -> None:
    check(world_plan(seed), 10)


def test_formulas_with_hostile_names() -> None:
    """A name like `*` or `>0` sums its own rows and no others; `aws` and `AWS` are two names."""
    check(hostile_plan(), 100)
    two = [placement("a", [line(100)], provider="aws"), placement("b", [line(200)], provider="AWS")]
    check(plan(two), 10)


def test_schedules_of_every_kind() -> None:
    kinds = [
        Schedule("term", 12, 100),
        Schedule("purchase", 4, 1000, 10),
        Schedule("held", 3, 900),
        Schedule("once", 7, 50),
    ]
    check(plan([placement(kind.kind, [line(400, kind)], 500) for kind in kinds], 7), 50)


def texts_of(stream: BytesIO) -> set[str]:
    book = openpyxl.load_workbook(stream)
    return {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}


def excel(text: str) -> str:
    """What a spreadsheet program shows for the text stored in the file."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)


def test_hostile_texts_stay_texts() -> None:
    """No name becomes a formula, a link or markup, and every one comes back."""
    stream = xlsx_of(hostile_plan())
    assert {unescaped(excel(text)) for text in texts_of(stream)} >= set(HOSTILE)
    with ZipFile(stream) as file:
        names = file.namelist()
        assert not [name for name in names if "hyperlink" in name or "externalLink" in name or "vba" in name.lower()]
        for name in names:
            text = file.read(name).decode()
            assert "<hyperlink" not in text
            for formula in re.findall("<f>(.*?)</f>", text):
                assert re.match(r"ROUND\(", formula)


def test_a_text_too_long_is_cut_with_a_mark() -> None:
    assert fitting("x" * MAX_UNITS) == "x" * MAX_UNITS
    for text in ("x" * (MAX_UNITS + 1), "🙂" * 20_000, "x" + "🙂" * 20_000):
        cut = fitting(text)
        assert cut.endswith(CUT)
        assert MAX_UNITS - 1 <= len(cut.encode("utf-16-le")) // 2 <= MAX_UNITS
    long = plan([placement("a", [line(1, note="y" * 40_000)])])
    assert any(text.endswith(CUT) for text in texts_of(xlsx_of(long)))


def test_more_rows_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is said, and nothing is left behind."""
    monkeypatch.setattr(workbook, "MAX_ROWS", 20)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(InputError, match="this plan needs more"):
        xlsx_of(plan([placement("a", [line(1)] * 30)], 1))
    assert list(tmp_path.iterdir()) == []


def test_very_many_cost_centres_are_not_broken_down() -> None:
    """A formula over all rows for each of them would take a spreadsheet minutes."""
    made = plan([placement(f"w{n:03}", [line(1)], cost_centre=f"c{n}") for n in range(501)], 1)
    assert "501 of them: filter the sheet placements" in texts_of(xlsx_of(made))


def test_same_plan_same_bytes(tmp_path: Path) -> None:
    """In another time zone, with another mask for new files and other hashes; nothing of today is in it."""
    path = file_of(world_plan(7301), tmp_path)
    made = []
    for number, (zone, mask) in enumerate((("UTC", 0o022), ("Pacific/Kiritimati", 0o077), ("America/Adak", 0o000))):
        target = tmp_path / f"{number}.xlsx"
        command = [sys.executable, "-m", "placement", "export", str(path), "-f", "xlsx", "-o", str(target)]
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(number), "PYTHONPATH": str(ROOT)}
        subprocess.run(command, check=True, env=environment, umask=mask, cwd=tmp_path)
        made.append(target.read_bytes())
    assert made[0] == made[1] == made[2]
    with ZipFile(BytesIO(made[0])) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        stamps = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", file.read("docProps/core.xml").decode())
        assert set(stamps) == {"2000-01-01T00:00:00Z"}


def test_sheets_are_made_for_reading_and_printing() -> None:
    book = openpyxl.load_workbook(xlsx_of(example("enterprise")))
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
    assert book["lines"].auto_filter.ref is not None
    assert book["lines"]["W2"].number_format.startswith("#,##0.00")
    assert book["lines"]["W1"].value == "cost_usd"
