"""A cash-flow statement for a person at a terminal: figures, periods, a plot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table

from placement.finance.cash import Months
from placement.finance.months import Month
from placement.finance.statement import Statement
from placement.report import Terminal
from placement.report.cash_data import statement_csv, statement_json
from placement.report.commitments import commitment_items
from placement.report.console import ACCENT, BAD, QUIET, bullets, drawn, plain_table, text
from placement.report.numbers import money, plural
from placement.report.plot import plot

PLOT_ROWS = 8
_OF_THE_PLAN = 4
"""Columns that do not speak of today."""

_WIDE_GAP, _NARROW_GAP = 3, 1
"""Spaces between two columns, with padding and without."""


class Period(NamedTuple):
    """Months that one row of the table stands for, from 1, both included."""

    first: int
    last: int


def render_cash(statement: Statement, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The statement as `table`, `json` or `csv`, in pieces."""
    if form == "json":
        yield statement_json(statement)
    elif form == "csv":
        yield from statement_csv(statement)
    else:
        yield drawn(_parts(statement, Terminal(*terminal)), Terminal(*terminal))


def periods(horizon: int) -> list[Period]:
    """The first three months one by one, the rest of the first year by quarter, then by year."""
    found = [Period(month, month) for month in range(1, min(3, horizon) + 1)]
    found += [Period(first, min(first + 2, 12, horizon)) for first in range(4, min(12, horizon) + 1, 3)]
    return found + [Period(first, min(first + 11, horizon)) for first in range(13, horizon + 1, 12)]


def _parts(statement: Statement, terminal: Terminal) -> list[RenderableType]:
    rows = periods(statement.horizon)
    parts: list[RenderableType] = [
        text(statement.inputs.inventory_name, ACCENT),
        text(_caption(statement), QUIET),
        text(""),
    ]
    if not statement.placed:
        return [*parts, text("no workload has a place, so nothing is paid"), *_signed(statement)]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for figure, label in _headline(statement):
        grid.add_row(text(figure, ACCENT), text(label))
    parts += [grid, text("")]
    for table in _tables(_labels(statement.start, rows), _columns(statement), rows, terminal.width):
        parts += [table, text("")]
    if statement.comparison is not None:
        parts += _plotted(statement.comparison.cumulative, statement.start, terminal.width)
    return parts + _signed(statement) + bullets("How to read it", _remarks(statement), QUIET)


def _signed(statement: Statement) -> list[RenderableType]:
    """What was signed before, and what is paid for it."""
    items = commitment_items(statement.commitments)
    paid = money(sum(statement.signed))
    total = [f"in all {paid} over {plural(statement.horizon, 'month')}"] if items else []
    return bullets("Signed already, paid anyway: in no figure above", [*items, *total])


def _caption(statement: Statement) -> str:
    compared = statement.comparison.workloads if statement.comparison else 0
    last = statement.start.later(statement.horizon - 1)
    parts = [
        plural(statement.placed, "placed workload"),
        f"today's cost known for {compared:,}",
        f"{statement.start} to {last}",
        f"catalog of {statement.inputs.catalog_as_of}",
        f"{_percent(statement.inputs.discount_rate_fraction)} a year",
    ]
    return " · ".join(parts)


def _percent(fraction: str) -> str:
    """`0.08` → `8 %`, exactly."""
    whole, _, rest = fraction.partition(".")
    digits = (whole + rest.ljust(2, "0")[:2]).lstrip("0") or "0"
    tail = rest[2:].rstrip("0")
    return f"{digits}.{tail} %" if tail else f"{digits} %"


def _headline(statement: Statement) -> list[tuple[str, str]]:
    sums, compared = statement.sums, statement.comparison
    found = [
        (money(sum(sums.paid)), f"paid over {plural(statement.horizon, 'month')}"),
        (money(sum(sums.accrual)), "borne (depreciation and what is used)"),
    ]
    if compared is not None:
        payback = compared.payback_month
        when = f"month {payback}" if payback else "never"
        about = "payback" if payback else f"payback within {plural(statement.horizon, 'month')}"
        if payback:
            about += f", in {statement.start.later(payback - 1)}: from its end on the plan has paid for itself"
        lowest = f"peak funding, at the end of month {compared.trough_month}" if compared.trough else "peak funding"
        found += [
            (when, about),
            (money(-compared.trough), lowest),
            (money(compared.cumulative[-1]), "saved in cash against today"),
            (money(compared.present_value), "present value of that saving"),
            (money(compared.present_value_with_book), "… with book value less what is owed at the end"),
        ]
    left = [
        (sums.opening, "book value before the plan begins"),
        (sums.book, "book value left at the end"),
        (sums.owed, "still owed at the end"),
    ]
    return found + [(money(cents), label) for cents, label in left if cents]


def _columns(statement: Statement) -> dict[str, tuple[Months, bool]]:
    """Amounts by month, and whether a period shows their last one instead of their sum."""
    sums, compared = statement.sums, statement.comparison
    found = {
        "capex paid": (sums.capex, False),
        "opex paid": (sums.opex, False),
        "accrual": (sums.accrual, False),
        "cost of capital": (sums.capital, False),
    }
    if compared is None:
        return found
    return found | {
        "today": (compared.baseline, False),
        "paid instead": (compared.sums.paid, False),
        "saving": (compared.saving, False),
        "cumulative": (compared.cumulative, True),
    }


def _labels(start: Month, rows: list[Period]) -> list[str]:
    found = []
    for first, last in rows:
        begin, end = start.later(first - 1), start.later(last - 1)
        until = str(end)[5:] if begin.year == end.year else str(end)[2:]
        found.append(str(begin) if first == last else f"{begin}…{until}")
    return found


def _tables(
    labels: list[str], columns: dict[str, tuple[Months, bool]], rows: list[Period], width: int
) -> Iterator[Table]:
    """One table where all columns fit, else one of the plan and one against today, else more: figures are never cut."""
    cells = {name: _cells(amounts, last, rows) for name, (amounts, last) in columns.items()}
    wide = {name: max(len(name), *map(cell_len, column)) for name, column in cells.items()}
    room = width - max(map(len, labels))
    names = list(cells)
    halves = [names[:_OF_THE_PLAN], names[_OF_THE_PLAN:]]
    for half in [names] if _taken(names, wide, _WIDE_GAP) <= room else halves:
        gap = _WIDE_GAP if _taken(half, wide, _WIDE_GAP) <= room else _NARROW_GAP
        group: list[str] = []
        for name in half:
            if group and _taken([*group, name], wide, gap) > room:
                yield _table(labels, group, cells, gap)
                group = []
            group.append(name)
        if group:
            yield _table(labels, group, cells, gap)


def _taken(names: list[str], wide: dict[str, int], gap: int) -> int:
    return sum(gap + wide[name] for name in names)


def _cells(amounts: Months, last: bool, rows: list[Period]) -> list[str]:
    """The periods and the total."""
    shown = [amounts[end - 1] if last else sum(amounts[begin - 1 : end]) for begin, end in rows]
    return [money(cents) for cents in [*shown, amounts[-1] if last else sum(amounts)]]


def _table(labels: list[str], names: list[str], cells: dict[str, list[str]], gap: int) -> Table:
    table = plain_table([("month", "left"), *((name, "right") for name in names)], gap // 2)
    table.columns[0].no_wrap = True
    for row, label in enumerate([*labels, "total"]):
        style = ACCENT if row == len(labels) else ""
        figures = [cells[name][row] for name in names]
        table.add_row(text(label, style), *(text(cell, BAD if cell.startswith("-") else style) for cell in figures))
    return table


def _plotted(cumulative: Months, start: Month, width: int) -> list[RenderableType]:
    """The cumulative saving as columns of blocks."""
    names = [f"{money(max(0, *cumulative))} ", f"{money(min(0, *cumulative))} "]
    margin = max(map(len, names))
    room = max(8, min(width, 150) - margin)
    rows = plot(list(cumulative), room, PLOT_ROWS)
    marks = {
        0: names[0] if max(cumulative) > 0 else "$0.00 ",
        len(rows) - 1: names[1] if min(cumulative) < 0 else "$0.00 ",
    }
    end = str(start.later(len(cumulative) - 1))
    length = max(map(len, rows))
    axis = str(start) + end.rjust(length - len(str(start))) if length > len(str(start)) + len(end) else str(start)
    return [
        text("Cumulative saving in cash", ACCENT),
        *(text(marks.get(number, "").rjust(margin) + row) for number, row in enumerate(rows)),
        text(" " * margin + axis, QUIET),
    ]


def _remarks(statement: Statement) -> list[str]:
    found = [
        "capex is paid when a node is bought, accrual spreads it over its life; "
        "accrual and cost of capital together are the plan's monthly cost",
    ]
    compared = statement.comparison
    if compared is None:
        return [*found, "no placed workload states what it costs today, so there is no saving to show"]
    if compared.workloads < statement.placed:
        others = plural(statement.placed - compared.workloads, "workload")
        found.append(f"today, saving and payback leave out {others} that do not state a cost of today")
    return found
