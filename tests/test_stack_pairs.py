"""The best pair of places, found by bounds, against every pair there is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.engine.stack.curve import Curve
from placement.engine.stack.fronts import fronts_of
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.one_place import mix_at, turning
from placement.engine.stack.peers import Needed, Peers, peers_of
from placement.engine.stack.two_places import Pair, best_pairs
from placement.engine.work.scaling import Scaling, level_held

PEAK = 16
"""Demand is counted in whole parts of it."""


class Open(NamedTuple):
    """What is open at one market."""

    site: int
    accelerator: int
    holds: int
    """Parts of the peak."""
    month: float | None
    hour: float | None
    count: int | None
    """Units by the month there are; None: as many as are wanted."""
    ended: float | None
    """What an hour of one of these costs beside it; such nodes are counted."""
    rest: float
    bytes: float


opened = st.builds(
    Open,
    site=st.integers(0, 2),
    accelerator=st.integers(0, 1),
    holds=st.sampled_from([1, 2, 4]),
    month=st.none() | st.integers(1, 900).map(float),
    hour=st.none() | st.integers(1, 8).map(float),
    count=st.sampled_from([None, None, None, 1, 3]),
    ended=st.sampled_from([None, None, None, 0.25, 2.0]),
    rest=st.sampled_from([0.0, 0.0, 20.0, 60.0, 700.0]),
    bytes=st.sampled_from([0.0, 10.0, 100.0, 400.0]),
)
loads = st.lists(st.tuples(st.integers(1, PEAK), st.integers(1, 300)), min_size=1, max_size=4)
mixings = st.sampled_from(["any", "same_accelerator", "one_site"])
sizes = st.lists(st.tuples(st.sampled_from([0.25, 1.0, 3.0]), st.sampled_from([0.0, 1.0, 2.5])), min_size=1, max_size=4)
"""Of several workloads: how large each is, and how much it sends."""


@settings(max_examples=300, deadline=None)
@given(loads, st.lists(opened, min_size=2, max_size=7), sizes, mixings)
def test_no_pair_costs_less(
    load: list[tuple[int, int]], places: list[Open], sized: list[tuple[float, float]], mixing: str
) -> None:
    """Of none of several workloads that are reckoned together, and each has the one that it would have alone."""
    curve = _curve(load)
    markets, peers = _peers(places, curve, sized)
    infinite = np.full(len(sized), np.inf)
    fronts = fronts_of(markets, peers.open_m, peers.open_m)
    found = best_pairs(markets, peers, fronts, turning(markets, peers), infinite, mixing)
    for w, pair in enumerate(found):
        needed = peers.one(w)
        costs = (_pair_cost(markets, needed, places, b, x, mixing) for b, x in _pairs(len(places)))
        assert (math.inf if pair is None else pair.cost) == pytest.approx(min(costs), rel=1e-9)
        markets, single = _peers(places, curve, sized[w : w + 1])
        assert _alone(markets, single, math.inf, mixing) == pair
        if pair is not None:
            assert _alone(markets, single, pair.cost, mixing) is None
            assert _alone(markets, single, pair.cost * (1 + 1e-6), mixing) == pair


def _alone(markets: Markets, single: Peers, below: float, mixing: str) -> Pair | None:
    fronts = fronts_of(markets, single.open_m, single.open_m)
    return best_pairs(markets, single, fronts, turning(markets, single), np.array([below]), mixing)[0]


def _curve(load: list[tuple[int, int]]) -> Curve:
    spent = {PEAK: 5, **{level: hours for level, hours in load if level < PEAK}}
    levels = sorted(spent, reverse=True)
    return Curve(np.array(levels) / PEAK, np.array([spent[level] * 1000.0 for level in levels]))


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(base, burst) for base in range(count) for burst in range(count) if base != burst]


def _peers(places: list[Open], curve: Curve, sized: list[tuple[float, float]]) -> tuple[Markets, Peers]:
    """Offer 2 m is by the month at market m, 2 m + 1 by the hour."""
    count = len(places)
    numbers = np.arange(count)
    ended = np.array([one.ended or 0.0 if one.count is not None else 0.0 for one in places])
    month = np.array([np.inf if one.month is None else one.month for one in places]) + 730 * ended
    hour = np.array([np.inf if one.hour is None else one.hour for one in places])
    limit = [math.inf if one.count is None else float(one.count) for one in places]
    markets = Markets(
        site_m=np.array([one.site for one in places]),
        shape_m=numbers,
        kind_m=numbers,
        accelerator_m=np.array([one.accelerator for one in places]),
        fixed_micro_m=month,
        fixed_offer_m=np.where(np.isfinite(month), 2 * numbers, -1),
        hour_micro_m=hour,
        hour_offer_m=np.where(np.isfinite(hour), 2 * numbers + 1, -1),
        further_m=[(2 * m,) if one.month is not None and one.count is not None else () for m, one in enumerate(places)],
        month_micro_o=np.stack([month, hour * 730], axis=1).ravel(),
        ended_micro_o=np.stack([ended, 0 * ended], axis=1).ravel(),
        ended_m=np.isfinite(month) & (ended > 0),
        power_o=np.zeros(2 * count),
    )
    size_w1, sent_w1 = (np.array(column)[:, None] for column in zip(*sized, strict=True))
    linear = size_w1 * np.array([PEAK / one.holds for one in places])
    nothing, ones = np.zeros(linear.shape), np.ones(linear.shape)
    moved = sent_w1 * np.array([one.bytes for one in places])
    paid = np.array([one.rest for one in places]) + moved
    left = Left(np.array([each for one in limit for each in (one, math.inf)]), np.full(3, np.inf))
    scaling = Scaling(linear, nothing, nothing, nothing, ones, ones)
    return markets, peers_of(curve, scaling, numbers, numbers, (paid, moved), left)


def _pair_cost(markets: Markets, needed: Needed, places: list[Open], b: int, x: int, mixing: str) -> float:
    """The least that some base at one market costs with the rest at the other, if the policies allow it."""
    base, burst = places[b], places[x]
    near = base.site == burst.site
    peak_units = int(needed.units_t(b)[0])
    runs_out = base.count is not None and (base.count < peak_units or base.ended is not None)
    if base.month is None or (near and not runs_out) or (mixing == "one_site" and not near):
        return math.inf
    if mixing == "same_accelerator" and base.accelerator != burst.accelerator:
        return math.inf
    found = [math.inf]
    most = peak_units - 1 if base.count is None else min(peak_units - 1, base.count)
    for units in range(1, most + 1):
        level = float(level_held(np.array([float(units)]), needed.scaling.of([int(needed.row_x[b])]))[0])
        if not 0 < level < 1:
            continue
        rest = needed.curve.beyond(level)
        units_t = needed.units_at(x, rest.level_t)
        part = float(
            (rest.level_t * rest.hours_milli_t).sum() / (needed.curve.level_t * needed.curve.hours_milli_t).sum()
        )
        moved_b, moved_x = needed.bytes_micro_x[[b, x]].tolist()
        sites = base.rest + (moved_b if near else (1 - part) * moved_b + burst.rest + part * moved_x)
        found.append(
            units * float(markets.fixed_micro_m[b]) + sites + mix_at(markets, needed.left, x, units_t, rest)[1]
        )
    return min(found)
