"""A cash-flow statement for a person at a terminal: figures, periods, a plot."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from placement.finance.cash import Months
from placement.finance.statement import Statement
from placement.report import Terminal
from placement.report.cash_data import statement_csv, statement_json
from placement.report.commitments import commitment_items
from placement.report.console import ACCENT, QUIET, bullets, drawn, text
from placement.report.monthly import percent, period_tables, periods, plotted
from placement.report.numbers import money, plural

_OF_THE_PLAN = 4
"""Columns that do not speak of today."""


def render_cash(statement: Statement, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The statement as `table`, `json` or `csv`, in pieces."""
    if form == "json":
        yield statement_json(statement)
    elif form == "csv":
        yield from statement_csv(statement)
    else:
        yield drawn(_parts(statement, Terminal(*terminal)), Terminal(*terminal))


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
    for table in period_tables(statement.start, _columns(statement), rows, _OF_THE_PLAN, terminal.width):
        parts += [table, text("")]
    if statement.comparison is not None:
        parts += plotted("Cumulative saving in cash", statement.comparison.cumulative, statement.start, terminal.width)
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
        f"{percent(statement.inputs.discount_rate_fraction)} a year",
    ]
    return " · ".join(parts)


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
