"""What `placement explain` says of bytes: every flow with its way, its tariff and its dollars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from test_cases import CASES
from test_copies import market, wanted
from test_redundancy import mixed
from worlds import inventory, workload, world
from worlds_places import spread_world

from placement.catalog.tables import Catalog, Tariff
from placement.cli.commands import load
from placement.engine.copies import solve_with_copies
from placement.engine.explain import demand_words, explain
from placement.engine.explain_flows import FlowRow, flow_rows, tariff_words
from placement.engine.placements import place_some
from placement.inventory.inventory import Inventory
from placement.plan.model import Placement
from placement.report.explain import render_explanation

VIRGINIA = "nimbus/virginia"
BERLIN = "nimbus/berlin"
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.yaml"))


def told(workload: str, case: str = "flows") -> tuple[FlowRow, ...]:
    loaded = load(CASES / case / "inventory.yaml", [CASES / "catalog"], False)
    return explain(loaded.catalog, loaded.inventory, workload).flows


EXPECTED = {
    "cameras": [
        ("ingest", "plant", "own/hall", "18250", False, "plant", "within one place", "", "", 0),
        ("logs", "own/hall", "plant", "18.25", False, "own/hall", "within one place", "", "", 0),
        ("logs", "own/hall", "berlin", "18.25", False, "own/hall", "$0 (assumed)", "t1", "2026", 0),
    ],
    "search": [
        ("replication", VIRGINIA, "nimbus/berlin", "100", False, VIRGINIA, "$0.02", "t1", "2026", 200),
        ("copy, exit", VIRGINIA, "nimbus/berlin", "39600", True, VIRGINIA, "$0.02", "t1", "2026", 2200),
    ],
    "below": [
        ("results", VIRGINIA, "studio", "2737", False, VIRGINIA, "$0.1 to 10,000 GB, $0.05 above", "t1",
         "2026", 27_370),
    ],
    "above": [
        ("results", VIRGINIA, "studio", "2738", False, VIRGINIA,
         "private port: $0.02 per GB and $0.3 per port-hour", "t1", "2026", 27_376),
    ],
    "shuffle": [
        ("checkpoints", VIRGINIA, VIRGINIA, "1000", False, VIRGINIA, "$0.01", "t1", "2026", 1000),
    ],
}  # fmt: skip


POSTED = {
    "leaver": (VIRGINIA, "own/hall", "1000000", VIRGINIA, "device of nimbus: $0.02 per GB and $4000 per job", 60_000),
    "below": (BERLIN, "own/hall", "6250", BERLIN, "$0.1 to 10,000 GB, $0.05 above", 1_563),
    "films": ("studio", BERLIN, "60000", BERLIN, "device of nimbus: $0 per GB and $500 per job", 2_500),
    "moved": ("forge/paris", "own/hall", "20000", "forge/paris", "$0.1 (assumed)", 5_000),
}


@pytest.mark.parametrize("workload", POSTED)
def test_what_goes_by_post_is_told(workload: str) -> None:
    """From where, to where, how much, who is paid, by which prices, and what a month bears of it."""
    (row,) = told(workload, "posted")
    assert (row.source, row.target, row.gb, row.sender, row.tariff, row.monthly_cost_cents) == POSTED[workload]
    assert row.once


@pytest.mark.parametrize("workload", EXPECTED)
def test_flows_are_told_with_their_tariffs(workload: str) -> None:
    """The golden case's flows; what they cost is what the placement's lines say."""
    assert told(workload) == tuple(FlowRow(*row) for row in EXPECTED[workload])


def test_flows_are_shown() -> None:
    loaded = load(CASES / "flows/inventory.yaml", [CASES / "catalog"], False)
    shown = "".join(render_explanation(explain(loaded.catalog, loaded.inventory, "search"), (160, False)))
    assert "What moves" in shown
    assert "39,600 once" in shown
    assert "a copy and 100 GB of changes from archive" in shown


def test_tiers_in_words() -> None:
    """Every tier to its end, the last one from there on."""
    tariff = Tariff(((0, 0), (100_000, 90_000), (10_240_000, 85_000)), "", "", "", assumed=True)
    assert tariff_words(tariff) == "$0 to 100 GB, $0.09 to 10,240 GB, $0.085 above (assumed)"


def all_told(catalog: Catalog, inventory: Inventory) -> Iterator[tuple[Placement, tuple[FlowRow, ...]]]:
    """Every placement with what `explain` says of its bytes."""
    alone, solution = solve_with_copies(catalog, inventory)
    prepared = solution.as_chosen(alone)
    if solution.joint is not None:
        prepared = prepared._replace(problem=solution.joint.priced)
    every = np.arange(len(prepared.problem.ids))
    placed = place_some(prepared, solution, every)
    for w, placement in enumerate(placed.placements):
        yield placement, flow_rows(prepared.problem, w, placed, w, int(solution.offer_w[w]))


def moved(placement: Placement) -> int:
    """Cents of the lines about bytes."""
    return sum(line.cost_cents for line in placement.lines if line.term in ("egress", "moves"))


def copied(seed: int) -> tuple[Catalog, Inventory]:
    """A world with datasets that may be copied, of which some workloads are at several sites."""
    catalog, inventory = mixed(seed)
    changes = {"changes_gb_per_month": (0.0, 10.5, 3_000.0)[seed % 3]}
    datasets = {name: one.model_copy(update=changes) for name, one in inventory.datasets.items()}
    return catalog, inventory.model_copy(update={"datasets": datasets})


@pytest.mark.parametrize("make", [world, copied, spread_world])
def test_the_rows_add_up_to_the_lines_about_bytes(make: object) -> None:
    """In random worlds every dollar for bytes is in one row, and in one only."""
    seen = set[str]()
    for seed in range(24):
        for placement, rows in all_told(*make(seed)):
            assert sum(row.monthly_cost_cents for row in rows) == moved(placement), (seed, placement.workload)
            seen |= {row.what.partition(" ")[0] for row in rows if row.monthly_cost_cents}
    assert {"reads", "ingest", "results"} <= seen
    assert "changes" in seen or make is not copied


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_rows_of_examples_add_up(path: Path) -> None:
    loaded = load(path, [], True)
    for placement, rows in all_told(loaded.catalog, loaded.inventory):
        assert sum(row.monthly_cost_cents for row in rows) == moved(placement), placement.workload


def test_flows_of_one_name_have_their_own_rows() -> None:
    """Two datasets at one home: by hand 1,000 and 2,000 GB at 10 cents."""
    asked = wanted({"w": 1_000}, changes_gb_per_month=1_000_000)
    more = asked.datasets["images"].model_copy(update={"changes_gb_per_month": None})
    (workload,) = asked.workloads
    second = workload.data_in[0].model_copy(update={"source": "films", "gb_per_month": 2_000})
    workload = workload.model_copy(update={"data_in": [*workload.data_in, second]})
    asked = asked.model_copy(update={"datasets": {**asked.datasets, "films": more}, "workloads": [workload]})
    rows = explain(market(), asked, "w").flows
    assert [(row.what, row.source, row.gb, row.monthly_cost_cents) for row in rows] == [
        ("reads", "aws/1", "1000", 10_000),
        ("reads", "aws/1", "2000", 20_000),
    ]


def test_reading_a_copy_and_keeping_it_up_to_date_are_told() -> None:
    """The copy of `test_copies.py`: three quarters of 100 GB of changes, and of 1,000 GB once over 12 months."""
    rows = explain(market(), wanted({"a": 4_500, "b": 1_500}), "a").flows
    assert rows == (
        FlowRow("reads", "copy of images at lam/1", "lam/1", "4500", False, "copy of images at lam/1",
                "within one place", "", "", 0),
        FlowRow("changes of images, its part", "aws/1", "lam/1", "75", False, "aws/1", "$0.1", "s1", "2026", 750),
        FlowRow("copy of images, its part", "aws/1", "lam/1", "750", True, "aws/1", "$0.1", "s1", "2026", 625),
    )  # fmt: skip


def test_large_volumes_and_small_shares_are_written_out() -> None:
    """No exponent and no digit lost: petabytes, a third, and one part in a thousand."""
    asked = workload(
        users=[{"location": "berlin", "share_fraction": 0.999}, {"location": "paris", "share_fraction": 0.001}],
        data_in=[{"from": "berlin", "gb_per_month": 2_500_001}],
        data_out=[{"to": "paris", "gb_per_day": 1e9 / 3}],
        storage_gb=1e9,
        redundancy={"mode": "standby", "standby_fraction": 0.005, "replication_gb_per_month": 1_234_567.5},
    )
    said = dict(demand_words(inventory([asked]).workloads[0]))
    assert said["users"] == "berlin 99.9 %, paris 0.1 %"
    assert said["data in"] == "2,500,001 GB from berlin"
    assert said["data out"] == "333,333,333.333 GB a day to paris"
    assert said["storage"] == "1,000,000,000 GB"
    assert said["redundancy"] == "standby at 2 sites, 0.5 % standing by, 1,234,567.5 GB a month to each further site"
