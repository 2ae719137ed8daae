"""Exact search: for every workload and slot the cheapest few offers, without looking at most of them.

Each workload visits the groups of offers whose lower bound is within its reach: first the best one, then all that may
still hold something as cheap as the last offer it would keep. What was not visited costs more, so the result is
exact; `≤` is kept, so that ties are decided by the offers' canonical order and not by the order of the visits.
"""

from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from placement.engine.alike import alike
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.bounds import FAR, MOST, bounds, visiting_order
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible
from placement.engine.groups import Groups, Wanted, place_since
from placement.engine.ledger import ChunkCosts, cost_micro, product_micro
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate
from placement.words import PURCHASES, TIERS

KEPT = 3
"""Cheapest offers kept per tier."""

PER_TIER = Wanted(tuple(range(len(TIERS))), KEPT)
"""What a plan needs: the best of every tier."""

CHEAPEST = Wanted((0,) * len(TIERS), 1)
"""The cheapest offer, of whatever tier."""

BLOCK = 1 << 15
"""Cells computed at once, so that the arrays stay in the cache. It cannot change a result."""

STEP = 1.3
"""How much further a workload looks each time, in multiples of the cost, until it has found enough."""

FEW = 3
"""One in so many or less are few."""

DONE = -np.inf
"""The reach of a workload that has found what there is."""

NONE = -1

T = TypeVar("T", bound=np.generic)


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
    closed_ws: Bools | None = None
    """Sites of which they must have no offer; None for none."""

    def bans(self, rows: Ints, offers: Ints, site_o: Ints) -> Bools:
        """Whether the workloads of some *rows* must not have some *offers*; shapes are broadcast, −1 has no meaning."""
        column = self.column_o[offers]
        taken = (column >= 0) & self.taken_wc[rows, column]
        return np.asarray(taken if self.closed_ws is None else taken | self.closed_ws[rows, site_o[offers]])

    def of(self, rows: Ints) -> "Banned":
        """The same for some rows."""
        return Banned(self.column_o, self.taken_wc[rows], None if self.closed_ws is None else self.closed_ws[rows])

    def columns(self) -> list[NDArray[np.uint8]]:
        """What workloads must agree in that are banned from the same."""
        masks = [self.taken_wc] if self.closed_ws is None else [self.taken_wc, self.closed_ws]
        return [np.packbits(mask, axis=1) for mask in masks]


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
    if banned is not None and banned.closed_ws is not None:
        chunk, allowed = _closed(chunk, allowed, banned.closed_ws)
    field = _Field(chunk, groups, allowed, costs, banned)
    rows = visiting_order(chunk, allowed)
    asked_t: Bools | None = np.asarray(limits.wanted_wt.any(axis=0)) if limits is not None else None
    bound_gx = bounds(problem, chunk, groups, allowed, costs, rows, asked_t)
    if limits is not None:
        bound_gx[(bound_gx > limits.cost_w[rows]) | ~limits.wanted_wt[rows].T[groups.slot_g]] = FAR
    reach_tx = _nearest(groups, bound_gx, np.ones((slots, count), dtype=np.bool_))
    while len((pairs := _within(groups, bound_gx, reach_tx)).w):
        _merge(best, _cells(field, best, pairs._replace(w=rows[pairs.w])))
        last_tx = best.cost_wtk[rows, :, -1].T
        seeking_tx = reach_tx >= 0
        short_tx = seeking_tx & np.isinf(last_tx)
        nearest_tx = _nearest(groups, bound_gx, short_tx)
        further_tx = np.where(nearest_tx >= 0, np.maximum(reach_tx * STEP, nearest_tx), DONE)
        reach_tx = np.where(short_tx, further_tx, np.where(seeking_tx & (last_tx > reach_tx), last_tx, DONE))
    return best


def _closed(chunk: Chunk, allowed: Feasible, closed_ws: Bools) -> tuple[Chunk, Feasible]:
    """The same without the sites that are closed to single workloads: those that are alike agree in these, too."""
    same = alike(len(chunk.w), [chunk.kinds["ws"], np.packbits(closed_ws, axis=1)])
    chunk = chunk._replace(kinds=chunk.kinds | {"ws": same.class_x})
    return chunk, allowed._replace(ok_ws=allowed.ok_ws & ~closed_ws)


def joined(parts: list[Best]) -> Best:
    """The results of several chunks, one after the other."""
    return Best(np.concatenate([part.cost_wtk for part in parts]), np.concatenate([part.offer_wtk for part in parts]))


def _slots(groups: Groups) -> list[slice]:
    edges = np.searchsorted(groups.slot_g, np.arange(groups.wanted.slots + 1)).tolist()
    return [slice(start, end) for start, end in pairwise(edges)]


def _nearest(groups: Groups, bound_gx: Floats, asked_tx: Bools) -> Floats:
    """The lowest bound of each slot, `(t, x)`, at least where it is asked for; `DONE` where all are closed."""
    nearest_tx = np.full(asked_tx.shape, DONE)
    for slot, mine in enumerate(_slots(groups)):
        some_gx, x = _columns(bound_gx[mine], asked_tx[slot])
        lowest = some_gx.min(axis=0, initial=FAR)
        nearest_tx[slot, x] = np.where(lowest < MOST, lowest, DONE)
    return nearest_tx


def _within(groups: Groups, bound_gx: Floats, reach_tx: Floats) -> _Pairs:
    """The groups within reach; they are `FAR` from then on, so that they are visited once."""
    found = [_Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for mine, reach_x in zip(_slots(groups), reach_tx, strict=True):
        some_gx, x = _columns(bound_gx[mine], reach_x >= 0)
        g, place = np.divmod(np.flatnonzero(some_gx <= reach_x[x]), max(len(x), 1))
        found.append(_Pairs(x[place], g + mine.start))
    pairs = _Pairs._make(np.concatenate(parts) for parts in zip(*found, strict=True))
    bound_gx[pairs.g, pairs.w] = FAR
    return pairs


def _columns(values_gx: Floats, asked_x: Bools) -> tuple[Floats, Ints]:
    """The columns asked for, and where they are; all of them unless few are, since copies cost more than looks."""
    x = np.flatnonzero(asked_x)
    if len(x) * FEW > len(asked_x):
        return values_gx, np.arange(len(asked_x))
    return values_gx.take(x, axis=1), x


def _cells(field: _Field, best: Best, pairs: _Pairs) -> _Cells:
    """What the pairs hold that may be kept, block by block: by purchase model, then by workload."""
    groups = field.groups
    purchase_x = groups.purchase_g[pairs.g]
    order = np.lexsort((_short(pairs.w), purchase_x))
    edges = np.searchsorted(purchase_x[order], np.arange(len(PURCHASES) + 1)).tolist()
    step = max(1, BLOCK // max(groups.offer_gm.shape[1], 1))
    found = [_Cells(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))]
    for purchase, (begin, end) in enumerate(pairwise(edges)):
        mine = groups.purchase_g == purchase
        tables = [(rate, rate.price_micro[groups.offer_gm]) for rate in field.costs.usage if begin < end]
        prices = [(rate, price_gm) for rate, price_gm in tables if price_gm[mine].any()]
        for start in range(begin, end, step):
            block = order[start : min(start + step, end)]
            found.append(_block(field, prices, best, pairs.w[block], pairs.g[block]))
    return _Cells._make(np.concatenate(parts) for parts in zip(*found, strict=True))


def _block(field: _Field, prices: list[tuple[Rate, Floats]], best: Best, w: Ints, g: Ints) -> _Cells:
    """The cheapest feasible offers of each pair of workload and group, as many as are kept at most."""
    chunk, groups, allowed, costs, banned = field
    shape = groups.shape_g[g]
    nodes = chunk.sizing.nodes_wh[w, shape, None]
    per_node = groups.fixed_gm.take(g, axis=0)
    for rate, price_gm in prices:
        per_node += product_micro(rate.quantity_milli[w, shape, None], price_gm.take(g, axis=0))
    cost = cost_micro(nodes, per_node, _taken(costs.site_micro_wk, w, groups.kind_gm.take(g, axis=0)))
    closed = ~_taken(allowed.ok_ws, w, groups.site_gm.take(g, axis=0))
    if groups.limited_g[g].any():
        closed |= chunk.sizing.most_wh[w, shape, None] > groups.limit_gm.take(g, axis=0)
    offer = groups.offer_gm.take(g, axis=0)
    if banned is not None:
        column = banned.column_o[offer]
        closed |= (column >= 0) & banned.taken_wc[w[:, None], column]
    cost += np.multiply(closed, FAR)
    slot, every = groups.slot_g[g], np.arange(len(g))
    bar = np.minimum(best.cost_wtk[w, slot, -1], MOST)
    found = []
    for _ in range(min(groups.wanted.kept, cost.shape[1])):
        place = cost.argmin(axis=1)
        value = cost[every, place]
        good = np.flatnonzero(value <= bar)
        if not len(good):
            break
        found.append((w[good] * groups.wanted.slots + slot[good], value[good], offer[good, place[good]]))
        cost[every, place] = FAR
    empty = (np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))
    return _Cells._make(np.concatenate(parts) for parts in zip(empty, *found, strict=True))


def _taken(table_wx: NDArray[T], w: Ints, column: Ints) -> NDArray[T]:
    """Of each row *w* the columns named in the same row of *column*."""
    taken: NDArray[T] = table_wx.reshape(-1).take(w[:, None] * table_wx.shape[1] + column)
    return taken


def _merge(best: Best, cells: _Cells) -> None:
    """Keep the cheapest of what was known and what was found; equal costs by canonical offer order."""
    kept = best.cost_wtk.shape[-1]
    cost_yk, offer_yk = best.cost_wtk.reshape(-1, kept), best.offer_wtk.reshape(-1, kept)
    again_y = np.zeros(len(cost_yk), dtype=np.bool_)
    again_y[cells.key] = True
    again, rank = np.nonzero(again_y[:, None] & np.isfinite(cost_yk))
    key = np.concatenate([cells.key, again])
    cost = np.concatenate([cells.cost, cost_yk[again, rank]])
    offer = np.concatenate([cells.offer, offer_yk[again, rank]])
    order = np.lexsort((_short(offer), cost, _short(key)))
    key = key[order]
    place = place_since(np.diff(key, prepend=-1))
    first = place < kept
    cost_yk[key[first], place[first]] = cost[order[first]]
    offer_yk[key[first], place[first]] = offer[order[first]]


def _short(numbers: Ints) -> NDArray[np.unsignedinteger]:
    """The same numbers in the fewest bits: 16 of them are sorted digit by digit."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
