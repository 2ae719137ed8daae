"""How much of the month nodes must be needed for committed ones to cost no more than nodes paid by the hour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate
from placement.plan.model import BreakEven
from placement.units import HOURS_PER_MONTH, MILLI
from placement.words import BY_THE_HOUR

_MOST = 9999
"""Beyond it a fraction says no more than that it is far above 1."""


class Way(NamedTuple):
    """An offer for a workload."""

    offer: int
    id: str
    purchase: str
    nodes: int
    cost_micro: int

    @property
    def hourly(self) -> bool:
        """Whether it is paid for the hours of use."""
        return self.purchase in BY_THE_HOUR


def break_even(
    problem: Problem, hours_milli_wh: Floats, usage: list[Rate], row: int, chosen: Way, others: Iterable[Way]
) -> BreakEven | None:
    """Against the first of *others* that is paid for in another way, by the hour or not; None where none is.

    As hours of use go up and down, the nodes stay as many: the one way pays for every hour, the other what it pays.
    """
    other = next((one for one in others if one.hourly != chosen.hourly), None)
    if other is None:
        return None
    hourly, committed = (chosen, other) if chosen.hourly else (other, chosen)
    shape = problem.supply.shape_o[hourly.offer] if hours_milli_wh.shape[1] > 1 else 0
    hours_milli = int(hours_milli_wh[row, shape])
    hour_micro = _hour_micro(problem, usage, row, hourly) // hours_milli if hours_milli else 0
    if not hour_micro:
        return None
    month = HOURS_PER_MONTH * MILLI
    meet = hours_milli * hour_micro + (committed.cost_micro - hourly.cost_micro) * MILLI
    return BreakEven(other.id, other.purchase, _text(hours_milli, month), _text(max(meet, 0), hour_micro * month))


def _hour_micro(problem: Problem, usage: list[Rate], row: int, way: Way) -> int:
    """What all nodes cost for the hours of a month, those lost on spot and done on demand among them.

    In thousandths of micro-USD: divided by thousandths of hours it is what an hour costs.
    """
    shape, offer = problem.supply.shape_o[way.offer], way.offer
    priced = ((rate, int(rate.price_micro[offer])) for rate in usage)
    return way.nodes * sum(int(rate.quantity_milli[row, shape]) * price for rate, price in priced if price)


def _text(part: int, whole: int) -> str:
    """A fraction with three digits, half-even."""
    milli, rest = divmod(part * MILLI, whole)
    milli = min(milli + (2 * rest > whole or (2 * rest == whole and milli % 2)), _MOST * MILLI)
    return f"{milli // MILLI}.{milli % MILLI:03}"
