"""Bytes that cross a boundary: the sender pays, by its own tiered tariff.

Data on its way to the accelerators is priced by its home, results by the site that computes them. Tiers begin at
zero for every flow.
"""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.chunk import Chunk
from placement.engine.flows import Flows, words_of
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.private import linked, private_rates
from placement.engine.terms.tiered import Volume, met, tier_rates


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    links = problem.links
    arriving = _direction(problem, chunk, problem.flows_in, links.in_es, "egress, data in", "from")
    return arriving + _direction(problem, chunk, problem.flows_out, links.out_es, "egress, data out", "to")


def _direction(problem: Problem, chunk: Chunk, flows: Flows, way_es: Ints, label: str, word: str) -> list[Rate]:
    rates: list[Rate] = []
    linked_e = linked(way_es)
    met_ek = met(flows.tariff_es[:, problem.charging.first_k])
    for slot in range(flows.endpoint_wk.shape[1]):
        endpoint_w = flows.endpoint_wk[chunk.w, slot]
        volume_w = flows.volume_milli_wk[chunk.w, slot]
        if not volume_w.any():
            continue

        def about(row: int, slot: int = slot) -> str:
            w = chunk.w[row]
            what, end = int(flows.what_wk[w, slot]), int(flows.endpoint_wk[w, slot])
            return f"{words_of(what)} {word} {flows.labels[end]}"

        linked_w = linked_e[endpoint_w]
        if linked_w.any():
            private_w, volume_w = np.where(linked_w, volume_w, 0.0), np.where(linked_w, 0.0, volume_w)
            rates += private_rates(problem, chunk, flows, way_es, slot, private_w, label, about)

        # An empty slot (−1) borrows some row of the table; its volume is zero.
        volume = Volume("egress", label, "GB", volume_w, met_ek, endpoint_w, about)
        rates += tier_rates(problem, volume)
    return rates


EGRESS = Term("egress", "bytes between places", nothing_fixed, _rates)
