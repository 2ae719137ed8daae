"""The oracle's view of spot: gangs, the time a run takes on the clock, and what of it is done on demand in time.

Written from the spot section of `docs/costs.md`; floats, one number at a time.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

from oracle_arithmetic import ceil_div, millionths, restart_multiplier

Z90 = 1.2815515655446004


class Gang(NamedTuple):
    """Nodes that must all be up, and the time their checkpoint takes."""

    up: Fraction
    share: float
    written_milli: int
    paid_milli: int


def gang_of(oracle: Any, nodes: int, written_milli: int) -> Gang:
    up = power(oracle, "spot_mean_up_hours", "spot_gang_mean_up_hours", nodes)
    share = power(oracle, "spot_available_fraction", "spot_gang_available_fraction", nodes)
    paid = restart_multiplier(up, Fraction(written_milli, 1000), oracle.figure("spot_restart_hours"))
    return Gang(up, float(share), written_milli, min(paid, 1_000_000))


def power(oracle: Any, one: str, gang: str, nodes: int) -> Fraction:
    """one · nodes^(ln(gang ÷ one) ÷ ln(nodes of the gang)), never above the figure of one."""
    with localcontext() as context:
        context.prec = 60
        first, last, many = (
            Decimal(x.numerator) / x.denominator for x in map(oracle.figure, (one, gang, "spot_gang_nodes"))
        )
        slope = (min(first, last) / first).ln() / many.ln()
        return Fraction(first * (Decimal(nodes).ln() * slope).exp())


def written_milli(oracle: Any, size_gb: float | None, nodes: int) -> int:
    """Thousandths of an hour to write a checkpoint; the flat figure where nobody says how large it is."""
    if size_gb is None:
        return ceil_div(millionths(float(oracle.figure("spot_checkpoint_hours"))), 1000)
    milli_gb = math.ceil(Fraction(size_gb) * 1000)
    hours = Fraction(milli_gb, 1000) / (nodes * oracle.figure("checkpoint_gb_per_s")) / 3600
    return max(1, math.ceil(hours * 1000))


class Clock(NamedTuple):
    """Hours of a run on the clock: at least, on average, and the variance."""

    least: float
    mean: float
    variance: float

    @property
    def gamma(self) -> tuple[float, float]:
        """Shape and scale of what is beyond the least."""
        beyond = self.mean - self.least
        return beyond**2 / self.variance, self.variance / beyond

    @property
    def p90(self) -> float:
        shape, scale = self.gamma
        return self.least + scale * shape * max(1 - 1 / (9 * shape) + Z90 / (3 * math.sqrt(shape)), 0.0) ** 3


def clock(oracle: Any, gang: Gang, work: float) -> Clock:
    """Mean and variance, try by try: a segment is done at once, or lost, waited for and tried again."""
    up, share, delta, restart = (
        float(gang.up),
        gang.share,
        gang.written_milli / 1000,
        float(oracle.figure("spot_restart_hours")),
    )
    gone = up * (1 - share) / share
    tau = math.sqrt(2 * delta * up) - delta if delta <= up / 2 else up / 2
    first, again = tau + delta, tau + delta + restart
    good = math.exp(-again / up)
    each, each_variance = lost(up, again)
    each, each_variance = each + gone, each_variance + gone**2
    tries, tries_variance = (1 - good) / good, (1 - good) / good**2
    rest, rest_variance = again + tries * each, tries * each_variance + tries_variance * each**2
    fails, (cut, cut_variance) = 1 - math.exp(-first / up), lost(up, first)
    broken, broken_variance = cut + gone + rest, cut_variance + gone**2 + rest_variance
    mean = first * (1 - fails) + broken * fails
    square = first**2 * (1 - fails) + (broken**2 + broken_variance) * fails
    paid = gang.paid_milli / 1000
    waits = 1 - share
    return Clock(
        work * (1 + delta / tau),
        work * paid / share + waits * gone,
        work / tau * (square - mean**2) + 2 * waits * gone**2 - (waits * gone) ** 2,
    )


def lost(up: float, length: float) -> tuple[float, float]:
    """Mean and variance of an exponential time that ends before *length*."""
    left = math.exp(-length / up)
    mean = up - length * left / (1 - left)
    square = 2 * up**2 - (length**2 + 2 * up * length) * left / (1 - left)
    return mean, max(square - mean**2, 0.0)


def on_demand(oracle: Any, gang: Gang, work: float, deadline: float) -> tuple[float, float]:
    """Of the hours of a run those that are done on demand on average, and what is paid for them."""
    time, restart = clock(oracle, gang, work), float(oracle.figure("spot_restart_hours"))
    shape, scale = time.gamma
    beyond = max(deadline - restart - time.least, 0.0)
    late = max(shape * scale * above(shape + 1, beyond / scale) - beyond * above(shape, beyond / scale), 0.0)
    moved = min(late / (gang.paid_milli / 1000 / gang.share - 1), work)
    return moved, moved + restart * above(shape, beyond / scale)


def above(shape: float, x: float) -> float:
    """Share of a gamma distribution above x, by Wilson and Hilferty."""
    z = ((x / shape) ** (1 / 3) - (1 - 1 / (9 * shape))) * 3 * math.sqrt(shape)
    return math.erfc(z / math.sqrt(2)) / 2
