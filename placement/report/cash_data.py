"""A cash-flow statement for machines: every month, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator

from placement.finance.cells import csv_row
from placement.finance.statement import Statement
from placement.plan.dump import plain
from placement.units import dollars


def statement_json(statement: Statement) -> str:
    """Money as decimal strings, months in order."""
    return json.dumps(_document(statement), ensure_ascii=False, indent=2) + "\n"


def _document(statement: Statement) -> dict[str, object]:
    inputs, sums, compared = statement.inputs, statement.sums, statement.comparison
    found: dict[str, object] = {
        "inventory_name": inputs.inventory_name,
        "inventory_sha256": inputs.inventory_sha256,
        "catalog_sha256": inputs.catalog_sha256,
        "currency": inputs.currency,
        "start": str(statement.start),
        "horizon_months": statement.horizon,
        "discount_rate_fraction": inputs.discount_rate_fraction,
        "workloads": statement.workloads,
        "placed": statement.placed,
        "opening_usd": dollars(sums.opening),
        "book_usd": dollars(sums.book),
        "owed_usd": dollars(sums.owed),
        "present_cost_usd": dollars(statement.present_cost),
    }
    if compared is not None:
        found["comparison"] = {
            "workloads": compared.workloads,
            "payback_month": compared.payback_month,
            "trough_usd": dollars(compared.trough),
            "trough_month": compared.trough_month,
            "opening_usd": dollars(compared.sums.opening),
            "book_usd": dollars(compared.sums.book),
            "owed_usd": dollars(compared.sums.owed),
            "present_value_usd": dollars(compared.present_value),
            "present_value_with_book_usd": dollars(compared.present_value_with_book),
        }
    if statement.commitments:
        found["commitments"] = [plain(one) for one in statement.commitments]
    months = zip(*_monthly(statement).values(), strict=True)
    found["months"] = [dict(zip(_monthly(statement), row, strict=True)) for row in months]
    return found


def _monthly(statement: Statement) -> dict[str, list[str] | list[int]]:
    """The columns of the machine-readable forms, by month."""
    sums, compared = statement.sums, statement.comparison
    months = range(statement.horizon)
    amounts = {
        "cash_capex_usd": sums.capex,
        "cash_opex_usd": sums.opex,
        "cash_at_begin_usd": sums.at_begin,
        "cash_usd": sums.paid,
        "accrual_usd": sums.accrual,
        "cost_of_capital_usd": sums.capital,
        "cost_usd": sums.cost,
    }
    if statement.commitments:
        amounts["signed_cash_usd"] = statement.signed
    if compared is not None:
        amounts |= {
            "baseline_usd": compared.baseline,
            "compared_cash_usd": compared.sums.paid,
            "saving_usd": compared.saving,
            "cumulative_saving_usd": compared.cumulative,
        }
    return {
        "month": [month + 1 for month in months],
        "calendar_month": [str(statement.start.later(month)) for month in months],
        **{name: [dollars(cents) for cents in column] for name, column in amounts.items()},
    }


def statement_csv(statement: Statement) -> Iterator[str]:
    """One row per month."""
    columns = _monthly(statement)
    yield csv_row(columns)
    for row in zip(*columns.values(), strict=True):
        yield csv_row(map(str, row))
