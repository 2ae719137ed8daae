"""Bytes that cross a boundary once: copies of datasets to the accelerators, and data that leaves today's place.

The sender's tariff prices the whole amount, with tiers that begin at zero; every month of the horizon bears an even
share of it.
"""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.slots import rates_alone


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    rates = rates_alone(problem, chunk, "flows_once", ("moves", "move, data in", "GB"))
    return [_spread(rate, problem.horizon_months) for rate in rates]


def _spread(rate: Rate, months: int) -> Rate:
    """A month's share of what moves once, rounded up to 0.001 GB."""
    share_wx = -np.floor_divide(-rate.quantity_milli, float(months))
    return rate._replace(quantity_milli=share_wx, once_milli=rate.quantity_milli)


MOVES = Term("moves", "bytes that move once", nothing_fixed, _rates)
