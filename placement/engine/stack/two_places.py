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
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.mix import Bought, Fixed
from placement.engine.stack.one_place import Needed, costs_at, limits, mix_at, offers_at, turning_at
from placement.engine.work.hours import Scaling, level_held, units_at
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
    fixed_level_x: Floats
    """The same for as many, also parts of units, as hold the whole peak."""
    hour_level_x: Floats
    turn_x: Floats
    """The level from which down units are cheaper by the month, 0 where none is."""
    rest_x: Floats
    """What the site costs without bytes, and with all of them what these cost."""
    bytes_x: Floats
    ample_x: Bools
    """There are as many of the cheapest units by the month as the peak takes."""
    limit_x: Floats
    site_x: Ints
    accelerator_x: Ints


def best_pair(markets: Markets, needed: Needed, turn_x: Ints, below: float, mixing: str) -> Pair | None:
    """The cheapest pair that costs less than *below* [micro-USD]; None where there is none.

    *turn_x* is that of `one_place.turning`, *mixing* what the policies allow.
    """
    prices = _prices(markets, needed, turn_x)
    best: tuple[_Base, int] | None = None
    for base in _bases(markets, needed, prices, below):
        if base.bound * TRIFLE >= below:
            break
        x, cost = _cheapest_burst(markets, needed, prices, base, below, mixing)
        if cost < below:
            best, below = (base, x), cost
    if best is None:
        return None
    base, x = best
    rest, row = needed.curve.beyond(base.level), int(needed.row_x[x])
    units_t = units_at(rest.level_t, Scaling._make(of[[row]] for of in needed.scaling))[0]
    bought = _bought(markets, needed, base)
    burst, _ = mix_at(markets, _beside(markets, needed, base), int(needed.open_m[x]), units_t, rest)
    return Pair(base.x, bought, base.level, x, burst, below)


def _cheapest_burst(
    markets: Markets, needed: Needed, prices: _Prices, base: _Base, below: float, mixing: str
) -> tuple[int, float]:
    """The market for what is beyond a base, and the cost of both; infinite where all cost more than *below*."""
    curve = needed.curve
    part = float(curve.above(np.array([base.level]))[0]) / float(curve.above_t[-1])
    far_x = prices.site_x != prices.site_x[base.x]
    # At the site of the base the bytes of all are paid with it.
    own = prices.rest_x[base.x] + np.where(far_x, 1 - part, 1.0) * prices.bytes_x[base.x]
    there_x = base.cost + own + np.where(far_x, prices.rest_x + part * prices.bytes_x, 0.0)
    bound_x = there_x + _fluid(curve, prices, base.level)
    bound_x[_barred(prices, base.x, far_x, mixing)] = np.inf
    near = np.flatnonzero(bound_x * TRIFLE < below)
    if not len(near):
        return -1, np.inf
    rest = curve.beyond(base.level)
    rows, row_x = numbered(needed.row_x[near])
    units_ct = units_at(rest.level_t, Scaling._make(of[rows] for of in needed.scaling))
    fixed_x, hour_x = prices.fixed_x[near], prices.hour_x[near]
    costs = costs_at(units_ct, rest, row_x, turning_at(rest, fixed_x, hour_x), (fixed_x, hour_x))
    cost_x = costs.micro_x + there_x[near]
    tight = np.flatnonzero((costs.base_x > prices.limit_x[near]) | ~far_x[near])
    left = _beside(markets, needed, base) if len(tight) else needed.left
    for place in tight.tolist():
        m = int(needed.open_m[near[place]])
        cost_x[place] = mix_at(markets, left, m, units_ct[row_x[place]], rest)[1] + there_x[near[place]]
    best = int(cost_x.argmin())
    return int(near[best]), float(cost_x[best])


def _beside(markets: Markets, needed: Needed, base: _Base) -> Left:
    """What is left at the site of a base of the power that it draws on as well."""
    site = int(markets.site_m[needed.open_m[base.x]])
    power_s = needed.left.power_s.copy()
    power_s[site] -= sum(one.units * float(markets.power_o[one.offer]) for one in _bought(markets, needed, base))
    return needed.left._replace(power_s=power_s)


def _barred(prices: _Prices, base_x: int, far_x: Bools, mixing: str) -> Bools:
    """Markets at which what is beyond a base must not be.

    At the same site it may only be of another shape, and only where the units of the base run out.
    """
    if mixing == "one_site":
        closed_x = far_x.copy()
    else:
        closed_x = (prices.accelerator_x != prices.accelerator_x[base_x]) & (mixing == "same_accelerator")
    if prices.ample_x[base_x]:
        closed_x |= ~far_x
    closed_x[base_x] = True
    return closed_x


def _prices(markets: Markets, needed: Needed, turn_x: Ints) -> _Prices:
    scaling = Scaling._make(of[needed.row_x] for of in needed.scaling)
    units_x = scaling.linear * scaling.up / np.maximum(scaling.down, 1.0)
    fixed_x, hour_x = markets.fixed_micro_m[needed.open_m], markets.hour_micro_m[needed.open_m]
    limit_x = limits(markets, needed)
    return _Prices(
        fixed_x=fixed_x,
        hour_x=hour_x,
        fixed_level_x=fixed_x * units_x,
        hour_level_x=hour_x * units_x / MILLI,
        turn_x=np.append(needed.curve.level_t, 0.0)[turn_x],
        rest_x=needed.site_micro_x - needed.bytes_micro_x,
        bytes_x=needed.bytes_micro_x,
        ample_x=limit_x >= needed.units_ct[needed.row_x, 0],
        limit_x=limit_x,
        site_x=markets.site_m[needed.open_m],
        accelerator_x=markets.accelerator_m[needed.open_m],
    )


def _fluid(curve: Curve, prices: _Prices, level: float) -> Floats:
    """What the work above a level would cost at each market in parts of units: never more than it does."""
    by_hour = curve.above(np.maximum(prices.turn_x, level))
    monthly = np.maximum(prices.turn_x - level, 0.0)
    hour = np.where(by_hour > 0, prices.hour_level_x, 0.0)
    return np.where(monthly > 0, prices.fixed_level_x, 0.0) * monthly + hour * by_hour


class _Base(NamedTuple):
    """Units by the month at one market."""

    bound: float
    """No pair with this base costs less [micro-USD]."""
    x: int
    units: int
    level: float
    cost: float


def _bases(markets: Markets, needed: Needed, prices: _Prices, below: float) -> Iterator[_Base]:
    """Every base of whole units that may be part of a cheaper pair, the one of the least bound first.

    Axis `b`: bases, market by market of 1, 2, … units.
    """
    curve = needed.curve
    front = _front(needed, prices)
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
    level_b = np.maximum(level_held(units_b, Scaling._make(of[row_f[place_b]] for of in needed.scaling)), 0.0)
    part_b = curve.above(level_b) / curve.above_t[-1]
    rest_b = prices.rest_x[x_b] + np.where(prices.ample_x[x_b], prices.rest_x.min(), 0.0)
    bytes_b = (1 - part_b) * prices.bytes_x[x_b] + part_b * prices.bytes_x.min()
    bound_b = cost_b + rest_b + bytes_b + _Rest(curve, prices)(level_b)
    good = np.flatnonzero((bound_b * TRIFLE < below) & (level_b > 0) & (level_b < 1))
    good = good[np.argsort(bound_b[good], kind="stable")]
    return (
        _Base(float(bound_b[b]), int(x_b[b]), int(units_b[b]), float(level_b[b]), float(cost_b[b]))
        for b in good.tolist()
    )


class _Rest:
    """The least that work above a level costs wherever it is done, if units could be bought in parts."""

    def __init__(self, curve: Curve, prices: _Prices) -> None:
        fixed, hour = float(prices.fixed_level_x.min()), float(prices.hour_level_x.min())
        by_hour = hour * curve.until_milli_t if np.isfinite(hour) else np.full(len(curve.level_t), np.inf)
        per_level = np.where(curve.drop_t > 0, np.minimum(fixed, by_hour), 0.0)
        self._level_t = -np.append(curve.level_t, 0.0)
        self._cost_t = np.append(0.0, np.cumsum(curve.drop_t * per_level))

    def __call__(self, level: Floats) -> Floats:
        return np.asarray(np.interp(-level, self._level_t, self._cost_t))


_APART = 1e12
"""More than anything costs that is compared here."""


def _front(needed: Needed, prices: _Prices) -> Ints:
    """Markets a base may be at: of those that scale alike none that is dearer by the month and at its site as well.

    Where units may run out every market counts; only there the rest may be of another shape at the same site.
    """
    some = np.flatnonzero(np.isfinite(prices.fixed_x))
    order = some[np.lexsort((prices.bytes_x[some], prices.rest_x[some], prices.fixed_x[some], needed.row_x[some]))]
    group = needed.row_x[order] * _APART
    limited = ~prices.ample_x[order]
    kept = limited
    for cost_x in (prices.rest_x[order], prices.bytes_x[order]):
        # Of the markets before, which are cheaper by the month, none is as cheap; groups are apart.
        least = np.minimum.accumulate(np.where(limited, _APART, cost_x) - group)
        kept = kept | (np.append(True, cost_x[1:] - group[1:] < least[:-1])[: len(order)])
    return order[kept]


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
