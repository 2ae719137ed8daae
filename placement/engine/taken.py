"""Offers that others leave no room on, and what is best without them."""

from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import chunk_of
from placement.engine.problem import Problem
from placement.engine.search import NONE, Banned, Best, Limits, search
from placement.engine.solution import Claims, Found, Prepared, Resource, Solution, chunks, work

Barred = dict[int, frozenset[Resource]]
"""The resources a workload had to leave to others."""


class Draw(NamedTuple):
    """What is drawn on one resource."""

    resource: Resource
    offers: Ints
    """That draw on it."""
    left: float
    w: Ints
    """Who draws on it, ascending, and how much."""
    amount_w: Floats

    def left_for(self, w: Ints) -> Floats:
        """What there is for each of the workloads *w*: its own share and what nobody draws."""
        place = np.minimum(np.searchsorted(self.w, w), len(self.w) - 1)
        return self.left + np.where(self.w[place] == w, self.amount_w[place], 0.0)


def draws_of(problem: Problem, claims: Claims) -> list[Draw]:
    """The claims as arrays, by resource."""
    found = []
    for resource, by_workload in sorted(claims.items()):
        amounts = sorted(by_workload.items())
        left = limit_of(problem, resource) - sum(by_workload.values())
        w, amount_w = np.array([w for w, _ in amounts]), np.array([amount for _, amount in amounts])
        found.append(Draw(resource, _offers(problem, resource), left, w, amount_w))
    return found


def limit_of(problem: Problem, resource: Resource) -> float:
    """The size of a resource, in the unit of its claims."""
    if resource.kind == "nodes":
        return float(problem.supply.limit_nodes_o[resource.number])
    return float(problem.power_limit_kw_micro_s[resource.number])


def _offers(problem: Problem, resource: Resource) -> Ints:
    """The offers that draw on a resource."""
    if resource.kind == "nodes":
        return np.array([resource.number])
    supply = problem.supply
    return np.flatnonzero((supply.site_o == resource.number) & (supply.bought_o >= 0))


def banned_from(problem: Problem, w: Ints, barred: Barred, resources: list[Resource]) -> Banned:
    """The offers of *resources*, banned for those of the workloads *w* that are barred from them."""
    offers = {resource: _offers(problem, resource) for resource in resources}
    # What `np.unique` gives, but that loads masked arrays first, which takes as long as placing a few workloads.
    every = np.flatnonzero(np.bincount(np.concatenate(list(offers.values()))))
    column_o = np.full(len(problem.supply.site_o), -1, dtype=np.int64)
    column_o[every] = np.arange(len(every))
    taken_wc = np.zeros((len(w), len(every)), dtype=np.bool_)
    for row, number in enumerate(w.tolist()):
        for resource in barred.get(number, ()):
            taken_wc[row, column_o[offers[resource]]] = True
    return Banned(column_o, taken_wc)


def search_without(prepared: Prepared, w: Ints, best: Best, banned: Banned) -> Best:
    """The best offers of the workloads *w* without those banned, given the best of all of them.

    Only tiers whose best names something banned are searched, and those who are asked the same only once.
    """
    problem = prepared.problem
    column_wtk = np.where(best.offer_wtk == NONE, -1, banned.column_o[best.offer_wtk])
    rows_wtk = np.arange(len(w))[:, None, None]
    taken_wtk: Bools = (column_wtk >= 0) & banned.taken_wc[rows_wtk, column_wtk]
    hit_wt = np.logical_or.reduce(taken_wtk, axis=2)
    rows = np.flatnonzero(hit_wt.any(axis=1))
    if not len(rows):
        return best
    same = alike(len(rows), [problem.twins.class_x[w[rows]], np.packbits(banned.taken_wc[rows], axis=1)])
    first = rows[same.first_k]
    worked = work(prepared, w[first])
    limits = Limits(np.full(len(first), np.inf), hit_wt[first])
    mine = Banned(banned.column_o, banned.taken_wc[first])
    again = search(problem, worked.chunk, prepared.groups, worked.allowed, worked.costs, mine, limits)
    cost_wtk, offer_wtk = best.cost_wtk.copy(), best.offer_wtk.copy()
    hit_rtk = hit_wt[rows][:, :, None]
    cost_wtk[rows] = np.where(hit_rtk, again.cost_wtk[same.class_x], cost_wtk[rows])
    offer_wtk[rows] = np.where(hit_rtk, again.offer_wtk[same.class_x], offer_wtk[rows])
    return Best(cost_wtk, offer_wtk)


def open_best(prepared: Prepared, solution: Solution, barred: Barred) -> Found:
    """The best offers of every workload among those that the others leave room on."""
    problem, best = prepared.problem, solution.best
    if not solution.claims and not barred:
        return best
    resources = sorted({*solution.claims, *(resource for left in barred.values() for resource in left)})
    draws = draws_of(problem, solution.claims)
    row_w, costs, offers = best.row_w.copy(), [best.rows.cost_wtk], [best.rows.offer_wtk]
    known = len(best.rows.cost_wtk)
    for run in chunks(len(problem.workloads)):
        w = run[_may_be_hit(problem, run, best, draws, barred)]
        if not len(w):
            continue
        banned = banned_from(problem, w, barred, resources)
        ban_taken(problem, draws, w, chunk_of(problem, w).sizing.nodes_wh, banned)
        mine = best.of(w)
        again = search_without(prepared, w, mine, banned)
        other = np.flatnonzero((again.offer_wtk != mine.offer_wtk).any(axis=(1, 2)))
        columns = [best.row_w[w[other]], again.offer_wtk[other]]
        same = alike(len(other), columns)
        row_w[w[other]] = known + same.class_x
        costs.append(again.cost_wtk[other[same.first_k]])
        offers.append(again.offer_wtk[other[same.first_k]])
        known += len(same.first_k)
    return Found(Best(np.concatenate(costs), np.concatenate(offers)), row_w)


def _may_be_hit(problem: Problem, w: Ints, best: Found, draws: list[Draw], barred: Barred) -> Bools:
    """Whether a workload's best offers may name something that is taken: a quick look that misses none."""
    offer_wx = best.of(w).offer_wtk.reshape(len(w), -1)
    drawn_o = np.zeros(len(problem.supply.site_o) + 1, dtype=np.bool_)
    for draw in draws:
        drawn_o[draw.offers] = True
    hit_w = drawn_o[offer_wx].any(axis=1)
    hit_w |= np.array([number in barred for number in w.tolist()], dtype=np.bool_)
    return np.asarray(hit_w)


def taken_for(problem: Problem, claims: Claims, w: Ints, nodes_wh: Floats) -> Banned | None:
    """The offers on which the others leave less than each of the workloads *w* needs."""
    if not claims:
        return None
    banned = banned_from(problem, w, {}, sorted(claims))
    ban_taken(problem, draws_of(problem, claims), w, nodes_wh, banned)
    return banned


def ban_taken(problem: Problem, draws: list[Draw], w: Ints, nodes_wh: Floats, banned: Banned) -> None:
    """Ban for each of the workloads *w* the offers on which the others leave less than it needs."""
    for draw in draws:
        need_wo = nodes_wh[:, problem.supply.shape_o[draw.offers]]
        if draw.resource.kind == "power":
            need_wo = need_wo * problem.node_power_kw_micro_o[draw.offers]
        banned.taken_wc[:, banned.column_o[draw.offers]] |= need_wo > draw.left_for(w)[:, None]
