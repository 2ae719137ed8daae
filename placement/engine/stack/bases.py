"""What of a load may be bought by the month at one place while the rest is elsewhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, counted
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Markets
from placement.engine.stack.mix import Fixed
from placement.engine.stack.one_place import offers_at
from placement.engine.stack.peers import Peers
from placement.engine.stack.prices import Prices
from placement.engine.work.scaling import Scaling, level_held
from placement.units import HOURS_PER_MONTH

TRIFLE = 1 - 1e-9
"""What is compared with a bound may be rounded by less."""

_RUN = 8
"""So many bases that follow each other are looked at together first, or more where there are many."""

_RUNS = 512
"""Of each market, at most."""


class Base(NamedTuple):
    """Units by the month at one open market."""

    x: int
    units: int
    level: float


class Bases(NamedTuple):
    """Units by the month at one market each. Axis `b`, peer by peer."""

    w_b: Ints
    x_b: Ints
    units_b: Floats
    level_b: Floats
    """What they hold, in parts of the peak."""
    part_b: Floats
    """Of the work: what is left to do above that level."""
    cost_b: Floats
    """Of the units alone [micro-USD]."""

    def of(self, rows: Ints) -> Bases:
        """Some of them."""
        return Bases._make(column[rows] for column in self)

    def one(self, b: int) -> Base:
        """One of them."""
        return Base(int(self.x_b[b]), int(self.units_b[b]), float(self.level_b[b]))


class _Units(NamedTuple):
    """Some units at markets of the front, axis `u`."""

    w: Ints
    x: Ints
    units: Floats
    cost: Floats


def bases_of(markets: Markets, peers: Peers, prices: Prices, front: Ints, below_w: Floats) -> Bases:
    """Every base of whole units at the markets *front* that may be part of a pair cheaper than *below_w*."""
    beyond = _Beyond(peers.curve, prices)
    found = _joined(_plenty(peers, prices, front, beyond, below_w), _few(markets, peers, prices))
    level = np.maximum(_held(peers, found), 0.0)
    part = peers.curve.above(level) / peers.curve.above_t[-1]
    bases = Bases(found.w, found.x, found.units, level, part, found.cost)
    own, least = prices.bytes_wx[found.w, found.x], prices.bytes_wx.min(axis=1)[found.w]
    sites = _least_sites(prices)[found.w, found.x] + (1 - part) * own + part * least
    bound = found.cost + sites + beyond.costs(found.w, level)
    good = np.flatnonzero((bound * TRIFLE < below_w[found.w]) & (level > 0) & (level < 1))
    return bases.of(good[np.argsort(found.w[good], kind="stable")])


def _held(peers: Peers, some: _Units) -> Floats:
    row = peers.row_x[some.x]
    return level_held(some.units, Scaling._make(of[some.w, row] for of in peers.scaling_wc))


def _plenty(peers: Peers, prices: Prices, front: Ints, beyond: _Beyond, below_w: Floats) -> _Units:
    """Where there are as many units as are wanted: of runs of bases those that a bound leaves."""
    most_wf = np.where(prices.ample_wx[:, front], peers.units_wct[:, peers.row_x[front], 0] - 1, 0.0)
    run_wf = np.maximum(np.ceil(most_wf / _RUNS), _RUN)
    runs_wf = np.ceil(most_wf / run_wf).astype(np.int64)
    w, f = np.divmod(np.repeat(np.arange(runs_wf.size), runs_wf.ravel()), max(len(front), 1))
    first = counted(runs_wf.ravel()) * run_wf[w, f] + 1
    last = np.minimum(first + run_wf[w, f] - 1, most_wf[w, f])
    x = front[f]
    runs = _Units(w, x, last, prices.fixed_x[x] * first)
    rest = beyond.costs(w, np.clip(_held(peers, runs), 0.0, 1.0))
    bound = runs.cost + _least_sites(prices)[w, x] + prices.bytes_wx.min(axis=1)[w] + rest
    good = bound * TRIFLE < below_w[w]
    w, x, first, count = w[good], x[good], first[good], (last - first + 1)[good].astype(np.int64)
    units: Floats = np.repeat(first, count) + counted(count)
    w, x = np.repeat(w, count), np.repeat(x, count)
    return _Units(w, x, units, prices.fixed_x[x] * units)


def _few(markets: Markets, peers: Peers, prices: Prices) -> _Units:
    """Where units run out: the cheapest first, as many as there are."""
    w, x, units, cost = ([np.zeros(0, dtype=kind)] for kind in (np.int64, np.int64, np.float64, np.float64))
    for peer, market in np.argwhere(~prices.ample_wx & np.isfinite(prices.fixed_x)).tolist():
        fixed, _ = offers_at(markets, peers.left, int(peers.open_m[market]))
        costs = _stacked(fixed, int(peers.units_wct[peer, peers.row_x[market], 0]) - 1)
        w.append(np.full(len(costs), peer))
        x.append(np.full(len(costs), market))
        units.append(np.arange(len(costs)) + 1.0)
        cost.append(costs)
    return _Units._make(np.concatenate(parts) for parts in (w, x, units, cost))


def _stacked(fixed: list[Fixed], most: int) -> Floats:
    """What 1, 2, … units by the month cost, the cheapest first, as many as there are."""
    parts, left = [np.zeros(0)], most
    for one in fixed:
        count = int(min(left, one.limit))
        parts.append(np.full(count, one.micro + one.hour_micro * HOURS_PER_MONTH))
        left -= count
    return np.cumsum(np.concatenate(parts))


def _joined(*parts: _Units) -> _Units:
    return _Units._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


class _Beyond:
    """The least that work above a level costs each peer wherever it is done, if units could be bought in parts."""

    def __init__(self, curve: Curve, prices: Prices) -> None:
        fixed_w = np.where(prices.turn_x > 0, prices.fixed_level_wx, np.inf).min(axis=1, keepdims=True)
        hour_w = np.where(prices.above_x > 0, prices.hour_level_wx, np.inf).min(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            by_hour_wt = np.where(np.isfinite(hour_w), hour_w * curve.until_milli_t, np.inf)
        self._per_level_wt = np.minimum(fixed_w, by_hour_wt)
        step_wt = np.where(curve.drop_t > 0, self._per_level_wt, 0.0) * curve.drop_t
        self._cost_wt = np.zeros(step_wt.shape)
        np.cumsum(step_wt[:, :-1], axis=1, out=self._cost_wt[:, 1:])
        self._level_t = curve.level_t

    def costs(self, w: Ints, level: Floats) -> Floats:
        """Of the work above some levels of some peers, 0 to 1."""
        step = np.searchsorted(-self._level_t, -level, side="right") - 1
        above = self._level_t[step] - level
        return np.asarray(self._cost_wt[w, step] + np.where(above > 0, self._per_level_wt[w, step], 0.0) * above)


def _least_sites(prices: Prices) -> Floats:
    """What sites cost at least with a base at each market, without bytes, `wx`."""
    least_w1 = prices.rest_wx.min(axis=1, keepdims=True)
    return prices.rest_wx + np.where(prices.ample_wx, least_w1, 0.0)
