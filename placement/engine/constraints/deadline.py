"""A training run must be done by its deadline, and all runs of a month within it."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.work import asks_for_work
from placement.engine.problem import Problem


def _slack(_problem: Problem, chunk: Chunk) -> Floats:
    """By how many hours the largest job there may be is late, `wh`; 0 where it is in time."""
    work = chunk.sizing.work
    if work is None:
        return np.zeros(chunk.sizing.nodes_wh.shape)
    return -work.late_hours_wh


DEADLINE = Constraint(
    "deadline",
    "deadline of a training run",
    "h",
    "wh",
    _slack,
    "allow a run {needed} hours more, or make fewer of them",
    lambda _problem, _workload, _offer, slack: f"{math.ceil(-slack):,}",
    applies=asks_for_work,
)
