"""A site of several places is for workloads that live at every one of them."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """−1 where a site of several places meets a workload that lives elsewhere or not at each of them, else 0, `ws`."""
    fits_ws = problem.at_users.of(chunk.w) & problem.per_location_w[chunk.w, None]
    return np.where(problem.spread_s[None, :] & ~fits_ws, BROKEN, 0.0)


PLACES = Constraint(
    "places",
    "a node at every place",
    "",
    "ws",
    _slack,
    "let the workload live `per_location`, with users at the site's locations alone",
)
