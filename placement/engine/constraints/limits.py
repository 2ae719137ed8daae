"""How many nodes there are, and how many a site can feed."""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem
from placement.engine.sizing import Floats


def _existing(problem: Problem, _chunk: Chunk) -> Floats:
    """Nodes of hardware that is already there, `o`; infinity where more can be had."""
    limit_o = problem.supply.limit_nodes_o
    return np.where(limit_o >= 0, limit_o.astype(float), np.inf)


def _power(problem: Problem, _chunk: Chunk) -> Floats:
    """Whole nodes the site's power feeds, `o`; infinity where power is the landlord's business."""
    limit_o = problem.power_limit_kw_micro_s[problem.supply.site_o]
    power_o = problem.node_power_kw_micro_o
    with np.errstate(divide="ignore", invalid="ignore"):
        nodes_o = np.floor(limit_o / power_o)
    return np.where((power_o > 0) & ~np.isnan(limit_o), nodes_o, np.inf)


CAPACITY = Constraint(
    "capacity", "nodes that are there", "nodes", "limit", _existing, "add nodes to the site's `hardware`"
)
POWER = Constraint("power", "power of the site", "nodes", "limit", _power, "raise the site's `power_kw`")
