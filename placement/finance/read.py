"""Reads the CSV exports back: texts as they were before they were guarded, numbers as exact decimals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal

from placement.finance.cells import tags_of, unguarded
from placement.finance.columns import KINDS

Value = str | Decimal | bool | dict[str, str] | None


def read_export(lines: Iterable[str]) -> Iterator[dict[str, Value]]:
    """The rows of an export in any of its views, by column; an empty number or flag is None.

    *lines* is a file opened with `newline=""`, or any iterable of its lines. Raises `KeyError` for an unknown column.
    """
    rows = csv.reader(lines)
    names = [name.removeprefix("\ufeff") for name in next(rows)]
    for row in rows:
        yield {name: _value(name, cell) for name, cell in zip(names, row, strict=True)}


def _value(name: str, cell: str) -> Value:
    kind = KINDS[name]
    if kind == "text":
        return unguarded(cell)
    if kind == "tags":
        return tags_of(unguarded(cell))
    if not cell:
        return None
    return Decimal(cell) if kind == "number" else cell == "true"
