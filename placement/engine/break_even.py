"""How much of the month nodes must be needed for committed ones to cost no more than nodes paid by the hour."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.price_path import changed_by
from placement.engine.problem import Problem
from placement.plan.model import BreakEven
from placement.units import HOURS_PER_MONTH, MILLI
from placement.words import BY_THE_HOUR, PURCHASES

_MOST = Decimal(9999)
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


class Hours(NamedTuple):
    """Hours a month in which a node is needed, `w1` or `wh`, and paid hours of an hour on spot, `wh` [thousandths]."""

    needed_wh: Floats
    paid_wh: Floats


def break_even(problem: Problem, hours: Hours, row: int, chosen: Way, others: list[Way]) -> BreakEven | None:
    """Against the first of *others* that is paid for in another way, by the hour or not; None where none is.

    As hours of use go up and down, the nodes stay as many: the one way pays for every hour, the other what it pays.
    """
    other = next((one for one in others if one.hourly != chosen.hourly), None)
    if other is None:
        return None
    hourly, committed = (chosen, other) if chosen.hourly else (other, chosen)
    hour_micro, hours_milli_wh = _hour_micro(problem, hours, row, hourly), hours.needed_wh
    shape = problem.supply.shape_o[hourly.offer] if hours_milli_wh.shape[1] > 1 else 0
    hours_milli = int(hours_milli_wh[row, shape])
    if not hour_micro or not hours_milli:
        return None
    month = HOURS_PER_MONTH * MILLI
    meet_milli = hours_milli + Decimal(committed.cost_micro - hourly.cost_micro) * MILLI / hour_micro
    return BreakEven(
        other.id, other.purchase, _text(Decimal(hours_milli) / month), _text(max(meet_milli, Decimal(0)) / month)
    )


def _hour_micro(problem: Problem, hours: Hours, row: int, way: Way) -> int:
    """What an hour of use of all nodes costs, those lost on spot among it [micro-USD]."""
    supply, times = problem.supply, MILLI
    price = np.array(max(int(supply.price_micro_o[way.offer]), 0), dtype=np.float64)
    if PURCHASES[int(supply.purchase_o[way.offer])] == "spot":
        times = int(hours.paid_wh[row, supply.shape_o[way.offer]])
    return way.nodes * int(price + changed_by(price, problem.path.elastic())) * times // MILLI


def _text(fraction: Decimal) -> str:
    return str(min(fraction, _MOST).quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN))
