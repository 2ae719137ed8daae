"""How many nodes there are, and how many a site can feed."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.power import grid_micro
from placement.engine.problem import Problem, power_limits
from placement.units import from_micro, to_micro
from placement.words import OWN


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


def _needed_nodes(_problem: Problem, _workload: int, _offer: int, slack: float) -> str:
    return f"{-int(slack)}"


def _more_power(problem: Problem, _workload: int, offer: int, slack: float) -> str:
    """The site's whole power if what is left of it just fed the nodes, and where to state it."""
    supply, site = problem.supply, int(problem.supply.site_o[offer])
    node_micro, left_micro = int(problem.node_power_kw_micro_o[offer]), int(problem.power_limit_kw_micro_s[site])
    nodes = left_micro // node_micro - int(slack)
    stated = power_limits(problem.catalog, supply)[site]
    whole = from_micro(int(stated) - left_micro + nodes * node_micro)
    if supply.sites[site].provider == OWN:
        if problem.inventory.sites[supply.sites[site].name].grid_power_kw is not None:
            feed = grid_micro(problem.catalog, supply.sites[site], to_micro(whole))
            return f"raise the site's `grid_power_kw` to {from_micro(feed)}"
        return f"raise the site's `power_kw` to {whole}"
    return f"contract {whole} kW there, `max_power_kw` of the site in a `--catalog` layer"


CAPACITY = Constraint(
    "capacity",
    "nodes that are there",
    "nodes",
    "limit",
    _existing,
    "have {needed} more such nodes there",
    _needed_nodes,
    shared=True,
)
POWER = Constraint("power", "power of the site", "nodes", "limit", _power, "{needed}", _more_power, shared=True)
