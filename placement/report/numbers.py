"""How numbers are written for people; nowhere else."""

from __future__ import annotations

import re
from decimal import Decimal


def money(cents: int) -> str:
    """Dollars and cents with thousands separators: `$1,234.56`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def whole_money(cents: int) -> str:
    """Whole dollars, half up: `$1,235`. Only where the exact figure stands elsewhere."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${(abs(cents) + 50) // 100:,}"


def change(cost_cents: int, baseline_cents: int | None) -> str:
    """Cost against a baseline in whole per cent, half up: `−54 %`, `+3 %`, `under 1 %`; a dash without a baseline."""
    if baseline_cents is None:
        return "–"
    if baseline_cents == 0:
        return "new" if cost_cents else "0 %"
    difference = cost_cents - baseline_cents
    share = (2 * abs(difference) * 100 + baseline_cents) // (2 * baseline_cents)
    if not share:
        return "under 1 %" if difference else "0 %"
    return f"{'+' if difference > 0 else '−'}{share:,} %"


def share(part_cents: int, total_cents: int) -> str:
    """A part of a total in whole per cent."""
    return f"{(2 * part_cents * 100 + total_cents) // (2 * total_cents)} %" if total_cents else "–"


def thousands(text: str) -> str:
    """A decimal text with thousands separators: `12345.6` → `12,345.6`."""
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def plural(count: int, noun: str) -> str:
    """`1 workload`, `2 workloads`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counted(figure: str, unit: str) -> str:
    """A figure with its unit: `1 node`, `1,234.5 nodes`, `1 ms`; an unknown figure stands alone."""
    if figure == "unknown":
        return figure
    return f"{thousands(figure)} {unit.removesuffix('s') if figure == '1' and unit != 'ms' else unit}"


def signed_money(cents: int) -> str:
    """A difference with its sign: `+$1,234.56`, `−$1,234.56`, `$0.00`."""
    return f"{'+' if cents > 0 else '−' if cents < 0 else ''}{money(abs(cents))}"


_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)


def figure(value: str, unit: str) -> str:
    """Decimal text with its unit (`USD`, `ms`, `fraction`), no digit lost: `$1,234.50`, `40 ms`, `51.14 %`.

    Words, and what has no unit, stand as they are.
    """
    if not unit or not _DECIMAL.match(value):
        return value
    number = Decimal(value)
    sign = "-" if number < 0 else ""
    if unit == "USD":
        whole, _, places = format(abs(number), "f").partition(".")
        return f"{sign}${int(whole):,}.{places.ljust(2, '0')}"
    if unit == "fraction":
        return f"{sign}{format((abs(number) * 100).normalize(), 'f')} %"
    return f"{sign}{thousands(format(abs(number), 'f'))} {unit}"
