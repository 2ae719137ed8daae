"""What leaves a location must fit through its line."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Speed that the shortest of the lines met leaves [Mbit/s], `ws`; 0 where none is met."""
    return problem.uplinks.left_mbit_s(chunk.w)


def _needed(problem: Problem, workload: int, offer: int, _short: float) -> str:
    """Whose line, and the whole Mbit/s that would just do."""
    lines, site = problem.uplinks, int(problem.supply.site_o[offer])
    line, milli_gb = min(lines.needs(workload, site), key=lambda need: lines.capacity_milli_gb_l[need[0]] - need[1])
    speed = math.ceil(float(lines.speed_for(np.array(milli_gb), np.array(line))))
    return f"raise `uplink_mbit_s` of {lines.names[line]} to {speed}"


UPLINK = Constraint("uplink", "what a location's line carries", "Mbit/s", "ws", _slack, "{needed}", _needed)
