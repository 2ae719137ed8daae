"""How much work there is over time, and the replicas and hours that hold it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_loads import assumed
from worlds import inventory, workload

from placement.engine.work.capability import staffing_beta
from placement.engine.work.hours import Staffing, node_hours_milli, replicas, units_to_pay
from placement.engine.work.loads import STEPS, Loads, growth_factors, loads_of, shapes
from placement.engine.work.wanted import Chosen, Hardware
from placement.inventory.curves import hourly_curve
from placement.inventory.recipe import Amount, Recipe
from placement.units import HOURS_PER_MONTH, MICRO, MILLI

MONTH = HOURS_PER_MONTH * MILLI


def loads(amount: Amount, growth: float = 0.0, months: int = 36, hourly: list[float] | None = None) -> Loads:
    wanted = inventory([workload()], horizon_months=months, loads={"day": {"hourly": hourly}} if hourly else {})
    recipe = Recipe("serving", "m", "tokens", growth_fraction_per_month=growth)
    return loads_of(wanted, [(recipe, amount)])[0]


@settings(deadline=None, derandomize=True)
@given(st.floats(1, 500))
def test_the_assumed_shape_keeps_its_mean(ratio: float) -> None:
    """It falls from at most the peak, has the mean it should have, and is what the formula says."""
    level_x = shapes(np.array([ratio]))[0]
    assert level_x.mean() == pytest.approx(1, rel=1e-9)
    assert level_x.max() <= ratio * (1 + 1e-9)
    assert (np.diff(level_x) <= 0).all()
    assert (level_x / ratio).tolist() == pytest.approx(assumed(ratio), rel=1e-12)


@pytest.mark.parametrize("sixteenths", [16, 17, 24, 41, 160])
def test_the_assumed_shape_is_the_average_of_the_curve(sixteenths: int) -> None:
    """Against a fine sum over (1 − u)^(r − 1) in every step."""
    ratio, fine = sixteenths / 16, 20_000
    u = (np.arange(STEPS * fine) + 0.5) / (STEPS * fine)
    exact = (ratio * (1 - u) ** (ratio - 1)).reshape(STEPS, fine).mean(axis=1)
    assert shapes(np.array([ratio]))[0].tolist() == pytest.approx(exact.tolist(), rel=1e-4)


def test_between_sixteenths_the_shape_hardly_differs() -> None:
    """The line between whole sixteenths of peak ÷ mean is within 0.3 % of the peak of the curve itself."""
    worst = 0.0
    for ratio in np.linspace(1, 20, 1999).tolist():
        edges = (1 - np.arange(STEPS + 1) / STEPS) ** ratio
        exact = (edges[:-1] - edges[1:]) * STEPS
        worst = max(worst, float(np.abs(shapes(np.array([ratio]))[0] - exact).max() / ratio))
    assert worst < 0.003


@pytest.mark.parametrize("months", range(1, 13))
@pytest.mark.parametrize("growth", [0.0, 0.013, 0.2])
def test_growth_is_month_by_month_where_there_are_few(months: int, growth: float) -> None:
    """Up to 12 months every month counts for itself."""
    factors = growth_factors(growth, months)
    expected = [(1 + growth) ** month for month in range(months)] if growth else [1.0]
    assert [factor for factor, _ in factors] == pytest.approx(expected, rel=1e-12)
    assert sum(share for _, share in factors) == pytest.approx(1)


@pytest.mark.parametrize("months", [13, 24, 36, 37, 120])
def test_growth_keeps_its_average_over_long_horizons(months: int) -> None:
    """In at most 12 periods."""
    factors = growth_factors(0.02, months)
    assert len(factors) <= 12
    mean = sum(1.02**month for month in range(months)) / months
    assert sum(factor * share for factor, share in factors) == pytest.approx(mean, rel=1e-12)
    found = loads(Amount(10.0, 30.0), 0.02, months)
    assert found.peak_l[0] == pytest.approx(30 * 1.02 ** (months - 1), rel=1e-12)
    assert found.mean_l[0] == pytest.approx(10 * mean, rel=1e-12)


@pytest.mark.parametrize("growth", [0.0, 0.03])
def test_hours_of_a_year_add_up(growth: float) -> None:
    """Of 8,760 different values, with 12 periods of growth: whole thousandths, none below zero, a month in all."""
    hourly = np.random.default_rng(3).uniform(1, 100, 8760).tolist()
    found = loads(Amount(load="day"), growth, 36, hourly)
    level_x, milli_x = found.curves[0]
    assert milli_x.min() >= 0
    assert milli_x.sum() == MONTH
    assert (np.diff(level_x) <= 0).all()
    assert level_x[0] <= 1
    assert (level_x * milli_x).sum() / MONTH * found.peak_l[0] == pytest.approx(found.mean_l[0], rel=1e-4)


def staffing(peak: float, **changed: object) -> Staffing:
    return Staffing(
        np.array([peak * MICRO]), np.zeros(1), np.array([float(changed.get("share", np.nan))]),  # type: ignore[arg-type]
        np.array([float(changed.get("spares", 0))]), np.zeros(1), staffing_beta(50),  # type: ignore[arg-type]
    )  # fmt: skip


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.one_of(st.just(0.0), st.floats(0.01, 100)), min_size=24, max_size=24).filter(any),
    st.integers(1, 40), st.sampled_from([1, 2, 4, 8]), st.sampled_from([(1, 8), (8, 8), (2, 2), (16, 8)]),
    st.integers(0, 2), st.sampled_from([np.nan, 0.7]),
)  # fmt: skip
def test_hours_by_load_are_those_of_every_hour(
    hourly: list[float], slots: int, group: int, sold: tuple[int, int], spares: int, share: float
) -> None:
    """Node-hours of a day by brute force: what each of its hours takes, as at a peak of its own."""
    units, per_node = (np.array([float(number)]) for number in sold)
    if group > sold[1]:
        return
    found, held = loads(Amount(load="day"), hourly=hourly), np.array([[7.3 * MICRO]])
    curve = hourly_curve(hourly)
    want = staffing(curve.peak, share=share, spares=spares)
    at = [float(replicas(want, np.array([[one * MICRO]]), held, np.array([[float(slots)]]))[0, 0]) for one in hourly]
    paid = [float(units_to_pay(np.array(n * group), np.array(float(group)), units, per_node)[0]) for n in at]
    chosen = Chosen(
        held, np.array([[float(slots)]]), np.array([[float(group)]]), np.array([[max(paid)]]), np.ones((1, 1))
    )
    none = np.zeros(0, dtype=np.int64)
    hardware = Hardware(
        none, units, per_node, np.zeros(1, np.bool_), np.zeros((1, 1), np.int64), none, np.zeros(1, np.bool_)
    )
    hours = node_hours_milli(want, found, np.zeros(1, dtype=np.int64), chosen, hardware)[0, 0]
    assert hours == pytest.approx(sum(paid) / 24 * MONTH / max(paid), abs=max(paid) + 1)


def erlang_c(servers: int, offered: float) -> float:
    """The share of requests that wait, exactly, by the recursion of Erlang's B."""
    if servers <= offered:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def fewest(offered: float, wait: float, start: int) -> int:
    """Servers of which fewer than *wait* of the requests find none free."""
    servers = max(start, math.floor(offered) + 1)
    while erlang_c(servers, offered) > wait:
        servers += 1
    return servers


def test_places_are_never_fewer_than_erlang_says_and_hardly_more() -> None:
    """Places for 0.01 to 1,900 requests at once: at most one more than exact, up to 2,000 servers."""
    beta, servers, more = staffing_beta(50), 1, 0
    for offered in [*np.arange(0.01, 5, 0.01).tolist(), *np.arange(5, 100, 0.5).tolist(), *range(100, 1900, 7)]:
        servers = fewest(offered, 0.05, servers)
        ours = math.ceil(offered + beta * math.sqrt(offered) + 1)
        assert ours >= servers, offered
        more = max(more, ours - servers)
        assert ours <= servers * 1.02 + 1, offered
    assert more == 1
    assert servers > 1900


def test_beta_is_the_published_one() -> None:
    """Halfin and Whitt's P(wait) = 1 ÷ (1 + β·Φ(β)/φ(β)) at the β of 5 %."""
    beta = staffing_beta(50)
    density, below = math.exp(-beta * beta / 2) / math.sqrt(2 * math.pi), (1 + math.erf(beta / math.sqrt(2))) / 2
    assert beta == 1.74
    assert 0.0495 < 1 / (1 + beta * below / density) <= 0.05


@pytest.mark.parametrize("held", [7, 100, 250, 1234])
def test_what_is_exactly_so_many_is_so_many(held: int) -> None:
    """A peak of k × share × throughput takes k replicas, whatever a share is in binary."""
    for percent in range(1, 101):
        for count in (1, 3, 7, 20):
            want = staffing(count * percent * held / 100, share=percent / 100)
            micro = np.array([[float(count * percent * held * 10_000)]])
            assert replicas(want, micro, np.array([[held * 1e6]]), np.ones((1, 1))) == count


def test_units_to_pay_share_nodes() -> None:
    """Groups of 3 share a node of 8 by twos; 5 accelerators of parts of nodes are paid alone; pipelines fill none."""
    cases = [
        (9, 3, 8, 8, None, 2),
        (5, 1, 1, 8, None, 5),
        (16, 8, 6, 6, 2, 4),
        (24, 24, 8, 8, None, 3),
        (8, 8, 16, 8, None, 1),
    ]
    for total, group, units, per_node, spans, expected in cases:
        found = units_to_pay(*(np.array(float(one)) for one in (total, group, units, per_node)), spans)
        assert found == expected
