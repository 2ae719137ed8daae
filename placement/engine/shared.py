"""Capacity that workloads share: existing nodes and the power of a site.

Each workload is first placed as if it were alone. Where that asks for more than there is, the capacity goes to the
workloads that would lose most per unit by going elsewhere; the others are searched again without it. A workload is
never moved back, so this ends. The result respects every limit and is stated as a heuristic, not as the optimum.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.chunk import chunk_of
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, search
from placement.engine.sizing import Ints
from placement.engine.solve import Prepared, Solution, cheapest, work


class Pool(NamedTuple):
    """A resource of finite size: the offers that draw on it, and how much a node takes."""

    name: str
    limit: float
    offers: frozenset[int]
    per_node: dict[int, float]


def pools_of(problem: Problem) -> list[Pool]:
    """Existing nodes of every own site, and the power of every site that bought nodes could stand at."""
    supply = problem.supply
    pools = [
        Pool(f"nodes of {supply.offer_id(offer)}", float(supply.limit_nodes_o[offer]), frozenset([offer]), {offer: 1.0})
        for offer in np.flatnonzero(supply.limit_nodes_o >= 0).tolist()
    ]
    bought = np.flatnonzero((supply.bought_o >= 0) & (problem.node_power_kw_micro_o > 0))
    for site in sorted(set(supply.site_o[bought].tolist())):
        limit = float(problem.power_limit_kw_micro_s[site])
        if np.isnan(limit):
            continue
        members = bought[supply.site_o[bought] == site].tolist()
        power = {offer: float(problem.node_power_kw_micro_o[offer]) for offer in members}
        pools.append(Pool(f"power of {supply.sites[site].id}", limit, frozenset(members), power))
    return pools


def share_capacity(prepared: Prepared, solution: Solution) -> Solution:
    """Move workloads until no pool is drawn on beyond its limit."""
    problem = prepared.problem
    banned: dict[int, frozenset[int]] = {}
    pools = pools_of(problem)
    while True:
        over = next((pool for pool in pools if _drawn(problem, solution, pool)[1] > pool.limit), None)
        if over is None:
            return solution
        claims, _ = _drawn(problem, solution, over)
        without = _search_again(prepared, list(claims), {w: banned.get(w, frozenset()) | over.offers for w in claims})
        _, elsewhere_w = cheapest(without)
        ranked = sorted(
            (-(float(elsewhere_w[number]) - float(solution.cost_w[w])) / amount, w, number, amount)
            for number, (w, amount) in enumerate(claims.items())
        )
        left = over.limit
        moved: list[tuple[int, int]] = []
        for _, w, number, amount in ranked:
            if amount <= left:
                left -= amount
            else:
                banned[w] = banned.get(w, frozenset()) | over.offers
                moved.append((w, number))
        solution = _moved(solution, without, moved)


def _drawn(problem: Problem, solution: Solution, pool: Pool) -> tuple[dict[int, float], float]:
    """What each workload takes from the pool, and the sum."""
    mine = np.array([w for w, offer in enumerate(solution.chosen_w.tolist()) if offer in pool.offers], dtype=np.int64)
    if not len(mine):
        return {}, 0.0
    nodes = nodes_chosen(problem, mine, solution.chosen_w[mine])
    claims = {
        w: count * pool.per_node[offer]
        for w, count, offer in zip(mine.tolist(), nodes.tolist(), solution.chosen_w[mine].tolist(), strict=True)
    }
    return claims, sum(claims.values())


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
    return Solution(Best(cost_wtk, offer_wtk), chosen_w, cost_w, displaced_w)
