"""The power of one workload's bought nodes, step by step, and of the site that feeds them."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.power import grid_micro, used_micro
from placement.engine.problem import Problem, power_limits
from placement.engine.resources import claims_of, resources_of
from placement.engine.search import NONE
from placement.engine.solution import Solution
from placement.engine.supply import pue_fact
from placement.units import from_micro, plain_text
from placement.words import OWN


def power_story(problem: Problem, solution: Solution, w: int) -> tuple[tuple[str, str], ...]:
    """Contracted, used and grid power of what was chosen for workload *w*, and the limit with what others draw."""
    offer = int(solution.offer_w[w])
    if offer == NONE or problem.supply.bought_o[offer] < 0:
        return ()
    supply, catalog = problem.supply, problem.catalog
    site, nodes = supply.sites[int(supply.site_o[offer])], int(solution.nodes_w[w])
    node_micro = int(problem.node_power_kw_micro_o[offer])
    whole = nodes * node_micro
    load, pue = catalog.assumption("power_load_fraction"), pue_fact(catalog, site)
    nodes_text = "1 node" if nodes == 1 else f"{nodes:,} nodes"
    rows = [
        ("contracted", f"{nodes_text} × {_kw(node_micro)} = {_kw(whole)}, the most they draw"),
        ("used", f"× {load.text} = {_kw(used_micro(catalog, whole))} while they work"),
        ("from the grid", f"{_kw(whole)} × {pue.text or from_micro(pue.micro)} (PUE) = "
         f"{_kw(grid_micro(catalog, site, whole))} with cooling"),
    ]  # fmt: skip
    return (*rows, *_limits(problem, solution, w, offer))


def _limits(problem: Problem, solution: Solution, w: int, offer: int) -> list[tuple[str, str]]:
    """What feeds the nodes: the whole site, or its places, of which the one with least to spare is told of."""
    supply, s = problem.supply, int(problem.supply.site_o[offer])
    if math.isnan(problem.power_limit_kw_micro_s[s]):
        return []
    limit = int(power_limits(problem.catalog, supply)[s])
    claims = claims_of(problem, np.array([w]), np.array([offer]), solution.nodes_w[w : w + 1])
    mine = {one: solution.claims.get(one, {}).get(w, amount) for _, one, amount in claims if one.kind == "power"}
    drawn = {one: sum(solution.claims.get(one, {}).values()) for one in resources_of(problem, offer) if one in mine}
    fullest = max(drawn, key=lambda one: (drawn[one], one))
    site = supply.sites[s]
    where = "each place" if site.spread else "the site"
    feed = problem.inventory.sites[site.name].grid_power_kw if site.provider == OWN else None
    where += f" ({plain_text(feed)} kW of grid power)" if feed is not None else ""
    others = int(drawn[fullest] - mine[fullest])
    words = f"{where} feeds nodes with {_kw(limit)}: this workload {_kw(int(mine[fullest]))}, others {_kw(others)}"
    return [("limit", words)]


def _kw(micro: int) -> str:
    return f"{from_micro(micro):,} kW"
