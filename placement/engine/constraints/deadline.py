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


def _needed(_problem: Problem, _workload: int, _offer: int, slack: float) -> str:
    if math.isinf(slack):
        return "no number of accelerators finishes a run"
    return f"allow a run {math.ceil(-slack):,} hours more, or make fewer of them"


DEADLINE = Constraint(
    "deadline",
    "deadline of a training run",
    "h",
    "wh",
    _slack,
    "{needed}",
    _needed,
    applies=asks_for_work,
)
