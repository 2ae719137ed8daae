"""Capacity that workloads share: existing nodes and the power of a site.

Each workload is first placed as if it were alone. Where that asks for more than there is, the resource goes to the set
of workloads that would together lose most by going elsewhere; the others are searched again without it. A workload is
never moved back, so this ends. The result respects every limit; it is exact for one resource at a time, not for
several that meet in one workload.
"""

import math

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import chunk_of
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, joined
from placement.engine.solution import Claims, Found, Prepared, Resource, Solution, cheapest, chunks
from placement.engine.taken import Barred, banned_from, limit_of, open_best, search_without

MAX_CELLS = 5_000_000
"""Claimants × units of the resource up to which the split is exact."""

NOWHERE = 1e14
"""Loss [micro-USD] of a workload with nowhere else to go: $100 M a month, more than any other loss."""


def share_capacity(prepared: Prepared, alone: Solution) -> Solution:
    """Move workloads until no resource is drawn on beyond its limit."""
    problem = prepared.problem
    barred: Barred = {}
    solution = alone._replace(claims=claims_on(problem, alone))
    while (over := _overdrawn(problem, solution.claims)) is not None:
        resource, claims = over
        apart = {w: barred.get(w, frozenset()) | {resource} for w in claims}
        without = _search_again(prepared, solution.best, list(claims), apart)
        next_w, next_cost_w = cheapest(without)
        losses = {w: float(next_cost_w[row]) - float(solution.cost_w[w]) for row, w in enumerate(claims)}
        kept = keepers(claims, losses, limit_of(problem, resource), [workload.id for workload in problem.workloads])
        moved = [(w, row) for row, w in enumerate(claims) if w not in kept]
        for w, _ in moved:
            barred[w] = barred.get(w, frozenset()) | {resource}
        solution = _moved(solution, next_w, next_cost_w, moved)
        solution = solution._replace(claims=claims_on(problem, solution))
    return solution._replace(open=open_best(prepared, solution, barred))


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


def _overdrawn(problem: Problem, claims: Claims) -> tuple[Resource, dict[int, float]] | None:
    for resource in sorted(claims):
        if sum(claims[resource].values()) > limit_of(problem, resource):
            return resource, claims[resource]
    return None


def nodes_chosen(problem: Problem, w: Ints, offers: Ints) -> Ints:
    """Nodes each of the workloads *w* takes of its offer."""
    parts = [np.zeros(0)]
    for run in chunks(len(w)):
        nodes_wh = chunk_of(problem, w[run]).sizing.nodes_wh
        parts.append(nodes_wh[np.arange(len(run)), problem.supply.shape_o[offers[run]]])
    return np.concatenate(parts).astype(np.int64)


def _search_again(prepared: Prepared, best: Found, w: list[int], barred: Barred) -> Best:
    """The best offers of the workloads *w* without the resources they are barred from, chunk by chunk."""
    numbers = np.array(w, dtype=np.int64)
    parts = []
    for run in chunks(len(w)):
        mine = numbers[run]
        resources = sorted(set().union(*(barred[number] for number in mine.tolist())))
        banned = banned_from(prepared.problem, mine, barred, resources)
        parts.append(search_without(prepared, mine, best.of(mine), banned))
    return joined(parts)


def _moved(solution: Solution, next_w: Ints, next_cost_w: Floats, moved: list[tuple[int, int]]) -> Solution:
    """The solution with the moved workloads' offers replaced."""
    chosen_w, cost_w = solution.chosen_w.copy(), solution.cost_w.copy()
    displaced_w = solution.displaced_w.copy()
    for w, row in moved:
        if displaced_w[w] == NONE:
            displaced_w[w] = chosen_w[w]
        chosen_w[w], cost_w[w] = next_w[row], next_cost_w[row]
    return solution._replace(chosen_w=chosen_w, cost_w=cost_w, displaced_w=displaced_w)


def left_for(problem: Problem, claims: Claims, w: int) -> Problem:
    """The problem as workload *w* finds it: the limits less what the others draw."""
    limit_nodes_o, power_s = problem.supply.limit_nodes_o.copy(), problem.power_limit_kw_micro_s.copy()
    for resource, by_workload in claims.items():
        others = sum(by_workload.values()) - by_workload.get(w, 0.0)
        if resource.kind == "nodes":
            limit_nodes_o[resource.number] -= int(others)
        else:
            power_s[resource.number] -= others
    return problem._replace(supply=problem.supply._replace(limit_nodes_o=limit_nodes_o), power_limit_kw_micro_s=power_s)


def holders(problem: Problem, claims: Claims, w: int, offer: int) -> list[int]:
    """The other workloads that draw on what *offer* draws on."""
    site = int(problem.supply.site_o[offer])
    drawn = (Resource("nodes", offer), Resource("power", site)) if problem.supply.bought_o[offer] >= 0 else ()
    return sorted({number for resource in drawn for number in claims.get(resource, {}) if number != w})
