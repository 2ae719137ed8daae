"""Rental prices over the horizon: what they average, which lines say so, and where bought nodes would be undercut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.cli.commands import load
from placement.engine.advise import advise
from placement.engine.price_path import average_change
from placement.plan.model import Placement, Plan

CASES = Path(__file__).parent / "cases"


def test_averages_by_hand() -> None:
    """0.64 a year over two years, of capital that costs nothing: 16.172012 ÷ 24 by the hour, 1.64 ÷ 2 renewed once."""
    assert average_change(-360_000, 0, 24, 1) == pytest.approx(16.17201236 / 24 - 1, abs=1e-9)
    assert average_change(-360_000, 0, 24, 12) == pytest.approx(-0.18, abs=1e-15)
    assert average_change(-360_000, 0, 24, 36) == 0.0
    assert average_change(0, 80_000, 36, 1) == 0.0
    # At 100 % a year for capital the second year weighs half: (1 + 2 · ½) ÷ 1.5 of prices that double.
    assert average_change(1_000_000, 1_000_000, 24, 12) == pytest.approx(1 / 3, abs=1e-15)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.integers(-900_000, 1_000_000),
    st.integers(0, 1_000_000),
    st.integers(1, 120),
    st.sampled_from([1, 12, 36]),
)
def test_averages_are_those_of_all_months(change: int, discount: int, horizon: int, term: int) -> None:
    begins = range(0, horizon, term)
    worth = [(1 + discount / 1e6) ** (-begin / 12) for begin in begins]
    prices = [(1 + change / 1e6) ** (begin / 12) for begin in begins]
    found = sum(w * p for w, p in zip(worth, prices, strict=True)) / sum(worth) - 1
    assert average_change(change, discount, horizon, term) == pytest.approx(found, abs=1e-12)
    assert found > -1


def plan_with(name: str, change: float | None) -> Plan:
    loaded = load(CASES / name / "inventory.yaml", [CASES / "catalog"], False)
    policies = loaded.inventory.policies.model_copy(update={"rental_price_change_fraction_per_year": change})
    return advise(loaded.catalog, loaded.inventory.model_copy(update={"policies": policies}), "0" * 64)


def found(name: str, workload: str, change: float | None) -> Placement:
    return next(one for one in plan_with(name, change).placements if one.workload == workload)


def test_a_change_of_zero_is_none() -> None:
    """But for the fingerprints of what was asked."""
    stated, unsaid = plan_with("committed", 0.0), plan_with("committed", None)
    assert stated.placements == unsaid.placements
    assert stated.assumptions == unsaid.assumptions


def test_prices_that_rise_make_lines_above_zero() -> None:
    one = found("falling", "always", 0.02)
    (change,) = [line for line in one.lines if line.term == "price_change"]
    assert change.cost_cents > 0
    assert sum(line.cost_cents for line in one.lines) == one.monthly_cost_cents


def test_bought_nodes_are_undercut_from_where_it_is_said() -> None:
    """At the stated change the alternative costs no more than the bought nodes; a thousandth above it costs more."""
    today = found("bought", "twin", None)
    assert today.layers[0].purchase == "owned"
    assert today.price_turn is not None
    turn = float(today.price_turn.change_fraction_per_year)
    assert -0.9 <= turn < 0
    for change, cheaper in ((turn, True), (turn + 0.001, False)):
        one = found("bought", "twin", change)
        costs = {other.offer: other.monthly_cost_cents for other in one.alternatives}
        costs[one.layers[0].offer] = one.monthly_cost_cents or 0
        assert (costs[today.price_turn.offer] <= costs[today.layers[0].offer]) == cheaper


def test_rented_nodes_have_no_turn() -> None:
    assert found("falling", "busy", -0.36).price_turn is None
