"""Users must be reached within the workload's round-trip time."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import UNKNOWN_SLACK, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """SLO less estimated RTT [ms], `ws`; 0 without an SLO; minus infinity where the RTT is unknown."""
    slack_ws = np.zeros((len(chunk.w), len(problem.supply.sites)))
    limit_w = problem.slo.network_ms_w[chunk.w]
    bound = np.flatnonzero(~np.isnan(limit_w))
    rtt_ws = problem.traffic.of(chunk.w[bound])
    slack_ws[bound] = np.where(np.isnan(rtt_ws), UNKNOWN_SLACK, limit_w[bound, None] - rtt_ws)
    return slack_ws


def _needed(problem: Problem, workload: int, _offer: int, slack: float) -> str:
    return problem.slo.needed(workload, float(problem.slo.network_ms_w[workload]) - slack)


RTT = Constraint("rtt", "round-trip time to users", "ms", "ws", _slack, "{needed}", _needed)
