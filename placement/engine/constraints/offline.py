"""A workload that must work without any network runs where its users are."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """0 at the one location of all users or where offline work is not needed, −1 elsewhere, `ws`."""
    there_ws = problem.at_users.of(chunk.w)
    needed_w = problem.offline_w[chunk.w, None]
    return np.where(there_ws | ~needed_w, 0.0, BROKEN)


OFFLINE = Constraint(
    "offline", "works without a network", "", "ws", _slack, "give up `offline`, or add a site at its users"
)
