"""CSV files → rows that remember their line, safely."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from placement.diagnostics import Diagnostic, InputError, Where
from placement.documents import Lines, read_text

Row = dict[str, str]


class CsvTable:
    """The rows of one file, by line number, and diagnostics that point at their cells."""

    def __init__(self, path: str, text: str, columns: tuple[str, ...]) -> None:
        self.path = path
        self.columns = columns
        self.rows: list[tuple[int, Row]] = []
        self._lines = Lines(text)

    def diagnostic(self, code: str, message: str, line: int, column: str = "", hint: str = "") -> Diagnostic:
        """A diagnostic that points at a cell, or at the line as a whole."""
        text = self._lines[line]
        at = cell_begin(text, self.columns.index(column)) if column else 0
        return Diagnostic(code, message, Where(self.path, line, at + 1), hint, text)


def cell_begin(line: str, number: int) -> int:
    """Where cell *number* begins in *line*."""
    quoted = False
    for at, char in enumerate(line):
        if number == 0:
            return at
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            number -= 1
    return len(line)


def load_csv(path: Path, columns: tuple[str, ...], optional: frozenset[str] = frozenset()) -> CsvTable:
    """Read a CSV file with exactly *columns*; raises `InputError` with everything that is wrong with its form.

    Of the *optional* ones some may be missing: in its rows they are empty.
    """
    text = read_text(path)
    table = CsvTable(str(path), text, columns)
    found: list[Diagnostic] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line, missing = 1, {}
    try:
        head = tuple(next(reader, []))
        table.columns = tuple(name for name in columns if name in head or name not in optional)
        missing = dict.fromkeys(set(columns) - set(head), "")
        if head != table.columns:
            raise InputError([table.diagnostic("csv-columns", f"the columns must be {','.join(columns)}", 1)])
        for row in reader:
            line, before = reader.line_num, line
            if line != before + 1:
                found.append(table.diagnostic("csv-row", "a cell must not go over several lines", before + 1))
            elif len(row) != len(head):
                message = f"{len(row)} cells where {len(head)} are needed"
                found.append(table.diagnostic("csv-row", message, line))
            table.rows.append((line, missing | dict(zip(head, row, strict=False))))
    except csv.Error as error:
        found.append(table.diagnostic("csv-row", f"this is not valid CSV: {error}", line + 1))
    if found:
        raise InputError(found)
    return table
