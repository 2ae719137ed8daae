"""CSV: one workload per line, its keys as flat columns in any order."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import compress, islice
from operator import itemgetter
from typing import Any

from placement.csv_tables import cell_begin
from placement.diagnostics import MAX_REPORTED, Diagnostic, Where, brief, did_you_mean
from placement.documents import KeyPath
from placement.inventory.fleet.csv_columns import COLUMNS, DEMAND, NAMED, Column, Kind, default_of
from placement.inventory.fleet.form import Form, RowError
from placement.inventory.fleet.rows import Row, row_of
from placement.inventory.fleet.source import MAX_ROW_BYTES
from placement.inventory.workload import Workload

csv.field_size_limit(MAX_ROW_BYTES)  # a longer cell is met by the limit of rows, and a long one by that of its text

_GOOD_CELLS = re.compile(r'(?:(?:"(?:[^"]|"")*"|[^",][^,]*|),)*')
"""The cells of a line before the one whose quotes do not match."""

_REMEMBERED = 2**16
"""How many different cells of a kind are parsed once only."""


class CsvRows(Form):
    """Rows below a header that says which of the columns there are."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._columns = [NAMED[name] for name in names]
        self._plan = [
            (".".join(column.path[:-1]), column.path[-1], _remembering(column.kind)) for column in self._columns
        ]
        self._required = itemgetter(*(number for number, column in enumerate(self._columns) if column.required))
        self._accelerators = any(column.path[:-1] == DEMAND for column in self._columns)

    def __reduce__(self) -> tuple[Any, ...]:
        return CsvRows, (self.names,)

    def row(self, line: bytes) -> Row:
        """The row of a *line*; raises `ValueError`."""
        return row_of(self._value(_cells(line.decode())))

    def workload(self, line: bytes) -> Workload:
        """The workload of a *line* that `row` has accepted."""
        return Workload.model_validate(self._value(_cells(line.decode())))

    def value(self, text: str) -> Any:
        """The plain value of a line; raises `RowError`."""
        try:
            return self._value(_cells(text))
        except RowError as error:
            column = error.column or self.columns(text, [("tags",)])[0]
            raise RowError(error.code, error.message, column, error.hint) from None

    def columns(self, text: str, paths: Iterable[KeyPath]) -> list[int]:
        """Where the cells that stand for *paths* begin in the line."""
        return [cell_begin(text, self._number(path)) + 1 for path in paths]

    def line(self, workload: Workload) -> str:
        """The line that says *workload*."""
        return csv_line("" if value is None else column.kind.write(value) for column, value in self._said(workload))

    def said(self, workload: Workload) -> set[str]:
        """Names of the columns that are not empty for *workload*."""
        return {column.name for column, value in self._said(workload) if value is not None}

    def _said(self, workload: Workload) -> Iterator[tuple[Column, Any]]:
        """Each column's value; None where an empty cell means it."""
        for column in self._columns:
            value = _at(workload, column.path)
            yield column, None if value == default_of(column) else value

    def _value(self, cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(self.names):
            message = f"{len(cells)} cells where {len(self.names)} are needed"
            raise RowError("csv-row", message, 1, "a cell with a comma in it is written in double quotes")
        value: dict[str, Any] = {}
        demand: dict[str, Any] = {}
        accelerators: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {"": value, "demand": demand, _ACCELERATORS: accelerators}
        for cell, (group, key, read) in compress(zip(cells, self._plan, strict=True), cells):
            part = parts.get(group)
            if part is None:
                part = _part(parts, group)
            part[key] = read(cell)
        if accelerators or (self._accelerators and not demand):
            demand["accelerators"] = accelerators
        value["demand"] = demand
        if not all(self._required(cells)):  # an empty cell is to be pointed at
            for column, (group, key, _) in zip(self._columns, self._plan, strict=True):
                if column.required and (group != _ACCELERATORS or "accelerators" in demand):
                    parts[group].setdefault(key, None)
        return value

    def _number(self, path: KeyPath) -> int:
        """The number of the column that stands for *path*, or for a part of it."""
        for number, column in enumerate(self._columns):
            if path[: len(column.path)] == column.path:
                return number
        return next((number for number, column in enumerate(self._columns) if column.path[: len(path)] == path), 0)


_ACCELERATORS = ".".join(DEMAND)


def _part(parts: dict[str, dict[str, Any]], group: str) -> dict[str, Any]:
    """A new mapping under the keys of *group*, and under those above it that are not there yet."""
    above, _, key = group.rpartition(".")
    outer = parts.get(above)
    part = parts[group] = (_part(parts, above) if outer is None else outer)[key] = {}
    return part


def header_of(text: str, name: str, line: int) -> tuple[CsvRows | None, list[Diagnostic]]:
    """The form that a file's first line asks for, or what is wrong with it."""
    try:
        names = [name.strip(" ") for name in _cells(text)]
    except RowError as error:
        return None, [Diagnostic(error.code, error.message, Where(name, line, error.column), error.hint, text)]
    found = [
        Diagnostic("csv-columns", message, Where(name, line, cell_begin(text, at) + 1), hint, text)
        for at, message, hint in islice(_unfit(names), MAX_REPORTED + 1)  # each takes a walk along the line
    ]
    return (None, found) if found else (CsvRows(tuple(names)), [])


def csv_line(cells: Iterable[str]) -> str:
    """Cells as one line of CSV, without its end."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue()


def _unfit(names: list[str]) -> Iterator[tuple[int, str, str]]:
    """Number of the cell, message and hint of everything that is wrong with a header."""
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        yield 0, "columns are separated by commas", "save it as comma-separated values"
        return
    counts = Counter(names)
    work = any(NAMED[name].is_work for name in names if name in NAMED)
    stated = any(NAMED[name].path[:-1] == DEMAND for name in names if name in NAMED) or not work
    missing = [
        column.name
        for column in COLUMNS
        if column.required and column.name not in counts and (stated or column.path[:-1] != DEMAND)
    ]
    spare = set(NAMED) - set(counts)
    for number, name in enumerate(names):
        if name not in NAMED:
            yield number, f"unknown column `{brief(name)}`", did_you_mean(name, spare)
        elif names.index(name) != number:
            yield number, f"column `{name}` is there twice", "keep one of them"
    if missing:
        yield 0, f"missing: {', '.join(f'`{name}`' for name in missing)}", "docs/fleet.md lists the columns"


def _cells(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    try:
        rows = list(csv.reader((text,), strict=True))
    except csv.Error as error:
        match = _GOOD_CELLS.match(text)
        column = match.end() + 1 if match else 1
        ends = "end of data" in str(error)
        hint = "a cell must end in its line" if ends else "a double quote inside a quoted cell is written twice"
        raise RowError("csv-row", f"this is not valid CSV: {error}", column, hint) from None
    return rows[0] if rows else []


@cache
def _remembering(kind: Kind) -> Callable[[str], Any]:
    """The reader of a kind, which parses recurring cells once."""
    return lru_cache(_REMEMBERED)(kind.read) if kind.recurring else kind.read


def _at(workload: Workload, path: tuple[str, ...]) -> Any:
    value: Any = workload
    for name in path:
        value = getattr(value, name) if value is not None else None
    return value
