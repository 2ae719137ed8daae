"""A plan in the shape of FOCUS Cost and Usage: a forecast, marked as such in every row.

EffectiveCost is what the plan says the month costs: its sum is the plan's total, to the cent. BilledCost moves the same
money to the purchase of a commitment. Payments and depreciation stand in `x_CashCost` and `x_AccrualCost`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from placement.diagnostics import visible
from placement.finance import cells
from placement.finance.cells import csv_row
from placement.finance.charges import charges_of
from placement.finance.focus_columns import Value, columns_of
from placement.finance.tables import About
from placement.plan.model import Placement

guarded = lru_cache(1 << 14)(cells.guarded)

_ACTING_AFTER_SEMICOLON = re.compile(r"(?<=;)(\s*)([=+\-@＝＋－＠])")


def export_focus(version: str, months: int, about: About, placements: Iterable[Placement]) -> Iterator[str]:
    """The charges of the first *months* as CSV in the columns of *version*, in pieces."""
    columns = columns_of(version)
    yield csv_row(column.name for column in columns)
    for placement in placements:
        yield "".join(
            csv_row(cell(column.fill(charge)) for column in columns) for charge in charges_of(about, placement, months)
        )


def cell(value: Value) -> str:
    """A value as FOCUS writes it: empty for null, decimals with a point, JSON without nesting."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    return decimal_text(value) if isinstance(value, Decimal) else json_text(value)


def decimal_text(value: Decimal) -> str:
    """All digits, no exponent, always a decimal point."""
    text = format(value, "f")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


def json_text(value: dict[str, str | int]) -> str:
    """One object with its keys in order; what could act in a terminal or a spreadsheet is written as an escape."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = _ACTING_AFTER_SEMICOLON.sub(lambda match: f"{match[1]}\\u{ord(match[2]):04x}", text)
    return "".join(_escape(char) for char in text) if visible(text) != text else text


def _escape(char: str) -> str:
    if visible(char) == char:
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
