"""Mixes of purchase models: equal to the optimum of a mixed-integer program, and what must hold of them."""

from __future__ import annotations

import math
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from mixing import markets_of, peers_at, solved
from mixing_peer import Sold, least_cost

from placement.engine.stack.curve import Curve
from placement.engine.stack.ended import mix_with_ended
from placement.engine.stack.markets import Left
from placement.engine.stack.mix import Fixed, Hourly, Mix, Part, Stretch, cheapest_mix, cost_of, stretches
from placement.engine.stack.one_place import mix_at, place_costs, turning
from placement.engine.stack.traps import trap_of

FORTNIGHT = Path(__file__).parent / "demand/servegen_m_large_fortnight.csv"

PEAK = 64
"""Demand is counted in whole parts of it, so that all levels are exact in binary."""

demands = st.lists(st.integers(0, PEAK), min_size=1, max_size=6).map(lambda levels: [PEAK, *levels])
monthly = st.lists(st.tuples(st.integers(1, 900), st.integers(1, 40)), max_size=3)
hourly = st.none() | st.integers(1, 8)
sold = st.builds(
    lambda holds, by_month, by_hour, site: Sold(holds, tuple(by_month), by_hour, site),
    st.sampled_from([1, 2, 4, 8, 16]),
    monthly,
    hourly,
    st.sampled_from([0, 50, 700]),
)


def curve(demand: list[int], hours: list[float]) -> tuple[Curve, list[int], list[float]]:
    """The load-duration curve, with its demand and hours from the highest level down."""
    spent: Counter[int] = Counter()
    for level, hour in zip(demand, hours, strict=True):
        spent[level] += hour
    levels = sorted(spent, reverse=True)
    return (
        Curve(np.array(levels) / max(levels), np.array([spent[level] * 1000.0 for level in levels])),
        levels,
        [spent[level] for level in levels],
    )


@settings(max_examples=150, deadline=None)
@given(demands, st.data(), sold)
def test_at_one_place_a_mix_costs_what_the_optimum_does(demand: list[int], data: st.DataObject, place: Sold) -> None:
    """Screening from the base up, with limits, is the optimum of the program with a variable for every purchase."""
    hours = data.draw(st.lists(st.integers(1, 300), min_size=len(demand), max_size=len(demand)))
    load, levels, spent = curve(demand, hours)
    units_t = np.ceil(np.array(levels) / place.holds)
    by_month = [Fixed(number, price, limit) for number, (price, limit) in enumerate(sorted(place.monthly))]
    by_hour = Hourly(99, place.hourly) if place.hourly is not None else None
    mix = cheapest_mix(stretches(units_t, load), by_month, by_hour)
    found = cost_of(mix, by_month, by_hour) + place.site if mix or not units_t.any() else math.inf
    assert found == pytest.approx(least_cost(place, None, levels, spent), rel=1e-9)


@settings(max_examples=120, deadline=None)
@given(demands, st.data(), st.lists(sold, min_size=2, max_size=3))
def test_at_two_places_a_mix_costs_what_the_optimum_does(
    demand: list[int], data: st.DataObject, places: list[Sold]
) -> None:
    """The best of all bases by the month at one place with the rest at another, bounds and all."""
    hours = data.draw(st.lists(st.integers(1, 300), min_size=len(demand), max_size=len(demand)))
    load, levels, spent = curve(demand, hours)
    optimum = min(
        least_cost(base, burst, levels, spent)
        for base in places
        for burst in (None, *(other for other in places if other is not base))
    )
    assert solved(places, load, PEAK) == pytest.approx(optimum, rel=1e-9)


def test_on_the_load_of_a_real_service_both_are_the_optimum() -> None:
    """A fortnight of requests: own nodes, six of them there already, and those of a cloud, half as large."""
    rates = [float(line) for line in FORTNIGHT.read_text().splitlines()[2:]]
    hourly_peaks = [math.ceil(max(rates[first : first + 6])) for first in range(0, len(rates), 6)]
    peak = 1024
    demand = [min(peak, 8 * math.ceil(rate / 8)) for rate in hourly_peaks] + [peak]
    load, levels, spent = curve(demand, [730 / len(demand)] * len(demand))
    own = Sold(32, ((900.0, 6), (14_000.0, 400)), None, 322.0)
    cloud = Sold(16, ((18_000.0, 400),), 34.0, 60.0)
    both = min(least_cost(own, cloud, levels, spent), least_cost(own, None, levels, spent))
    found = solved([own, cloud], load, peak)
    assert found == pytest.approx(min(both, least_cost(cloud, None, levels, spent)), rel=1e-9)
    assert found < 0.97 * min(_alone(place, load, peak) for place in (own, cloud))


def _alone(place: Sold, load: Curve, peak: int) -> float:
    return solved([place], load, peak)


def test_a_base_that_ends_exactly_at_a_level_leaves_nothing_of_it() -> None:
    """Three units hold 3 of 7 exactly, whatever binary makes of 3/7: nothing is bought for the level of 3."""
    load = Curve(np.array([1.0, 3 / 7]), np.array([100_000.0, 630_000.0]))
    own, cloud = Sold(1, ((10.0, 3),), None), Sold(1, (), 1.0)
    # 3 units by the month, 4 more for 100 hours.
    assert solved([own, cloud], load, 7) == pytest.approx(3 * 10 + 4 * 100)


def test_limits_end_a_base() -> None:
    """Two units are there for 5 a month, more cost 90, an hour 1: the third, needed 80 hours, is by the hour."""
    load, levels, _ = curve([4, 3, 2], [20, 60, 650])
    mix = cheapest_mix(
        stretches(np.array(levels, dtype=np.float64), load), [Fixed(0, 5.0, 2), Fixed(1, 90.0, 9)], Hourly(2, 1.0)
    )
    assert [(one.offer, one.units, one.node_hours_milli) for one in mix] == [(0, 2, 1_460_000.0), (2, 2, 100_000.0)]
    assert [(one.least_milli, one.most_milli) for one in mix] == [(730_000.0, 730_000.0), (20_000.0, 80_000.0)]


def test_without_enough_units_there_is_no_mix() -> None:
    """Two units by the month, nothing by the hour, three needed."""
    load, levels, _ = curve([3], [730])
    assert cheapest_mix(stretches(np.array(levels, dtype=np.float64), load), [Fixed(0, 5.0, 2)], None) == []


def test_equal_costs_are_bought_by_the_hour() -> None:
    """What commits to nothing is taken where it costs the same."""
    load, levels, _ = curve([1], [100])
    mix = cheapest_mix(stretches(np.array(levels, dtype=np.float64), load), [Fixed(0, 100.0, 9)], Hourly(1, 1.0))
    assert [one.offer for one in mix] == [1]


@settings(max_examples=100, deadline=None)
@given(demands, st.data(), st.integers(1, 900), st.integers(1, 8))
def test_base_is_what_is_needed_longer_than_the_crossover(
    demand: list[int], data: st.DataObject, month: int, hour: int
) -> None:
    """The quantile rule in whole units: the base is c where P(D > c) falls to the ratio of the two prices.

    With it goes that a dearer commitment is never bought more of, and dearer hours never less.
    """
    hours = data.draw(st.lists(st.integers(1, 300), min_size=len(demand), max_size=len(demand)))
    load, levels, spent = curve(demand, hours)

    def base(by_month: float, by_hour: float) -> int:
        mix = cheapest_mix(
            stretches(np.array(levels, dtype=np.float64), load), [Fixed(0, by_month, math.inf)], Hourly(1, by_hour)
        )
        return sum(one.units for one in mix if one.offer == 0)

    total, chosen = sum(spent), base(month, hour)

    def busy(units: int) -> float:
        """For how much of the time demand is above so many units."""
        return sum(time for level, time in zip(levels, spent, strict=True) if level > units) / total

    crossover = month / (hour * total)
    assert busy(chosen) <= crossover
    assert chosen == 0 or busy(chosen - 1) > crossover
    assert base(month + 50, hour) <= chosen <= base(month, hour + 1)


@settings(max_examples=100, deadline=None)
@given(demands, st.data(), st.lists(sold, min_size=1, max_size=3), sold)
def test_one_more_place_never_costs_more(
    demand: list[int], data: st.DataObject, places: list[Sold], more: Sold
) -> None:
    """Whatever else is sold somewhere, what was there before can still be bought."""
    hours = data.draw(st.lists(st.integers(1, 300), min_size=len(demand), max_size=len(demand)))
    load, _, _ = curve(demand, hours)
    assert solved([*places, more], load, PEAK) <= solved(places, load, PEAK) * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(100, 700), st.integers(1, 8))
def test_more_volatile_demand_can_raise_the_base(low: int, spread: int, month: int, hour: int) -> None:
    """Demand that swings around the same mean moves the base towards its upper or its lower level.

    Which one depends on whether a commitment pays for half of the month, so nothing monotone is claimed of it.
    """
    load, levels, _ = curve([low + 2 * spread, low], [365, 365])
    mix = cheapest_mix(
        stretches(np.array(levels, dtype=np.float64), load),
        [Fixed(0, float(month), math.inf)],
        Hourly(1, float(hour)),
    )
    base = sum(one.units for one in mix if one.offer == 0)
    pays_half, pays_all = month < hour * 365, month < hour * 730
    assert base == (low + 2 * spread if pays_half else low if pays_all else 0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 730)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 3)), max_size=2),
    st.lists(st.tuples(st.floats(0.1, 1.2), st.integers(1, 3)), min_size=1, max_size=2),
    st.booleans(),
)
def test_commitments_that_end_hold_what_they_save_most_on(
    stack: list[tuple[int, int]], plain: list[tuple[int, int]], ended: list[tuple[float, int]], rented: bool
) -> None:
    """Against every way to give units by the month, of ended commitments and by the hour their hours."""
    units = sorted((hours for count, hours in stack for _ in range(count)), reverse=True)[:7]
    fixed = [Fixed(number, float(price), limit) for number, (price, limit) in enumerate(sorted(plain))]
    fixed += [Fixed(10 + number, 0.0, limit, price) for number, (price, limit) in enumerate(ended)]
    hourly = Hourly(99, 1.0) if rented else None
    mix = mix_with_ended([Stretch(1, hours * 1000.0) for hours in units], fixed, hourly)

    @cache
    def least(at: int, left: tuple[int, ...]) -> float:
        if at == len(units):
            return 0.0
        ways = [math.inf if hourly is None else units[at] + least(at + 1, left)]
        for number, (one, room) in enumerate(zip(fixed, left, strict=True)):
            if room:
                rest = least(at + 1, (*left[:number], room - 1, *left[number + 1 :]))
                ways.append(one.micro + one.hour_micro * units[at] + rest)
        return min(ways)

    best = least(0, tuple(int(one.limit) for one in fixed))
    assert (cost_of(mix, fixed, hourly) if mix else math.inf) == pytest.approx(best)
    if mix:
        assert sum(one.units for one in mix) == len(units)


def test_the_fast_way_is_the_exact_one() -> None:
    """What all markets would cost at once is what each costs by itself."""
    load, levels, _ = curve([9, 7, 4, 2], [30, 100, 200, 400])
    assert levels == [9, 7, 4, 2]
    places = [Sold(1, ((120.0, 99),), 1), Sold(1, ((400.0, 99),), 2), Sold(1, (), 3), Sold(1, ((90.0, 99),), None)]
    found = [solved([place], load, 9) for place in places]
    # by hand: 120 a month or 1 an hour: units needed 730, 730, 330, 330, 130, 130, 130, 30, 30 hours
    assert found[0] == 7 * 120 + 2 * 30
    assert found[1] == 4 * 400 + 2 * (3 * 130 + 2 * 30)
    assert found[2] == 3 * (2 * 730 + 2 * 330 + 3 * 130 + 2 * 30)
    assert found[3] == 9 * 90
    markets_at_once = _vectorised(places, load)
    assert markets_at_once == pytest.approx(found)


def _vectorised(places: list[Sold], load: Curve) -> list[float]:
    markets, left = markets_of(places)
    linear = np.full((1, len(places)), 9.0)
    peers = peers_at(load, linear, (0 * linear, 0 * linear), left)
    return place_costs(markets, peers, turning(markets, peers)).micro[0].tolist()


def test_a_commitment_to_todays_demand_is_a_trap_where_demand_falls() -> None:
    """Today 8 units are needed all month, in the second half of the horizon 2. A unit costs 300 a month or 1 an hour.

    Of the first month 730 h of all 8 are worth more than 300, so 8 would be committed to: 2,400. Over both halves units
    3 to 8 are needed 365 h: still worth it. At 400 a month they are not: 2 × 400 + 6 × 365 = 2,990 against 8 × 400.
    """
    load, levels, _ = curve([8, 2], [365, 365])
    assert levels == [8, 2]
    first = Curve(np.array([1.0]), np.array([730_000.0]))
    assert _trap(300.0, load, first) is None
    assert _trap(400.0, load, first) == (8, 2, 8 * 400 - 2990)


def _trap(month: float, load: Curve, first: Curve) -> tuple[int, int, float] | None:
    markets, _ = markets_of([Sold(1, ((month, 999),), 1)])
    markets, left = markets._replace(further_m=[()]), Left(np.full(2, np.inf), np.full(1, np.inf))
    needed = peers_at(load, np.full((1, 1), 8.0), (np.zeros((1, 1)), np.zeros((1, 1))), left).one(0)
    mix, cost = mix_at(markets, left, 0, needed.units_ct[0], load)
    found = trap_of(markets, needed, Mix((Part(1_000_000, tuple(mix)),), cost), first)
    return None if found is None else (found.units_today, found.units, found.more_micro)
