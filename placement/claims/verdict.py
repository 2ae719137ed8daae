"""Whether a claim holds: ranges compared with ranges. Ends count as inside."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from placement.catalog.claims import Claim
from placement.claims.model import Figure, Flip, Side, Verdict
from placement.units import MICRO

STEPS = 1000
"""Shares of the month at which a figure is looked at, for where it crosses the end of a claim."""

MONTH = "fraction of the month"


def verdict(claim: Claim, figure: Figure | None) -> Verdict:
    """`holds` where all of the figure's range lies in the claim's, `holds partly` where some of it does."""
    if figure is None:
        return "unknown"
    low, high = side(claim, figure.low), side(claim, figure.high)
    if low == high == "within":
        return "holds"
    return "does not hold" if low == high else "holds partly"


def missed(claim: Claim, figure: Figure | None) -> Side | None:
    """On which side of the claim the figure itself lies, where it is outside."""
    lies = side(claim, figure.value) if figure is not None else "within"
    return None if lies == "within" else lies


def side(claim: Claim, value: Fraction) -> Side:
    """Where a single value lies."""
    if claim.low_micro is not None and value < Fraction(claim.low_micro, MICRO):
        return "below"
    if claim.high_micro is not None and value > Fraction(claim.high_micro, MICRO):
        return "above"
    return "within"


def flips(claim: Claim, value_at: Callable[[Fraction], Fraction | None]) -> tuple[Flip, ...]:
    """Shares of the month, in thousandths, from which on the figure lies elsewhere than it did a thousandth before.

    The figure moves one way as the share grows, as whatever is paid all month does beside what is paid by the hour.
    """

    def side_at(step: int) -> Side | None:
        value = value_at(Fraction(step, STEPS))
        return None if value is None else side(claim, value)

    found: list[Flip] = []
    step, now = 1, side_at(1)
    last = side_at(STEPS)
    while now is not None and last is not None and now != last:
        below, above = step, STEPS  # it is `now` at one, and something else at the other
        while above - below > 1:
            middle = (below + above) // 2
            below, above = (middle, above) if side_at(middle) == now else (below, middle)
        after = side_at(above)
        assert after is not None
        found.append(Flip(Fraction(above, STEPS), MONTH, now, after))
        step, now = above, after
    return tuple(found)
