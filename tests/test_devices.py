"""Devices that carry data by post: between which places, when they are taken, and what plans say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SHIPPED, Draft, fact, inventory, node, site, workload

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog, Device, Shape, Tariff
from placement.engine.advise import advise
from placement.engine.problem import Problem, build_problem
from placement.engine.tariffs import FREE, volumes_micro
from placement.engine.ways import NO_WAY, best_of
from placement.inventory.digests import inventory_digest
from placement.inventory.inventory import Inventory
from placement.plan.model import Line, Plan

SHA = "0" * 64
DIME = Tariff(((0, 100_000), (10_000_000, 50_000)), "2026", "s1", "")
CENT = Tariff(((0, 10_000),), "2026", "s1", "")
NOTHING = Tariff(((0, 0),), "2026", "s1", "")
CRATE = Device("Crate", 1_000_000, fact(50_000_000, "job"), CENT, NOTHING, "")
TRUCK = Device("Truck", 100_000_000, fact(900_000_000, "job"), CENT, None, "friends")
RACK = {"hardware": [{"node": "n8", "nodes": 1, "capex_usd": 0}], "tier": "on_prem", "power_kw": 100, "may_buy": False}
LOCATIONS = {
    "berlin": {"city": "berlin", "uplink_usd_per_gb": 1},
    "paris": {"city": "paris", "uplink_usd_per_gb": 1},
    "shops": {"city": "tokyo", "count": 3, "uplink_usd_per_gb": 1},
    "inside": {"site": "lam/1"},
    "inside-cage": {"site": "cage/1"},
}
SITES = {
    "rack": {**RACK, "location": "berlin"},
    "corners": {**RACK, "tier": "edge", "locations": ["shops"]},
    "cellars": {**RACK, "tier": "edge", "locations": ["berlin", "paris"]},
}


def market(*devices: Device) -> Catalog:
    """Two clouds, one of them with two regions, and a cage, of which each dreams of the devices."""
    names = {"lam/1": "gpu_cloud", "lam/2": "gpu_cloud", "oth/1": "hyperscaler", "cage/1": "colo"}
    sites = [site(name, tier, egress_internet=DIME, devices=devices) for name, tier in names.items()]
    draft = Draft(sites=sites, nodes=[node("n8")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    draft.offer("lam/2", "a", "on_demand", Shape("A", 1, 1, ""), 2_000_000)
    draft.offer("oth/1", "a", "on_demand", Shape("A", 1, 1, ""), 2_000_000)
    return draft.catalog()


def leaving(source: str, gb: float, name: str = "w", **changed: Any) -> dict[str, Any]:
    return workload(name, current={"monthly_cost_usd": 1, "site": source, "data_gb": gb}, **changed)


def wanted(workloads: list[dict[str, Any]], providers: list[str], **changed: Any) -> Inventory:
    policies = {"transfer_devices": providers} | changed.pop("policies", {})
    plain = {"locations": LOCATIONS, "sites": SITES, "horizon_months": 10}
    return inventory(workloads, **(plain | changed), policies=policies)


def offered(catalog: Catalog, source: str) -> dict[str, str]:
    """At which sites data that comes from *source* could arrive by post, and in what."""
    problem = build_problem(catalog, wanted([leaving(source, 5_000)], ["lam", "oth", "cage"]))
    ways = {
        one.id: problem.devices.ways[int(problem.devices.doors.way_es[0, number])]
        for number, one in enumerate(problem.supply.sites)
        if "[" not in one.id
    }
    return {name: " ".join(carrier.words for carrier in way) for name, way in ways.items() if way}


OF_LAM = "Crate, device of lam Truck, device of lam"
TO_CLOUDS = {"lam/1": "Crate, device of lam", "lam/2": "Crate, device of lam", "oth/1": "Crate, device of oth"}


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("lam/1", {"own/rack": OF_LAM, "cage/1": OF_LAM}),  # to neither its own regions, another cloud, nor many places
        ("inside", {"own/rack": OF_LAM, "cage/1": OF_LAM}),
        ("berlin", TO_CLOUDS),  # the Truck takes nothing in
        ("rack", TO_CLOUDS),
        ("cage/1", TO_CLOUDS),  # of the cage's own devices nobody knows
        ("inside-cage", TO_CLOUDS),
        ("shops", {}),
        ("corners", {}),
        ("cellars", {}),
    ],
)
def test_a_cloud_ships_to_one_place_of_ones_own(source: str, ways: dict[str, str]) -> None:
    assert offered(market(CRATE, TRUCK), source) == ways


def test_an_unknown_price_is_no_price() -> None:
    """What is not known to be carried in a direction is not carried there."""
    assert offered(market(CRATE._replace(outwards=None)), "lam/1") == {}
    assert offered(market(CRATE._replace(inwards=None)), "berlin") == {}


def exits(*devices: Device) -> Problem:
    """One workload that leaves a cloud, of whose devices all may be ordered."""
    return build_problem(market(*devices), wanted([leaving("lam/1", 5_000)], ["lam"]))


def whole_micro(problem: Problem, milli_gb: list[int]) -> tuple[list[int], list[int]]:
    """What volumes cost once to the rack, over the internet and by the cheapest device."""
    rack = next(number for number, one in enumerate(problem.supply.sites) if one.id == "own/rack")
    doors, volume_w = problem.devices.doors, np.array(milli_gb, dtype=np.float64)
    assert doors.way_es[0, rack] != NO_WAY and problem.flows_once.tariff_es[0, rack] == FREE
    internet_w = volumes_micro(problem.tariffs, int(doors.tariff_es[0, rack]), volume_w)
    best = best_of(problem.devices.ways[int(doors.way_es[0, rack])], problem.tariffs, volume_w)
    return internet_w.astype(int).tolist(), best.cost_micro_w.astype(int).tolist()


VOLUMES = st.integers(0, 10**9)


@given(VOLUMES, VOLUMES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_devices_cost_nothing_for_nothing_and_more_for_more(first: int, second: int) -> None:
    """Each way alone, and the cheaper of both; a device more is needed as soon as one is full."""
    less, more = sorted((first, second))
    internet, devices = whole_micro(exits(CRATE, TRUCK), [0, less, more])
    cheaper = [min(pair) for pair in zip(internet, devices, strict=True)]
    for costs in (internet, devices, cheaper):
        assert costs[0] == 0 and costs == sorted(costs)
    crates = -(-more // 1_000_000) * 50_000_000 + more * 10
    trucks = -(-more // 100_000_000) * 900_000_000 + more * 10
    assert devices[2] == min(crates, trucks)


def moved(plan: Plan) -> list[Line]:
    return [line for line in plan.placements[0].lines if line.term == "moves"]


def at_rack(gb: float, *devices: Device, providers: list[str] | None = None) -> Plan:
    """A workload that leaves a cloud for the rack, which is all that is allowed."""
    policies = {"allowed_tiers": ["on_prem"]}
    asked = wanted([leaving("lam/1", gb)], ["lam"] if providers is None else providers, policies=policies)
    return advise(market(*devices), asked, SHA)


@pytest.mark.parametrize(
    ("gb", "jobs"),
    [
        (500, []),  # 50 over the internet, 50 + 5 with a Crate
        (625, ["0.1"]),  # 62.50 and 50 + 6.25
        (1_000, ["0.1"]),  # 100 and 50 + 10
        (1_000.001, []),  # a second Crate: 100.0001 and 100 + 10.00001
        (1_200, ["0.2"]),  # 120 and 100 + 12
    ],
)
def test_a_device_is_taken_where_it_costs_less_as_a_whole(gb: float, jobs: list[str]) -> None:
    """A month bears a tenth of a job."""
    assert [line.quantity for line in moved(at_rack(gb, CRATE)) if line.unit == "job"] == jobs


def test_of_equal_costs_the_internet_is_taken() -> None:
    """500 GB at 0.1 or in a Crate for 45 that takes 0.01."""
    assert [line.unit for line in moved(at_rack(500, CRATE._replace(price=fact(45_000_000, "job"))))] == ["GB"]
    assert len(moved(at_rack(500, CRATE._replace(price=fact(44_999_999, "job"))))) == 2


def test_the_cheapest_of_several_devices_is_taken() -> None:
    """20,000 GB: 20 Crates are 1,000 and a Truck is 900; 17,000 GB: 17 Crates are 850."""
    labels = {gb: moved(at_rack(gb, CRATE, TRUCK))[-1].label for gb in (17_000, 20_000)}
    assert labels == {
        17_000: "move, data in, device (exit from lam/1, 17 × Crate, device of lam)",
        20_000: "move, data in, device (exit from lam/1, 1 × Truck, device of lam)",
    }


def test_lines_are_quantities_times_prices_and_paid_at_once() -> None:
    """2,500.5 GB in 3 Crates: 25.005 and 150 once, a tenth of it a month."""
    found = [
        (line.quantity, line.unit, line.unit_price_usd, line.cost_cents, line.schedule and line.schedule.amount_cents)
        for line in moved(at_rack(2_500.5, CRATE))
    ]
    assert found == [("250.05", "GB", "0.01", 250, 2_501), ("0.3", "job", "50", 1_500, 15_000)]


def test_without_the_policy_the_plan_only_says_what_they_would_save() -> None:
    """20,000 GB cost 1,000 + 500 over the internet; a Truck 900 + 200."""
    plan = at_rack(20_000, CRATE, TRUCK, providers=[])
    assert [line.unit for line in moved(plan)] == ["GB", "GB"]
    assert [note for note in plan.notes if "once" in note] == [
        "20,000 GB that move once from lam/1 (w) would cost $1,100.00 with 1 × Truck, device of lam, instead of "
        "$1,500.00 over the internet, if you may order them (only for friends); `transfer_devices: [lam]` in "
        "`policies` prices them in"
    ]
    assert not [note for note in at_rack(500, CRATE, TRUCK, providers=[]).notes if "once" in note]


def test_a_device_that_not_everybody_may_order_is_named() -> None:
    """The Truck is for friends, the Crate for everybody."""
    notes = {gb: [note for note in at_rack(gb, CRATE, TRUCK).notes if " of lam" in note] for gb in (17_000, 20_000)}
    assert notes == {
        17_000: [],
        20_000: ["only for friends, so make sure that you may order it: Truck, device of lam, for w"],
    }


def test_notes_are_few_whatever_the_fleet() -> None:
    """Eight places: the six that save most are named, the others counted; workloads of one place are added up."""
    places = {f"p{number}": {"city": "paris", "uplink_usd_per_gb": 1} for number in range(8)}
    asked = [leaving(f"p{number}", 1_000 * (number + 1), f"w{number}") for number in range(8)]
    asked.append(leaving("p7", 500.5, "x"))
    plan = advise(market(CRATE), inventory(asked, locations=places, policies={"allowed_providers": ["lam"]}), SHA)
    notes = [note for note in plan.notes if "once" in note]
    assert [note.partition(")")[0] for note in notes] == [
        "8,500.5 GB that move once from p7 (w7, x",
        *(f"{1_000 * (number + 1):,} GB that move once from p{number} (w{number}" for number in (6, 5, 4, 3, 2)),
        "devices would also save money on what moves once from 2 more places",
    ]
    assert "would cost $450.00 with 9 × Crate" in notes[0] and "$8,500.50 over the internet" in notes[0]


def test_an_inventory_without_the_policy_is_what_it_was() -> None:
    """Its fingerprint does not change with a new key that is not used."""
    plain, said = (wanted([workload()], providers) for providers in ([], ["lam"]))
    assert "transfer_devices" not in plain.policies.deciding()
    assert said.policies.deciding()["transfer_devices"] == ["lam"]
    assert inventory_digest(plain) != inventory_digest(said)


def slow(
    gb: float, providers: list[str], name: str = "berlin", at: tuple[str, ...] = ("berlin",), **line: Any
) -> list[str]:
    """Notes about a move from a location, or a site *at* some, with a line of 1 Mbit/s in Berlin."""
    locations = {
        "berlin": {"city": "berlin", "uplink_mbit_s": 1, **line},
        "quick": {"city": "paris", "uplink_mbit_s": 2},
        "paris": {"city": "paris"},
    }
    sites = {"rack": {**RACK, "locations": list(at)}}
    asked = wanted([leaving(name, gb)], providers, locations=locations, sites=sites,
                   policies={"allowed_providers": ["lam"]})  # fmt: skip
    return [note for note in advise(market(CRATE), asked, SHA).notes if "days" in note]


@pytest.mark.parametrize("name", ["berlin", "rack"])
def test_what_takes_longer_than_a_week_is_named(name: str) -> None:
    """1 Mbit/s × 0.7 carries 7.56 GB a day, 52.92 GB in seven; a thousandth more takes an eighth day."""
    assert slow(52.92, [], name) == []
    assert slow(52.921, [], name) == [
        f"52.921 GB that move once from {name} for w take 8 days over the line of berlin (1 Mbit/s × 0.7), "
        "with nothing else on it"
    ]


@pytest.mark.parametrize("name", ["berlin", "rack"])
def test_many_places_share_the_way(name: str) -> None:
    """Three places send a third each."""
    (note,) = slow(3 * 52.921, [], name, count=3)
    assert "take 8 days over the line of berlin (1 Mbit/s × 3 places × 0.7)" in note


def test_of_several_lines_the_one_that_is_full_first_is_named() -> None:
    """Each of five places sends a fifth: over 1 Mbit/s in three, over 2 in one, and one says nothing of its line."""
    (note,) = slow(5 * 52.921, [], "rack", ("berlin", "quick", "paris"), count=3)
    assert "take 8 days over the line of berlin (1 Mbit/s × 3 places × 0.7, of 5 places in all)" in note
    assert slow(5 * 52.92, [], "rack", ("berlin", "quick", "paris"), count=3) == []


def test_what_goes_by_post_or_stays_takes_no_line() -> None:
    assert slow(5_000, ["lam"], uplink_usd_per_gb=1) == []
    assert len(slow(5_000, ["lam"])) == 1, "a flat rate is cheaper than any device"
    here = wanted([leaving("rack", 5_000)], [], locations={"berlin": {"city": "berlin", "uplink_mbit_s": 1}},
                  sites={"rack": {**RACK, "location": "berlin"}}, policies={"allowed_tiers": ["on_prem"]})  # fmt: skip
    assert not [note for note in advise(market(CRATE), here, SHA).notes if "days" in note]


def test_slow_moves_are_counted_beyond_the_first() -> None:
    locations = {"berlin": {"city": "berlin", "uplink_mbit_s": 1}}
    asked = [leaving("berlin", 100 * (number + 1), f"w{number}") for number in range(8)]
    plan = advise(market(), inventory(asked, locations=locations), SHA)
    notes = [note for note in plan.notes if "days" in note]
    assert [note.split(" for ")[1].split()[0] for note in notes[:6]] == ["w7", "w6", "w5", "w4", "w3", "w2"]
    assert notes[6:] == ["2 more moves take longer than 7 days over their lines"]


HALL = {"hall": {"country": "DE", "latitude": 50.1, "longitude": 8.7}}
CAGE = {"cage": {"tier": "on_prem", "location": "hall", "power_kw": 200,
                 "hardware": [{"node": "dgx-h100", "nodes": 1}]}}  # fmt: skip


def shipped_exit(layers: list[Path], providers: list[str]) -> Plan:
    """A petabyte leaves AWS in Frankfurt for a cage of one's own."""
    asked = {
        "schema_version": 1, "name": "exit", "locations": HALL, "sites": CAGE, "horizon_months": 30,
        "policies": {"allowed_tiers": ["on_prem"], "transfer_devices": providers},
        "workloads": [{
            "id": "lake", "kind": "batch",
            "demand": {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}},
            "current": {"monthly_cost_usd": 1, "site": "aws/eu-central-1", "data_gb": 1_000_000},
        }],
    }  # fmt: skip
    return advise(load_catalog([SHIPPED, *layers], None), Inventory.model_validate(asked), SHA)


def test_the_shipped_device_is_not_priced_in_by_itself() -> None:
    """AWS: 10,140 × 0.09 + 40,960 × 0.085 + 102,400 × 0.07 + 846,400 × 0.05 = 53,882.20 over the internet; 13 Snowballs
    of 80 TB are 3,900 and 30,000 for the bytes."""
    plan = shipped_exit([], [])
    assert sum(line.schedule.amount_cents for line in moved(plan) if line.schedule) == 5_388_220
    (note,) = [note for note in plan.notes if "once" in note]
    assert note == (
        "1,000,000 GB that move once from aws/eu-central-1 (lake) would cost $33,900.00 with "
        "13 × Snowball Edge Storage Optimized, device of aws, instead of $53,882.20 over the internet, "
        "if you may order them (only for existing customers); `transfer_devices: [aws]` in `policies` prices them in"
    )
    ordered = shipped_exit([], ["aws"])
    assert [line.schedule.amount_cents for line in moved(ordered) if line.schedule] == [3_000_000, 390_000]
    # 33,333.334 GB × 0.03 = 1,000.00; 13 ÷ 30 = 0.434 jobs × 300 = 130.20
    assert [line.cost_cents for line in moved(ordered)] == [100_000, 13_020]


LAYER = """\
provider: aws
name: Amazon Web Services
tier: hyperscaler
sites:
  - {site: eu-central-1, name: Frankfurt, country: DE, as_of: "2026", source_id: q1}
transfer_devices:
  - {sites: ["*"], product: Our Truck, usable_gb: 500000, usd_per_job: 2500, usd_per_gb_out: 0.02,
     as_of: "2026", source_id: q1}
  - {sites: [eu-west-1], product: Our Truck, usable_gb: 500000, usd_per_job: 1, usd_per_gb_out: 0,
     as_of: "2026", source_id: q1}
  - {sites: [eu-central-1], product: Snowball Edge Storage Optimized, usable_gb: 80000, usd_per_job: 900,
     usd_per_gb_out: 0.03, as_of: "2026", source_id: q1}
"""


def test_a_quote_in_a_layer_of_ones_own(tmp_path: Path) -> None:
    """Another device, another price of a known one at one site, and what holds at another site does not here."""
    (tmp_path / "hyperscaler").mkdir()
    (tmp_path / "hyperscaler" / "aws.yaml").write_text(LAYER, encoding="utf-8")
    (tmp_path / "sources.csv").write_text("source_id,source,licence\nq1,our quote,confidential\n", encoding="utf-8")
    catalog = load_catalog([SHIPPED, tmp_path], None)
    known = {one.id: {device.product: device.price.micro for device in one.devices} for one in catalog.sites}
    snowball, truck = "Snowball Edge Storage Optimized", "Our Truck"
    assert known["aws/eu-central-1"] == {snowball: 900_000_000, truck: 2_500_000_000}
    assert known["aws/eu-west-1"] == {snowball: 300_000_000, truck: 1_000_000}
    assert known["aws/eu-west-2"] == {snowball: 300_000_000, truck: 2_500_000_000}
    taken = moved(shipped_exit([tmp_path], ["aws"]))
    assert [line.schedule.amount_cents for line in taken if line.schedule] == [2_000_000, 500_000]
    assert {line.source_id for line in taken} == {"q1"}
