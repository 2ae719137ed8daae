"""A base at one place and the rest at another: the best of all pairs, without looking at most of them.

The base is bought by the month and holds the load up to what its units can take; what is above is held elsewhere, by
the best mix there. Units at both places are whole, and each place keeps the room for its own part of the load. A pair
that costs more than the best so far, even if its rest could be bought in parts of units, is not looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.mix import Bought, Fixed
from placement.engine.stack.one_place import Needed, costs_at, limits, mix_at, offers_at, turning_at
from placement.engine.work.scaling import level_held, units_at
from placement.units import HOURS_PER_MONTH, MILLI

TRIFLE = 1 - 1e-9
"""What is compared with a bound may be rounded by less."""


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


class _Prices(NamedTuple):
    """What the open markets charge. Axis `x`: open markets."""

    fixed_x: Floats
    """By the month, and by the hour: for a unit."""
    hour_x: Floats
    base_level_x: Floats
    """By the month, for as many, also parts of units, as hold the whole peak."""
    fixed_level_x: Floats
    """The same of what is beyond a base, as far as it is cheaper by the month, and by the hour, as far as that is."""
    hour_level_x: Floats
    turn_x: Floats
    """The level from which down units are cheaper by the month, 0 where none is."""
    above_x: Floats
    """Work above that level."""
    rest_x: Floats
    """What the site costs without bytes, and with all of them what these cost."""
    bytes_x: Floats
    ample_x: Bools
    """There are as many of the cheapest units by the month as the peak takes."""
    limit_x: Floats
    site_x: Ints
    accelerator_x: Ints


class _Bases(NamedTuple):
    """Units by the month at one market each. Axis `b`."""

    x_b: Ints
    units_b: Floats
    level_b: Floats
    """What they hold, in parts of the peak."""
    part_b: Floats
    """Of the work: what is left to do above that level."""
    cost_b: Floats
    """Of the units alone [micro-USD]."""

    def of(self, rows: Ints) -> _Bases:
        """Some of them."""
        return _Bases._make(column[rows] for column in self)


class _Base(NamedTuple):
    """One of them."""

    x: int
    units: int
    level: float


def best_pair(markets: Markets, needed: Needed, turn_x: Ints, below: float, mixing: str) -> Pair | None:
    """The cheapest pair that costs less than *below* [micro-USD]; None where there is none.

    *turn_x* is that of `one_place.turning`, *mixing* what the policies allow.
    """
    prices = _prices(markets, needed, turn_x)
    bases = _bases(markets, needed, prices, below)
    if not len(bases.x_b):
        return None
    bound_bx = _bounds(needed.curve, prices, bases, mixing)
    least_b = bound_bx.min(axis=1)
    best: tuple[_Base, int] | None = None
    for b in np.argsort(least_b, kind="stable").tolist():
        if least_b[b] * TRIFLE >= below:
            break
        base = _Base(int(bases.x_b[b]), int(bases.units_b[b]), float(bases.level_b[b]))
        near = np.flatnonzero(bound_bx[b] * TRIFLE < below)
        cost_x = _burst_costs(markets, needed, prices, base, near)
        cost_x += _outlay(prices, bases.of(np.array([b])), near)[0]
        x = int(cost_x.argmin())
        if cost_x[x] < below:
            best, below = (base, int(near[x])), float(cost_x[x])
    if best is None:
        return None
    base, x = best
    rest, row = needed.curve.beyond(base.level), int(needed.row_x[x])
    units_t = units_at(rest.level_t, needed.scaling.of([row]))[0]
    bought = _bought(markets, needed, base)
    burst, _ = mix_at(markets, _beside(markets, needed, base), int(needed.open_m[x]), units_t, rest)
    return Pair(base.x, bought, base.level, x, burst, below)


def _outlay(prices: _Prices, bases: _Bases, x: Ints) -> Floats:
    """What bases, both sites and the bytes cost with the rest at each of some markets, `bx` [micro-USD]."""
    part_bx, own_b = bases.part_b[:, None], bases.cost_b + prices.rest_x[bases.x_b]
    bytes_b = prices.bytes_x[bases.x_b]
    cost_bx = (own_b + (1 - bases.part_b) * bytes_b)[:, None] + (prices.rest_x[x] + part_bx * prices.bytes_x[x])
    # At the site of the base the bytes of all are paid with it.
    near_bx = prices.site_x[x] == prices.site_x[bases.x_b][:, None]
    return np.asarray(np.where(near_bx, (own_b + bytes_b)[:, None], cost_bx))


def _bounds(curve: Curve, prices: _Prices, bases: _Bases, mixing: str) -> Floats:
    """No pair of a base and a market costs less, `bx`: the rest as if it were bought in parts of units."""
    every = np.arange(len(prices.site_x))
    by_hour_bx = np.minimum(prices.above_x, (bases.part_b * curve.above_t[-1])[:, None])
    by_month_bx = np.maximum(prices.turn_x - bases.level_b[:, None], 0.0)
    units_bx = prices.hour_level_x * by_hour_bx + prices.fixed_level_x * by_month_bx
    bound_bx: Floats = _outlay(prices, bases, every) + units_bx
    bound_bx[_barred(prices, bases.x_b, mixing)] = np.inf
    return bound_bx


def _burst_costs(markets: Markets, needed: Needed, prices: _Prices, base: _Base, near: Ints) -> Floats:
    """What units for the rest beyond a base cost at some markets."""
    rest = needed.curve.beyond(base.level)
    rows, row_x = numbered(needed.row_x[near])
    units_ct = units_at(rest.level_t, needed.scaling.of(rows))
    fixed_x, hour_x = prices.fixed_x[near], prices.hour_x[near]
    costs = costs_at(units_ct, rest, row_x, turning_at(rest, fixed_x, hour_x), (fixed_x, hour_x))
    tight_x = (costs.base_x > prices.limit_x[near]) | (prices.site_x[near] == prices.site_x[base.x])
    left = _beside(markets, needed, base) if tight_x.any() else needed.left
    for place in np.flatnonzero(tight_x).tolist():
        m = int(needed.open_m[near[place]])
        costs.micro_x[place] = mix_at(markets, left, m, units_ct[row_x[place]], rest)[1]
    return costs.micro_x


def _beside(markets: Markets, needed: Needed, base: _Base) -> Left:
    """What is left at the site of a base of the power that it draws on as well."""
    site = int(markets.site_m[needed.open_m[base.x]])
    power_s = needed.left.power_s.copy()
    power_s[site] -= sum(one.units * float(markets.power_o[one.offer]) for one in _bought(markets, needed, base))
    return needed.left._replace(power_s=power_s)


def _barred(prices: _Prices, x_b: Ints, mixing: str) -> Bools:
    """Markets at which what is beyond each base must not be, `bx`.

    At the same site it may only be of another shape, and only where the units of the base run out.
    """
    near_bx = prices.site_x == prices.site_x[x_b][:, None]
    barred_bx = near_bx & prices.ample_x[x_b][:, None]
    barred_bx[np.arange(len(x_b)), x_b] = True
    if mixing == "one_site":
        barred_bx |= ~near_bx
    elif mixing == "same_accelerator":
        barred_bx |= prices.accelerator_x != prices.accelerator_x[x_b][:, None]
    return np.asarray(barred_bx)


def _prices(markets: Markets, needed: Needed, turn_x: Ints) -> _Prices:
    scaling = needed.scaling
    units_x = (scaling.linear * scaling.up / np.maximum(scaling.down, 1.0))[needed.row_x]
    fixed_x, hour_x = markets.fixed_micro_m[needed.open_m], markets.hour_micro_m[needed.open_m]
    limit_x = limits(markets, needed)
    level_x, above_x = np.append(needed.curve.level_t, 0.0)[turn_x], needed.curve.above_t[turn_x]
    return _Prices(
        fixed_x=fixed_x,
        hour_x=hour_x,
        base_level_x=fixed_x * units_x,
        fixed_level_x=np.where(level_x > 0, fixed_x, 0.0) * units_x,
        hour_level_x=np.where(above_x > 0, hour_x, 0.0) * units_x / MILLI,
        turn_x=level_x,
        above_x=above_x,
        rest_x=needed.site_micro_x - needed.bytes_micro_x,
        bytes_x=needed.bytes_micro_x,
        ample_x=limit_x >= needed.units_ct[needed.row_x, 0],
        limit_x=limit_x,
        site_x=markets.site_m[needed.open_m],
        accelerator_x=markets.accelerator_m[needed.open_m],
    )


def _bases(markets: Markets, needed: Needed, prices: _Prices, below: float) -> _Bases:
    """Every base of whole units that may be part of a pair cheaper than *below*, market by market of 1, 2, … units."""
    curve, beyond = needed.curve, _Beyond(needed.curve, prices)
    front = _front(needed, prices, np.flatnonzero(_least_with(prices, beyond) * TRIFLE < below))
    row_f = needed.row_x[front]
    most_f = needed.units_ct[row_f, 0].astype(np.int64) - 1
    count_f = np.where(prices.ample_x[front], most_f, 0)
    stacked: dict[int, Floats] = {}
    for place in np.flatnonzero(~prices.ample_x[front]).tolist():
        fixed, _ = offers_at(markets, needed.left, int(needed.open_m[front[place]]))
        stacked[place] = _stacked(fixed, int(most_f[place]))
        count_f[place] = len(stacked[place])
    place_b = np.repeat(np.arange(len(front)), count_f)
    x_b, first_f = front[place_b], np.cumsum(count_f) - count_f
    units_b = np.arange(len(place_b)) - first_f[place_b] + 1.0
    cost_b = prices.fixed_x[x_b] * units_b
    for place, costs in stacked.items():
        cost_b[first_f[place] : first_f[place] + len(costs)] = costs
    level_b = np.maximum(level_held(units_b, needed.scaling.of(row_f[place_b])), 0.0)
    bases = _Bases(x_b, units_b, level_b, curve.above(level_b) / curve.above_t[-1], cost_b)
    bytes_b = (1 - bases.part_b) * prices.bytes_x[x_b] + bases.part_b * prices.bytes_x.min()
    bound_b = cost_b + _least_sites(prices)[x_b] + bytes_b + beyond.costs(level_b)
    return bases.of(np.flatnonzero((bound_b * TRIFLE < below) & (level_b > 0) & (level_b < 1)))


class _Beyond:
    """The least that work above a level costs wherever it is done, if units could be bought in parts."""

    def __init__(self, curve: Curve, prices: _Prices) -> None:
        fixed = float(np.where(prices.turn_x > 0, prices.fixed_level_x, np.inf).min())
        hour = float(np.where(prices.above_x > 0, prices.hour_level_x, np.inf).min())
        by_hour_t = hour * curve.until_milli_t if np.isfinite(hour) else np.full(len(curve.level_t), np.inf)
        self._per_level_t = np.minimum(fixed, by_hour_t)
        self._level_t = np.append(curve.level_t, 0.0)
        step_t = np.where(curve.drop_t > 0, self._per_level_t, 0.0) * curve.drop_t
        self._cost_t = np.append(0.0, np.cumsum(step_t))

    def costs(self, level: Floats) -> Floats:
        """Of the work above any levels."""
        return np.asarray(np.interp(-level, -self._level_t, self._cost_t))

    def with_base(self, fixed_level: Floats) -> Floats:
        """Of all work, with the best base at any prices by the month of what holds the peak."""
        first = np.searchsorted(self._per_level_t, fixed_level, side="right")
        return np.asarray(self._cost_t[first] + self._level_t[first] * fixed_level)


def _least_sites(prices: _Prices) -> Floats:
    """What sites cost at least with a base at each market, without bytes."""
    return prices.rest_x + np.where(prices.ample_x, prices.rest_x.min(), 0.0)


def _least_with(prices: _Prices, beyond: _Beyond) -> Floats:
    """No pair with a base at a market costs less; infinite where nothing is by the month."""
    units_x = np.where(np.isfinite(prices.fixed_x), prices.base_level_x, 0.0)
    cost_x = _least_sites(prices) + prices.bytes_x.min() + beyond.with_base(units_x)
    return np.where(np.isfinite(prices.fixed_x), cost_x, np.inf)


def _front(needed: Needed, prices: _Prices, some: Ints) -> Ints:
    """Those of *some* markets a base may be at: without those for which others do as well, wherever the rest is.

    As well does what scales alike and is as cheap by the month, at its site and for its bytes. The rest must not be at
    the site of a base; so one other does at the same site, or two at two more. Where units may run out every market
    counts; only there the rest may be of another shape at the same site.
    """
    group = needed.row_x[some] * (prices.accelerator_x.max() + 1) + prices.accelerator_x[some]
    order = np.lexsort((prices.bytes_x[some], prices.rest_x[some], prices.fixed_x[some], group))
    some, group = some[order], group[order]
    first = np.searchsorted(group, group)
    later, before = _pairs_before(first)
    well = prices.ample_x[some[before]]
    for cost_x in (prices.rest_x, prices.bytes_x):
        well &= cost_x[some[before]] <= cost_x[some[later]]
    later, site = later[well], prices.site_x[some[before[well]]]
    at, dropped = prices.site_x[some], np.zeros(len(some), dtype=np.bool_)
    dropped[later[site == at[later]]] = True
    one = np.full(len(some), -1)
    one[later] = site
    dropped[later[site != one[later]]] = True
    return some[~dropped | ~prices.ample_x[some]]


def _pairs_before(first: Ints) -> tuple[Ints, Ints]:
    """All pairs of a place and one before it, from the *first* of each place on."""
    count = np.arange(len(first)) - first
    later = np.repeat(np.arange(len(first)), count)
    return later, np.arange(len(later)) - (np.cumsum(count) - count - first)[later]


def _stacked(fixed: list[Fixed], most: int) -> Floats:
    """What 1, 2, … units by the month cost, the cheapest first, as many as there are."""
    parts, left = [], most
    for one in fixed:
        count = int(min(left, one.limit))
        parts.append(np.full(count, one.micro + one.hour_micro * HOURS_PER_MONTH))
        left -= count
    return np.cumsum(np.concatenate(parts)) if parts else np.zeros(0)


def _bought(markets: Markets, needed: Needed, base: _Base) -> list[Bought]:
    """The units of a base, the cheapest first, with how long each is needed."""
    units_t, until_t = needed.units_ct[needed.row_x[base.x]], needed.curve.until_milli_t
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
