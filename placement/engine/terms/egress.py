"""Bytes that cross a boundary: the sender pays, by its own tiered tariff.

Data on its way to the accelerators is priced by its home, results by the site that computes them. A provider's tiers
count what all workloads send under one tariff (see `engine.pools`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.standing import DIRECTIONS, Pooled, before_milli, own_by_pool
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.meeting import met_by
from placement.engine.terms.other_ways import Choice, Said, other_way_rates
from placement.engine.terms.slots import Slot, slots_of
from placement.engine.terms.tiered import Volume, tier_rates


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    rates: list[Rate] = []
    slots = [slot for name in DIRECTIONS for slot in slots_of(problem, chunk.w, name)]
    own = own_by_pool(problem, chunk.w) if slots and problem.pool_milli_t.any() else None
    for number, (slot, (met, row_w)) in enumerate(zip(slots, met_by(problem, chunk.w, slots), strict=True)):
        arrives = slot.key.direction == "flows_in"
        label = "egress, data in" if arrives else "egress, data out"
        before = partial(_before, problem, chunk, slots[: number + 1], own)
        sent = ("egress", label, "GB", slot.volume_milli_w)
        rates += tier_rates(problem, Volume(*sent, met, row_w, slot.about, before, slot.key, slot.sender))
        choice = Choice(problem.links.arriving if arrives else problem.links.leaving, problem.links.ways)
        rates += other_way_rates(problem, choice, slot, Said("egress", label, "private port"))
    return rates


def _before(
    problem: Problem, chunk: Chunk, slots: list[Slot], own: Pooled | None, tariff_p: Ints, earlier_p: Ints
) -> Floats | None:
    """What comes before the flows of the last of *slots*: what others send, and earlier flows of the same workload.

    Without what the workloads have of their *own* in pools, these are empty.
    """
    slot, mine_wp = slots[-1], None
    if earlier_p.any():
        mine_wp = np.zeros((len(chunk.w), len(tariff_p)))
        for number, earlier in enumerate(slots[:-1]):
            mine_wp += earlier.volume_milli_w[:, None] * (earlier_p >> number & 1)
    if own is None or not problem.pool_milli_t[tariff_p].any():
        return mine_wp
    return before_milli(problem, slot.flows, chunk.w, slot.key.slot, tariff_p, own, mine_wp)


EGRESS = Term("egress", "bytes between places", nothing_fixed, _rates)
