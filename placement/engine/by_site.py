"""The best offer of some workloads at every site, of all that the rules allow them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.ledger import offers_micro
from placement.engine.problem import Problem
from placement.engine.resources import Resource, offers_of
from placement.engine.search import NONE
from placement.engine.site_sets import BySite
from placement.engine.solution import Prepared, Worked


def open_offers(prepared: Prepared, worked: Worked, row: int, left: Collection[Resource]) -> tuple[Ints, Floats]:
    """The offers that every rule allows row *row* of the chunk, without those of what it had to leave; their nodes."""
    supply, allowed, rules = prepared.problem.supply, worked.allowed, prepared.rules
    sizing = worked.chunk.sizing
    nodes_o = sizing.nodes_wh[row][supply.shape_o]
    open_o = (
        allowed.ok_ws[row][supply.site_o]
        & allowed.ok_wh[row][supply.shape_o]
        & allowed.ok_wp[row][supply.purchase_o]
        & rules.ok_o
        & (nodes_o > 0)
        & (sizing.most_wh[row][supply.shape_o] <= rules.limit_nodes_o)
    )
    closed_ws = np.zeros((1, len(supply.sites)), dtype=np.bool_)
    for resource in left:
        open_o[offers_of(prepared.problem, resource)] = False
        if resource.is_line:
            prepared.problem.uplinks.close(closed_ws, worked.chunk.w[[row]], resource.number, np.zeros(1))
    open_o &= ~closed_ws[0][supply.site_o]
    offers = np.flatnonzero(open_o)
    return offers, nodes_o[offers]


def best_by_site(
    prepared: Prepared, worked: Worked, row: int, left: Collection[Resource], in_use: int | None = None
) -> BySite:
    """The cheapest offer of row *row* at every site; the canonical order of offers decides between equal costs.

    A member without nodes of its own pays for none of them: of its offers, that one is the best which is the cheapest
    for row *in_use*, which needs the same and uses it.
    """
    problem = prepared.problem
    offers, nodes_o = open_offers(prepared, worked, row, left)
    cost_o = offers_micro(problem, prepared.fixed, worked.costs, row, offers, nodes_o)
    rank_o = cost_o
    if in_use is not None:
        rank_o = offers_micro(problem, prepared.fixed, worked.costs, in_use, offers, nodes_o)
    return _best(problem, offers, cost_o, rank_o)


def _best(problem: Problem, offers: Ints, cost_o: Floats, rank_o: Floats) -> BySite:
    """Offers are in the order of their sites; of each site the first of the lowest rank."""
    site_o = problem.supply.site_o[offers]
    order = np.lexsort((offers, rank_o, site_o))
    first = order[_begins(site_o[order])]
    count = len(problem.supply.sites)
    cost_s, offer_s = np.full(count, np.inf), np.full(count, NONE, dtype=np.int64)
    cost_s[site_o[first]], offer_s[site_o[first]] = cost_o[first], offers[first]
    return BySite(cost_s, offer_s)


def _begins(site_o: Ints) -> Bools:
    return np.asarray(np.diff(site_o, prepend=-1) != 0)
