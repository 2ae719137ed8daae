"""Work in words: what a unit of it costs, how well it uses what is paid for, and on what grounds it is rated."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from placement.plan.model import BreakEven, Placement, Rating, Work
from placement.plan.turn import PriceTurn
from placement.report.numbers import thousands
from placement.units import four_digits
from placement.words import BY_THE_HOUR, REQUESTS_AT_ONCE

_SIGNIFICANT = 3


def unit_words(work: Work) -> str:
    """`$0.29 per million output tokens`; empty where no unit is done."""
    return f"{unit_price(work.usd_per_unit)} per {work.unit}" if work.usd_per_unit else ""


def unit_price(usd: str) -> str:
    """Dollars to the cent, below a dollar to three significant digits: `$1,234.50`, `$0.0935`."""
    amount = Decimal(usd)
    places = 2 if amount >= 1 or not amount else max(2, _SIGNIFICANT - 1 - amount.adjusted())
    return f"${thousands(f'{amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN):f}')}"


def used_words(work: Work) -> str:
    """`62 % busy`: of what could be done in the time that is paid for; empty where nothing is."""
    return f"{percent(work.utilization_fraction)} busy" if work.usd_per_unit else ""


def run_words(work: Work) -> str:
    """`a run on spot takes 31.9 hours on average, nine of ten at most 52.6`."""
    if work.run_hours == work.run_p90_hours:
        return f"a run takes {four_digits(work.run_hours)} hours"
    late = four_digits(work.run_p90_hours)
    return f"a run on spot takes {four_digits(work.run_hours)} hours on average, nine of ten at most {late}"


def turn_words(turn: PriceTurn) -> str:
    """`aws/… would cost no more if rental prices changed by −12.3 % a year`."""
    change = f"{Decimal(turn.change_fraction_per_year) * 100:.1f} %".replace("-", "−")
    return f"{turn.offer} would cost no more if rental prices changed by {change} a year"


def percent(fraction: str) -> str:
    """In whole per cent; a use is never called 0 %."""
    amount = Decimal(fraction) * 100
    whole = amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return "under 1 %" if amount and not whole else f"{whole:,} %"


def break_even_words(placement: Placement) -> str:
    """From how much of the month on the best offer that is paid for in another way costs more or less; may be empty."""
    turn = placement.break_even
    return "" if turn is None else _pays(placement, turn, f"{turn.purchase.replace('_', ' ')} ({turn.offer})")


def _pays(placement: Placement, turn: BreakEven, other: str) -> str:
    """`needed 41 % of the month, pays from 17 % against on demand`."""
    hourly = placement.layers[0].purchase in BY_THE_HOUR
    needed = f"needed {percent(turn.in_use_fraction)} of the month"
    at = Decimal(turn.at_fraction)
    if at > 1:
        return f"{needed}, {other} would never pay" if hourly else f"{needed}, never pays against {other}"
    above = f"from {percent(turn.at_fraction)}" if at else "however little"
    return f"{needed}, {other} would pay {above}" if hourly else f"{needed}, pays {above} against {other}"


def short_words(placement: Placement) -> str:
    """What a table says of work: cost of a unit, how busy it is, and from what use another way to pay costs less."""
    work, turn = placement.work, placement.break_even
    if work is None:
        return ""
    parts = [unit_words(work), used_words(work)]
    if turn is not None:
        parts.append(_pays(placement, turn, turn.purchase.replace("_", " ")))
    return ", ".join(part for part in parts if part)


def rating_words(rating: Rating, work: Work) -> str:
    """`a replica of 2 does 697 tokens a second (580–840), measured: …`."""
    if not work.run_hours:
        return does_words(rating, work.replica_accelerators)
    return f"{work.replica_accelerators:,} do {_much(rating)}, {rating.basis}: {rating.evidence}"


def does_words(rating: Rating, replica: int) -> str:
    """The same of a replica of so many accelerators."""
    return f"a replica of {replica:,} does {_much(rating)}, {rating.basis}: {rating.evidence}"


def _much(rating: Rating) -> str:
    if rating.unit == "accelerator-hours":
        return f"{four_digits(str(Decimal(rating.throughput) * 3600))} hours of the reference an hour"
    band = f" ({four_digits(rating.low)}–{four_digits(rating.high)})" if rating.low != rating.high else ""
    second = "" if rating.unit == REQUESTS_AT_ONCE else " a second"
    return f"{four_digits(rating.throughput)} {rating.unit}{second}{band}"
