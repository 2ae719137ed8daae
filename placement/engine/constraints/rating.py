"""An accelerator without a measured throughput for the workload's class is never ranked."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(_problem: Problem, chunk: Chunk) -> Floats:
    """0 where the ratio to today's accelerator is known, −1 where it is not, `wh`."""
    return np.where(chunk.sizing.rated_wh, 0.0, BROKEN)


RATED = Constraint(
    "rated",
    "measured throughput",
    "",
    "wh",
    _slack,
    "set `throughput_class` to one that has a row for this accelerator",
)
