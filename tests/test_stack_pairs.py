"""The best pair of places, found by bounds, against every pair there is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.one_place import Needed, mix_at, needed_of, turning
from placement.engine.stack.two_places import best_pair
from placement.engine.work.scaling import Scaling, level_held, units_at

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
    rest=st.sampled_from([0.0, 0.0, 20.0, 60.0, 700.0]),
    bytes=st.sampled_from([0.0, 10.0, 100.0, 400.0]),
)
loads = st.lists(st.tuples(st.integers(1, PEAK), st.integers(1, 300)), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(loads, st.lists(opened, min_size=2, max_size=7), st.sampled_from(["any", "same_accelerator", "one_site"]))
def test_no_pair_costs_less(load: list[tuple[int, int]], places: list[Open], mixing: str) -> None:
    spent = {PEAK: 5, **{level: hours for level, hours in load if level < PEAK}}
    levels = sorted(spent, reverse=True)
    curve = Curve(np.array(levels) / PEAK, np.array([spent[level] * 1000.0 for level in levels]))
    markets, needed = _needed(places, curve)
    least = min((_pair_cost(markets, needed, places, b, x, mixing) for b, x in _pairs(len(places))), default=math.inf)
    pair = best_pair(markets, needed, turning(markets, needed), math.inf, mixing)
    assert (math.inf if pair is None else pair.cost) == pytest.approx(least, rel=1e-9)
    if pair is not None:
        assert best_pair(markets, needed, turning(markets, needed), pair.cost * (1 - 1e-6), mixing) is None
        assert best_pair(markets, needed, turning(markets, needed), pair.cost * (1 + 1e-6), mixing) == pair


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(base, burst) for base in range(count) for burst in range(count) if base != burst]


def _needed(places: list[Open], curve: Curve) -> tuple[Markets, Needed]:
    """Offer 2 m is by the month at market m, 2 m + 1 by the hour."""
    count = len(places)
    numbers = np.arange(count)
    month = np.array([np.inf if one.month is None else one.month for one in places])
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
        ended_micro_o=np.zeros(2 * count),
        ended_m=np.zeros(count, dtype=np.bool_),
        power_o=np.zeros(2 * count),
    )
    nothing, ones = np.zeros(count), np.ones(count)
    linear = np.array([PEAK / one.holds for one in places])
    paid, moved = (np.array([getattr(one, name) for one in places]) for name in ("rest", "bytes"))
    left = Left(np.array([each for one in limit for each in (one, math.inf)]), np.full(3, np.inf))
    scaling = Scaling(linear, nothing, nothing, nothing, ones, ones)
    return markets, needed_of(curve, scaling, numbers, numbers, (paid + moved, moved), left)


def _pair_cost(markets: Markets, needed: Needed, places: list[Open], b: int, x: int, mixing: str) -> float:
    """The least that some base at one market costs with the rest at the other, if the policies allow it."""
    base, burst = places[b], places[x]
    near = base.site == burst.site
    peak_units = -(-PEAK // base.holds)
    runs_out = base.count is not None and base.count < peak_units
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
        units_t = units_at(rest.level_t, needed.scaling.of([int(needed.row_x[x])]))[0]
        part = float(
            (rest.level_t * rest.hours_milli_t).sum() / (needed.curve.level_t * needed.curve.hours_milli_t).sum()
        )
        sites = (
            base.rest + base.bytes if near else base.rest + (1 - part) * base.bytes + burst.rest + part * burst.bytes
        )
        found.append(units * base.month + sites + mix_at(markets, needed.left, x, units_t, rest)[1])
    return min(found)
