"""A plan as a workbook: totals are live formulas over the sheets `placements` and `lines`, so all can be traced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from placement.finance.cash import charge_class
from placement.finance.columns import BY_LINE, BY_WORKLOAD, Columns
from placement.finance.statement import Statement
from placement.finance.tables import About, Row, line_rows, purchase_of, workload_row
from placement.finance.workbook import Book, Cell, Formula, Sheet
from placement.plan.load import Tail
from placement.plan.model import Placement, Share, Summary

_PLAIN = re.compile(r"[A-Za-z][A-Za-z_]{1,60}[0-9]?[a-z_]*\Z", re.ASCII)
"""Names that mean nothing to SUMIF but themselves."""

_MOST_PARTS = 500
"""Names a total is broken down by at most: every one is a formula over all rows."""

_WIDTHS = {
    **{"workload": 26, "tags": 20, "site": 20, "offer": 34, "accelerator": 18, "line": 34, "source": 50, "note": 40},
    **{"reason": 44, "cost_usd": 15, "baseline_usd": 15, "saving_usd": 15, "unit_price_usd": 13, "kind": 13},
    **{"cash_capex_usd": 16, "cash_opex_usd": 16, "accrual_usd": 16, "cost_of_capital_usd": 14, "rest_usd": 14},
}
_COUNTS = frozenset({"layer", "nodes", "accelerators", "months"})
_COST_OF_LINE = list(BY_LINE).index("cost_usd") + 1
_COST = list(BY_WORKLOAD).index("cost_usd") + 1
_MONTHS = (
    *("month", "calendar_month", "cash_capex_usd", "cash_opex_usd", "cash_usd", "accrual_usd", "cost_of_capital_usd"),
    *("cost_usd", "baseline_usd", "compared_cash_usd", "saving_usd", "cumulative_saving_usd"),
)


class Rows(NamedTuple):
    """Where the rows of a sheet stand, the headings not counted."""

    sheet: str
    last: int

    def column(self, number: int) -> str:
        """The range of a column, from 0."""
        letter = _letter(number)
        return f"{self.sheet}!${letter}$2:${letter}${max(2, self.last)}"


class Written(NamedTuple):
    """What is in the sheets `placements` and `lines`."""

    placements: Rows
    lines: Rows
    by_term: dict[str, int]
    by_class: dict[str, int]
    by_centre: dict[str, int]
    by_purchase: dict[str, int]


def export_xlsx(
    about: About, summary: Summary, money: Statement, tail: Tail, placements: Iterable[Placement]
) -> Iterator[bytes]:
    """The workbook, in one piece; raises `InputError` when it would have too many rows."""
    with TemporaryDirectory(prefix="placement-", ignore_cleanup_errors=True) as scratch:
        book = Book(about.inputs.inventory_name, Path(scratch))
        overview = book.sheet("summary", (36, 26, 18, 18))
        placed = book.sheet("placements", (6, *(_WIDTHS.get(name, 12) for name in BY_WORKLOAD)))
        lines = book.sheet("lines", (6, *(_WIDTHS.get(name, 12) for name in BY_LINE)))
        written = _placements(placed, lines, about, placements)
        months = _cash_flow(book.sheet("cash_flow", (8, 14, *[16] * 10)), money)
        _assumptions(book.sheet("assumptions", (30, 70, 16, 12, 16, 10)), tail)
        _summary(overview, about, summary, money, written, months)
        yield book.content()


def _letter(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    return (_letter(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def usd(cents: int) -> Decimal:
    """Cents as dollars."""
    return Decimal(cents).scaleb(-2)


def _format(name: str) -> str:
    if name in _COUNTS:
        return "count"
    if name == "quantity":
        return "quantity"
    return "price" if name.endswith("unit_price_usd") else "money"


def _cells(columns: Columns, row: Row) -> list[tuple[Cell, str]]:
    """Typed cells of a row of a table."""
    return [
        (Decimal(cell) if cell else None, _format(name)) if kind == "number" else (cell or None, "text")
        for (name, kind), cell in zip(columns.items(), row, strict=True)
    ]


def _placements(placed: Sheet, lines: Sheet, about: About, placements: Iterable[Placement]) -> Written:
    """Both sheets at once: a placement's cost is the sum of its lines."""
    placed.head(("no", *BY_WORKLOAD))
    lines.head(("no", *BY_LINE))
    by_term: dict[str, int] = {}
    by_class: dict[str, int] = {}
    by_centre: dict[str, int] = {}
    by_purchase: dict[str, int] = {}
    for number, placement in enumerate(placements, 1):
        first = lines.row
        for row in line_rows(about, placement):
            lines.add(((number, "count"), *_cells(BY_LINE, row)))
        _count(by_term, ((line.term, line.cost_cents) for line in placement.lines))
        _count(by_class, ((charge_class(line), line.cost_cents) for line in placement.lines))
        cells = [(number, "count"), *_cells(BY_WORKLOAD, workload_row(about, placement))]
        if placement.monthly_cost_cents is not None:
            _count(by_centre, [(placement.cost_centre, placement.monthly_cost_cents)])
            _count(by_purchase, [(purchase_of(placement), placement.monthly_cost_cents)])
            letter = _letter(_COST_OF_LINE)
            total = f"ROUND(SUM(lines!{letter}{first}:{letter}{lines.row - 1}),2)"
            cells[_COST] = (Formula(total, usd(placement.monthly_cost_cents)), "money")
            if placement.baseline_cents is not None:
                cost, today = (f"{_letter(_COST + at)}{placed.row}" for at in (0, 1))
                saving = usd(placement.baseline_cents - placement.monthly_cost_cents)
                cells[_COST + 2] = (Formula(f"ROUND({today}-{cost},2)", saving), "money")
        placed.add(cells)
    for sheet, width in ((placed, len(BY_WORKLOAD)), (lines, len(BY_LINE))):
        sheet.filter(1, max(2, sheet.row - 1), width + 1)
    ends = Rows("placements", placed.row - 1), Rows("lines", lines.row - 1)
    return Written(*ends, by_term, by_class, by_centre, by_purchase)


def _count(totals: dict[str, int], parts: Iterable[tuple[str, int]]) -> None:
    for name, cents in parts:
        totals[name] = totals.get(name, 0) + cents


def _cash_flow(sheet: Sheet, money: Statement) -> Rows:
    """One row per month, and the totals."""
    sheet.head(_MONTHS)
    sums, compared = money.sums, money.comparison
    for month in range(money.horizon):
        row = sheet.row
        cells: list[tuple[Cell, str]] = [(month + 1, "count"), (str(money.start.later(month)), "text")]
        cells += [(usd(amounts[month]), "money") for amounts in (sums.capex, sums.opex)]
        cells.append((Formula(f"ROUND(C{row}+D{row},2)", usd(sums.paid[month])), "money"))
        cells += [(usd(amounts[month]), "money") for amounts in (sums.accrual, sums.capital)]
        cells.append((Formula(f"ROUND(F{row}+G{row},2)", usd(sums.cost[month])), "money"))
        if compared is not None:
            cells += [(usd(amounts[month]), "money") for amounts in (compared.baseline, compared.sums.paid)]
            cells.append((Formula(f"ROUND(I{row}-J{row},2)", usd(compared.saving[month])), "money"))
            before = f"L{row - 1}+" if month else ""
            cells.append((Formula(f"ROUND({before}K{row},2)", usd(compared.cumulative[month])), "money"))
        sheet.add(cells)
    last = sheet.row - 1
    totals = [sums.capex, sums.opex, sums.paid, sums.accrual, sums.capital, sums.cost]
    totals += [compared.baseline, compared.sums.paid, compared.saving] if compared else []
    total: list[tuple[Cell, str]] = [(None, "total"), ("total", "bold")]
    for column, amounts in enumerate(totals, 2):
        letter = _letter(column)
        total.append((Formula(f"ROUND(SUM({letter}2:{letter}{last}),2)", usd(sum(amounts))), "total"))
    sheet.add(total)
    return Rows("cash_flow", last)


def _assumptions(sheet: Sheet, tail: Tail) -> None:
    """What stands in for something unknown, the notes, and the sources in full."""
    sheet.head(("assumption", "text", "source_id", "as_of", "cost_usd", "workloads"))
    for one in tail.assumptions:
        cost = None if one.monthly_cost_cents is None else usd(one.monthly_cost_cents)
        texts: list[tuple[Cell, str]] = [(one.name, "text"), (one.text, "wrapped"), (one.source_id, "text")]
        sheet.add([*texts, (one.as_of, "text"), (cost, "money"), (one.workloads, "count")])
    for heading, rows in (("note", [("", note) for note in tail.notes]), ("source", sorted(tail.sources.items()))):
        if rows:
            sheet.add([])
            sheet.add([(heading, "bold"), ("text", "bold")])
            for name, text in rows:
                sheet.add([(name or None, "text"), (text, "wrapped")])


def _summary(sheet: Sheet, about: About, summary: Summary, money: Statement, written: Written, months: Rows) -> None:
    """What it was computed from, the totals, and their parts."""
    inputs, lines, placements = about.inputs, written.lines, written.placements
    sheet.add([(inputs.inventory_name, "title")])
    facts = {
        "currency": inputs.currency,
        "inventory sha256": inputs.inventory_sha256,
        "catalog": f"{inputs.catalog_name} of {inputs.catalog_as_of}",
        "catalog sha256": inputs.catalog_sha256,
        "placement version": inputs.engine_version,
        "horizon": f"{inputs.horizon_months} months from {about.start}",
        "discount rate a year": inputs.discount_rate_fraction,
        "workloads": f"{summary.workloads}, {summary.placed} placed",
    }
    for label, text in facts.items():
        sheet.add([(label, "text"), (text, "text")])
    sheet.add([])
    total = Formula(f"ROUND(SUM({lines.column(_COST_OF_LINE)}),2)", usd(summary.monthly_cost_cents))
    sheet.add([("cost a month", "bold"), (total, "total")])
    if summary.baseline_cents is not None:
        today, cost = summary.baseline_cents, summary.compared_cost_cents
        saving = Formula(f"ROUND(SUM({placements.column(_COST + 2)}),2)", usd(today - cost))
        # Only workloads with a cost and a baseline have a saving, so the compared amounts follow from it.
        stated = Formula(f'ROUND(SUMIF({placements.column(_COST)},">=0",{placements.column(_COST + 1)}),2)', usd(today))
        sheet.add([(f"today, {summary.baseline_workloads} workloads that state it", "text"), (stated, "money")])
        sheet.add([("saved a month by those", "text"), (saving, "money")])
    _balance(sheet, money, months, placements)
    _decision(sheet, money)
    # A workload of several layers may be at several sites: its lines say where each is, its row how it is bought.
    for name, totals in (("tier", _named(summary.by_tier)), ("provider", _named(summary.by_provider))):
        _shares(sheet, name, totals, lines, list(BY_LINE).index(name) + 1, _COST_OF_LINE)
    for name, totals in (("purchase", _largest_first(written.by_purchase)), ("cost_centre", written.by_centre)):
        _shares(sheet, name, totals, placements, list(BY_WORKLOAD).index(name) + 1, _COST)
    for name, totals in (("term", written.by_term), ("charge_class", written.by_class)):
        _shares(sheet, name, totals, lines, list(BY_LINE).index(name) + 1, _COST_OF_LINE)


def _largest_first(totals: dict[str, int]) -> dict[str, int]:
    return dict(sorted(totals.items(), key=lambda part: (-part[1], part[0])))


def _named(shares: Iterable[Share]) -> dict[str, int]:
    return {share.name: share.monthly_cost_cents for share in shares}


def _balance(sheet: Sheet, money: Statement, months: Rows, placements: Rows) -> None:
    """Sums over the horizon; opening + paid = borne + rest, which the last row checks."""
    sums, names = money.sums, list(BY_WORKLOAD)
    sheet.add([])
    sheet.add([(f"over {money.horizon} months", "bold"), ("USD", "bold")])
    first = sheet.row
    for label, column, cents in (
        ("book value before", placements.column(names.index("opening_usd") + 1), sums.opening),
        ("paid for hardware (capex)", months.column(2), sum(sums.capex)),
        ("paid for everything else (opex)", months.column(3), sum(sums.opex)),
        ("borne (accrual)", months.column(5), sum(sums.accrual)),
        ("rest: book value less what is owed", placements.column(names.index("rest_usd") + 1), sums.closing),
    ):
        sheet.add([(label, "text"), (Formula(f"ROUND(SUM({column}),2)", usd(cents)), "money")])
    opening, capex, opex, borne, rest = (f"B{row}" for row in range(first, first + 5))
    check = Formula(f"ROUND({opening}+{capex}+{opex}-{borne}-{rest},2)", usd(0))
    sheet.add([("check: before + paid − borne − rest", "text"), (check, "money")])
    capital = Formula(f"ROUND(SUM({months.column(6)}),2)", usd(sum(sums.capital)))
    sheet.add([("cost of capital, not paid", "text"), (capital, "money")])


def _decision(sheet: Sheet, money: Statement) -> None:
    """What a decision looks at first."""
    sums, compared = money.sums, money.comparison
    figures = {
        "book value after": sums.book,
        "owed after": sums.owed,
        "present value of all payments": money.present_cost,
    }
    if compared is not None:
        figures |= {
            "present value of the saving": compared.present_value,
            "… with book value less what is owed": compared.present_value_with_book,
            "lowest cumulative saving": compared.trough,
        }
    for label, cents in figures.items():
        sheet.add([(label, "text"), (usd(cents), "money")])
    if compared is not None:
        payback = compared.payback_month
        when: tuple[Cell, str] = (payback, "count") if payback else ("not within the horizon", "text")
        sheet.add([("payback month", "text"), when])


def _shares(sheet: Sheet, column: str, totals: dict[str, int], rows: Rows, name_column: int, cost_column: int) -> None:
    """One block: names and their share of the total."""
    if not totals:
        return
    sheet.add([])
    sheet.add([(f"by {column.replace('_', ' ')}", "bold"), ("USD a month", "bold")])
    if len(totals) > _MOST_PARTS:
        sheet.add([(f"{len(totals):,} of them: filter the sheet {rows.sheet}", "text")])
        return
    for name, cents in totals.items():
        cell = f"A{sheet.row}" if name else '""'
        formula = _sum_where(rows.column(name_column), cell, rows.column(cost_column), name, totals)
        sheet.add([(name or "(none)", "text"), (Formula(formula, usd(cents)), "money")])


def _sum_where(names: str, cell: str, costs: str, name: str, others: Iterable[str]) -> str:
    """The sum over the rows that have the name in *cell*.

    SUMIF reads wildcards, comparisons and numbers into a criterion and ignores case: names that are more than plain
    words are compared exactly.
    """
    alike = sum(other.casefold() == name.casefold() for other in others)
    if _PLAIN.match(name) and name.casefold() not in ("true", "false") and alike == 1:
        return f"ROUND(SUMIF({names},{cell},{costs}),2)"
    return f"ROUND(SUMPRODUCT(EXACT({names},{cell})*{costs}),2)"
