"""An accelerator of which nobody knows how much of the work it does is never ranked."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(_problem: Problem, chunk: Chunk) -> Floats:
    """0 where it is known what the accelerator does of the work, −1 where it is not, `wh`."""
    return np.where(chunk.sizing.rated_wh, 0.0, BROKEN)


RATED = Constraint(
    "rated",
    "known throughput",
    "",
    "wh",
    _slack,
    "state a `throughput_class` with this accelerator, or `throughput`",
)
