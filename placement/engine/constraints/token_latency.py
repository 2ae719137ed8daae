"""A request alone must get its first token, and each further one, as soon as its users are to have them."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.work import asks_for_work
from placement.engine.problem import Problem


def _slack(_problem: Problem, chunk: Chunk) -> Floats:
    """By how much the quickest replica misses `ttft_ms` or `tpot_ms`, whichever it misses more [ms], `wh`; else 0."""
    work = chunk.sizing.work
    if work is None:
        return np.zeros(chunk.sizing.nodes_wh.shape)
    return -work.late_ms_wh


TOKEN_LATENCY = Constraint(
    "token_latency",
    "time to first token and per token",
    "ms",
    "wh",
    _slack,
    "allow {needed} ms more for `ttft_ms` or `tpot_ms`",
    lambda _problem, _workload, _offer, slack: f"{-slack:g}",
    applies=asks_for_work,
)
