"""Where flows stand in what providers' tiers count together (see `engine.pools`)."""

from __future__ import annotations

from typing import NamedTuple

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


class Pooled(NamedTuple):
    """What some workloads themselves send under every pooled tariff in the plan as it stands."""

    own_milli_wp: Floats
    """Thousandths of a GB."""
    column_t: Ints
    """Of `p`, by tariff; of no meaning for those that are not pooled."""


def own_by_pool(problem: Problem, w: Ints) -> Pooled:
    """The same as `own_milli`, for all pooled tariffs at once."""
    pooled_t = problem.tariffs.pooled_t
    column_t, width = np.cumsum(pooled_t) - 1, int(pooled_t.sum())
    own_wp = np.zeros(len(w) * width)
    for name in DIRECTIONS:
        flows: Flows = getattr(problem, name)
        stands_wk = flows.stands_wk[w]
        row, slot = np.nonzero(stands_wk >= 0)
        place = row * width + column_t[stands_wk[row, slot]]
        own_wp += np.bincount(place, flows.volume_milli_wk[w[row], slot], len(own_wp))
    return Pooled(own_wp.reshape(len(w), width), column_t)


def before_milli(
    problem: Problem, flows: Flows, w: Ints, slot: int, tariff_p: Ints, own: Pooled, earlier_wp: Floats | None
) -> Floats:
    """The same as `begin_milli`, of the flows in one slot for each of some pooled tariffs, `wp`."""
    stands, written = flows.stands_wk[w, slot, None], flows.begin_milli_wk[w, slot, None]
    volume = np.where(stands == ANYWHERE, flows.volume_milli_wk[w, slot, None], 0.0)
    others_wp = problem.pool_milli_t[tariff_p] - own.own_milli_wp[:, own.column_t[tariff_p]] - volume
    np.maximum(others_wp, 0.0, out=others_wp)
    if earlier_wp is not None:
        others_wp += earlier_wp
    if np.isnan(written).all():
        return others_wp
    return np.where((stands == tariff_p) & ~np.isnan(written), written, others_wp)
