"""Sites are operated by companies of the countries that are allowed, wherever the sites stand."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """0 at own sites and where the operator's country is known and allowed, −1 elsewhere, `ws`."""
    legal = problem.legal
    return np.where(legal.operator_rs[legal.row_w[chunk.w]], 0.0, BROKEN)


def _applies(problem: Problem) -> bool:
    return not problem.legal.operator_rs.all()


OPERATOR = Constraint(
    "operator",
    "nationality of the operator",
    "",
    "ws",
    _slack,
    "allow its operator's country in `operators`, or state it in a `--catalog` layer",
    applies=_applies,
)
