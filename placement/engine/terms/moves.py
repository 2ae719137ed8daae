"""Bytes that cross a boundary once: copies of datasets to the accelerators, and data that leaves today's place.

The sender's tariff prices the whole amount, with tiers that begin at zero, or devices carry it by post where that costs
less; every month of the horizon bears an even share of it.
"""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.flows import words_of
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.other_ways import Choice, Said, other_way_rates
from placement.engine.terms.tiered import Volume, met, tier_rates

LABEL = "move, data in"


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    rates: list[Rate] = []
    flows = problem.flows_once
    for slot in range(flows.endpoint_wk.shape[1]):
        endpoint_w, volume_w = flows.endpoint_wk[chunk.w, slot], flows.volume_milli_wk[chunk.w, slot]
        if not volume_w.any():
            continue

        def about(row: int, slot: int = slot) -> str:
            w = chunk.w[row]
            return f"{words_of(int(flows.what_wk[w, slot]))} from {flows.labels[int(flows.endpoint_wk[w, slot])]}"

        met_ek = met(flows.tariff_es[:, problem.charging.first_k])
        volume = Volume("moves", LABEL, "GB", volume_w, met_ek, endpoint_w, about)
        choice, said = Choice(problem.devices.doors, problem.devices.ways), Said("moves", LABEL, "device", about)
        whole = [*tier_rates(problem, volume), *other_way_rates(problem, choice, endpoint_w, volume_w, said)]
        rates += [_spread(rate, problem.horizon_months) for rate in whole]
    return rates


def _spread(rate: Rate, months: int) -> Rate:
    """A month's share of what moves once, rounded up to 0.001 GB or jobs."""
    share_wx = -np.floor_divide(-rate.quantity_milli, float(months))
    return rate._replace(quantity_milli=share_wx, once_milli=rate.quantity_milli)


MOVES = Term("moves", "bytes that move once", nothing_fixed, _rates)
