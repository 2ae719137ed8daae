"""Capacity that workloads share: existing nodes and the power of a site.

Each workload is first placed as if it were alone. Where that asks for more than there is, the resource goes to the set
of workloads that would together lose most by going elsewhere; the others are searched again without it. A workload is
never moved back, so this ends. The result respects every limit; it is exact for one resource at a time, not for
several that meet in one workload.
"""

import math
from typing import NamedTuple

import numpy as np

from placement.engine.chunk import chunk_of
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, search
from placement.engine.sizing import Ints
from placement.engine.solve import Prepared, Solution, cheapest, work

MAX_CELLS = 5_000_000
"""Claimants × units of the resource up to which the split is exact."""

NOWHERE = 1e14
"""Loss [micro-USD] of a workload with nowhere else to go: $100 M a month, more than any other loss."""


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
        losses = {w: float(elsewhere_w[row]) - float(solution.cost_w[w]) for row, w in enumerate(claims)}
        kept = keepers(claims, losses, limit_of(problem, resource), [workload.id for workload in problem.workloads])
        moved = [(w, row) for row, w in enumerate(claims) if w not in kept]
        for w, _ in moved:
            banned[w] = banned.get(w, frozenset()) | offers
        solution = _moved(solution, without, moved)


def keepers(claims: dict[int, float], losses: dict[int, float], limit: float, ids: list[str]) -> set[int]:
    """Who keeps the resource: the set that fits and would together lose most by going elsewhere.

    Exact (0/1 knapsack by dynamic programming) up to `MAX_CELLS`; beyond that by loss per unit. Workloads with nowhere
    else to go count for more than any sum of losses. Equal sums go to the ids that come first.
    """
    order = sorted(claims, key=lambda w: (ids[w], w))
    unit = math.gcd(*(int(claims[w]) for w in order))
    room = int(limit) // unit
    if room * len(order) > MAX_CELLS:
        return _greedy(claims, losses, limit, ids)
    # From the last id to the first, so that the first ids decide last and win ties.
    best = np.zeros(room + 1)
    taken = np.zeros((len(order), room + 1), dtype=np.bool_)
    for number in range(len(order) - 1, -1, -1):
        w = order[number]
        size = int(claims[w]) // unit
        if size > room:
            continue
        with_it = best[: room + 1 - size] + min(losses[w], NOWHERE)
        taken[number, size:] = with_it >= best[size:]
        best[size:] = np.maximum(best[size:], with_it)
    kept: set[int] = set()
    for number, w in enumerate(order):
        if taken[number, room]:
            kept.add(w)
            room -= int(claims[w]) // unit
    return kept


def _greedy(claims: dict[int, float], losses: dict[int, float], limit: float, ids: list[str]) -> set[int]:
    kept: set[int] = set()
    left = limit
    for w in sorted(claims, key=lambda w: (-losses[w] / claims[w], ids[w], w)):
        if claims[w] <= left:
            left -= claims[w]
            kept.add(w)
    return kept


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
