"""Exact search: for every workload and slot the cheapest few offers, without looking at most of them.

Each workload visits the groups of offers whose lower bound is within its reach: first the best one, then all that may
still hold something as cheap as the last offer it would keep. What was not visited costs more, so the result is
exact; `≤` is kept, so that ties are decided by the offers' canonical order and not by the order of the visits.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.bounds import FAR, bounds
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible
from placement.engine.groups import Groups, Wanted
from placement.engine.ledger import ChunkCosts, cost_micro, product_micro
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate
from placement.words import TIERS

KEPT = 3
"""Cheapest offers kept per tier."""

PER_TIER = Wanted(tuple(range(len(TIERS))), KEPT)
"""What a plan needs: the best of every tier."""

BLOCK = 1 << 15
"""Cells computed at once, so that the arrays stay in the cache. It cannot change a result."""

STEP = 1.1
"""How much further a workload looks each time, in multiples of the cost, until it has found enough."""

NONE = -1


class Best(NamedTuple):
    """The cheapest offers by slot, cheapest first: cost [micro-USD] (infinite where there is none) and offer.

    Axis `t`: slots, which are the tiers unless something else is wanted.
    """

    cost_wtk: Floats
    offer_wtk: Ints


class Banned(NamedTuple):
    """Offers that single workloads must not have, because others need them."""

    column_o: Ints
    """Column of `taken_wc`, −1 for offers open to all."""
    taken_wc: Bools


class Limits(NamedTuple):
    """What of a search is of interest."""

    cost_w: Floats
    """Offers that cost more [micro-USD] are of none."""
    wanted_wt: Bools
    """Slots that are."""


class _Field(NamedTuple):
    """Where is searched."""

    chunk: Chunk
    groups: Groups
    allowed: Feasible
    costs: ChunkCosts
    banned: Banned | None


class _Pairs(NamedTuple):
    """Workloads (rows of the chunk) and groups that they visit. Axis `x`."""

    w: Ints
    g: Ints


class _Cells(NamedTuple):
    """Feasible offers. Axis `y`."""

    key: Ints
    """Row of the chunk × slots + slot."""
    cost: Floats
    offer: Ints


def search(
    problem: Problem,
    chunk: Chunk,
    groups: Groups,
    allowed: Feasible,
    costs: ChunkCosts,
    banned: Banned | None = None,
    limits: Limits | None = None,
) -> Best:
    """What the groups are made for (`Groups.wanted`): the cheapest feasible offers of every workload of the chunk.

    *banned* (its rows are those of the chunk) is for shared capacity that has run out. With *limits*, what lies
    beyond them may be left out.
    """
    count, slots, kept = len(chunk.w), groups.wanted.slots, groups.wanted.kept
    best = Best(np.full((count, slots, kept), np.inf), np.full((count, slots, kept), NONE, dtype=np.int64))
    field = _Field(chunk, groups, allowed, costs, banned)
    bound_gw = bounds(problem, chunk, groups, allowed, costs)
    if limits is not None:
        beyond_gw = (bound_gw > limits.cost_w[None, :]) | ~limits.wanted_wt.T[groups.slot_g]
        bound_gw[beyond_gw] = FAR
    rows = np.arange(count)
    reach_tw = _nearest(groups, bound_gw)
    while len((pairs := _within(groups, bound_gw, reach_tw)).w):
        _merge(best, _cells(field, best, pairs._replace(w=rows[pairs.w])))
        last_tw = best.cost_wtk[rows, :, -1].T
        few_tw = np.isinf(last_tw) & (reach_tw < FAR)
        few = np.flatnonzero(few_tw.any(axis=0))
        next_tw = np.maximum(reach_tw[:, few] * STEP, _nearest(groups, bound_gw[:, few]))
        reach_tw = np.where(last_tw > reach_tw, last_tw, -np.inf)
        reach_tw[:, few] = np.where(few_tw[:, few], next_tw, reach_tw[:, few])
        left = np.flatnonzero((reach_tw >= 0).any(axis=0))
        if len(left) < len(rows) // 2:
            rows, bound_gw, reach_tw = rows[left], np.take(bound_gw, left, axis=1), reach_tw[:, left]
    return best


def joined(parts: list[Best]) -> Best:
    """The results of several chunks, one after the other."""
    return Best(np.concatenate([part.cost_wtk for part in parts]), np.concatenate([part.offer_wtk for part in parts]))


def _slots(groups: Groups) -> list[slice]:
    edges = np.searchsorted(groups.slot_g, np.arange(groups.wanted.slots + 1)).tolist()
    return [slice(start, end) for start, end in zip(edges[:-1], edges[1:], strict=True)]


def _nearest(groups: Groups, bound_gw: Floats) -> Floats:
    """The lowest bound of each slot, `(t, w)`."""
    return np.stack([bound_gw[mine].min(axis=0, initial=FAR) for mine in _slots(groups)])


def _within(groups: Groups, bound_gw: Floats, reach_tw: Floats) -> _Pairs:
    """The groups within reach, by group; they are `FAR` from then on, so that they are visited once."""
    near_gw = np.empty(bound_gw.shape, dtype=np.bool_)
    for mine, reach_w in zip(_slots(groups), reach_tw, strict=True):
        np.less_equal(bound_gw[mine], np.where(reach_w < FAR, reach_w, -np.inf), out=near_gw[mine])
    g, w = np.divmod(np.flatnonzero(near_gw), max(bound_gw.shape[1], 1))
    bound_gw[g, w] = FAR
    return _Pairs(w, g)


def _cells(field: _Field, best: Best, pairs: _Pairs) -> _Cells:
    """What the pairs hold that may be kept, block by block: pairs of one purchase model and groups alike in size."""
    groups = field.groups
    size_x, purchase_x = groups.size_g[pairs.g], groups.purchase_g[pairs.g]
    order = np.lexsort((size_x, purchase_x))
    found = [_Cells(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))]
    for purchase in np.unique(purchase_x).tolist():
        mine = order[slice(*np.searchsorted(purchase_x[order], [purchase, purchase + 1]))]
        prices = [(rate, rate.price_micro[groups.offer_gm]) for rate in field.costs.usage]
        prices = [(rate, price_gm) for rate, price_gm in prices if price_gm[groups.purchase_g == purchase].any()]
        cells_x = np.cumsum(size_x[mine])
        start = 0
        while start < len(mine):
            end = max(start + 1, int(np.searchsorted(cells_x, BLOCK + (cells_x[start - 1] if start else 0), "right")))
            block = mine[start:end]
            found.append(_block(field, prices, best, pairs.w[block], pairs.g[block]))
            start = end
    return _Cells._make(np.concatenate(parts) for parts in zip(*found, strict=True))


def _block(field: _Field, prices: list[tuple[Rate, Floats]], best: Best, w: Ints, g: Ints) -> _Cells:
    """The cheapest feasible offers of each pair of workload and group, as many as are kept at most."""
    chunk, groups, allowed, costs, banned = field
    members = slice(0, int(groups.size_g[g].max()))
    shape = groups.shape_g[g]
    nodes = chunk.sizing.nodes_wh[w, shape, None]
    per_node = groups.fixed_gm[g, members]
    for rate, price_gm in prices:
        per_node = per_node + product_micro(rate.quantity_milli[w, shape, None], price_gm[g, members])
    cost = cost_micro(nodes, per_node, costs.site_micro_wk[w[:, None], groups.kind_gm[g, members]])
    open_xm = allowed.ok_ws[w[:, None], groups.site_gm[g, members]]
    if np.isfinite(groups.limit_max_g[g]).any():
        open_xm &= nodes <= groups.limit_gm[g, members]
    offer = groups.offer_gm[g, members]
    if banned is not None:
        column = banned.column_o[offer]
        open_xm &= ~((column >= 0) & banned.taken_wc[w[:, None], column])
    cost = np.where(open_xm, cost, np.inf)
    slot = groups.slot_g[g]
    kept = groups.wanted.kept
    bar = best.cost_wtk[w, slot, -1, None]
    if cost.shape[1] > kept:
        bar = np.minimum(bar, np.partition(cost, kept - 1, axis=1)[:, kept - 1, None])
    good = np.isfinite(cost) & (cost <= bar)
    if np.count_nonzero(good) > kept * len(w):
        equal = good & (cost == bar)
        good &= ~equal | (np.cumsum(equal, axis=1) <= kept)
    x, m = np.nonzero(good)
    return _Cells(w[x] * groups.wanted.slots + slot[x], cost[x, m], offer[x, m])


def _merge(best: Best, cells: _Cells) -> None:
    """Keep the cheapest of what was known and what was found; equal costs by canonical offer order."""
    count, slots, kept = best.cost_wtk.shape
    cost_xk, offer_xk = best.cost_wtk.reshape(-1, kept), best.offer_wtk.reshape(-1, kept)
    again = np.unique(cells.key)
    known = np.isfinite(cost_xk[again])
    key = np.concatenate([cells.key, np.repeat(again, known.sum(axis=1))])
    cost = np.concatenate([cells.cost, cost_xk[again][known]])
    offer = np.concatenate([cells.offer, offer_xk[again][known]])
    order = np.lexsort((offer, cost, key))
    key, cost, offer = key[order], cost[order], offer[order]
    rank = np.arange(len(key)) - np.searchsorted(key, key)
    first = rank < kept
    cost_xk[key[first], rank[first]] = cost[first]
    offer_xk[key[first], rank[first]] = offer[first]
