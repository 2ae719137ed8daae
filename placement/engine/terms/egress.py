"""Bytes that cross a boundary: the sender pays, by its own tiered tariff.

Data on its way to the accelerators is priced by its home, results by the site that computes them. A provider's tiers
count what all workloads send under one tariff (see `engine.pools`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.flows import words_of
from placement.engine.problem import Problem
from placement.engine.standing import DIRECTIONS, Pooled, before_milli, own_by_pool
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.meeting import Slot, met_by, slots_of
from placement.engine.terms.other_ways import Choice, Said, other_way_rates
from placement.engine.terms.tiered import Volume, tier_rates


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    rates: list[Rate] = []
    slots = [slot for name in DIRECTIONS for slot in slots_of(problem, chunk.w, name)]
    own = own_by_pool(problem, chunk.w) if slots and problem.pool_milli_t.any() else None
    for number, (slot, (met, row_w)) in enumerate(zip(slots, met_by(problem, chunk.w, slots), strict=True)):
        arrives = slot.flows is problem.flows_in
        label, word = ("egress, data in", "from") if arrives else ("egress, data out", "to")
        about = partial(_about, chunk, slot, word)
        before = partial(_before, problem, chunk, slots[: number + 1], own)
        rates += tier_rates(problem, Volume("egress", label, "GB", slot.volume_milli_w, met, row_w, about, before))
        links = problem.links
        choice = Choice(links.arriving if arrives else links.leaving, links.ways)
        said = Said("egress", label, "private port", about)
        rates += other_way_rates(problem, choice, slot.endpoint_w, slot.volume_milli_w, said)
    return rates


def _about(chunk: Chunk, slot: Slot, word: str, row: int) -> str:
    what = int(slot.flows.what_wk[chunk.w[row], slot.slot])
    return f"{words_of(what)} {word} {slot.flows.labels[int(slot.endpoint_w[row])]}"


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
    return before_milli(problem, slot.flows, chunk.w, slot.slot, tariff_p, own, mine_wp)


EGRESS = Term("egress", "bytes between places", nothing_fixed, _rates)
