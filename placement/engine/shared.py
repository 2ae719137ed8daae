"""Capacity that workloads share: existing nodes and the power of a site.

Each workload is first placed as if it were alone. Where that asks for more than there is, the resource goes to the set
of workloads that would together lose most by going elsewhere; the others are searched again without it. A workload is
never moved back, so this ends. The result respects every limit; it is exact for one resource at a time, not for
several that meet in one workload.
"""

import math

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Barred, Choice, Claims, Prepared, Resource, Solution, cheapest, chunks, work
from placement.engine.taken import banned_from, limit_of

MAX_CELLS = 5_000_000
"""Claimants × units of the resource up to which the split is exact."""

NOWHERE = 1e14
"""Loss [micro-USD] of a workload with nowhere else to go: $100 M a month, more than any other loss."""


def share_capacity(prepared: Prepared, alone: Solution) -> Solution:
    """Move workloads until no resource is drawn on beyond its limit."""
    problem = prepared.problem
    claims = claims_on(problem, alone, np.flatnonzero(alone.offer_w != NONE))
    solution = alone._replace(
        offer_w=alone.offer_w.copy(),
        cost_w=alone.cost_w.copy(),
        nodes_w=alone.nodes_w.copy(),
        displaced_w=alone.displaced_w.copy(),
        claims=claims,
    )
    while (resource := _overdrawn(problem, claims)) is not None:
        claimants = claims[resource]
        w = np.array(list(claimants), dtype=np.int64)
        apart = {number: solution.barred.get(number, frozenset()) | {resource} for number in claimants}
        offer_w, cost_w, nodes_w = _without(prepared, w, apart)
        losses = dict(zip(claimants, (cost_w - solution.cost_w[w]).tolist(), strict=True))
        kept = keepers(claimants, losses, limit_of(problem, resource), problem.ids)
        moved = np.array([row for row, number in enumerate(claimants) if number not in kept], dtype=np.int64)
        _move(problem, solution, w[moved], offer_w[moved], cost_w[moved], nodes_w[moved])
        solution.barred.update({number: apart[number] for number in w[moved].tolist()})
        for more, drawn in claims_on(problem, solution, w[moved]).items():
            claims.setdefault(more, {}).update(drawn)
    return solution


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


def claims_on(problem: Problem, solution: Solution, w: Ints) -> Claims:
    """How much the workloads *w* draw on what, under the offers chosen."""
    supply = problem.supply
    offers = solution.offer_w[w]
    bought = np.flatnonzero((offers != NONE) & (supply.bought_o[offers] >= 0))
    site_w = supply.site_o[offers[bought]]
    claims: Claims = {}
    for number, offer, nodes, site, limited in zip(
        w[bought].tolist(),
        offers[bought].tolist(),
        solution.nodes_w[w[bought]].tolist(),
        site_w.tolist(),
        (~np.isnan(problem.power_limit_kw_micro_s[site_w])).tolist(),
        strict=True,
    ):
        if supply.limit_nodes_o[offer] >= 0:
            claims.setdefault(Resource("nodes", offer), {})[number] = nodes
        if limited:
            power = nodes * float(problem.node_power_kw_micro_o[offer])
            claims.setdefault(Resource("power", site), {})[number] = power
    return claims


def _overdrawn(problem: Problem, claims: Claims) -> Resource | None:
    """The first resource that is drawn on beyond its limit."""
    return next((one for one in sorted(claims) if sum(claims[one].values()) > limit_of(problem, one)), None)


def _without(prepared: Prepared, w: Ints, barred: Barred) -> Choice:
    """Offers, costs and nodes of the workloads *w* without the resources they are barred from, chunk by chunk.

    Those who are asked the same are searched once.
    """
    problem = prepared.problem
    found = []
    for run in chunks(len(w)):
        mine = w[run]
        resources = sorted(set().union(*(barred[number] for number in mine.tolist())))
        banned = banned_from(problem, mine, barred, resources)
        same = alike(len(mine), [problem.twins.class_x[mine], np.packbits(banned.taken_wc, axis=1)])
        worked = work(prepared, mine[same.first_k])
        banned = banned._replace(taken_wc=banned.taken_wc[same.first_k])
        found.append([column[same.class_x] for column in cheapest(prepared, worked, banned)])
    return Choice(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _move(problem: Problem, solution: Solution, w: Ints, offer_w: Ints, cost_w: Floats, nodes_w: Floats) -> None:
    """Give the workloads *w* other offers; what they drew on before is free again."""
    for resource, drawn in claims_on(problem, solution, w).items():
        left = solution.claims[resource]
        for number in drawn:
            del left[number]
        if not left:
            del solution.claims[resource]
    first = solution.displaced_w[w] == NONE
    solution.displaced_w[w[first]] = solution.offer_w[w[first]]
    solution.offer_w[w], solution.cost_w[w], solution.nodes_w[w] = offer_w, cost_w, nodes_w


def holders(problem: Problem, claims: Claims, w: int, offer: int) -> list[int]:
    """The other workloads that draw on what *offer* draws on."""
    site = int(problem.supply.site_o[offer])
    drawn = (Resource("nodes", offer), Resource("power", site)) if problem.supply.bought_o[offer] >= 0 else ()
    return sorted({number for resource in drawn for number in claims.get(resource, {}) if number != w})
