"""Data must be where the law of its kind lets it be."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import UNKNOWN_SLACK, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """0 where no rule of the catalog forbids the data, `ws`; minus infinity elsewhere, since no change would help."""
    legal = problem.legal
    return np.where(legal.legal_rs[legal.row_w[chunk.w]], 0.0, UNKNOWN_SLACK)


def _applies(problem: Problem) -> bool:
    return not problem.legal.legal_rs.all()


LEGAL = Constraint(
    "legal",
    "law on the data",
    "",
    "ws",
    _slack,
    "correct `classes` or `jurisdictions` if they are wrong",
    applies=_applies,
)
