"""Offers that others leave no room on, and what is best without them."""

from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints, different
from placement.engine.problem import Problem
from placement.engine.resources import Resource, claims_of, limit_of, need_of, offers_of
from placement.engine.search import NONE, PER_TIER, Banned, Best, Limits, search
from placement.engine.solution import Barred, Claims, Prepared, work


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
        """What there is for each of the workloads *w*, ascending: its own share and what nobody draws."""
        left_w = np.full(len(w), self.left)
        if len(w):
            place = np.minimum(np.searchsorted(w, self.w), len(w) - 1)
            there = np.flatnonzero(w[place] == self.w)
            left_w[place[there]] += self.amount_w[there]
        return left_w


def of_part(draws: list[Draw], w: Ints) -> list[Draw]:
    """What is drawn, of which those of the workloads *w* that draw are named, numbered from 0."""
    most = max(int(numbers.max(initial=0)) for numbers in (w, *(draw.w for draw in draws)))
    row_w = np.full(most + 1, -1)
    row_w[w] = np.arange(len(w))
    found = []
    for draw in draws:
        there = np.flatnonzero(row_w[draw.w] >= 0)
        there = there[np.argsort(row_w[draw.w[there]])]
        found.append(draw._replace(w=row_w[draw.w[there]], amount_w=draw.amount_w[there]))
    return found


def draws_of(problem: Problem, claims: Claims) -> list[Draw]:
    """The claims as arrays, by resource."""
    found = []
    for resource, by_workload in sorted(claims.items()):
        amounts = sorted(by_workload.items())
        left = limit_of(problem, resource) - sum(by_workload.values())
        w = np.array([w for w, _ in amounts], dtype=np.int64)
        amount_w = np.array([amount for _, amount in amounts], dtype=np.float64)
        found.append(Draw(resource, offers_of(problem, resource), left, w, amount_w))
    return found


def left_for(problem: Problem, draws: list[Draw], w: int) -> Problem:
    """The problem as workload *w* finds it: the limits less what the others draw; of several places, at the fullest."""
    limit_nodes_o, power_s = problem.supply.limit_nodes_o.copy(), problem.power_limit_kw_micro_s.copy()
    capacity_l = problem.uplinks.capacity_milli_gb_l.copy()
    for draw in draws:
        left = float(draw.left_for(np.array([w]))[0])
        if draw.resource.is_line:
            capacity_l[draw.resource.number] = left
        elif draw.resource.kind == "nodes":
            limit_nodes_o[draw.offers] = np.minimum(limit_nodes_o[draw.offers], int(left))
        else:
            sites = different(problem.supply.site_o[draw.offers])
            power_s[sites] = np.minimum(power_s[sites], left)
    return _limited(problem, limit_nodes_o, power_s, capacity_l)


def within(problem: Problem, left: Problem) -> Problem:
    """The problem within the limits of *left*, which may be about other workloads."""
    limits = left.supply.limit_nodes_o, left.power_limit_kw_micro_s, left.uplinks.capacity_milli_gb_l
    return _limited(problem, *limits)


def _limited(problem: Problem, limit_nodes_o: Ints, power_s: Floats, capacity_l: Floats) -> Problem:
    return problem._replace(
        supply=problem.supply._replace(limit_nodes_o=limit_nodes_o),
        power_limit_kw_micro_s=power_s,
        uplinks=problem.uplinks._replace(capacity_milli_gb_l=capacity_l),
    )


def short_of(
    problem: Problem, draws: dict[Resource, Draw], w: Ints, offers: Ints, nodes: Floats
) -> dict[int, tuple[Resource, ...]]:
    """The resources of which the others leave each of the workloads *w* too little for so many *nodes*."""
    found: dict[int, set[Resource]] = {number: set() for number in w.tolist()}
    for number, one, amount in claims_of(problem, w, offers, nodes):
        if one in draws and amount > draws[one].left_for(np.array([number]))[0]:
            found[number].add(one)
    return {number: tuple(sorted(lacking)) for number, lacking in found.items()}


def banned_from(problem: Problem, w: Ints, barred: Barred, resources: list[Resource]) -> Banned:
    """What draws on *resources*, banned for those of the workloads *w* that are barred from them."""
    offers = {resource: offers_of(problem, resource) for resource in resources}
    lines = any(resource.is_line for resource in resources)
    closed_ws = np.zeros((len(w), len(problem.supply.sites)), dtype=np.bool_) if lines else None
    every = different(np.concatenate(list(offers.values())))
    column_o = np.full(len(problem.supply.site_o), -1, dtype=np.int64)
    column_o[every] = np.arange(len(every))
    taken_wc = np.zeros((len(w), max(len(every), 1)), dtype=np.bool_)  # one to point at where nobody draws
    rows: dict[frozenset[Resource], list[int]] = {}  # many workloads are barred from the same
    for row, number in enumerate(w.tolist()):
        if number in barred:
            rows.setdefault(barred[number], []).append(row)
    for resources_barred, barred_rows in rows.items():
        taken_c = np.zeros(taken_wc.shape[1], dtype=np.bool_)
        for resource in resources_barred:
            taken_c[column_o[offers[resource]]] = True
            if resource.is_line and closed_ws is not None:
                some_ws = closed_ws[barred_rows]
                problem.uplinks.close(some_ws, w[barred_rows], resource.number, np.zeros(len(barred_rows)))
                closed_ws[barred_rows] = some_ws
        taken_wc[barred_rows] |= taken_c
    return Banned(column_o, taken_wc, closed_ws)


def open_best(prepared: Prepared, best: Best, nodes_wh: Floats, draws: list[Draw], barred: Barred) -> Best:
    """The best offers of every workload of the problem among those that the others leave room on.

    *best* are those of all offers. Only tiers whose best names something taken are searched again, and those who are
    asked the same only once.
    """
    problem, every = prepared.problem, np.arange(len(best.cost_wtk))
    if not draws and not barred:
        return best
    resources = sorted({*(draw.resource for draw in draws), *(one for left in barred.values() for one in left)})
    banned = banned_from(problem, every, barred, resources)
    ban_taken(problem, draws, every, nodes_wh, banned)
    taken_wtk = banned.bans(every[:, None, None], best.offer_wtk, problem.supply.site_o) & (best.offer_wtk != NONE)
    hit_wt = np.logical_or.reduce(taken_wtk, axis=2)
    rows = np.flatnonzero(hit_wt.any(axis=1))
    if not len(rows):
        return best
    same = alike(len(rows), [problem.twins.class_x[rows], *banned.of(rows).columns()])
    first = rows[same.first_k]
    worked = work(prepared, first)
    limits = Limits(np.full(len(first), np.inf), hit_wt[first])
    groups, mine = prepared.grouping.of(PER_TIER), banned.of(first)
    again = search(problem, worked.chunk, groups, worked.allowed, worked.costs, mine, limits)
    cost_wtk, offer_wtk = best.cost_wtk.copy(), best.offer_wtk.copy()
    hit_rtk = hit_wt[rows][:, :, None]
    cost_wtk[rows] = np.where(hit_rtk, again.cost_wtk[same.class_x], cost_wtk[rows])
    offer_wtk[rows] = np.where(hit_rtk, again.offer_wtk[same.class_x], offer_wtk[rows])
    return Best(cost_wtk, offer_wtk)


def taken_for(problem: Problem, draws: list[Draw], w: Ints, nodes_wh: Floats) -> Banned | None:
    """What the others leave less of than each of the workloads *w* needs."""
    if not draws:
        return None
    banned = banned_from(problem, w, {}, [draw.resource for draw in draws])
    ban_taken(problem, draws, w, nodes_wh, banned)
    return banned


def ban_taken(problem: Problem, draws: list[Draw], w: Ints, nodes_wh: Floats, banned: Banned) -> None:
    """Ban for each of the workloads *w* what the others leave less of than it needs."""
    for draw in draws:
        if draw.resource.is_line:
            assert banned.closed_ws is not None
            problem.uplinks.close(banned.closed_ws, w, draw.resource.number, draw.left_for(w))
            continue
        need_wo = need_of(problem, draw.resource, draw.offers, w, nodes_wh)
        banned.taken_wc[:, banned.column_o[draw.offers]] |= need_wo > draw.left_for(w)[:, None]
