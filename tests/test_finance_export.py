"""CSV for finance: rows add up, nothing acts, everything comes back as it was, and a fleet streams through."""

import csv
import gc
import io
import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import (
    HOSTILE,
    PLANS,
    START,
    about,
    csv_of,
    file_of,
    hostile_plan,
    line,
    money_of,
    placement,
    plan,
    plan_in,
    world_plan,
)
from typer.testing import CliRunner, Result

from placement.cli.app import app
from placement.diagnostics import has_unprintable
from placement.finance import cells, tables
from placement.finance.cells import escaped, guarded, tags_of, tags_text, unescaped, unguarded
from placement.finance.columns import BY_LINE, BY_MONTH, BY_WORKLOAD
from placement.finance.proofs import export_proofs
from placement.finance.read import read_export
from placement.finance.tables import VIEWS, export_csv
from placement.plan.model import Layer, Placement, Plan, Tag
from placement.plan.ruled import Proof
from placement.report import render
from placement.units import dollars

ACTING = "=+-@＝＋－＠"


def rows_of(made: Plan, by: str) -> list[dict]:
    return list(read_export(io.StringIO(csv_of(made, by), newline="")))


def usd(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


TEXTS = st.text() | st.text(alphabet="=+-@'\\;x41u\n\t \"`,\u202e") | st.sampled_from(HOSTILE)


@given(TEXTS)
def test_guards_can_be_undone(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert unescaped(escaped(text)) == text
    assert not has_unprintable(cell)
    # Also where a spreadsheet cuts lines at semicolons.
    for piece in cell.split(";"):
        assert not piece.lstrip().startswith(tuple(ACTING))


@given(st.dictionaries(TEXTS, TEXTS))
def test_tags_can_be_undone(tags: dict[str, str]) -> None:
    text = tags_text(tags.items())
    assert tags_of(text) == tags
    assert tags_of(unguarded(guarded(text))) == tags
    assert tags_text(reversed(tags.items())) == text


def test_tags_as_documented() -> None:
    assert tags_text([("team", "ml"), ("env", "a;b=c\\d")]) == "env=a\\;b\\=c\\\\d;team=ml"


@pytest.mark.parametrize(("by", "columns"), [("line", BY_LINE), ("workload", BY_WORKLOAD), ("month", BY_MONTH)])
def test_hostile_texts_do_nothing_and_come_back(by: str, columns: dict[str, str]) -> None:
    made = hostile_plan()
    text = csv_of(made, by)
    assert text.endswith("\r\n")
    assert not has_unprintable(text.replace("\r\n", ""))
    raw = list(csv.reader(io.StringIO(text, newline="")))
    assert raw[0] == list(columns)
    for row in raw[1:]:
        for (name, kind), cell in zip(columns.items(), row, strict=True):
            if kind in ("text", "tags"):
                assert not cell.lstrip().startswith(tuple(ACTING)), name
            elif kind == "number":
                Decimal(cell or "0")
    found = rows_of(made, by)
    assert {row["workload"] for row in found} == set(HOSTILE)
    for row in found:
        name = row["workload"]
        assert row["tags"] == {name: name, "b": f";={name}\\"}
        assert row["provider"] == row["site"] == row["country"] == row["tier"] == row["cost_centre"] == name


@settings(deadline=None)
@given(PLANS)
def test_lines_come_back_as_they_were(made: Plan) -> None:
    found = iter(rows_of(made, "line"))
    for entry in made.placements:
        for one in entry.lines:
            row = next(found)
            assert (row["workload"], row["line"], row["layer"]) == (entry.workload, one.label, one.layer)
            assert row["quantity"] == Decimal(one.quantity)
            assert row["unit_price_usd"] == Decimal(one.unit_price_usd)
            assert row["cost_usd"] == usd(one.cost_cents)
            assert row["assumed"] is one.assumed
            assert row["list_unit_price_usd"] is None
            assert row["source"] == "a source"
    assert next(found, None) is None


@settings(deadline=None, max_examples=50)
@given(PLANS)
def test_workloads_and_months_agree_with_the_statement(made: Plan) -> None:
    money, horizon = money_of(made), made.inputs.horizon_months
    workloads, months = rows_of(made, "workload"), rows_of(made, "month")
    totals = {
        "cash_capex_usd": sum(money.sums.capex),
        "cash_opex_usd": sum(money.sums.opex),
        "accrual_usd": sum(money.sums.accrual),
        "cost_of_capital_usd": sum(money.sums.capital),
        "opening_usd": money.sums.opening,
        "rest_usd": money.sums.closing,
    }
    for name, cents in totals.items():
        assert sum(row[name] for row in workloads) == usd(cents)
    for month in range(horizon):
        rows = [row for row in months if row["month"] == month + 1]
        assert {row["calendar_month"] for row in rows} == {str(START.later(month))}
        assert sum(row["cash_usd"] for row in rows) == usd(money.sums.paid[month])
        assert sum(row["accrual_usd"] for row in rows) == usd(money.sums.accrual[month])
        assert sum(row["cost_of_capital_usd"] for row in rows) == usd(money.sums.capital[month])
    assert sum(row["rest_usd"] for row in months if row["month"] == horizon) == usd(money.sums.closing)


def test_an_unplaced_workload_has_a_row_that_says_why() -> None:
    gone = placement("a", [], None, status="unplaced", monthly_cost_cents=None, layers=(), reason="no room")
    (row,) = rows_of(plan([gone]), "line")
    assert (row["status"], row["note"], row["cost_usd"], row["term"], row["assumed"]) == (
        "unplaced", "no room", None, "", None,
    )  # fmt: skip
    (row,) = rows_of(plan([gone]), "workload")
    assert (row["reason"], row["cost_usd"], row["nodes"], row["accrual_usd"]) == ("no room", None, None, None)
    assert rows_of(plan([gone]), "month") == []


def test_columns_mean_the_same_in_every_view() -> None:
    for name in {*BY_LINE, *BY_WORKLOAD, *BY_MONTH}:
        assert len({columns[name] for columns in (BY_LINE, BY_WORKLOAD, BY_MONTH) if name in columns}) == 1
    documented = (Path(__file__).parent.parent / "docs/finance.md").read_text(encoding="utf-8")
    assert [name for name in {*BY_LINE, *BY_WORKLOAD, *BY_MONTH} if f"`{name}`" not in documented] == []


def many(count: int) -> Iterator[Placement]:
    for number in range(count):
        yield placement(f"w{number:06}", [line(100 + number, label=f"line {number}") for _ in range(4)], 500)


@pytest.mark.parametrize("by", ["line", "workload", "month"])
def test_memory_does_not_grow_with_the_plan(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what is written is kept; the cache of guarded texts, which is bounded, is left aside."""
    monkeypatch.setattr(tables, "_guarded", cells.guarded)
    tracemalloc.start()
    pieces = export_csv(by, about(plan([], 12)), many(100_000))

    def held_after(count: int) -> int:
        written = sum(len(piece) for piece in islice(pieces, count))
        gc.collect()  # what the interpreter keeps for later objects goes, too
        assert written > 20_000 * (count - 1)
        return tracemalloc.get_traced_memory()[0]

    try:
        assert held_after(2) + 100_000 > held_after(9)
    finally:
        tracemalloc.stop()


def invoke(*args: str) -> Result:
    result = CliRunner().invoke(app, list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_command_writes_what_the_views_say(tmp_path: Path) -> None:
    made = world_plan(7003)
    path = file_of(made, tmp_path)
    ordered = plan_in(path)
    for by in ("line", "workload", "month"):
        done = invoke("export", str(path), "--by", by, "--start", "2027-01")
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout_bytes.decode() == csv_of(ordered, by)
    target = tmp_path / "lines.csv"
    assert invoke("export", str(path), "--excel", "-o", str(target)).exit_code == 0
    assert target.read_bytes() == b"\xef\xbb\xbf" + csv_of(ordered).encode()
    assert list(read_export(io.StringIO(target.read_text(encoding="utf-8"), newline="")))
    # The catalog of the worlds is of 2026-01.
    assert "2026-02" in invoke("export", str(path), "--by", "month").stdout.splitlines()[1]


def test_nothing_is_written_of_a_plan_that_does_not_add_up(tmp_path: Path) -> None:
    path = file_of(plan([placement("a", [line(500)]), placement("b", [line(300)])]), tmp_path)
    text = path.read_text()
    path.write_text(text.replace('"cost_usd": "3.00"', '"cost_usd": "3.01"'))
    for form in ("csv", "focus", "xlsx"):
        done = invoke("export", str(path), "-f", form, "-o", str(tmp_path / "out"))
        assert (done.exit_code, done.stdout) == (2, "")
        assert "error[plan-total]" in done.stderr
        assert not (tmp_path / "out").exists()
    assert invoke("export", str(path)).stdout == ""
    assert invoke("cash", str(path)).exit_code == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ('"kind": "term"', '"kind": "barter"'),
        ('"months": 12', '"months": 0'),
        ('"discount_rate_fraction": "0.08"', '"discount_rate_fraction": "lots"'),
        ('"horizon_months": 36', '"horizon_months": 0'),
        ('"horizon_months": 36', '"horizon_months": 1000000000'),
        ('"hours_per_month": "730"', '"hours_per_month": "many"'),
        ('"list_unit_price_usd": "6"', '"list_unit_price_usd": "=1+1"'),
    ],
)
def test_figures_that_mean_nothing_are_refused(key: str, value: str, tmp_path: Path) -> None:
    from placement.plan.model import Schedule  # noqa: PLC0415

    path = file_of(plan([placement("a", [line(500, Schedule("term", 12, 500), list_unit_price_usd="6")])]), tmp_path)
    text = path.read_text()
    assert key in text
    path.write_text(text.replace(key, value))
    for command in (["cash"], ["export"], ["export", "-f", "focus"]):
        done = invoke(*command, str(path))
        assert (done.exit_code, done.stdout) == (2, "")
        assert "error[plan-" in done.stderr


def test_cash_of_hostile_plans_is_shown_and_does_nothing(tmp_path: Path) -> None:
    made = hostile_plan()
    made = made._replace(inputs=made.inputs._replace(inventory_name="\x1b[31m[red]x[/red]\u202e"))
    path = file_of(made, tmp_path)
    shown = invoke("cash", str(path)).stdout
    assert "\\x1b[31m[red]x[/red]\\u202e" in shown
    assert "\x1b" not in shown
    assert json.loads(invoke("cash", str(path), "-f", "json").stdout)["start"] == "2027-01"


def test_a_statement_of_the_examples_adds_up() -> None:
    for entry in rows_of(world_plan(7005), "workload"):
        if entry["cost_usd"] is not None:
            assert entry["accrual_usd"] + entry["cost_of_capital_usd"] == entry["months"] * entry["cost_usd"]
            paid = entry["cash_capex_usd"] + entry["cash_opex_usd"]
            assert entry["opening_usd"] + paid == entry["accrual_usd"] + entry["rest_usd"]
    assert dollars(5) == "0.05"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["-f", "focus", "--by", "line"], "option-unfit"),
        (["-f", "xlsx", "--by", "line", "-o", "x"], "option-unfit"),
        (["-f", "focus", "--excel"], "option-unfit"),
        (["--months", "2"], "option-unfit"),
        (["--focus-version", "1.4"], "option-unfit"),
        (["-f", "xlsx"], "output-needed"),
        (["--start", "2027"], "wrong-month"),
        *(
            (["-f", "focus", "--months", stated], "wrong-months")
            for stated in ("0", "-1", "37", "x", "1.0", "²", "9" * 9)
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(
    options: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = file_of(plan([placement("a", [line(500)])]), tmp_path)
    done = invoke("export", str(path), *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"error[{code}]" in done.stderr
    assert sorted(tmp_path.iterdir()) == [path]


def test_months_of_focus(tmp_path: Path) -> None:
    path = file_of(plan([placement("a", [line(500)])]), tmp_path)
    for stated, count in (([], 1), (["--months", "36"], 36), (["--months", "all"], 36)):
        assert len(invoke("export", str(path), "-f", "focus", *stated).stdout.splitlines()) == 1 + count


def test_cost_centre_and_tags_are_in_every_table() -> None:
    """What `advise` writes as CSV, lines, workloads, months, and proofs; in FOCUS see `test_finance_focus.py`."""
    proof = Proof("compute", "aws/us", "US", "residency", "in US", "kept", source_id="inventory")
    layer = Layer("aws/us/p5/on_demand", "H100-SXM", "on_demand", 1, 8, 8, "730")
    booked = {"cost_centre": "=cc", "tags": (Tag("env", "a;b"), Tag("team", "ml"))}
    made = plan([placement("a", [line(1)], layers=(layer,), proofs=(proof,), **booked)])
    texts = [*(csv_of(made, by) for by in VIEWS), "".join(render(made, "csv", (80, False)))]
    texts.append("".join(export_proofs(made.sources, made.placements)))
    for text in texts:
        for row in csv.DictReader(text.splitlines()):
            assert unguarded(row["cost_centre"]) == "=cc"
            assert tags_of(unguarded(row["tags"])) == {"env": "a;b", "team": "ml"}
