"""What leaves a location must fit through its line."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Speed of the line that is short of the most less what is needed of it [Mbit/s], `ws`; 0 without a line."""
    lines = problem.uplinks
    slacks = [_of_line(problem, chunk.w, line) for line in range(len(lines.names))]
    return np.minimum.reduce(slacks) if slacks else np.zeros((len(chunk.w), len(problem.supply.sites)))


def _of_line(problem: Problem, w: Ints, line: int) -> Floats:
    lines = problem.uplinks
    return lines.speed_for(lines.capacity_milli_gb_l[line] - lines.needed_milli_gb(w, line))


def _needed(problem: Problem, workload: int, offer: int, _short: float) -> str:
    """Whose line, and the whole Mbit/s that would just do."""
    lines, site = problem.uplinks, int(problem.supply.site_o[offer])
    w = np.array([workload])
    left = [float(_of_line(problem, w, line)[0, site]) for line in range(len(lines.names))]
    line = int(np.argmin(left))
    needed = float(lines.speed_for(lines.needed_milli_gb(w, line)[0, site]))
    return f"raise `uplink_mbit_s` of {lines.names[line]} to {math.ceil(needed)}"


UPLINK = Constraint(
    "uplink",
    "what a location's line carries",
    "Mbit/s",
    "ws",
    _slack,
    "{needed}",
    _needed,
)
