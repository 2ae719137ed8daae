"""Nodes that are there, divided between workloads whose loads go up and down."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.catalog.load import load_catalog
from placement.cli.environment import shipped_catalog
from placement.engine.advise import advise
from placement.inventory.inventory import Inventory

CATALOG = load_catalog([shipped_catalog()], None)
DAY = [10, 8, 7, 7, 8, 12, 30, 60, 80, 95, 100, 98, 96, 97, 95, 90, 85, 70, 55, 45, 35, 25, 18, 12]


def service(name: str, peak: float, load: str = "day") -> dict[str, Any]:
    """A model served by day more than at night, or nearly as much."""
    serving = {
        "model": "llama-3.3-70b",
        "precision": "fp8",
        "requests_per_second": {"load": load, "peak": peak},
        "input_tokens": 1000,
        "output_tokens": 250,
    }
    return {"id": name, "kind": "inference", "demand": {"serving": serving}, "residency": ["DE"]}


def cost_cents(services: list[dict[str, Any]], nodes: int, power_kw: float = 400) -> int:
    """A month with so many nodes in the cellar, paid for already, and no others to be bought for it."""
    hardware = [{"node": "dgx-h100", "nodes": nodes, "capex_usd": 0}]
    cellar = {"tier": "on_prem", "location": "munich", "power_kw": power_kw, "hardware": hardware, "may_buy": False}
    inventory = {
        "schema_version": 1,
        "name": "divided",
        "horizon_months": 36,
        "locations": {"munich": {"city": "Munich"}},
        "loads": {"day": {"hourly": DAY}, "even": {"hourly": [60 + value / 3 for value in DAY]}},
        "sites": {"cellar": cellar} if nodes else {},
        "policies": {"mixing": "any"},
        "workloads": services,
    }
    plan = advise(CATALOG, Inventory.model_validate(inventory), "0" * 64)
    costs = [one.monthly_cost_cents for one in plan.placements]
    assert None not in costs
    return sum(cost for cost in costs if cost is not None)


def least_cents(services: list[dict[str, Any]], nodes: int) -> int:
    """Of all ways to divide the nodes the cheapest, each service by itself with its own."""
    alone = [[cost_cents([one], count) for count in range(nodes + 1)] for one in services]
    ways = product(range(nodes + 1), repeat=len(services))
    return min(sum(costs[count] for costs, count in zip(alone, way, strict=True)) for way in ways if sum(way) <= nodes)


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 5])
def test_equal_services_share_what_is_there(nodes: int) -> None:
    """The first of two that are alike does not keep a node that would save the other more."""
    services = [service("a", 90.0), service("b", 90.0)]
    assert cost_cents(services, nodes) == least_cents(services, nodes)


def test_nodes_that_there_is_no_power_for_are_not_divided() -> None:
    """Six nodes, of which the power carries four (10.2 kW each), are divided as four are."""
    services = [service("a", 90.0), service("b", 90.0)]
    assert cost_cents(services, 6, power_kw=45) == least_cents(services, 4)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([15.0, 40.0, 90.0, 200.0]), st.sampled_from(["day", "even"])), min_size=2, max_size=3
    ),
    st.integers(1, 6),
)
def test_no_other_division_costs_less(asked: list[tuple[float, str]], nodes: int) -> None:
    services = [service(f"s{number}", peak, load) for number, (peak, load) in enumerate(asked)]
    least = least_cents(services, nodes)
    assert math.isclose(cost_cents(services, nodes), least, rel_tol=1e-9, abs_tol=len(services))
