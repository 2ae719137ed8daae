"""Work in a precision runs on accelerators that calculate in it; others would do it at a speed nobody has measured."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.constraints.work import asks_for_work
from placement.engine.problem import Problem


def _slack(_problem: Problem, chunk: Chunk) -> Floats:
    """0 where the accelerator has the precision, −1 where it has not, `wh`."""
    work = chunk.sizing.work
    if work is None:
        return np.zeros(chunk.sizing.nodes_wh.shape)
    return np.where(work.native_wh, 0.0, BROKEN)


PRECISION = Constraint(
    "precision",
    "precision of the work",
    "",
    "wh",
    _slack,
    "ask for a `precision` this accelerator calculates in",
    applies=asks_for_work,
)
