"""Compute must stay in the countries the workload names."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """0 inside, −1 outside or in an unknown country, `ws`."""
    allowed_ws = problem.residency.of(chunk.w)
    return np.where(allowed_ws, 0.0, BROKEN)


RESIDENCY = Constraint(
    "residency", "country the data must stay in", "", "ws", _slack, "allow its country in `residency`"
)
