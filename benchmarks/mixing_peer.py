"""The cheapest mixes as mixed-integer programs, solved by HiGHS: what the engine is held against.

Every purchase is a variable here and every hour a constraint: nothing of the reasoning of `engine.stack` is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Sold(NamedTuple):
    """What is sold at one place, in units that hold *holds* of the demand each."""

    holds: int
    monthly: tuple[tuple[float, int], ...]
    """Price of a unit by the month, and how many there are."""
    hourly: float | None
    """Price of an hour of a unit."""
    site: float = 0.0
    """What it costs to be there."""


def least_cost(base: Sold, burst: Sold | None, demand: Sequence[int], hours: Sequence[float]) -> float:
    """The least cost of units at one place, or by the month at one and anything at another, for the demand of hours.

    Infinite where there are too few units.
    """
    import highspy  # noqa: PLC0415 - what measures the memory of children must be small itself

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.0)
    held, cost, constant = [], [], base.site + (burst.site if burst else 0.0)
    for sold, may_burst in ((base, burst is None), *([(burst, True)] if burst else [])):
        for price, limit in sold.monthly:
            units = solver.addIntegral(lb=0, ub=limit)
            cost.append(price * units)
            held.append([sold.holds * units] * len(demand))
        if may_burst and sold.hourly is not None:
            used = [solver.addIntegral(lb=0) for _ in demand]
            cost += [sold.hourly * hour * one for hour, one in zip(hours, used, strict=True)]
            held.append([sold.holds * one for one in used])
    if not held:
        return float("inf")
    for number, wanted in enumerate(demand):
        solver.addConstr(sum((row[number] for row in held[1:]), held[0][number]) >= wanted)
    solver.minimize(sum(cost[1:], cost[0]))
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("inf")
    return solver.getInfo().objective_function_value + constant
