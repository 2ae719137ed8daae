"""A site without any outside network is for those alone whose users and data are there."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """−1 at air-gapped own sites that are not where all users and all ends of monthly flows are, else 0, `ws`."""
    return np.where(problem.contact.of(chunk.w), 0.0, BROKEN)


def _way(problem: Problem, workload: int, _offer: int, _slack: float) -> str:
    """What would do: a network only where none is forbidden."""
    nearer = "have users and the ends of its flows at the site"
    gapped = not problem.legal.air_gap_rs[problem.legal.row_w[workload]].all()
    return nearer if gapped else f"{nearer}, or connect the site (`air_gapped: false`)"


def _cuts(problem: Problem) -> bool:
    return not problem.contact.table_rs.all()


CONNECTED = Constraint(
    "connected",
    "a network to users and data",
    "",
    "ws",
    _slack,
    "{needed}",
    _way,
    applies=_cuts,
)
