"""Data must stay in the countries that the workload, and the datasets it reads, name."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """0 inside, −1 outside or in an unknown country, `ws`."""
    legal = problem.legal
    return np.where(legal.residency_rs[legal.row_w[chunk.w]], 0.0, BROKEN)


def _applies(problem: Problem) -> bool:
    return not problem.legal.residency_rs.all()


RESIDENCY = Constraint(
    "residency",
    "country the data must stay in",
    "",
    "ws",
    _slack,
    "allow its country in `residency`",
    applies=_applies,
)
