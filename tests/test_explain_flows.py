"""What `placement explain` says of bytes: every flow with its way, its tariff and its dollars."""

from __future__ import annotations

import pytest
from test_cases import CASES

from placement.catalog.tables import Tariff
from placement.cli.commands import load
from placement.engine.explain import explain
from placement.engine.explain_flows import FlowRow, tariff_words
from placement.report.explain import render_explanation

VIRGINIA = "nimbus/virginia"
BERLIN = "nimbus/berlin"


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
