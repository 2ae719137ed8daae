"""Where flows stand in what providers' tiers count together (see `engine.pools`)."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.flows import ANYWHERE, Flows
from placement.engine.problem import Problem

DIRECTIONS = ("flows_in", "flows_out")


def own_milli(problem: Problem, w: Ints, tariff: Ints) -> Floats:
    """What workloads themselves send under a tariff each in the plan as it stands [thousandths of a GB]."""
    total = np.zeros(len(w))
    for name in DIRECTIONS:
        flows: Flows = getattr(problem, name)
        for slot in range(flows.stands_wk.shape[1]):
            total += np.where(flows.stands_wk[w, slot] == tariff, flows.volume_milli_wk[w, slot], 0.0)
    return total


def begin_milli(
    problem: Problem, flows: Flows, w: Ints, slot: Ints | int, tariff: Ints, earlier: Floats | float = 0.0
) -> Floats:
    """What comes before some flows of workloads in the pool of a tariff each [thousandths of a GB].

    Where the plan is written down and the flow is in that pool, it is what stands before it there. Else it is what all
    others send, and *earlier* flows of the same workload: then the flow costs what it would add.
    """
    stands, written = flows.stands_wk[w, slot], flows.begin_milli_wk[w, slot]
    volume = np.where(stands == ANYWHERE, flows.volume_milli_wk[w, slot], 0.0)
    others = np.maximum(problem.pool_milli_t[tariff] - own_milli(problem, w, tariff) - volume, 0.0)
    return np.where((stands == tariff) & ~np.isnan(written), written, others + earlier)


def before_milli(
    problem: Problem, flows: Flows, w: Ints, slot: int, tariff_p: Ints, earlier_wp: Floats | None
) -> Floats | None:
    """The same of the flows in one slot for each of some pooled tariffs, `wp`; None where nothing comes before any."""
    if not problem.pool_milli_t[tariff_p].any():
        return earlier_wp
    columns = [
        begin_milli(
            problem, flows, w, slot, np.full(len(w), tariff), 0.0 if earlier_wp is None else earlier_wp[:, column]
        )
        for column, tariff in enumerate(tariff_p.tolist())
    ]
    return np.stack(columns, axis=1)
