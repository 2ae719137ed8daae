"""Work: the engine and the oracle agree on what it takes, which rules it breaks, what it costs and where it is best."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest
from oracle import Oracle
from test_oracle import Case, agree
from test_redundancy_oracle import check
from worlds import redundancy
from worlds_places import spread
from worlds_work import work_world

from placement.catalog.tables import Catalog
from placement.engine.chunk import chunk_of, hours_milli
from placement.engine.problem import build_problem
from placement.engine.search import NONE
from placement.inventory.inventory import Inventory

RULES = {"rated", "memory", "precision", "token_latency", "deadline"}
FORMS = {"serving", "video", "batch", "training"}


def needs_agree(catalog: Catalog, inventory: Inventory) -> Counter[str]:
    """Groups, units to pay for and hours on every shape, whether or not a rule forbids it; what was seen."""
    oracle, problem = Oracle(catalog, inventory), build_problem(catalog, inventory)
    chunk = chunk_of(problem, np.arange(len(inventory.workloads)))
    hours_wh, sizing, seen = hours_milli(problem, chunk), chunk.sizing, Counter[str]()
    for w, workload in enumerate(inventory.workloads):
        for offer, shape in zip(oracle.offers, problem.supply.shape_o.tolist(), strict=True):
            if workload.demand.accelerators is not None or offer.each:
                continue
            need = oracle.need(workload, offer)
            found = tuple(int(of_wh[w, shape]) for of_wh in (sizing.nodes_wh, sizing.group_wh, hours_wh))
            if need.nodes is None:
                assert found[0] == 0
                continue
            assert found == (need.nodes, need.group, need.hours_milli), (workload, offer)
            said = workload.demand.work
            seen[workload.demand.form] += 1
            seen.update(key for key, value in said.model_dump(exclude_defaults=True).items() if value)
    return seen


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_random_work(first: int) -> None:
    """Random problems: the same offers, rejections per rule, costs to the micro-dollar, and three best per tier."""
    for seed in range(first, first + 20):
        agree(*work_world(seed))


@pytest.mark.parametrize("first", range(320, 360, 20))
def test_random_needs(first: int) -> None:
    """The same groups of accelerators, units and hours on every shape there is."""
    for seed in range(first, first + 20):
        needs_agree(*work_world(seed))


def test_random_work_covers_what_matters() -> None:
    """The random problems meet every form of work, every way to say how much there is, and every rule about it."""
    seen = sum((needs_agree(*work_world(seed)) for seed in range(40)), Counter())
    said = (
        "tokens_per_second requests_per_second concurrency tokens_per_month items_per_month tokens accelerator_hours "
        "ttft_ms tpot_ms max_concurrency target_utilization_fraction spare_replicas accelerators_per_replica load "
        "growth_fraction_per_month throughput window_hours_per_month deadline_hours failed_run_fraction "
        "trainable_fraction precision"
    )
    assert FORMS | {*said.split()} <= set(seen)
    met = sum((agree(*work_world(seed)) for seed in range(30)), Counter())
    assert RULES | {"on_demand", "spot", "owned", "placed", "unplaced"} <= set(met)


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_random_work_at_many_places(first: int) -> None:
    """Sites of several places, and work at each of the places of its users."""
    placed = 0
    for seed in range(first, first + 20):
        catalog, inventory = spread(*work_world(seed), seed)
        case = Case(catalog, inventory)
        for w in range(len(inventory.workloads)):
            case.check(w)
            mine = inventory.workloads[w]
            placed += mine.demand.work is not None and mine.per_location and case.solution.offer_w[w] != NONE
    assert placed


@pytest.mark.parametrize("first", range(0, 20, 20))
def test_work_at_several_sites_is_at_the_cheapest_of_all(first: int) -> None:
    """Each active site holds its part of the peak, a standby its fraction, or nothing but data."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + 20):
        catalog, wanted = work_world(seed)
        random = Random(seed)
        for workload in wanted.workloads[:4]:
            alone = workload.model_copy(update={"redundancy": redundancy(random), "offline": False})
            seen.update(check(catalog, wanted.model_copy(update={"workloads": [alone]})))
    assert {"active_active", "standby", "placed", "unplaced"} <= set(seen)
