"""Work in words: what a unit of it costs, how well it uses what is paid for, and on what grounds it is rated."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from placement.plan.model import BreakEven, Placement, Rating, Work
from placement.report.numbers import thousands

_SIGNIFICANT = 3


def unit_words(work: Work) -> str:
    """`$0.29 per million tokens`; empty where no unit is done."""
    return f"{unit_price(work.usd_per_unit)} per {work.unit}" if work.usd_per_unit else ""


def unit_price(usd: str) -> str:
    """Dollars to the cent, below a dollar to three significant digits: `$1,234.50`, `$0.0935`."""
    amount = Decimal(usd)
    places = 2 if amount >= 1 or not amount else max(2, _SIGNIFICANT - 1 - amount.adjusted())
    return f"${thousands(f'{amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN):f}')}"


def used_words(work: Work) -> str:
    """`62 % used`."""
    return f"{percent(work.utilization_fraction)} used"


def percent(fraction: str) -> str:
    """In whole per cent; a use is never called 0 %."""
    amount = Decimal(fraction) * 100
    whole = amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return "under 1 %" if amount and not whole else f"{whole:,} %"


def break_even_words(placement: Placement) -> str:
    """At how much use the best offer that is paid for in another way costs as much; empty where there is none."""
    turn = placement.break_even
    if turn is None:
        return ""
    other = f"{turn.purchase.replace('_', ' ')} ({turn.offer})"
    return f"{_pays(placement, turn, other)}; in use {percent(turn.in_use_fraction)} of the month"


def _pays(placement: Placement, turn: BreakEven, other: str) -> str:
    hourly = placement.layers[0].purchase in ("on_demand", "spot")
    above = "never" if Decimal(turn.at_fraction) > 1 else f"above {percent(turn.at_fraction)} use"
    return f"{other} would pay {above}" if hourly else f"pays {above} against {other}"


def short_words(placement: Placement) -> str:
    """What a table says of the work: cost of a unit, use, and the use at which another way to pay costs the same."""
    work, turn = placement.work, placement.break_even
    if work is None:
        return ""
    parts = [unit_words(work), used_words(work)]
    if turn is not None:
        parts.append(_pays(placement, turn, turn.purchase.replace("_", " ")))
    return ", ".join(part for part in parts if part)


def rating_words(rating: Rating, work: Work) -> str:
    """`a replica of 2 × does 697 tokens a second (580–840), measured: …`."""
    band = f" ({rounded(rating.low)}–{rounded(rating.high)})" if rating.low != rating.high else ""
    replica = f"a replica of {work.replica_accelerators:,}" if not work.run_hours else f"{work.replica_accelerators:,}"
    does = "does" if not work.run_hours else "do"
    return (
        f"{replica} {does} {rounded(rating.throughput)} {rating.unit} a second{band}, {rating.basis}: {rating.evidence}"
    )


def rounded(figure: str) -> str:
    """To four significant digits with thousands separators."""
    amount = Decimal(figure)
    if not amount:
        return "0"
    kept = amount.quantize(Decimal(1).scaleb(min(amount.adjusted() - 3, 0)), rounding=ROUND_HALF_EVEN)
    text = f"{kept:f}"
    return thousands(text.rstrip("0").rstrip(".") if "." in text else text)
