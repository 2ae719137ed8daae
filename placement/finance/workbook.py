"""A workbook whose texts stay texts and whose bytes are the same for the same content, over XlsxWriter."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from placement.diagnostics import Diagnostic, InputError, Where
from placement.finance.cells import escaped

MAX_ROWS = 1 << 20
"""Rows of a sheet in every spreadsheet program."""

MAX_UNITS = 32_767
"""UTF-16 units of a cell."""

CUT = " … (cut)"

_EPOCH = datetime(2000, 1, 1)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_ACTING = re.compile(r"\s*[=+\-@'＝＋－＠]")
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "bold": {"bold": True},
    "money": {"num_format": "#,##0.00;[Red]-#,##0.00", "valign": "top"},
    "total": {"num_format": "#,##0.00;[Red]-#,##0.00", "bold": True, "top": 1},
    "price": {"num_format": "#,##0.00####", "valign": "top"},
    "quantity": {"num_format": "#,##0.###", "valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
}


class Formula(NamedTuple):
    """A formula and what it comes to, for viewers that do not compute."""

    text: str
    value: Decimal


Cell = str | int | Decimal | Formula | None


class Book:
    """A workbook under construction; rows of each sheet have to be written in order."""

    def __init__(self, title: str, scratch: Path) -> None:
        """Rows wait in files of the folder *scratch* until `content` is asked for."""
        import xlsxwriter  # noqa: PLC0415 - only this form needs it

        self._stream = io.BytesIO()
        options = {
            "tmpdir": str(scratch),
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(self._stream, options)
        self._book.set_properties({"title": fitting(title), "created": _EPOCH})
        self.formats = {name: self._book.add_format(form) for name, form in _FORMATS.items()}
        self.quoted = {name: self._book.add_format(form | {"quote_prefix": True}) for name, form in _FORMATS.items()}

    def sheet(self, name: str, widths: Iterable[int]) -> Sheet:
        """A sheet with columns of *widths* characters, which prints in landscape, one page wide."""
        made = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        made.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        made.set_footer("&L&A&RPage &P of &N")
        return Sheet(self, name, made)

    def content(self) -> bytes:
        """The file; nothing can be written after this."""
        self._book.close()
        packed = io.BytesIO()
        # The packer notes file modes and local times; a second one with fixed ones makes the bytes repeatable.
        with ZipFile(self._stream) as source, ZipFile(packed, "w") as target:
            for part in source.infolist():
                entry = ZipInfo(part.filename, _ZIP_EPOCH)
                entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o600 << 16
                entry.file_size = part.file_size
                with source.open(part) as packed_once, target.open(entry, "w") as packed_again:
                    shutil.copyfileobj(packed_once, packed_again, 1 << 20)
        return packed.getvalue()


class Sheet:
    """One sheet; `row` is the next free row, from 1."""

    def __init__(self, book: Book, name: str, sheet: Any) -> None:
        self.name, self.row = name, 1
        self._book, self._sheet = book, sheet

    def add(self, cells: Iterable[tuple[Cell, str]]) -> int:
        """Write (value, name of a format) pairs as the next row; the number of the row written. Raises `InputError`."""
        if self.row > MAX_ROWS:
            message = f"sheet `{self.name}`: a spreadsheet holds {MAX_ROWS:,} rows, this plan needs more"
            raise InputError([Diagnostic("file-too-large", message, Where("--format xlsx"), "use --format csv")])
        for column, (value, form) in enumerate(cells):
            self._put(column, value, form)
        self.row += 1
        return self.row - 1

    def head(self, names: Iterable[str]) -> None:
        """The row of headings: it stays in view and is printed on every page."""
        row = self.add((name, "head") for name in names)
        self._sheet.freeze_panes(row, 0)
        self._sheet.repeat_rows(row - 1)

    def filter(self, first: int, last: int, columns: int) -> None:
        """Offer to filter the rows *first* (the headings) to *last*."""
        self._sheet.autofilter(first - 1, 0, last - 1, columns - 1)

    def _put(self, column: int, value: Cell, form: str) -> None:
        formats, row = self._book.formats, self.row - 1
        if isinstance(value, Formula):
            self._sheet.write_formula(row, column, f"={value.text}", formats[form], value.value)
        elif isinstance(value, str):
            # Without the prefix a text like `=1+1` would become a formula when somebody edits the cell.
            quoted = self._book.quoted if _ACTING.match(value) else formats
            self._sheet.write_string(row, column, fitting(value), quoted[form])
        elif value is not None:
            self._sheet.write_number(row, column, value, formats[form])


def fitting(text: str) -> str:
    r"""*text* as a cell can hold it: nothing invisible, and cut with a mark where it is too long.

    A text that XlsxWriter would take for marked-up XML (`<r>…</r>`) begins with the escape of its first character.
    """
    shown = escaped(text)
    if shown.startswith("<r>"):
        shown = "\\x3c" + shown[1:]
    if len(shown) <= MAX_UNITS // 2 or _units(shown) <= MAX_UNITS:
        return shown
    kept = shown.encode("utf-16-le")[: 2 * (MAX_UNITS - len(CUT))].decode("utf-16-le", "ignore")
    return kept + CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
