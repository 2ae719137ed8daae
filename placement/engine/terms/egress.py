"""Bytes that cross a boundary: the sender pays, by its own tiered tariff.

Data on its way to the accelerators is priced by its home, results by the site that computes them. Tiers begin at
zero for every flow, which can only overstate the cost.
"""

from __future__ import annotations

from placement.engine.chunk import Chunk
from placement.engine.flows import Flows
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.tiered import Volume, met, tier_rates


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    arriving = _direction(problem, chunk, problem.flows_in, "egress, data in", "from")
    return arriving + _direction(problem, chunk, problem.flows_out, "egress, data out", "to")


def _direction(problem: Problem, chunk: Chunk, flows: Flows, label: str, word: str) -> list[Rate]:
    rates: list[Rate] = []
    met_ek = met(flows.tariff_es[:, problem.charging.first_k])
    for slot in range(flows.endpoint_wk.shape[1]):
        endpoint_w = flows.endpoint_wk[chunk.w, slot]
        volume_w = flows.volume_milli_wk[chunk.w, slot]
        if not volume_w.any():
            continue

        def about(row: int, slot: int = slot) -> str:
            return f"{word} {flows.labels[int(flows.endpoint_wk[chunk.w[row], slot])]}"

        # An empty slot (−1) borrows some row of the table; its volume is zero.
        volume = Volume("egress", label, "GB", volume_w, met_ek, endpoint_w, about)
        rates += tier_rates(problem, volume)
    return rates


EGRESS = Term("egress", "bytes between places", nothing_fixed, _rates)
