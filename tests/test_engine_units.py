"""Small parts of the engine against arithmetic done by hand."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import site

from placement.catalog.distance import distance_km
from placement.engine.annuity import charged_hours_milli, monthly_payment_micro
from placement.engine.arrays import different, to_milli_x
from placement.engine.round_trips import RoundTrips
from placement.engine.rtt_model import Band
from placement.engine.sizing import SizingInputs, size
from placement.engine.spot import paid_hours_milli
from placement.engine.traffic import ROWS, Traffic
from placement.units import cents_of, dollars, from_micro, from_milli, to_cents, to_micro, to_milli

USD = 1_000_000


@pytest.mark.parametrize(
    ("capex", "rate", "months", "residual", "expected"),
    [
        # Without interest: 36,000 ÷ 36 = 1,000.00
        (36_000, 0, 36, 0, "1000.00"),
        # 100 ÷ 3 = 33.333… → 33.33
        (100, 0, 3, 0, "33.33"),
        # Half a cent goes to the even cent: 0.25 ÷ 10 = 0.025 → 0.02 and 0.35 ÷ 10 = 0.035 → 0.04
        ("0.25", 0, 10, 0, "0.02"),
        ("0.35", 0, 10, 0, "0.04"),
        # 12 % a year, 12 months: r = 1.12^(1/12) − 1 = 0.00948879; 1 − 1.12^−1 = 0.10714286;
        # A = 0.00948879 ÷ 0.10714286 = 0.08856207; × 1,200 = 106.27448 → 106.27
        (1_200, 120_000, 12, 0, "106.27"),
        # A tenth is worth something at the end: 1,200 × (1 − 0.1 ÷ 1.12) × 0.08856207 = 96.78569 → 96.79
        (1_200, 120_000, 12, 100_000, "96.79"),
        # Interest off, residual on: (1,000 − 100) ÷ 10 = 90.00
        (1_000, 0, 10, 100_000, "90.00"),
        (0, 80_000, 60, 0, "0.00"),
    ],
)
def test_annuity(capex: float | str, rate: int, months: int, residual: int, expected: str) -> None:
    """The level payment in whole cents, half-even."""
    left = to_micro(capex) * residual // USD
    assert monthly_payment_micro(to_micro(capex), rate, months, left) == to_micro(expected)


@pytest.mark.parametrize(("rate", "months", "residual"), [(80_000, 60, 0), (100_000, 36, 0), (125_000, 48, 150_000)])
def test_annuity_repays_the_loan(rate: int, months: int, residual: int) -> None:
    """Interest on what is left, less the payment, month by month, ends at the residual value (to a cent a month)."""
    capex = Decimal(317_000)
    payment = Decimal(monthly_payment_micro(317_000 * USD, rate, months, 317_000 * residual)) / USD
    with localcontext() as context:
        context.prec = 40
        monthly = (1 + Decimal(rate) / USD) ** (Decimal(1) / 12)
        left = capex
        for _ in range(months):
            left = left * monthly - payment
    assert abs(left - capex * residual / USD) < Decimal("0.01") * months


@pytest.mark.parametrize(
    ("term", "horizon", "hours"),
    [
        (12, 36, 730_000),
        (36, 36, 730_000),
        # One year in a plan of 6 months: 12 ÷ 6 × 730 = 1,460
        (12, 6, 1_460_000),
        # Four terms of a year begin within 37 months: 48 ÷ 37 × 730 = 947.027
        (12, 37, 947_027),
        # 36 ÷ 24 × 730 = 1,095
        (36, 24, 1_095_000),
    ],
)
def test_charged_hours(term: int, horizon: int, hours: int) -> None:
    """A term that begins is paid to its end."""
    assert charged_hours_milli(term, horizon) == hours


@pytest.mark.parametrize(
    ("mean_up", "checkpoint", "restart", "milli"),
    [
        # M = 8, δ = 0.25: τ = √(2 · 0.25 · 8) − 0.25 = 1.75; (τ + δ)/M = 0.25; e^0.25 − 1 = 0.2840254;
        # R = 0: 8 · 0.2840254 ÷ 1.75 = 1.2984019 → 1.299
        (8, 0.25, 0, 1_299),
        # R = 0.8: × e^0.1 = 1.1051709 → 1.4349560 → 1.435
        (8, 0.25, 0.8, 1_435),
        # M = 1,000: τ = √20 − 0.01 = 4.4621360; (τ + δ)/M = 0.0044721; e^… − 1 = 0.0044821508;
        # 1,000 · 0.0044821508 ÷ 4.4621360 = 1.0044855 → 1.005
        (1_000, 0.01, 0, 1_005),
    ],
)
def test_spot_multiplier(mean_up: float, checkpoint: float, restart: float, milli: int) -> None:
    """Daly's paid hours per hour of work, in thousandths, rounded up."""
    assert paid_hours_milli(np.array(float(mean_up)), np.array(float(checkpoint)), restart) == milli


def test_spot_multiplier_falls_with_longer_runs() -> None:
    """Rarer interruptions never cost more, and work always takes at least itself."""
    paid = [float(paid_hours_milli(np.array(float(hours)), np.array(0.05), 0.2)) for hours in (1, 2, 4, 8, 100, 10_000)]
    assert paid == sorted(paid, reverse=True)
    assert paid[-1] > 1_000


SIZES = [
    # (count, per replica, GiB a replica) on (ratio, units, per node, usable GiB) → accelerators, group, units to pay
    # The same accelerator, eight replicas of one: 8 in one node of 8.
    ((8, 1, 72), (1000, 8, 8, 72), (8, 1, 1)),
    # Nine replicas of one need a second node: ⌈9 ÷ 8⌉ = 2.
    ((9, 1, 72), (1000, 8, 8, 72), (9, 1, 2)),
    # Twice as fast: ⌈9 ÷ 2⌉ = 5.
    ((9, 1, 72), (2000, 8, 8, 72), (5, 1, 1)),
    # Ratio 0.333: ⌈8 ÷ 0.333⌉ = ⌈24.02⌉ = 25, four nodes of 8.
    ((8, 1, 72), (333, 8, 8, 72), (25, 1, 4)),
    # Half the memory: 72 ÷ 36 = 2 hold a replica; 9 accelerators are 5 groups of 2; 4 fit a node: 2 nodes.
    ((9, 1, 72), (1000, 8, 8, 36), (10, 2, 2)),
    # 72 ÷ 25 = 2.9 → 3 → 4 hold a replica; 8 are 2 groups of 4.
    ((8, 1, 72), (1000, 8, 8, 25), (8, 4, 1)),
    # Sold one by one: 10 accelerators are 10 units.
    ((9, 1, 72), (1000, 1, 8, 36), (10, 2, 10)),
    # Sold in pairs: ⌈9 ÷ 2⌉ = 5 units.
    ((9, 1, 72), (1000, 2, 8, 72), (9, 1, 5)),
    # The smallest order is two nodes of 8: 9 replicas take 2 nodes, 16 accelerators, one order.
    ((9, 1, 72), (1000, 16, 8, 72), (9, 1, 1)),
    # One replica over 3: all work is one group of 3 in a node of 4.
    ((3, 3, 216), (1000, 4, 4, 72), (4, 4, 1)),
    ((3, 3, 100), (1000, 4, 4, 72), (3, 3, 1)),
    # One replica over 24 accelerators, nodes of 8: 24 hold 1,728 GiB → 32; ⌈32 ÷ 8⌉ = 4 nodes of its own.
    ((24, 24, 1728), (1000, 8, 8, 72), (32, 32, 4)),
    # Two replicas over 16 each: two groups of 16, each two nodes of 8.
    ((32, 16, 1152), (1000, 8, 8, 72), (32, 16, 4)),
    # Groups of 4 in nodes of 6 do not share a node: ⌊6 ÷ 4⌋ = 1, so 3 groups take 3 nodes.
    ((12, 4, 288), (1000, 6, 6, 72), (12, 4, 3)),
    # Groups of 8 in nodes of 6 take two nodes each: 2 · ⌈8 ÷ 6⌉ = 4, although 16 would fit ⌈16 ÷ 6⌉ = 3.
    ((16, 8, 576), (1000, 6, 6, 72), (16, 8, 4)),
    # Unrated: nothing is known, nothing is needed.
    ((8, 1, 72), (0, 8, 8, 72), (0, None, 0)),
]


@pytest.mark.parametrize(("asked", "shape", "expected"), SIZES)
def test_sizing(asked: tuple[int, int, float], shape: tuple[int, int, int, float], expected: tuple) -> None:
    """Accelerators, group and units for one workload on one shape."""
    count, per_replica, memory = asked
    ratio, units, per_node, usable = shape
    sizing = size(inputs(count, per_replica, memory * 1000, ratio, units, per_node, usable * 1000, same=ratio == 1000))
    accelerators, group, nodes = expected
    assert sizing.accelerators_wh[0, 0] == accelerators
    assert group is None or sizing.group_wh[0, 0] == group
    assert sizing.nodes_wh[0, 0] == nodes
    assert bool(sizing.rated_wh[0, 0]) == (ratio > 0)


@pytest.mark.parametrize(("same", "nodes"), [(True, 1), (False, 0)])
def test_sizing_with_unknown_memory(same: bool, nodes: int) -> None:
    """Only today's own accelerator is known to hold a replica; one that merely is as fast is not."""
    sizing = size(inputs(3, 3, 72_000, 1000, 4, 4, np.nan, same))
    assert sizing.nodes_wh[0, 0] == nodes
    assert bool(sizing.rated_wh[0, 0])


def inputs(count, per_replica, memory, ratio, units, per_node, usable, same) -> SizingInputs:
    one = {"count_w": count, "per_replica_w": per_replica, "memory_milli_gib_w": memory, "units_h": units,
           "per_node_h": per_node, "usable_milli_gib_h": usable}  # fmt: skip
    arrays = {name: np.array([value], dtype=np.float64) for name, value in one.items()}
    return SizingInputs(
        **arrays, ratio_row_w=np.array([0]), ratio_milli_rh=np.array([[float(ratio)]]), same_rh=np.array([[same]]),
        fabric_h=np.array([True]), memory_stated_w=np.array([True]),
    )  # fmt: skip


NEW_YORK = ("new-york", 40.7128, -74.006)


def at(latitude: float | None, longitude: float | None, **changed: object):
    return site("lam/1", latitude=latitude, longitude=longitude, **changed)


BERLIN, PARIS, QUITO = at(52.52, 13.405), at(48.8566, 2.3522), at(0.0, 0.0)


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "km"),
    [
        # Well-known distances: Berlin–Paris 877–878 km, Berlin–New York 6,385 km
        (BERLIN, 48.8566, 2.3522, 877.5),
        (BERLIN, 40.7128, -74.006, 6385.0),
        # A quarter of the way round: 6371.0088 · π ÷ 2 = 10,007.6; half: 20,015.1
        (QUITO, 0.0, 90.0, 10_007.6),
        (QUITO, 0.0, 180.0, 20_015.1),
        (QUITO, 90.0, 17.0, 10_007.6),
        # One degree on the equator: 6371.0088 · π ÷ 180 = 111.195
        (QUITO, 0.0, 1.0, 111.2),
        (BERLIN, 52.52, 13.405, 0.0),
    ],
)
def test_distance(place, latitude: float, longitude: float, km: float) -> None:
    """Great circles, to 0.1 km."""
    assert distance_km([place], [at(latitude, longitude)])[0, 0] == km


def test_distance_is_symmetric_and_unknown_without_coordinates() -> None:
    """There and back is the same way; no coordinates, no distance."""
    there, back = distance_km([BERLIN], [PARIS]), distance_km([PARIS], [BERLIN])
    assert there == back
    assert np.isnan(distance_km([BERLIN, at(None, None)], [at(None, None)])).all()


def traffic(rtt_ms: list[float], mixes: list[list[tuple[int, int]]], percentile: float) -> Traffic:
    """Users who wait so long for one site; *mixes* are locations with millionths."""
    width = max(map(len, mixes))
    padded = [mix + [(-1, 0)] * (width - len(mix)) for mix in mixes]
    median_l = np.array([*rtt_ms, np.nan]) * 1000
    count = len(median_l)
    trips = RoundTrips(
        rtt_us_als=np.array([median_l, np.rint(median_l * 1.191)])[:, :, None],
        km_tenths_ls=np.zeros((count, 1), dtype=np.int32),
        band_ls=np.zeros((count, 1), dtype=np.int16),
        bands=[Band("pooled", 800_000, 1_500_000)],
        last_us_al=np.zeros((2, count)),
        stated_l=np.zeros(count, dtype=np.bool_),
        light_us_per_tenth=1.0,
    )
    return Traffic(
        trips=trips,
        location_ru=np.array([[location for location, _ in mix] for mix in padded]),
        share_micro_ru=np.array([[share for _, share in mix] for mix in padded]),
        percentile_r=np.full(len(mixes), float(percentile)),
        guessed_r=np.zeros(len(mixes), dtype=np.bool_),
        row_w=np.arange(len(mixes)),
    )


@pytest.mark.parametrize(
    ("shares", "percentile", "expected"),
    [
        # Ordered by RTT: 10 ms (60 %), 20 ms (35 %), 100 ms (5 %)
        ([600_000, 350_000, 50_000], 50, 10.0),
        # 60 % is not 61 %: the second counts, and above the median × 1.191
        ([600_000, 350_000, 50_000], 61, 23.82),
        ([600_000, 350_000, 50_000], 95, 23.82),
        ([600_000, 350_000, 50_000], 95.1, 119.1),
        # 95.01 % is 950,100 millionths: the second location's 950,000 do not cover it
        ([600_000, 350_000, 50_000], 95.01, 119.1),
        ([600_000, 350_000, 50_000], 100, 119.1),
        # Shares that add up to 0.999 are all there is
        ([333_000, 333_000, 333_000], 100, 119.1),
    ],
)
def test_traffic_rtt(shares: list[int], percentile: float, expected: float) -> None:
    """The first location at which the cumulated shares reach the percentile."""
    mix = list(zip([1, 2, 0], shares, strict=True))
    here = traffic([100.0, 10.0, 20.0, np.nan], [mix, mix[:1]], percentile)
    assert here.of(np.array([0, 1, 0])).ravel().tolist() == [
        expected,
        10.0 * (1.191 if percentile > 50 else 1),
        expected,
    ]
    reached = here.at(np.array([0]), np.array([0]))
    assert reached.rtt_w.tolist() == [expected]
    assert (reached.low_w.tolist(), reached.high_w.tolist()) == ([round(expected * 0.8, 3)], [round(expected * 1.5, 3)])


def test_traffic_rtt_is_unknown_only_where_it_is_needed() -> None:
    """A location of unknown RTT comes last: it counts when its share is needed."""
    known = traffic(
        [10.0, np.nan], [[(0, 950_000), (1, 50_000)], [(0, 949_999), (1, 50_001)], [(1, 1_000_000)], []], 95
    )
    assert known.of(np.arange(1)).tolist() == [[11.91]]
    assert np.isnan(known.of(np.arange(1, 4))).all()
    assert np.isnan(known.at(np.arange(1, 4), np.zeros(3, dtype=np.int64)).rtt_w).all()


def test_many_different_mixes_are_evaluated_few_at_a_time() -> None:
    """Whatever the block, each mix is as it is alone."""
    draw = np.random.default_rng(5)
    mixes = [[(int(draw.integers(3)), int(draw.integers(1, 600))) for _ in range(3)] for _ in range(3 * ROWS // 2)]
    all_of_them = traffic([100.0, 10.0, 20.0], mixes, 90)
    alone = [traffic([100.0, 10.0, 20.0], [mix], 90).of(np.arange(1))[0, 0] for mix in mixes]
    assert all_of_them.of(np.arange(len(mixes)))[:, 0].tolist() == alone


@pytest.mark.parametrize(
    ("price", "quantity", "cents"),
    [
        # 0.025 USD → 3 ¢ (half up), 0.024999 → 2 ¢
        ("0.025", "1", 3),
        ("0.024999", "1", 2),
        # 2.675 USD, which binary floating point takes for 2.67499…
        ("2.675", "1", 268),
        ("1.005", "1", 101),
        # 98.32 · 730 = 71,773.60
        ("98.32", "730", 7_177_360),
        ("0.000001", "0.001", 0),
        # 0.000001 · 5,000 = 0.005 → 1 ¢
        ("0.000001", "5000", 1),
        ("0", "1000000", 0),
        # Far above 2^53: 123,456,789.123456 · 987,654.321 = 121,932,631,234,567.12…
        ("123456789.123456", "987654.321", 12_193_263_123_456_712),
    ],
)
def test_cents(price: str, quantity: str, cents: int) -> None:
    """Price × quantity in whole cents, half up."""
    assert cents_of(to_micro(price), to_milli(quantity)) == cents


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (1, "0.01"), (10, "0.10"), (123_456, "1234.56"), (-1, "-0.01"), (-12_345, "-123.45")],
)
def test_dollars(cents: int, text: str) -> None:
    """Cents as text, always two places."""
    assert dollars(cents) == text


def test_to_micro_and_milli_take_the_decimal_text() -> None:
    """Half-even from the digits people wrote, never from the binary fraction behind them."""
    assert to_micro(0.1) == 100_000
    assert to_micro("2.675") == to_micro(2.675) == to_micro(Decimal("2.675")) == 2_675_000
    assert [to_milli(value) for value in (0.0005, 0.0015, 0.0025, 1e-05, 1e9)] == [0, 2, 2, 0, 10**12]
    assert [to_micro(value) for value in ("0.0000005", "0.0000015", "0.00000150001")] == [0, 2, 2]
    assert to_milli(730) == 730_000


def test_from_micro_and_milli_are_plain_decimals() -> None:
    """No exponent, no trailing zeros, and back again without loss."""
    assert [str(from_micro(value)) for value in (0, 1, 10, 1_500_000, 10**16)] == [
        "0", "0.000001", "0.00001", "1.5", "10000000000",
    ]  # fmt: skip
    assert str(from_milli(730_000)) == "730"
    for value in (1, 999, 1_000, 123_456_789):
        assert to_micro(from_micro(value)) == value
        assert to_milli(from_milli(value)) == value


def test_to_cents_rounds_half_up() -> None:
    """A dollar amount somebody wrote, in cents."""
    assert [to_cents(value) for value in (2.675, 0.005, 0.0049, 58_000)] == [268, 1, 0, 5_800_000]


@pytest.mark.parametrize("values", [[], [3], [3, 1, 3, -2, 1], [-(2**63), 2**63 - 1, -(2**63)]])
def test_different(values: list[int]) -> None:
    """Each value once, in order, as `np.unique` has them; the extremes included."""
    array = np.array(values, dtype=np.int64)
    assert different(array).tolist() == np.unique(array).tolist() == sorted(set(values))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1e9), st.integers(0, 10**9).map(float), st.sampled_from([0.0005, 2.0015]))))
def test_to_milli_of_many(values: list[float]) -> None:
    """As of one; 2.0015 is a decimal text that no float holds."""
    assert to_milli_x(values).tolist() == [to_milli(value) for value in values]
    assert np.isnan(to_milli_x([math.nan]))[0]
