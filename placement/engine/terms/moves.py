"""Bytes that cross a boundary once: copies of datasets to the accelerators, and data that leaves today's place.

The sender's tariff prices the whole amount, with tiers that begin at zero, or devices carry it by post where that costs
less; every month of the horizon bears an even share of it.
"""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.other_ways import Choice, Said, other_way_rates
from placement.engine.terms.slots import rates_alone, slots_of

LABEL = "move, data in"


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    choice, said = Choice(problem.devices.doors, problem.devices.ways), Said("moves", LABEL, "device")
    rates: list[Rate] = []
    for slot in slots_of(problem, chunk.w, "flows_once"):
        whole = [*rates_alone(problem, slot, ("moves", LABEL, "GB")), *other_way_rates(problem, choice, slot, said)]
        rates += [_spread(rate, problem.horizon_months) for rate in whole]
    return rates


def _spread(rate: Rate, months: int) -> Rate:
    """A month's share of what moves once, rounded up to 0.001 GB or jobs."""
    share_wx = -np.floor_divide(-rate.quantity_milli, float(months))
    return rate._replace(quantity_milli=share_wx, once_milli=rate.quantity_milli)


MOVES = Term("moves", "bytes that move once", nothing_fixed, _rates)
