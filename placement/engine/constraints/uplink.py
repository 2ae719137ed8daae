"""What leaves a location must fit through its line."""

from __future__ import annotations

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Speed that the shortest of the lines met leaves [Mbit/s], `ws`; 0 where none is met."""
    return problem.uplinks.left_mbit_s(chunk.w)


def _needed(problem: Problem, workload: int, offer: int, _short: float) -> str:
    """Which lines carry too little beside what others send, and the whole Mbit/s that would just do."""
    lines, site = problem.uplinks, int(problem.supply.site_o[offer])
    others_l = lines.whole_milli_gb_l - lines.capacity_milli_gb_l
    raised = [
        f"`uplink_mbit_s` of {lines.names[line]} to {lines.whole_mbit_s(line, milli_gb + others_l[line])}"
        for line, milli_gb in lines.needs(workload, site)
        if milli_gb > lines.capacity_milli_gb_l[line]
    ]
    return f"raise {' and '.join(raised)}"


UPLINK = Constraint(
    "uplink", "what a location's line carries", "Mbit/s", "ws", _slack, "{needed}", _needed, shared=True
)
