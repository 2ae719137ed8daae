"""Unit-hours a month of workloads that follow a load-duration curve, on every shape they may run on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, counted
from placement.engine.work.scaling import Scaling


def curved(curve: tuple[Floats, Floats], pace: Scaling, open_wc: Bools) -> Floats:
    """Units to pay for × thousandths of hours a month of workloads that share a curve, `wc`; 0 where not open.

    Levels and hours of the *curve* are those of `Loads.curves`. Hours and units are whole, so that no sum is rounded.
    """
    level_x, hours_milli_x = curve
    paces, row_p, pair_p = _alike(pace, open_wc)
    found_wc = np.zeros(open_wc.shape)
    if not len(pair_p):
        return found_wc
    up_p, down_p = (of.ravel()[pair_p] for of in (pace.up, pace.down))
    most_r = np.ceil(paces.linear + paces.root + paces.one)
    few_r = most_r < _DENSE * len(level_x)
    total_p = np.zeros(len(pair_p))
    for mine_r, reckoned in ((few_r, _by_replicas), (~few_r, _by_levels)):
        some_p = np.flatnonzero(mine_r[row_p])
        if len(some_p):
            some_r = np.flatnonzero(mine_r)
            rows = paces.of(some_r)
            pairs = _Pairs(np.searchsorted(some_r, row_p[some_p]), up_p[some_p], down_p[some_p])
            total_p[some_p] = reckoned(level_x, hours_milli_x, rows, pairs)
    found_wc.ravel()[pair_p] = total_p
    return found_wc


class _Pairs(NamedTuple):
    """Which replicas pairs of a workload and a shape take, and what units these take. Axis `p`, rows in order."""

    row_p: Ints
    up_p: Floats
    down_p: Floats

    def units(self, replicas: Floats, some: Ints) -> Floats:
        """Units to pay for replicas of some pairs; the pairs are on the first axis."""
        return np.asarray(np.ceil(replicas * self.up_p[some, None] / self.down_p[some, None]))


_DENSE = 0.25
"""Replicas per level from which on levels are gone through one by one."""

_CELLS = 1 << 15
"""Levels of rows gone through at once, so that they stay in the cache."""


def _alike(pace: Scaling, open_wc: Bools) -> tuple[Scaling, Ints, Ints]:
    """Different replicas, `r`, and of every open pair, `p`, which of them it takes and where it stands in `wc`.

    Shapes on which a workload needs as many replicas at every level are next to each other in the order of `linear`.
    """
    order_wc = np.argsort(np.where(open_wc, pace.linear, np.inf), axis=1, kind="stable")
    first_w = np.arange(len(open_wc))[:, None] * open_wc.shape[1]
    flat = (order_wc + first_w).ravel()
    flat = flat[open_wc.ravel()[flat]]
    counted = [of.ravel()[flat] for of in pace[:4]]
    w = flat // max(open_wc.shape[1], 1)
    new = np.ones(len(flat), dtype=np.bool_)
    new[1:] = w[1:] != w[:-1]
    for of in counted:
        new[1:] |= of[1:] != of[:-1]
    firsts = np.flatnonzero(new)
    paces = Scaling._make(of.ravel()[flat[firsts]] for of in pace)
    return paces, np.cumsum(new) - 1, flat


def _by_levels(level_x: Floats, hours_milli_x: Floats, rows: Scaling, pairs: _Pairs) -> Floats:
    """Unit-hours of pairs, level by level."""
    root_x, step = np.sqrt(level_x), max(1, _CELLS // len(level_x))
    total_p = np.zeros(len(pairs.row_p))
    whole_p = np.mod(pairs.up_p, pairs.down_p) == 0
    for start in range(0, len(rows.up), step):
        linear, root, one, spares = (of[start : start + step, None] for of in rows[:4])
        replicas_rx = level_x * linear
        if root.any():
            replicas_rx += root_x * root
        replicas_rx += one
        np.ceil(replicas_rx, out=replicas_rx)
        replicas_rx += spares
        replicas_rx[:, level_x <= 0] = 0.0
        first, last = np.searchsorted(pairs.row_p, (start, start + step))
        mine = np.arange(first, last)
        # Where every replica takes whole units, these need not be rounded at every level.
        even = mine[whole_p[mine]]
        total_p[even] = (replicas_rx @ hours_milli_x)[pairs.row_p[even] - start] * (
            pairs.up_p[even] / pairs.down_p[even]
        )
        odd = mine[~whole_p[mine]]
        for begin in range(0, len(odd), step):
            some = odd[begin : begin + step]
            total_p[some] = pairs.units(replicas_rx[pairs.row_p[some] - start], some) @ hours_milli_x
    return total_p


def _by_replicas(level_x: Floats, hours_milli_x: Floats, rows: Scaling, pairs: _Pairs) -> Floats:
    """The same, replica by replica: the levels that so many hold are those up to one, which is found at once."""
    count_r = np.ceil(rows.linear + rows.root + rows.one).astype(np.int64)
    first_r = np.cumsum(count_r) - count_r
    r = np.repeat(np.arange(len(count_r)), count_r)
    replica = counted(count_r).astype(np.float64) + 1
    hours = _hours_with(level_x, hours_milli_x, rows.of(r), replica)
    count_p = count_r[pairs.row_p]
    p = np.repeat(np.arange(len(count_p)), count_p)
    at = counted(count_p) + first_r[pairs.row_p[p]]
    units = np.ceil((replica[at] + rows.spares[r[at]]) * pairs.up_p[p] / pairs.down_p[p])
    return np.asarray(np.bincount(p, weights=hours[at] * units, minlength=len(count_p)), dtype=np.float64)


def _hours_with(level_x: Floats, hours_milli_x: Floats, pace: Scaling, replica: Floats) -> Floats:
    """How long exactly so many replicas are needed, 1 to the most of each row, row after row."""
    rising, until = level_x[::-1], np.concatenate([[0.0], np.cumsum(hours_milli_x[::-1])])
    root_x = np.sqrt(rising)
    linear, root, one = pace.linear, pace.root, pace.one
    held = (np.sqrt(root * root + 4 * linear * np.maximum(replica - one, 0.0)) - root) / (2 * linear)
    last = np.searchsorted(rising, held * held, side="right")
    # What the root rounds is set right by the levels on both sides.
    for step in (0, -1):
        at = np.clip(last + step, 0, len(rising) - 1)
        fits = np.ceil(rising[at] * linear + root_x[at] * root + one) <= replica
        inside = (last + step >= 0) & (last + step < len(rising))
        last = last + np.where(inside & fits, 1, 0) if step == 0 else last - np.where(inside & ~fits, 1, 0)
    idle = int(np.searchsorted(rising, 0.0, side="right"))
    hours = until[np.maximum(last, idle)]
    before = np.concatenate([[0.0], hours[:-1]])
    before[replica == 1] = until[idle]
    return np.asarray(hours - before)
