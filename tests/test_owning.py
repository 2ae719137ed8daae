"""What nodes of one's own cost beyond their price and power, who is paid for it, and what is left of older ones."""

import json
from decimal import Decimal
from typing import Any

import pytest
from worlds import Draft, assumed, fact, inventory, node, site, workload

from placement.catalog.tables import Catalog
from placement.engine.advise import advise
from placement.engine.problem import Problem, build_problem
from placement.engine.terms.hardware import owned_payment_micro, residual_micro
from placement.finance.charges import charges_of
from placement.finance.months import Month
from placement.finance.tables import About
from placement.inventory.digests import inventory_digest, parts_digests
from placement.plan.model import Line, Placement, Plan

FIGURES = {
    "discount_rate_fraction_per_year": 0, "accelerator_failures_per_year": 120_000,
    "maintenance_fraction_per_year": 120_000, "fabric_usd_per_gbit_per_s": 10_000_000,
    "staff_usd_per_engineer_year": 120_000_000_000,
    "staff_accelerators_per_engineer": 100_000_000, "lease_rate_fraction_per_year": 0,
}  # fmt: skip


def small(**changed: Any) -> Catalog:
    """One colocation site, and a node of eight for $100,000 with a fabric of 3,200 Gbit/s."""
    one = node("n8", **{"link": fact(3_200_000_000), **changed})
    return Draft(sites=[site("eqx/1", "colo")], nodes=[one], assumptions=assumed(**FIGURES)).catalog()


def own(**changed: Any) -> dict[str, Any]:
    return {"hq": {"tier": "on_prem", "location": "berlin", "power_kw": 1000} | changed}


def planned(catalog: Catalog, tier: str, purchase: str = "owned", count: int = 8, **changed: Any) -> Plan:
    policies = {"allowed_tiers": [tier], "allowed_purchase_models": [purchase]} | changed.pop("policies", {})
    wanted = inventory([workload(demand={"count": count})], policies=policies, **changed)
    return advise(catalog, wanted, "0" * 64)


def lines(plan: Plan) -> dict[str, Line]:
    return {line.label: line for line in plan.placements[0].lines}


def amounts(plan: Plan, *terms: str) -> dict[str, int]:
    return {line.term: line.cost_cents for line in plan.placements[0].lines if line.term in terms}


BEYOND = ("network", "maintenance", "visits", "staff")


def test_colocation_pays_for_all_of_it() -> None:
    """Switches 32,000 ÷ 60; support (100,000 − 72,000) × 0.12 ÷ 12; hands 0.08 × 400; people 10,000 × 8 ÷ 100."""
    found = amounts(planned(small(), "colo"), *BEYOND)
    assert found == {"network": 533_33, "maintenance": 280_00, "visits": 32_00, "staff": 800_00}


def test_five_nodes_cost_five_times_as_much() -> None:
    """Nothing of it hangs on how many there are: the search may add up nodes."""
    one, five = (amounts(planned(small(), "colo", count=count), *BEYOND) for count in (8, 40))
    assert five == {term: 5 * cents for term, cents in one.items()}


def test_a_lease_takes_its_switches_with_it() -> None:
    """32,000 ÷ 36 while the lease runs, and paid by its terms."""
    line = lines(planned(small(), "colo", "lease"))["switches and cables, leased"]
    assert line.cost_cents == 888_89
    assert line.schedule is not None
    assert (line.schedule.kind, line.schedule.months) == ("term", 36)


def test_a_site_states_its_own_figures() -> None:
    """Own figures stand before the catalog's, zero is one of them, and none of them is assumed."""
    stated = {
        "staff_usd_per_node_month": 40, "maintenance_fraction_per_year": 0.06, "network_usd_per_node": 6000,
        "visit_usd": 100,
    }  # fmt: skip
    plan = planned(small(), "on_prem", sites=own(**stated))
    assert amounts(plan, *BEYOND) == {"network": 100_00, "maintenance": 140_00, "visits": 8_00, "staff": 40_00}
    told = [line for line in plan.placements[0].lines if line.term in BEYOND]
    assert {line.source_id for line in told} == {"inventory"}
    assert not any(line.assumed for line in told)
    free = planned(small(), "on_prem", sites=own(**dict.fromkeys(stated, 0)))
    assert amounts(free, *BEYOND) == {}


def test_a_place_of_ones_own_has_its_own_hands() -> None:
    assert set(amounts(planned(small(), "on_prem", sites=own()), *BEYOND)) == {"network", "maintenance", "staff"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"fabric": "", "link": None}, None),
        # 400 Gbit/s for each of eight, assumed: the same 3,200
        ({"link": None}, 533_33),
        ({"link": fact(100_000_000)}, 16_67),
    ],
)
def test_switches_are_those_of_a_fabric(changed: dict[str, Any], expected: int | None) -> None:
    """$10 per Gbit/s over 60 months; nothing without a fabric."""
    assert amounts(planned(small(**changed), "colo"), "network").get("network") == expected


def test_nothing_is_supported_twice() -> None:
    """No contract is left where spares replace the node itself, part by part, or where its cards cost more than it."""
    for changed in ({"replacement": None}, {"replacement": fact(20_000_000_000)}):
        assert amounts(planned(small(**changed), "colo"), "maintenance") == {}


def test_nodes_that_are_there_have_their_switches() -> None:
    """For nothing, but supported at the catalog's price, and run by people."""
    there = own(hardware=[{"node": "n8", "nodes": 1, "capex_usd": 0}], may_buy=False)
    assert amounts(planned(small(), "on_prem", sites=there), *BEYOND) == {"maintenance": 280_00, "staff": 800_00}


def test_every_assumed_figure_is_told_with_its_dollars() -> None:
    plan = planned(small(), "colo")
    told = {
        one.text.partition(":")[0]: one.monthly_cost_cents for one in plan.assumptions if one.name == "assumed_price"
    }
    assert told["switches and cables, owned"] == 533_33
    assert told["maintenance, support contract"] == 280_00
    assert told["staff, running the nodes"] == 800_00
    assert told["visits, repairs"] == 32_00


# --- what is left of a price -----------------------------------------------------------------------------------------


def problem(hardware: dict[str, Any], **policies: Any) -> Problem:
    sites = own(hardware=[{"node": "n8", "nodes": 1, **hardware}], may_buy=False)
    return build_problem(small(), inventory([workload()], sites=sites, policies=policies))


@pytest.mark.parametrize(
    ("hardware", "policies", "left", "payment", "worth"),
    [
        # As before: the stated value over the stated months; the catalog's price over the plan's life
        ({"capex_usd": 30_000, "life_months": 20}, {}, 30_000, "1500", 0),
        ({}, {}, 100_000, "1666.67", 0),
        # New: 24 of 60 months are over, and 24 ÷ 60 of the price with them; what a month bears is what it bore before
        ({"age_months": 24}, {}, 60_000, "1666.67", 0),
        ({"age_months": 0}, {}, 100_000, "1666.67", 0),
        ({"age_months": 59}, {}, "1666.67", "1666.67", 0),
        ({"age_months": 24}, {"hardware_life_months": 96}, 75_000, "1041.67", 0),
        # Its own value, over the months that are left
        ({"age_months": 24, "capex_usd": 18_000}, {}, 18_000, "500", 0),
        # Down to a fifth of the price of a new one: 100,000 − 80,000 × 24 ÷ 60
        ({"age_months": 24}, {"hardware_residual_fraction": 0.2}, 68_000, "1333.33", 20_000),
        # Of a value that is stated a fifth of that is left
        ({"capex_usd": 30_000, "life_months": 20}, {"hardware_residual_fraction": 0.2}, 30_000, "1200", 6_000),
    ],
)
def test_what_is_left_of_older_nodes(
    hardware: dict[str, Any], policies: dict[str, Any], left: Any, payment: str, worth: int
) -> None:
    """No interest: what is left less what it will be worth, over the months that are left."""
    found = problem(hardware, **policies)
    (purchase,) = [one for one in found.supply.purchases if one.existing]
    assert Decimal(purchase.capex_micro) / 1_000_000 == Decimal(left)
    assert Decimal(owned_payment_micro(found, purchase)) / 1_000_000 == Decimal(payment)
    assert residual_micro(found, purchase) == worth * 1_000_000


def test_the_residual_comes_back_in_the_schedule() -> None:
    """A tenth of 100,000 is worth something after 60 months; a tenth of the switches, too."""
    plan = planned(small(), "colo", policies={"hardware_residual_fraction": 0.1})
    found = {line.term: line.schedule for line in plan.placements[0].lines if line.schedule is not None}
    assert {term: (one.kind, one.amount_cents, one.residual_cents) for term, one in found.items()} == {
        "hardware": ("purchase", 100_000_00, 10_000_00),
        "network": ("purchase", 32_000_00, 3_200_00),
    }
    assert lines(plan)["hardware, owned"].cost_cents == 1_500_00
    (told,) = [one for one in plan.assumptions if one.name == "owned_residual_fraction"]
    assert (told.text[:26], told.source_id) == ("bought nodes are worth 0.1", "inventory")


def test_what_outlives_the_horizon_includes_the_switches() -> None:
    """24 of 60 months are left: 24 × (1,666.67 + 533.33)."""
    (note,) = [note for note in planned(small(), "colo").notes if "outlive" in note]
    assert "$52,800 is still to be written off" in note


# --- who is paid -----------------------------------------------------------------------------------------------------


def paid(placement: Placement, plan: Plan) -> dict[str, str]:
    about = About(plan.inputs, {}, Month(2027, 1))
    return {charge.line.term: charge.provider for charge in charges_of(about, placement, 1)}


@pytest.mark.parametrize(("purchase", "owner"), [("owned", "random"), ("lease", "lessor")])
def test_who_is_paid(purchase: str, owner: str) -> None:
    """The landlord for space, power and hands; whoever owns the nodes for these; the organisation for the rest."""
    plan = planned(small(), "colo", purchase)
    assert paid(plan.placements[0], plan) == {
        "hardware": owner, "network": owner, "spares": "random", "maintenance": "random", "staff": "random",
        "visits": "eqx", "facility": "eqx", "energy": "eqx",
    }  # fmt: skip


# --- what may be said ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["-1", ".nan", ".inf", "1e12", "true", "'x'"])
@pytest.mark.parametrize("key", ["staff_usd_per_node_month", "maintenance_fraction_per_year", "network_usd_per_node"])
def test_absurd_figures_are_refused(key: str, value: str) -> None:
    """Each with an error of its own, none with a plan."""
    refused({"sites": own(**{key: yaml_value(value)})})


@pytest.mark.parametrize("value", ["-0.1", "1", "1.5", ".nan", ".inf", "'x'"])
def test_absurd_residuals_are_refused(value: str) -> None:
    refused({"policies": {"hardware_residual_fraction": yaml_value(value)}})


@pytest.mark.parametrize("value", ["-1", "241", "1.5", ".nan"])
def test_absurd_ages_are_refused(value: str) -> None:
    refused({"sites": own(hardware=[{"node": "n8", "nodes": 1, "age_months": yaml_value(value)}])})


def yaml_value(text: str) -> Any:
    values: dict[str, Any] = {".nan": float("nan"), ".inf": float("inf"), "true": True, "'x'": "x"}
    return values.get(text, json.loads(text) if text[-1].isdigit() else text)


def refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        inventory([workload()], **changed)


def test_fingerprints_of_what_is_not_said_stay() -> None:
    """Plans of inventories that say nothing of it are not out of date."""
    sites = own(hardware=[{"node": "n8", "nodes": 1}])
    plain = inventory([workload()], sites=sites)
    head = json.dumps([plain.policies.deciding(), plain.sites["hq"].deciding()])
    for key in ("age_months", "staff_usd", "maintenance_fraction", "network_usd", "residual"):
        assert key not in head
    said = [
        inventory([workload()], sites=own(hardware=[{"node": "n8", "nodes": 1, "age_months": 0}])),
        inventory([workload()], sites=own(hardware=[{"node": "n8", "nodes": 1}], staff_usd_per_node_month=0)),
        inventory([workload()], sites=sites, policies={"hardware_residual_fraction": 0}),
    ]
    assert len({inventory_digest(one) for one in (plain, *said)}) == 4
    assert [parts_digests(one) == parts_digests(plain) for one in said] == [False] * 3
