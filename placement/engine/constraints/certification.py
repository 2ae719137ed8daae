"""The site must hold the certifications the workload and the policies ask for."""

from __future__ import annotations

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Minus the number of certifications that are missing or not evidenced, `ws`."""
    missing_ws = problem.certification.of(chunk.w)
    return -missing_ws.astype(float)


CERTIFICATION = Constraint(
    "certification",
    "certifications with evidence",
    "certifications",
    "ws",
    _slack,
    "drop the missing certifications, or bring evidence in a `--catalog` layer",
)
