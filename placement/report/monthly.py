"""Money by month for a person at a terminal: by period where there are many, and as columns of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table

from placement.finance.cash import Months
from placement.finance.months import Month
from placement.report.console import ACCENT, BAD, QUIET, plain_table, text
from placement.report.numbers import money
from placement.report.plot import plot

PLOT_ROWS = 8
_WIDE_GAP, _NARROW_GAP = 3, 1
"""Spaces between two columns, with padding and without."""


class Period(NamedTuple):
    """Months that one row of the table stands for, from 1, both included."""

    first: int
    last: int


def periods(horizon: int) -> list[Period]:
    """The first three months one by one, the rest of the first year by quarter, then by year."""
    found = [Period(month, month) for month in range(1, min(3, horizon) + 1)]
    found += [Period(first, min(first + 2, 12, horizon)) for first in range(4, min(12, horizon) + 1, 3)]
    return found + [Period(first, min(first + 11, horizon)) for first in range(13, horizon + 1, 12)]


def percent(fraction: str) -> str:
    """`0.08` → `8 %`, exactly."""
    whole, _, rest = fraction.partition(".")
    digits = (whole + rest.ljust(2, "0")[:2]).lstrip("0") or "0"
    tail = rest[2:].rstrip("0")
    return f"{digits}.{tail} %" if tail else f"{digits} %"


def _labels(start: Month, rows: list[Period]) -> list[str]:
    found = []
    for first, last in rows:
        begin, end = start.later(first - 1), start.later(last - 1)
        until = str(end)[5:] if begin.year == end.year else str(end)[2:]
        found.append(str(begin) if first == last else f"{begin}…{until}")
    return found


def period_tables(
    start: Month, columns: Mapping[str, tuple[Months, bool]], rows: list[Period], half: int, width: int
) -> Iterator[Table]:
    """Amounts by month, each with whether a period shows their last one instead of their sum; see `figure_tables`."""
    cells = {name: _cells(amounts, last, rows) for name, (amounts, last) in columns.items()}
    return figure_tables("month", [*_labels(start, rows), "total"], cells, half, width, total=True)


def figure_tables(
    head: str, labels: list[str], cells: Mapping[str, list[str]], half: int, width: int, total: bool = False
) -> Iterator[Table]:
    """One table where all columns fit, else one of the first *half* of them and one of the others, else more.

    A row for each of *labels*, which stand in every table below *head*. Figures are never cut.
    """
    wide = {name: max(len(name), *map(cell_len, column)) for name, column in cells.items()}
    room = width - max(map(len, [head, *labels]))
    names = list(cells)
    halves = [names[:half], names[half:]]
    for part in [names] if _taken(names, wide, _WIDE_GAP) <= room else halves:
        gap = _WIDE_GAP if _taken(part, wide, _WIDE_GAP) <= room else _NARROW_GAP
        group: list[str] = []
        for name in part:
            if group and _taken([*group, name], wide, gap) > room:
                yield _table(head, labels, {one: cells[one] for one in group}, gap, total)
                group = []
            group.append(name)
        if group:
            yield _table(head, labels, {one: cells[one] for one in group}, gap, total)


def _taken(names: list[str], wide: dict[str, int], gap: int) -> int:
    return sum(gap + wide[name] for name in names)


def _cells(amounts: Months, last: bool, rows: list[Period]) -> list[str]:
    """The periods and the total."""
    shown = [amounts[end - 1] if last else sum(amounts[begin - 1 : end]) for begin, end in rows]
    return [money(cents) for cents in [*shown, amounts[-1] if last else sum(amounts)]]


def _table(head: str, labels: list[str], cells: Mapping[str, list[str]], gap: int, total: bool) -> Table:
    table = plain_table([(head, "left"), *((name, "right") for name in cells)], gap // 2)
    table.columns[0].no_wrap = True
    for row, label in enumerate(labels, 1):
        style = ACCENT if total and row == len(labels) else ""
        figures = [column[row - 1] for column in cells.values()]
        table.add_row(text(label, style), *(text(cell, BAD if cell.startswith("-") else style) for cell in figures))
    return table


def plotted(
    heading: str, cumulative: Months, start: Month, width: int, marks: Mapping[int, str] | None = None
) -> list[RenderableType]:
    """Amounts by month as columns of blocks; below them *marks* of some months, where there is room."""
    names = [f"{money(max(0, *cumulative))} ", f"{money(min(0, *cumulative))} "]
    margin = max(map(len, names))
    room = max(8, min(width, 150) - margin)
    rows = plot(list(cumulative), room, PLOT_ROWS)
    ends = {
        0: names[0] if max(cumulative) > 0 else "$0.00 ",
        len(rows) - 1: names[1] if min(cumulative) < 0 else "$0.00 ",
    }
    end = str(start.later(len(cumulative) - 1))
    length = max(map(len, rows))
    axis = str(start) + end.rjust(length - len(str(start))) if length > len(str(start)) + len(end) else str(start)
    below = _marked(marks or {}, len(cumulative), length)
    return [
        text(heading, ACCENT),
        *(text(ends.get(number, "").rjust(margin) + row) for number, row in enumerate(rows)),
        *([text(" " * margin + below)] if below else []),
        text(" " * margin + axis, QUIET),
    ]


def _marked(marks: Mapping[int, str], months: int, length: int) -> str:
    """Each mark below the first column of its month; one that would touch the one before is left out."""
    line = ""
    for month, mark in sorted(marks.items()):
        column = (month - 1) * length // months
        if column > len(line) or not line:
            line = line.ljust(column) + mark
    return line if len(line) <= length else ""
