"""The third article's lists, "Edge AI is right when" and "wrong when": each entry turned by one field, both ways.

400 shops look at their shelves. The shipped catalog prices a Jetson in every shop, and accelerators rented in a region.
All money is USD.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from placement.catalog.tables import Catalog
from placement.cli.commands import load
from placement.engine.advise import advise
from placement.inventory.inventory import Inventory
from placement.plan.model import Crossover, Placement
from placement.report.places import turn_words

ROOT = Path(__file__).resolve().parents[1]

SHOPS: dict[str, Any] = {
    "schema_version": 1,
    "name": "shops",
    "locations": {
        "shops": {"country": "HU", "latitude": 47.5, "longitude": 19.04, "count": 400, "uplink_usd_per_gb": 0.5}
    },
    "sites": {
        "shop-edge": {
            "tier": "edge", "location": "shops", "power_kw": 0.5, "usd_per_kwh": 0.2, "visit_usd": 150,
            "staff_usd_per_node_month": 0,
        }
    },
    "policies": {},
    "workloads": [
        {
            "id": "shelves",
            "kind": "inference",
            "per_location": True,
            "spares_fraction": 0.05,
            "hands_on_updates_per_year": 1,
            "users": [{"location": "shops"}],
            "slo": {"rtt_ms": 200},
            "residency": ["HU", "EU", "US", "CA"],
            "data_in": [{"from": "shops", "gb_per_month": 10_000}],
            "demand": {
                "accelerators": {
                    "model": "Jetson-AGX-Orin-64GB", "count": 400, "hours_per_month": 200, "memory_gib": 20,
                    "throughput_class": "inference-vision",
                }
            },
        }
    ],
}  # fmt: skip
"""Served from a region: each shop sends 25 GB a month and needs its camera 200 hours, and 200 ms will do. Whoever runs
the tills runs the nodes, too."""

WORKLOAD = ("workloads", 0)
MEMORY = (*WORKLOAD, "demand", "accelerators", "memory_gib")
HOURS = (*WORKLOAD, "demand", "accelerators", "hours_per_month")
BYTES = (*WORKLOAD, "data_in", 0, "gb_per_month")
RTT = (*WORKLOAD, "slo", "rtt_ms")
UPDATES = (*WORKLOAD, "hands_on_updates_per_year")
VIDEO = (BYTES, 60_000)
"""Video: 150 GB a shop and month are 0.5 Mbit/s around the clock."""

OFFLINE = ((*WORKLOAD, "offline"), True)

Change = tuple[tuple[str | int, ...], Any]


@cache
def shipped() -> Catalog:
    return load(ROOT / "examples" / "minimal.yaml", [], shipped=True)[1]


def place(*changes: Change) -> Placement:
    """The placement of the shelves with some fields changed."""
    document = deepcopy(SHOPS)
    for path, value in changes:
        part: Any = document
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    (placement,) = advise(shipped(), Inventory.model_validate(document), "0" * 64).placements
    return placement


def compared(*changes: Change) -> Crossover:
    turn = place(*changes).crossover
    assert turn is not None
    return turn


def dollars(placement: Placement) -> float:
    assert placement.monthly_cost_cents is not None
    return placement.monthly_cost_cents / 100


RIGHT: dict[str, Change] = {
    "latency below 5 ms": (RTT, 5),
    "data must not leave the country": ((*WORKLOAD, "residency"), ["HU"]),
    "data must not leave the building": (("policies", "allowed_tiers"), ["edge", "on_prem"]),
    "it works offline": OFFLINE,
    "bytes cost more than compute": VIDEO,
    "hardware that is always in use costs less than hours": (HOURS, 730),
}
WRONG: dict[str, Change] = {
    # 70 billion parameters of 16 bits are 130.4 GiB; an Orin has 54.9 usable, a Thor 109.8
    "the model exceeds the device": (MEMORY, 130.4),
    "models change often, by hand": (UPDATES, 12),
    "capex is prohibitive": (("policies", "hardware_life_months"), 12),
}


def test_where_200_ms_will_do_a_region_serves() -> None:
    """Wrong when 50–200 ms are tolerated: 12,844 a month from a region, 33,439 with a Jetson in each shop."""
    placement = place()
    assert (placement.tier, placement.places) == ("gpu_cloud", 0)
    assert placement.crossover is not None
    assert placement.crossover.edge_offer == "own/shop-edge/jetson-agx-orin-64gb/owned"
    assert [dollars(placement), placement.crossover.edge_cost_cents / 100] == pytest.approx([12_844, 33_439], rel=0.01)
    assert place((RTT, 50)).tier != "edge"


@pytest.mark.parametrize("entry", RIGHT)
def test_edge_is_right_when(entry: str) -> None:
    """One field of the shops, and the shelves live in the shops; without it they do not."""
    placement = place(RIGHT[entry])
    assert (placement.tier, placement.places) == ("edge", 400)
    assert placement.layers[0].accelerator == "Jetson-AGX-Orin-64GB"
    assert placement.layers[0].nodes == 420
    assert place().tier != "edge"


@pytest.mark.parametrize("entry", WRONG)
def test_edge_is_wrong_when(entry: str) -> None:
    """One field of shops that send video, and a region serves them; without it they live in the shops."""
    placement = place(VIDEO, WRONG[entry])
    assert placement.status == "placed"
    assert placement.tier != "edge"
    assert place(VIDEO).tier == "edge"


def test_a_model_too_large_is_said_to_be() -> None:
    """The reason names both figures, of the device that comes nearest."""
    placement = place(VIDEO, WRONG["the model exceeds the device"])
    assert placement.crossover is None
    assert "a replica needs 130.4 GiB; Jetson-AGX-Orin-64GB has 54.9 usable" in placement.no_edge
    assert "L40S: power (power of the site) by 1 node" in placement.no_edge
    assert place(VIDEO).no_edge == ""


def test_what_it_costs_to_be_everywhere() -> None:
    """420 nodes (20 of them spare), 400 updates a year, and a visit for each of 420 × 0.0908 failures a year."""
    lines = {line.label: line for line in place(VIDEO).lines}
    assert lines["hardware, owned"].quantity == "420"
    assert lines["visits, updates"].quantity == "33.333"
    assert float(lines["visits, repairs"].quantity) == pytest.approx(420 * 0.0908 / 12, rel=0.06)
    assert lines["visits, repairs"].quantity == lines["spares, accelerators replaced"].quantity


def test_the_crossover_is_where_both_cost_the_same() -> None:
    """A thousandth of the bytes above it the edge costs no more, a thousandth below it does."""
    turn = compared()
    assert turn.edge_pays == "above"
    above, below = float(turn.factor), float(turn.factor) - 0.001
    for factor, edge_pays in ((above, True), (below, False)):
        there = compared((BYTES, round(10_000 * factor, 3)))
        assert (there.edge_cost_cents <= there.region_cost_cents) == edge_pays
    words = turn_words(turn)
    assert words.startswith("the edge pays from ")
    assert words.endswith(" GB a month and place on; today 25 GB")


def test_without_bytes_nothing_turns() -> None:
    turn = compared(((*WORKLOAD, "data_in"), []))
    assert (turn.factor, turn.edge_pays, turn.gb_per_month) == ("", "never", "0")
    assert "never pays, whatever the bytes" in turn_words(turn)


def test_results_sent_home_speak_against_the_edge() -> None:
    """Bytes from the shops to the office cost 0.06 per GB, as their lines are metered, and nothing from the region.

    Always in use and without updates the edge is ahead while there is little to send: (53,217 − 28,439) ÷ 30,000 of it.
    """
    office = (("locations", "office"), {"country": "HU", "latitude": 47.5, "longitude": 19.04})
    sent = ((*WORKLOAD, "data_out"), [{"to": "office", "gb_per_month": 500_000}])
    metered = (("locations", "shops", "uplink_usd_per_gb"), 0.06)
    turn = compared((HOURS, 730), (BYTES, 0), (UPDATES, 0), office, sent, metered)
    assert (turn.edge_bytes_cents, turn.region_bytes_cents) == (3_000_000, 0)
    assert (turn.factor, turn.edge_pays) == ("0.825", "below")
    assert turn_words(turn) == "the edge pays up to 1.03 TB a month and place; today 1.25 TB"


def test_a_flat_rate_pays_for_all_bytes() -> None:
    """With a stated link nothing is charged per GB; the link is, at every place."""
    lines = {line.term: line for line in place(OFFLINE, (("sites", "shop-edge", "backhaul_usd_per_month"), 30)).lines}
    assert (lines["backhaul"].quantity, lines["backhaul"].cost_cents) == ("400", 1_200_000)
    assert "egress" not in lines


def test_several_devices_at_a_place() -> None:
    """2,000 cameras in 400 shops are five a shop, and 0.5 kW feed eight Jetson of 0.06 kW; 3,600 are nine: too many."""
    count = (*WORKLOAD, "demand", "accelerators", "count")
    assert place(OFFLINE, (count, 2000)).layers[0].nodes == 2100
    beyond = place(OFFLINE, (count, 3600))
    assert beyond.status == "unplaced"
    assert "power" in {rule for way in beyond.relaxations for rule in way.constraints}
    assert any("raise the site's `power_kw` to 0.54" in way.change for way in beyond.relaxations)
