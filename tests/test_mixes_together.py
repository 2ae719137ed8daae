"""Whoever is asked together, each workload has the mix it would have alone."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import mixing

from placement.catalog.load import load_catalog
from placement.cli.environment import shipped_catalog
from placement.engine.advise import plan_of
from placement.engine.joint import solve_jointly
from placement.engine.problem import build_problem
from placement.engine.solution import prepare
from placement.inventory.inventory import Inventory
from placement.plan.model import Plan
from placement.report import render

CATALOG = load_catalog([shipped_catalog()], None)
COUNT = 120


def services(seed: int) -> dict[str, Any]:
    """Services of a fleet with two nodes of their own, which some of them want, and spot for every third one."""
    head, rows = mixing.written(random.Random(seed), COUNT)
    cellar = {"tier": "on_prem", "location": "fra", "power_kw": 60, "may_buy": False}
    cellar["hardware"] = [{"node": "dgx-h100", "nodes": 2, "capex_usd": 0}]
    for number, row in enumerate(rows):
        row["interruptible"] = number % 3 == 0
    return {**head, "sites": {"cellar": cellar}, "workloads": rows}


def planned(inventory: dict[str, Any], size: int) -> Plan:
    prepared = prepare(build_problem(CATALOG, Inventory.model_validate(inventory)))
    return plan_of(prepared, solve_jointly(prepared, size=size), "0" * 64, size=size)


@pytest.mark.parametrize("size", [7, 40])
def test_parts_and_rows_do_not_matter(size: int) -> None:
    """In parts of a few, or in another order, the plan is the same to the byte."""
    inventory = services(3)
    whole = planned(inventory, COUNT)
    mixed = [one for one in whole.placements if len(one.layers) > 1]
    assert len(mixed) > COUNT // 10
    assert {layer.purchase for one in mixed for layer in one.layers} > {"on_demand", "reserved_3y"}
    shuffled = {**inventory, "workloads": random.Random(size).sample(inventory["workloads"], COUNT)}
    expected = "".join(render(whole, "json", (80, False)))
    assert "".join(render(planned(shuffled, size), "json", (80, False))) == expected
