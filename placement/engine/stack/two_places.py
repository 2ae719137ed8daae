"""A base at one place and the rest at another: the best of all pairs, without looking at most of them.

The base is bought by the month and holds the load up to what its units can take; what is above is held elsewhere, by
the best mix there. Units at both places are whole, and each place keeps the room for its own part of the load. A pair
that costs more than the best so far, even if its rest could be bought in parts of units, is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Markets
from placement.engine.stack.mix import Bought, Fixed
from placement.engine.stack.one_place import Needed, limits, mix_at, offers_at
from placement.engine.work.hours import Scaling, level_held, units_at
from placement.units import MILLI

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
    """What the open markets charge, told in parts of the peak instead of units. Axis `x`: open markets."""

    fixed_x: Floats
    hour_x: Floats
    turn_x: Floats
    """The level from which down units are cheaper by the month, 0 where none is."""
    site_x: Floats
    bytes_x: Floats


def best_pair(markets: Markets, needed: Needed, turn_x: Ints, below: float) -> Pair | None:
    """The cheapest pair that costs less than *below* [micro-USD]; None where there is none.

    *turn_x* is that of `one_place.turning`.
    """
    curve = needed.curve
    prices = _prices(markets, needed, turn_x)
    whole, ample_x = curve.above_t[-1], _ample(markets, needed)
    best: Pair | None = None
    for base in _bases(markets, needed, prices, below):
        if base.bound * TRIFLE >= below:
            break
        rest = curve.beyond(base.level)
        part = float(curve.above(np.array([base.level]))[0]) / whole
        far_x = markets.site_m[needed.open_m] != markets.site_m[needed.open_m[base.x]]
        site_x = np.where(far_x, prices.site_x - (1 - part) * prices.bytes_x, 0.0)
        own = base.cost + _own_site(prices, base.x, 1 - part)
        alone = base.cost + float(prices.site_x[base.x])
        bound_x = np.where(far_x, own, alone) + site_x + _fluid(curve, prices, base.level)
        bound_x[~far_x & ample_x[base.x]] = np.inf
        units: dict[int, Floats] = {}
        near = np.flatnonzero(bound_x * TRIFLE < below)
        for x in near[np.argsort(bound_x[near], kind="stable")].tolist():
            if bound_x[x] * TRIFLE >= below:
                break
            row = int(needed.row_x[x])
            if row not in units:
                units[row] = units_at(rest.level_t, Scaling._make(of[[row]] for of in needed.scaling))[0]
            burst, cost = mix_at(markets, needed.limit_o, int(needed.open_m[x]), units[row], rest)
            total = cost + (own if far_x[x] else alone) + float(site_x[x])
            if burst and total < below:
                best, below = Pair(base.x, base.bought, base.level, x, burst, total), total
    return best


def _own_site(prices: _Prices, x: int, part: float) -> float:
    """What the site of a base costs, through which a part of the bytes goes."""
    return float(prices.site_x[x] - (1 - part) * prices.bytes_x[x])


def _prices(markets: Markets, needed: Needed, turn_x: Ints) -> _Prices:
    scaling = Scaling._make(of[needed.row_x] for of in needed.scaling)
    units_x = scaling.linear * scaling.up / np.maximum(scaling.down, 1.0)
    level_t = np.append(needed.curve.level_t, 0.0)
    return _Prices(
        markets.fixed_micro_m[needed.open_m] * units_x,
        markets.hour_micro_m[needed.open_m] * units_x / MILLI,
        level_t[turn_x],
        needed.site_micro_x,
        needed.bytes_micro_x,
    )


def _fluid(curve: Curve, prices: _Prices, level: float) -> Floats:
    """What the work above a level would cost at each market in parts of units: never more than it does."""
    by_hour = curve.above(np.maximum(prices.turn_x, level))
    monthly = np.maximum(prices.turn_x - level, 0.0)
    hour = np.where(by_hour > 0, prices.hour_x, 0.0)
    return np.where(monthly > 0, prices.fixed_x, 0.0) * monthly + hour * by_hour


class _Base(NamedTuple):
    """Units by the month at one market."""

    bound: float
    """No pair with this base costs less [micro-USD]."""
    x: int
    level: float
    cost: float
    bought: list[Bought]


def _bases(markets: Markets, needed: Needed, prices: _Prices, below: float) -> Iterator[_Base]:
    """Every base of whole units that may be part of a cheaper pair, the one of the least bound first."""
    found: list[tuple[float, int, int]] = []
    costs: dict[int, Floats] = {}
    levels: dict[int, Floats] = {}
    rest_at = _Rest(needed.curve, prices)
    least_site, least_bytes = float((prices.site_x - prices.bytes_x).min()), float(prices.bytes_x.min())
    ample_x, whole = _ample(markets, needed), needed.curve.above_t[-1]
    for x in _front(needed, prices, ample_x, markets.fixed_micro_m[needed.open_m]):
        row, m = int(needed.row_x[x]), int(needed.open_m[x])
        fixed, _ = offers_at(markets, needed.limit_o, m)
        cost_b = _stacked(fixed, int(needed.units_ct[row, 0]) - 1)
        if not len(cost_b):
            continue
        if row not in levels or len(levels[row]) < len(cost_b):
            scaling = Scaling._make(of[row] for of in needed.scaling)
            levels[row] = level_held(np.arange(1.0, needed.units_ct[row, 0]), scaling)
        level_b = np.maximum(levels[row][: len(cost_b)], 0.0)
        part_b = needed.curve.above(level_b) / whole
        bytes_b = (1 - part_b) * prices.bytes_x[x] + part_b * least_bytes
        site = float(prices.site_x[x] - prices.bytes_x[x]) + (least_site if ample_x[x] else 0.0)
        bound_b = cost_b + site + bytes_b + rest_at(level_b)
        good = np.flatnonzero((bound_b * TRIFLE < below) & (level_b > 0) & (level_b < 1))
        costs[x] = cost_b
        found += zip(bound_b[good].tolist(), [x] * len(good), good.tolist(), strict=True)
    for bound, x, b in sorted(found):
        row, m = int(needed.row_x[x]), int(needed.open_m[x])
        fixed, _ = offers_at(markets, needed.limit_o, m)
        level = float(levels[row][b])
        yield _Base(bound, x, level, float(costs[x][b]), _bought(fixed, b + 1, needed, row))


class _Rest:
    """The least that work above a level costs wherever it is done, if units could be bought in parts."""

    def __init__(self, curve: Curve, prices: _Prices) -> None:
        fixed, hour = float(prices.fixed_x.min()), float(prices.hour_x.min())
        per_level = np.minimum(fixed, hour * curve.until_milli_t)
        self._level_t = np.append(curve.level_t, 0.0)
        self._cost_t = np.append(0.0, np.cumsum(curve.drop_t * per_level))

    def __call__(self, level: Floats) -> Floats:
        return np.asarray(np.interp(-level, -self._level_t, self._cost_t))


def _ample(markets: Markets, needed: Needed) -> Bools:
    """Open markets with as many of the cheapest units by the month as the peak takes."""
    return np.asarray(limits(markets, needed) >= needed.units_ct[needed.row_x, 0])


def _front(needed: Needed, prices: _Prices, ample_x: Bools, fixed_x: Floats) -> list[int]:
    """Markets a base may be at: of those that scale alike none that is dearer by the month and at its site as well.

    Where units may run out every market counts; only there the rest may be of another shape at the same site.
    """
    rest_x = prices.site_x - prices.bytes_x
    order = np.lexsort((np.arange(len(fixed_x)), prices.bytes_x, rest_x, fixed_x, needed.row_x))
    order = order[np.isfinite(fixed_x[order])]
    found: list[int] = []
    row, seen = -1, list[tuple[float, float]]()
    for x in order.tolist():
        if needed.row_x[x] != row:
            row, seen = int(needed.row_x[x]), []
        here = (float(rest_x[x]), float(prices.bytes_x[x]))
        if not ample_x[x]:
            found.append(x)
        elif not any(rest <= here[0] and moved <= here[1] for rest, moved in seen):
            seen.append(here)
            found.append(x)
    return found


def _stacked(fixed: list[Fixed], most: int) -> Floats:
    """What 1, 2, … units by the month cost, the cheapest first, as many as there are."""
    parts, left = [], most
    for one in fixed:
        count = int(min(left, one.limit))
        parts.append(np.full(count, one.micro))
        left -= count
    return np.cumsum(np.concatenate(parts)) if parts else np.zeros(0)


def _bought(fixed: list[Fixed], units: int, needed: Needed, row: int) -> list[Bought]:
    """The cheapest *units* by the month, with how long each is needed."""
    units_t, until_t = needed.units_ct[row], needed.curve.until_milli_t
    found, before = [], 0
    for one in fixed:
        count = int(min(units - before, one.limit))
        if count <= 0:
            continue
        # Unit k, from 1, is needed while the level is one that takes as many.
        t = np.array([int(np.flatnonzero(units_t >= k)[-1]) for k in (before + 1, before + count)])
        inside_t = np.clip(units_t - before, 0, count)
        hours = float((inside_t * needed.curve.hours_milli_t).sum())
        found.append(Bought(one.offer, count, hours, float(until_t[t[1]]), float(until_t[t[0]])))
        before += count
    return found
