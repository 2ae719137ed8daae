"""What providers' tables and our sources say of bytes, recomputed through the tool, to the cent."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SHIPPED, Draft, inventory, site, workload

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog, Shape, Tariff
from placement.engine.billing import Billing
from placement.engine.problem import Problem, build_problem
from placement.engine.solution import prepare, work
from placement.inventory.inventory import Inventory
from placement.plan.model import Line

TB = 1024
"""GB of a terabyte, as tiers count."""

LOCATIONS = {
    "hall": {"country": "DE", "latitude": 50.1, "longitude": 8.7},
    "ashburn": {"country": "US", "latitude": 39.0, "longitude": -77.5, "interconnect": ["aws", "oci"]},
    "paris": {"country": "FR"},
    "sydney": {"country": "AU"},
    "beijing": {"country": "CN"},
}
SITES = {
    "rack": {"tier": "on_prem", "location": "hall", "power_kw": 20},
    "cage": {"tier": "on_prem", "location": "ashburn", "power_kw": 20},
}


@cache
def shipped() -> Catalog:
    return load_catalog([SHIPPED], None)


def problem_of(**moving: Any) -> Problem:
    """One workload that moves bytes."""
    demand = {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 1}}
    asked = {"id": "w", "kind": "batch", "demand": demand, **moving}
    told = {"schema_version": 1, "name": "tables", "locations": LOCATIONS, "sites": SITES, "workloads": [asked]}
    return build_problem(shipped(), Inventory.model_validate(told))


def lines_at(site: str, **moving: Any) -> list[Line]:
    """The lines about bytes of a workload at *site*, whatever the rules say of it there."""
    problem = problem_of(**moving)
    prepared = prepare(problem)
    worked = work(prepared, np.array([0]))
    here = np.flatnonzero([problem.supply.sites[number].id == site for number in problem.supply.site_o.tolist()])
    billing = Billing(problem, worked.chunk, prepared.fixed, worked.costs, here[:1])
    return [line for line in billing.lines(0) if line.term in ("egress", "moves")]


def cost_at(site: str, **moving: Any) -> float:
    """Their dollars a month."""
    return sum(line.cost_cents for line in lines_at(site, **moving)) / 100


OUT = [
    # AWS: the first 100 GB free, then 0.09 to 10 TB, 0.085 to 50 TB, 0.07 to 150 TB, 0.05
    ("aws/us-east-1", 100, "paris", 0.00),
    ("aws/us-east-1", 10 * TB, "paris", 912.60),
    ("aws/us-east-1", 50 * TB, "paris", 4_394.20),
    ("aws/us-east-1", 150 * TB, "paris", 11_562.20),
    ("aws/us-east-2", 200 * TB, "paris", 14_122.20),
    # 10,140 × 0.15; GovCloud has no allowance: 10,240 × 0.155
    ("aws/sa-east-1", 10 * TB, "paris", 1_521.00),
    ("aws/us-gov-west-1", 10 * TB, "paris", 1_587.20),
    # Azure: 10,140 × 0.0875; 10,140 × 0.12
    ("azure/westeurope", 10 * TB, "paris", 887.25),
    ("azure/japaneast", 10 * TB, "paris", 1_216.80),
    # Google: 1,024 × 0.12 + 9,216 × 0.11; to Australia 0.19 and 0.18, to China 0.23 and 0.22
    ("gcp/us-central1", 10 * TB, "paris", 1_136.64),
    ("gcp/us-central1", 10 * TB, "sydney", 1_853.44),
    ("gcp/us-central1", 10 * TB, "beijing", 2_263.04),
    # Oracle: 10 TB free, then 0.0085
    ("oci/eu-frankfurt-1", 10 * TB, "paris", 0.00),
    ("oci/eu-frankfurt-1", 20 * TB, "paris", 87.04),
]


@pytest.mark.parametrize(("site", "gb", "to", "dollars"), OUT)
def test_the_internet(site: str, gb: float, to: str, dollars: float) -> None:
    """Results to a location, by the tiers of the region that computes and by where they go."""
    problem = problem_of(data_in=[{"from": site, "gb_per_month": gb}], data_out=[{"to": to, "gb_per_month": gb}])
    number = next(number for number, one in enumerate(problem.supply.sites) if one.id == site)
    tariff = problem.tariffs.values[int(problem.flows_out.tariff_es[0, number])]
    assert tariffed(tariff, gb) == pytest.approx(dollars, abs=0.001)
    if to == "paris":  # read from an own place, the same tariff holds
        assert cost_at("own/rack", data_in=[{"from": site, "gb_per_month": gb}]) == pytest.approx(dollars, abs=0.001)


def tariffed(tariff: Tariff, gb: float) -> float:
    """The dollars of a volume, tier by tier."""
    starts = [start / 1000 for start, _ in tariff.tiers]
    ends = [*starts[1:], float("inf")]
    parts = zip(starts, ends, (price for _, price in tariff.tiers), strict=True)
    return sum(max(0.0, min(gb, end) - start) * price / 1_000_000 for start, end, price in parts)


AWS_PAIRS = {
    "af-south-1": 0.147, "ap-east-1": 0.09, "ap-northeast-1": 0.09, "ap-northeast-2": 0.08, "ap-northeast-3": 0.09,
    "ap-south-1": 0.086, "ap-southeast-1": 0.09, "ap-southeast-2": 0.098, "ap-southeast-3": 0.1, "ca-central-1": 0.02,
    "eu-central-1": 0.02, "eu-central-2": 0.02, "eu-north-1": 0.02, "eu-south-1": 0.02, "eu-south-2": 0.02,
    "eu-west-1": 0.02, "eu-west-2": 0.02, "eu-west-3": 0.02, "me-central-1": 0.085, "me-south-1": 0.1105,
    "sa-east-1": 0.138, "us-east-1": 0.02, "us-east-2": 0.02, "us-gov-east-1": 0.03, "us-west-1": 0.02,
    "us-west-2": 0.02,
}  # fmt: skip
"""USD per GB from a region to others; the two in the US East have 0.01 between them."""


def prices(pairs: list[str]) -> dict[tuple[str, str], float]:
    """USD per GB between all of these sites, first tier; None within one."""
    problem = problem_of(data_in=[{"from": name, "gb_per_month": 1} for name in pairs])
    number = {one.id: index for index, one in enumerate(problem.supply.sites)}
    values, flows = problem.tariffs.values, problem.flows_in
    return {
        (name, other): values[int(flows.tariff_es[row, number[other]])].tiers[0][1] / 1_000_000
        for row, name in enumerate(flows.labels)
        for other in pairs
    }


def test_every_pair_of_aws_regions() -> None:
    """650 pairs, each at its own price."""
    found = prices([f"aws/{name}" for name in AWS_PAIRS])
    for source, price in AWS_PAIRS.items():
        for target in AWS_PAIRS:
            near = {source, target} == {"us-east-1", "us-east-2"}
            wanted = 0.0 if source == target else 0.01 if near else price
            assert found[f"aws/{source}", f"aws/{target}"] == wanted, (source, target)


@pytest.mark.parametrize(
    ("source", "target", "price"),
    [
        ("azure/westeurope", "azure/northeurope", 0.02),
        ("azure/westeurope", "azure/eastus", 0.05),
        ("azure/japaneast", "azure/koreacentral", 0.08),
        ("azure/japaneast", "azure/westeurope", 0.08),
        ("azure/brazilsouth", "azure/chilecentral", 0.181),
        ("azure/brazilsouth", "azure/eastus", 0.16),
        ("gcp/us-central1", "gcp/northamerica-northeast1", 0.01),
        ("gcp/us-central1", "gcp/europe-west4", 0.08),
        ("gcp/europe-west1", "gcp/europe-west4", 0.02),
        ("gcp/europe-west1", "gcp/asia-southeast2", 0.15),
        ("gcp/europe-west1", "gcp/australia-southeast1", 0.15),
        ("gcp/asia-east1", "gcp/asia-northeast1", 0.05),
        ("gcp/asia-east1", "gcp/asia-southeast2", 0.15),
        ("gcp/australia-southeast1", "gcp/australia-southeast2", 0.08),
        # Asia and the Middle East: one continent, but no price of the pair is known, so the highest holds.
        ("gcp/asia-east1", "gcp/me-west1", 0.15),
    ],
)
def test_pairs_by_destination(source: str, target: str, price: float) -> None:
    """Azure by continent; Google by continent, and apart to Jakarta and Australia."""
    assert prices([source, target])[source, target] == price


@pytest.mark.parametrize(
    ("site", "dollars"), [("aws/us-east-1", 20.00), ("azure/westeurope", 0.00), ("gcp/us-central1", 10.00)]
)
def test_between_zones(site: str, dollars: float) -> None:
    """1,000 GB within a region: free, unless they cross zones; AWS bills both sides."""
    flow = {"from": site, "gb_per_month": 1000}
    assert cost_at(site, data_in=[flow]) == 0
    assert cost_at(site, data_in=[flow | {"between_zones": True}]) == dollars


@pytest.mark.parametrize(
    ("site", "gb", "dollars", "line"),
    [
        # 900 × 0.09 = 81 by the internet; a port alone costs 0.30 × 730 = 219
        ("aws/us-east-1", 1_000, 81.00, ""),
        # 219 + 10,240 × 0.02, not 912.60
        ("aws/us-east-1", 10 * TB, 423.80, "1 × Direct Connect dedicated port, 1 Gbit/s"),
        # A port of 1 Gbit/s carries 0.7 × 328,500 = 229,950 GB: two of them, cheaper than one of ten at 1,642.50
        ("aws/us-east-1", 300_000, 6_438.00, "2 × Direct Connect dedicated port, 1 Gbit/s"),
        # Eight would cost 1,752.00, one of 10 Gbit/s 1,642.50; + 1,700,000 × 0.02
        ("aws/us-east-1", 1_700_000, 35_642.50, "1 × Direct Connect dedicated port, 10 Gbit/s"),
        # 0.2125 × 730, and nothing per GB, not 30,720 × 0.0085 = 261.12
        ("oci/us-ashburn-1", 40 * TB, 155.13, "1 × FastConnect port, 1 Gbit/s"),
    ],
)
def test_private_ports(site: str, gb: float, dollars: float, line: str) -> None:
    """From a region to a cage where ports are possible: whichever way is cheaper, and the line says so."""
    lines = lines_at("own/cage", data_in=[{"from": site, "gb_per_month": gb}])
    assert sum(one.cost_cents for one in lines) == round(dollars * 100)
    ports = [one.label for one in lines if one.unit == "port-hour"]
    assert ports == ([f"egress, data in, private port (ingest from {site}, {line})"] if line else [])
    assert cost_at("own/rack", data_in=[{"from": site, "gb_per_month": gb}]) >= dollars


def test_leaving_a_region() -> None:
    """50,000 GB that leave us-east-1 once: 10,140 × 0.09 + 39,760 × 0.085 = $4,292.20, nothing where they stay."""
    current = {"monthly_cost_usd": 1, "site": "aws/us-east-1", "data_gb": 50_000}
    lines = lines_at("own/rack", current=current)
    assert sum(one.schedule.amount_cents for one in lines if one.schedule) == 429_220
    assert sum(one.cost_cents for one in lines) == pytest.approx(429_220 / 36, abs=len(lines))
    assert lines_at("aws/us-east-1", current=current) == []


@st.composite
def falling(draw: st.DrawFn) -> Tariff:
    starts = sorted(draw(st.sets(st.integers(1, 200_000), max_size=4)))
    found = draw(st.lists(st.integers(0, 300_000), min_size=len(starts) + 1, max_size=len(starts) + 1))
    begins = [0, *(start * 1000 for start in starts)]
    return Tariff(tuple(zip(begins, sorted(found, reverse=True), strict=True)), "2026", "s1", "")


@given(falling(), st.integers(0, 150_000_000), st.integers(1, 150_000_000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_falling_tariffs_are_concave(tariff: Tariff, volume_milli: int, more_milli: int) -> None:
    """The second so many GB never cost more than the first, but for the rounding of each tier's part."""
    draft = Draft(sites=[site("lam/1", egress_internet=tariff)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=0)
    milli = [volume_milli, volume_milli + more_milli, volume_milli + 2 * more_milli]
    asked = [workload(f"{at}", data_out=[{"to": "tokyo", "gb_per_month": v / 1000}]) for at, v in enumerate(milli)]
    prepared = prepare(build_problem(draft.catalog(), inventory(asked)))
    low, middle, high = work(prepared, np.arange(3)).costs.site_micro_wk[:, 0].tolist()
    assert high - middle <= middle - low + 4 * len(tariff.tiers)
