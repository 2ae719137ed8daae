"""A base at one place and the rest at another: the best of all pairs, without looking at most of them.

The base is bought by the month and holds the load up to what its units can take; what is above is held elsewhere, by
the best mix there. Units at both places are whole, and each place keeps the room for its own part of the load. A pair
that costs more than the best so far, even if its rest could be bought in parts of units, is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.stack.bases import TRIFLE, Base, Bases, bases_of
from placement.engine.stack.fronts import Fronts
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.mix import Bought
from placement.engine.stack.one_place import Costs, costs_at, mix_at, offers_at
from placement.engine.stack.peers import Needed, Peers
from placement.engine.stack.prices import Prices, prices_of
from placement.engine.work.scaling import Scaling, units_at


class Pair(NamedTuple):
    """A base and what is beyond it."""

    base_x: int
    """Open market of the base."""
    base: list[Bought]
    level: float
    """What the base holds, in parts of the peak."""
    burst_x: int
    burst: list[Bought]
    cost: float
    """Of all, with both sites [micro-USD]."""


class _Ground(NamedTuple):
    """What pairs of some peers are made of."""

    markets: Markets
    peers: Peers
    prices: Prices
    turn_x: Ints
    bursts: Ints
    """Markets at which the rest may be."""
    mixing: str


_CELLS = 1 << 21
"""Numbers that are held at once."""


def best_pairs(
    markets: Markets, peers: Peers, fronts: Fronts, turn_x: Ints, below_w: Floats, mixing: str
) -> list[Pair | None]:
    """The cheapest pair of each peer that costs less than *below_w* [micro-USD]; None where there is none.

    *turn_x* is that of `one_place.turning`, *mixing* what the policies allow. Of pairs that cost the same it is the one
    whose base is of the cheapest units for what they hold (nodes that are there already), then of fewer units, whoever
    is reckoned together.
    """
    prices = prices_of(markets, peers)
    front, bursts = fronts.undominated(markets, peers)
    ground = _Ground(markets, peers, prices, turn_x, bursts, mixing)
    bases = bases_of(markets, peers, prices, front, below_w)
    pairs: list[Pair | None] = [None] * len(below_w)
    for w, one in _look(ground, bases, below_w).items():
        if one.cost < below_w[w]:
            pairs[w] = _pair(markets, peers.one(w), one)
    return pairs


def _look(ground: _Ground, bases: Bases, below_w: Floats) -> dict[int, _Found]:
    """Look at bases, those of the least bound first, until no bound is below the best pair of its peer."""
    best: dict[int, _Found] = {}
    least_b, least_w = _least_bounds(ground, bases), below_w.copy()
    alive = np.flatnonzero(least_b * TRIFLE < below_w[bases.w_b])
    alive = alive[np.lexsort((least_b[alive], bases.w_b[alive]))]
    for taken in _doubling(bases.w_b[alive]):
        for part in _blocks(ground, alive[taken]):
            b = part[least_b[part] * TRIFLE < least_w[bases.w_b[part]]]
            some = bases.of(b)
            row, place = np.nonzero(_bounds(ground, some) * TRIFLE < least_w[some.w_b, None])
            if len(row):
                x = ground.bursts[place]
                cost = _pair_costs(ground, some, row, x, least_w)
                np.minimum.at(least_w, some.w_b[row], cost)
                _keep(best, ground.prices, some.of(row), x, cost)
    return best


def _least_bounds(ground: _Ground, bases: Bases) -> Floats:
    """No pair with a base costs less [micro-USD]."""
    found_b = np.zeros(len(bases.w_b))
    for b in _blocks(ground, np.arange(len(found_b))):
        found_b[b] = _bounds(ground, bases.of(b)).min(axis=1)
    return found_b


def _blocks(ground: _Ground, b: Ints) -> Iterator[Ints]:
    """So many of some bases as are looked at with all markets at once, so that memory stays flat."""
    step = max(1, _CELLS // len(ground.bursts))
    return (b[start : start + step] for start in range(0, len(b), step))


def _doubling(w: Ints) -> Iterator[Ints]:
    """Of what is sorted by peer, places to look at: the first of each, the next two, then four, and so on."""
    place = np.arange(len(w)) - np.searchsorted(w, w)
    count = 1
    while len(some := np.flatnonzero((place >= count - 1) & (place < 2 * count - 1))):
        yield some
        count *= 2


class _Found(NamedTuple):
    """A pair that was looked at; the less of two is the better one."""

    cost: float
    per_level: float
    """What a base by the month would cost that holds the whole peak."""
    units: int
    base_rank: tuple[float, ...]
    burst_rank: tuple[float, ...]
    level: float

    @property
    def base(self) -> Base:
        return Base(int(self.base_rank[-1]), self.units, self.level)

    @property
    def burst_x(self) -> int:
        """Open market."""
        return int(self.burst_rank[-1])


def _keep(best: dict[int, _Found], prices: Prices, bases: Bases, x: Ints, cost: Floats) -> None:
    """Keep the best pair of each peer."""
    least_w = np.full(len(prices.rest_wx), np.inf)
    np.minimum.at(least_w, bases.w_b, cost)
    for number in np.flatnonzero((cost == least_w[bases.w_b]) & np.isfinite(cost)).tolist():
        w, units = int(bases.w_b[number]), int(bases.units_b[number])
        base_rank = _rank(prices, w, int(bases.x_b[number]), prices.fixed_x)
        burst_rank = _rank(prices, w, int(x[number]), prices.hour_x, prices.fixed_x)
        per_level = float(f"{prices.base_level_wx[w, int(bases.x_b[number])]:.9g}")
        one = _Found(float(cost[number]), per_level, units, base_rank, burst_rank, float(bases.level_b[number]))
        if w not in best or one < best[w]:
            best[w] = one


def _rank(prices: Prices, w: int, x: int, *unit_prices: Floats) -> tuple[float, ...]:
    """What is cheaper in all comes first."""
    columns = (*unit_prices, prices.rest_wx[w], prices.bytes_wx[w])
    return (*(float(price_x[x]) for price_x in columns), x)


def _pair(markets: Markets, needed: Needed, found: _Found) -> Pair:
    base, x = found.base, found.burst_x
    burst, _ = _rest_at(markets, needed, base, x)
    return Pair(base.x, _bought(markets, needed, base), base.level, x, burst, found.cost)


def _pair_costs(ground: _Ground, bases: Bases, b: Ints, x: Ints, below_w: Floats) -> Floats:
    """What pairs of the *b* of some bases with the rest at the market *x* each cost [micro-USD].

    Infinite where units run out and it would cost more than *below_w*, or than another pair, if they did not.
    """
    markets, peers, prices, own = ground.markets, ground.peers, ground.prices, bases.of(b)
    costs, outlay = _unit_costs(ground, bases, b, x), _outlay(prices, own, x)
    found, least_w = costs.micro + outlay, below_w.copy()
    tight = (costs.base > prices.limit_x[x]) | (prices.site_x[x] == prices.site_x[own.x_b])
    # Where commitments have ended, units may cost less than they seem to.
    least = np.where(prices.ended_x[x], -np.inf, found)
    found[tight] = np.inf
    np.minimum.at(least_w, own.w_b, found)
    some = np.flatnonzero(tight & (least * TRIFLE < least_w[own.w_b]))
    for number in some[np.argsort(least[some], kind="stable")].tolist():
        w = int(own.w_b[number])
        if least[number] * TRIFLE < least_w[w]:
            rest = _rest_at(markets, peers.one(w), own.one(number), int(x[number]))[1]
            found[number] = rest + outlay[number]
            least_w[w] = min(least_w[w], found[number])
    return found


def _unit_costs(ground: _Ground, bases: Bases, b: Ints, x: Ints) -> Costs:
    """What the units beyond bases cost; markets on which the work scales alike take the same units."""
    peers, prices = ground.peers, ground.prices
    width = int(peers.row_x.max()) + 1
    rows, row = numbered(b * width + peers.row_x[x])
    base, scale = np.divmod(rows, width)
    costs = Costs(np.empty(len(x)), np.empty(len(x)))
    step = max(1, _CELLS // 8 // len(peers.curve.level_t))
    for start in range(0, len(rows), step):
        mine = np.flatnonzero((row >= start) & (row < start + step))
        of, at = base[start : start + step], scale[start : start + step]
        pace = Scaling._make(one[bases.w_b[of], at] for one in peers.scaling_wc)
        units_rt = units_at(peers.curve.levels_beyond(bases.level_b[of, None]), pace)
        paid = prices.fixed_x[x[mine]], prices.hour_x[x[mine]]
        found = costs_at(units_rt, peers.curve, row[mine] - start, ground.turn_x[x[mine]], paid)
        costs.micro[mine], costs.base[mine] = found
    return costs


def _rest_at(markets: Markets, needed: Needed, base: Base, x: int) -> tuple[list[Bought], float]:
    """The best mix for what is beyond a base, and its cost."""
    rest, left = needed.curve.beyond(base.level), _beside(markets, needed, base)
    return mix_at(markets, left, int(needed.open_m[x]), needed.units_at(x, rest.level_t), rest)


def _outlay(prices: Prices, bases: Bases, x: Ints) -> Floats:
    """What bases, both sites and the bytes cost with the rest at some markets, pair by pair [micro-USD]."""
    w_b, x_b, part = bases.w_b, bases.x_b, bases.part_b
    own, bytes_b = bases.cost_b + prices.rest_wx[w_b, x_b], prices.bytes_wx[w_b, x_b]
    apart = (own + (1 - part) * bytes_b) + (prices.rest_wx[w_b, x] + part * prices.bytes_wx[w_b, x])
    # At the site of the base the bytes of all are paid with it.
    return np.asarray(np.where(prices.site_x[x] == prices.site_x[x_b], own + bytes_b, apart))


def _bounds(ground: _Ground, bases: Bases) -> Floats:
    """No pair of a base with the rest at a market costs less, `bx` [micro-USD].

    The rest is reckoned as if it were bought in parts of units.
    """
    curve, prices, x = ground.peers.curve, ground.prices, ground.bursts
    w_b, part_b1 = bases.w_b, bases.part_b[:, None]
    bound_bx = np.minimum(prices.above_x[x], part_b1 * curve.above_t[-1]) * prices.hour_level_wx[:, x][w_b]
    by_month_bx = np.maximum(prices.turn_x[x] - bases.level_b[:, None], 0.0)
    by_month_bx *= prices.fixed_level_wx[:, x][w_b]
    bound_bx += by_month_bx
    near_bx = prices.site_x[x] == prices.site_x[bases.x_b][:, None]
    bytes_bx = part_b1 * prices.bytes_wx[:, x][w_b]
    bytes_bx += prices.rest_wx[:, x][w_b]
    own_b, bytes_b = bases.cost_b + prices.rest_wx[w_b, bases.x_b], prices.bytes_wx[w_b, bases.x_b]
    bound_bx += np.where(
        near_bx, (own_b + bytes_b)[:, None], (own_b + (1 - bases.part_b) * bytes_b)[:, None] + bytes_bx
    )
    bound_bx[_barred(ground, bases, near_bx)] = np.inf
    return np.asarray(bound_bx)


def _barred(ground: _Ground, bases: Bases, near_bx: Bools) -> Bools:
    """Markets at which what is beyond each base must not be, `bx`.

    At the same site (*near_bx*) it may only be of another shape, and only where the units of the base run out.
    """
    prices, x, mixing = ground.prices, ground.bursts, ground.mixing
    barred_bx = near_bx & prices.ample_wx[bases.w_b, bases.x_b][:, None]
    barred_bx |= x == bases.x_b[:, None]
    if mixing == "one_site":
        barred_bx |= ~near_bx
    elif mixing == "same_accelerator":
        barred_bx |= prices.accelerator_x[x] != prices.accelerator_x[bases.x_b][:, None]
    return barred_bx


def _beside(markets: Markets, needed: Needed, base: Base) -> Left:
    """What is left at the site of a base of the power that it draws on as well."""
    site = int(markets.site_m[needed.open_m[base.x]])
    power_s = needed.left.power_s.copy()
    power_s[site] -= sum(one.units * float(markets.power_o[one.offer]) for one in _bought(markets, needed, base))
    return needed.left._replace(power_s=power_s)


def _bought(markets: Markets, needed: Needed, base: Base) -> list[Bought]:
    """The units of a base, the cheapest first, with how long each is needed."""
    units_t, until_t = needed.units_t(base.x), needed.curve.until_milli_t
    fixed, _ = offers_at(markets, needed.left, int(needed.open_m[base.x]))
    found, before = [], 0
    for one in fixed:
        count = int(min(base.units - before, one.limit))
        if count <= 0:
            continue
        # Unit k, from 1, is needed while the level is one that takes as many.
        t = np.array([int(np.flatnonzero(units_t >= k)[-1]) for k in (before + 1, before + count)])
        inside_t = np.clip(units_t - before, 0, count)
        hours = float((inside_t * needed.curve.hours_milli_t).sum())
        found.append(Bought(one.offer, count, hours, float(until_t[t[1]]), float(until_t[t[0]])))
        before += count
    return found
