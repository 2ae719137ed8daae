"""Only interruptible work runs on capacity that can be taken away."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem
from placement.words import PURCHASES


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """−1 for spot under work that must not be interrupted, else 0, `wp`."""
    spot_p = np.array([purchase == "spot" for purchase in PURCHASES])
    broken_wp = ~problem.interruptible_w[chunk.w, None] & spot_p[None, :]
    return np.where(broken_wp, BROKEN, 0.0)


INTERRUPTION = Constraint(
    "interruptible", "no interruption", "", "wp", _slack, "checkpoint it and set `interruptible: true`"
)
