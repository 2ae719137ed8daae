"""Capacity that workloads share: existing nodes and the power of a site.

Each workload is first placed as if it were alone. Where that asks for more than there is, the capacity goes to the
workloads that would lose most per unit by going elsewhere (among equals, to the smaller id, so that the order of the
rows cannot matter); the others are searched again without it. A workload is never moved back, so this ends. The
result respects every limit and is stated as a heuristic, not as the optimum.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.chunk import chunk_of
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, search
from placement.engine.sizing import Ints
from placement.engine.solve import Prepared, Solution, cheapest, work


class Resource(NamedTuple):
    """Something of finite size: the existing nodes of one offer, or the power of one site."""

    kind: str
    """`nodes` or `power`."""
    number: int
    """The offer, or the site."""


Claims = dict[Resource, dict[int, float]]
"""What each workload takes from each resource: nodes, or millionths of a kW."""


def share_capacity(prepared: Prepared, solution: Solution) -> Solution:
    """Move workloads until no resource is drawn on beyond its limit."""
    problem = prepared.problem
    banned: dict[int, frozenset[int]] = {}
    while True:
        over = _overdrawn(problem, claims_on(problem, solution))
        if over is None:
            return solution
        resource, claims = over
        offers = _offers(problem, resource)
        without = _search_again(prepared, list(claims), {w: banned.get(w, frozenset()) | offers for w in claims})
        _, elsewhere_w = cheapest(without)
        ranked = sorted(
            (-(float(elsewhere_w[row]) - float(solution.cost_w[w])) / amount, problem.workloads[w].id, w, row)
            for row, (w, amount) in enumerate(claims.items())
        )
        left = limit_of(problem, resource)
        moved: list[tuple[int, int]] = []
        for _, _, w, row in ranked:
            if claims[w] <= left:
                left -= claims[w]
            else:
                banned[w] = banned.get(w, frozenset()) | offers
                moved.append((w, row))
        solution = _moved(solution, without, moved)


def claims_on(problem: Problem, solution: Solution) -> Claims:
    """Who draws how much on what, under the offers chosen."""
    supply = problem.supply
    chosen_w = solution.chosen_w
    mine = np.flatnonzero((chosen_w != NONE) & (supply.bought_o[chosen_w] >= 0))
    if not len(mine):
        return {}
    claims: Claims = {}
    nodes = nodes_chosen(problem, mine, chosen_w[mine])
    for w, offer, count in zip(mine.tolist(), chosen_w[mine].tolist(), nodes.tolist(), strict=True):
        if supply.limit_nodes_o[offer] >= 0:
            claims.setdefault(Resource("nodes", offer), {})[w] = float(count)
        site = int(supply.site_o[offer])
        if not np.isnan(problem.power_limit_kw_micro_s[site]):
            power = count * float(problem.node_power_kw_micro_o[offer])
            claims.setdefault(Resource("power", site), {})[w] = power
    return claims


def limit_of(problem: Problem, resource: Resource) -> float:
    """The size of a resource, in the unit of its claims."""
    if resource.kind == "nodes":
        return float(problem.supply.limit_nodes_o[resource.number])
    return float(problem.power_limit_kw_micro_s[resource.number])


def _overdrawn(problem: Problem, claims: Claims) -> tuple[Resource, dict[int, float]] | None:
    for resource in sorted(claims):
        if sum(claims[resource].values()) > limit_of(problem, resource):
            return resource, claims[resource]
    return None


def _offers(problem: Problem, resource: Resource) -> frozenset[int]:
    """The offers that draw on a resource."""
    if resource.kind == "nodes":
        return frozenset([resource.number])
    supply = problem.supply
    return frozenset(np.flatnonzero((supply.site_o == resource.number) & (supply.bought_o >= 0)).tolist())


def nodes_chosen(problem: Problem, w: Ints, offers: Ints) -> Ints:
    """Nodes each of the workloads *w* takes of its offer."""
    sizing = chunk_of(problem, w).sizing
    return np.asarray(sizing.nodes_wh[np.arange(len(w)), problem.supply.shape_o[offers]], dtype=np.int64)


def _search_again(prepared: Prepared, w: list[int], banned: dict[int, frozenset[int]]) -> Best:
    worked = work(prepared, np.array(w, dtype=np.int64))
    by_row = {row: banned[workload] for row, workload in enumerate(w)}
    return search(prepared.problem, worked.chunk, prepared.groups, worked.allowed, worked.costs, by_row)


def _moved(solution: Solution, without: Best, moved: list[tuple[int, int]]) -> Solution:
    """The solution with the moved workloads' offers replaced."""
    chosen_w, cost_w = solution.chosen_w.copy(), solution.cost_w.copy()
    displaced_w = solution.displaced_w.copy()
    cost_wtk, offer_wtk = solution.best.cost_wtk.copy(), solution.best.offer_wtk.copy()
    next_w, next_cost_w = cheapest(without)
    for w, number in moved:
        if displaced_w[w] == NONE:
            displaced_w[w] = chosen_w[w]
        chosen_w[w], cost_w[w] = next_w[number], next_cost_w[number]
        cost_wtk[w], offer_wtk[w] = without.cost_wtk[number], without.offer_wtk[number]
    return Solution(Best(cost_wtk, offer_wtk), chosen_w, cost_w, displaced_w, solution.worked)
