"""Figures of claims in words; nothing here knows a table."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from placement.catalog.claims import Claim
from placement.claims.model import Figure, Flip, Found, Judged, Side, Swing, Verdict
from placement.claims.verdict import MONTH, side
from placement.report.numbers import thousands
from placement.units import MICRO

UNKNOWN = "–"

_PLACES = {"fraction": 1, "USD/accelerator-hour": 2, "USD/month": 0, "ratio": 2, "ms": 1, "GiB": 1}
"""Decimals that are shown; none of other units."""

_LEVERS = {
    "in_use_fraction": "share of the month in use",
    "owned_life_months": "life of nodes",
    "node_price_ratio": "price of nodes",
    "usd_per_kw_month": "rent of a kW",
    "discount_rate_fraction_per_year": "discount rate",
    "lease_rate_fraction_per_year": "rate of leases",
    "power_load_fraction": "power drawn while working",
    "spot_gang_mean_up_hours": "time between interruptions",
    "max_power_kw": "power of a site",
    "memory_usable_fraction": "usable memory",
}

_LIES = {"below": " (lower)", "above": " (higher)", "within": ""}


def exact(value: Fraction, places: int = 6) -> str:
    """Plain decimal text, rounded half-even, without trailing zeros."""
    decimal = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN
    )
    text = f"{decimal:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def figure_text(value: Fraction, unit: str) -> str:
    """`71.2 %`, `$1.98/h`, `$712,871`, `1.46`, `956 kW`."""
    return _with_unit(_bare(value, unit), unit)


def range_text(low: Fraction, high: Fraction, unit: str) -> str:
    """`40–60 %`; one figure where both are the same as they are shown."""
    first, last = _bare(low, unit), _bare(high, unit)
    return _with_unit(first if first == last else f"{first}–{last}", unit)


def _bare(value: Fraction, unit: str) -> str:
    shown = value * 100 if unit.startswith("fraction") else value
    places = _PLACES.get("fraction" if unit.startswith("fraction") else unit, 0)
    text = exact(shown, places)
    if unit == "USD/accelerator-hour" and "." in text:
        text = text.ljust(text.index(".") + 3, "0")
    sign = "−" if text.startswith("-") else ""
    return sign + thousands(text.removeprefix("-"))


def _with_unit(text: str, unit: str) -> str:
    if unit.startswith("fraction"):
        return f"{text} %"
    if unit == "USD/accelerator-hour":
        return f"${text}/h"
    if unit == "USD/month":
        return f"${text}"
    return text if unit == "ratio" else f"{text} {unit}"


def claimed_text(judged: Judged) -> str:
    """The claim's own figure: `40–60 %`, `≥ 50 %`, `≤ 1`."""
    claim = judged.claim
    low, high = (None if one is None else Fraction(one, MICRO) for one in (claim.low_micro, claim.high_micro))
    if low is not None and high is not None:
        return range_text(low, high, claim.unit)
    if low is not None:
        return f"≥ {figure_text(low, claim.unit)}"
    return f"≤ {figure_text(high, claim.unit)}" if high is not None else UNKNOWN


def found_text(figure: Figure | None, unit: str) -> str:
    """`71.2 % (52.2–71.2 %)`."""
    if figure is None:
        return UNKNOWN
    value = figure_text(figure.value, unit)
    around = range_text(figure.low, figure.high, unit)
    return value if around == value else f"{value} ({around})"


def verdict_text(verdict: Verdict, lies: Side | None) -> str:
    """`does not hold (higher)`."""
    return verdict + (_LIES[lies] if lies is not None else "")


def hinge_text(found: Found, unit: str) -> str:
    """`rent of a kW, 184–450 USD/kW-month: 75.8–69.1 %`."""
    return UNKNOWN if found.hinge is None else swing_text(found.hinge, unit)


def swing_text(swing: Swing, unit: str) -> str:
    """An assumption, its two settings, and the figure at them."""
    return f"{lever_text(swing)}, {settings_text(swing)}: {moved_text(swing, unit)}"


def moved_text(swing: Swing, unit: str) -> str:
    """The figure at both ends: `71.2 → 80.2 %`."""
    return _with_unit(f"{_bare(swing.at_low, unit)} → {_bare(swing.at_high, unit)}", unit)


def sides_text(swing: Swing, claim: Claim) -> str:
    """Where the figure then lies of the claim: `within`, `within → below`."""
    low, high = side(claim, swing.at_low), side(claim, swing.at_high)
    return low if low == high else f"{low} → {high}"


def lever_text(swing: Swing) -> str:
    """What an assumption is called."""
    return _LEVERS.get(swing.lever, swing.lever.replace("_", " "))


def settings_text(swing: Swing) -> str:
    """`48 → 72 months`, `aws → gcp`."""
    if isinstance(swing.low, str) or isinstance(swing.high, str):
        return f"{swing.low} → {swing.high}"
    if swing.unit.startswith("fraction"):
        return f"{exact(swing.low * 100, 1)} → {exact(swing.high * 100, 1)} %"
    if swing.unit == "USD/accelerator-hour":
        return f"{figure_text(swing.low, swing.unit)} → {figure_text(swing.high, swing.unit)}"
    low, high = (thousands(exact(one, 2)) for one in (swing.low, swing.high))
    return f"× {low} → {high}" if swing.unit.startswith("ratio") else f"{low} → {high} {swing.unit}"


def flips_text(flips: tuple[Flip, ...]) -> str:
    """Where the figure lies in the claim's range: `from 48 % to 72 % of the month`; a dash where nothing turns it."""
    if not flips:
        return UNKNOWN
    entered = next((one for one in flips if one.after == "within"), None)
    left = next((one for one in flips if one.before == "within"), None)
    if entered is not None and left is not None:
        return f"from {_at(entered)} to {_at(left)} {_of(left)}"
    if entered is not None:
        return f"from {_at(entered)} {_of(entered)} on"
    if left is not None:
        return f"below {_at(left)} {_of(left)}"
    return f"nowhere; it passes by at {_at(flips[0])} {_of(flips[0])}"


def _at(flip: Flip) -> str:
    return f"{exact(flip.at * 100, 1)} %" if flip.unit == MONTH else thousands(exact(flip.at, 1))


def _of(flip: Flip) -> str:
    return "of the month in use" if flip.unit == MONTH else flip.unit.replace("/", " a ")
