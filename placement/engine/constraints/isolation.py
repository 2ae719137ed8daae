"""Machines that nobody else uses, and sites without any network."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _dedicated(problem: Problem, chunk: Chunk) -> Floats:
    """0 for whole machines and where shared ones will do, −1 for parts of machines and serverless ones, `wh`."""
    legal = problem.legal
    needed_w = legal.dedicated_r[legal.row_w[chunk.w], None]
    return np.where(legal.whole_h[None, :] | ~needed_w, 0.0, BROKEN)


def _air_gap(problem: Problem, chunk: Chunk) -> Floats:
    """0 at sites without any outside network and where one may be, −1 elsewhere, `ws`."""
    legal = problem.legal
    return np.where(legal.air_gap_rs[legal.row_w[chunk.w]], 0.0, BROKEN)


def _no_network(problem: Problem, _workload: int, _offer: int, _slack: float) -> str:
    """What else would do, where there is no such site yet."""
    there = any(site.air_gapped for site in problem.inventory.sites.values())
    return "" if there else ", or have an own site that is `air_gapped: true`"


def _needs_whole(problem: Problem) -> bool:
    return bool(problem.legal.dedicated_r.any())


def _needs_gap(problem: Problem) -> bool:
    return not problem.legal.air_gap_rs.all()


ISOLATION = Constraint(
    "isolation",
    "machines of its own",
    "",
    "wh",
    _dedicated,
    "accept `isolation: shared`",
    applies=_needs_whole,
)
AIR_GAP = Constraint(
    "air_gap",
    "no outside network",
    "",
    "ws",
    _air_gap,
    "give up `isolation: air_gapped`{needed}",
    _no_network,
    applies=_needs_gap,
)
