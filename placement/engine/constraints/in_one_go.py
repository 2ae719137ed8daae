"""Only work that is done in one go fits into a block of capacity."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem
from placement.words import PURCHASES

_BLOCK = PURCHASES.index("capacity_block")


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """−1 for a capacity block under work that is not training, whose hours may lie anywhere in the month, `wp`."""
    block_p = np.arange(len(PURCHASES)) == _BLOCK
    broken_wp = ~problem.trains_w[chunk.w, None] & block_p[None, :]
    return np.where(broken_wp, BROKEN, 0.0)


IN_ONE_GO = Constraint("in_one_go", "work in one go", "", "wp", _slack, "state the work as `training`")
