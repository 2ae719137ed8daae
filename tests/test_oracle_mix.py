"""Mixes of whole plans: the engine and the oracle agree on what the cheapest costs, and on what a layer costs."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from oracle import Oracle
from oracle_mix import MixOracle, billed
from worlds_work import work_world

from placement.catalog.tables import Catalog
from placement.engine.advise import advise
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.plan.model import Placement
from placement.units import to_milli

LARGEST = 14
"""Units at the peak beyond which brute force takes too long."""

BYTES = {"data_in": [], "data_out": [], "storage_gb": 0.0, "current": None}


def alone(inventory: Inventory, workload: Workload) -> Inventory:
    """The workload by itself: it moves no bytes, and what is at spot is not for it."""
    mine = workload.model_copy(update={**BYTES, "interruptible": False, "per_location": False, "redundancy": None})
    return inventory.model_copy(update={"workloads": [mine]})


def changing(oracle: Oracle, workload: Workload) -> MixOracle | None:
    """What there is to mix; None for work that is not served, or takes too many units to try all bases."""
    if workload.demand.work is None or workload.demand.form not in ("serving", "video"):
        return None
    mixed = MixOracle(oracle, workload)
    if len(mixed.levels) < 2 or not mixed.markets:
        return None
    if max(mixed.units(one.shape, 1.0) for one in mixed.markets) > LARGEST:
        return None
    return mixed


def check(catalog: Catalog, inventory: Inventory) -> Counter[str]:
    """Compare the plan of every workload by itself; what was seen."""
    seen: Counter[str] = Counter()
    for workload in inventory.workloads:
        if workload.demand.accelerators is not None:
            continue
        wanted = alone(inventory, workload)
        oracle = Oracle(catalog, wanted)
        mixed = changing(oracle, wanted.workloads[0])
        if mixed is None:
            continue
        (placement,) = advise(catalog, wanted, "0" * 64).placements
        optimum = mixed.best()
        if placement.monthly_cost_cents is None:
            # Without any single offer nothing is placed, whatever a mix could do.
            seen["unplaced"] += 1
            continue
        assert math.isclose(placement.monthly_cost_cents, optimum / 10_000, rel_tol=2e-6, abs_tol=len(placement.lines))
        seen["placed"] += 1
        if len(placement.layers) > 1:
            seen.update(layer.purchase for layer in placement.layers)
            seen["two sites" if any(layer.site for layer in placement.layers) else "one site"] += 1
            layers_agree(oracle, wanted.workloads[0], placement)
    return seen


def layers_agree(oracle: Oracle, workload: Workload, placement: Placement) -> None:
    """Every layer costs what its units and hours cost, and breaks no rule; both sites are paid for."""
    by_id = {offer.id: offer for offer in oracle.offers}
    costs = dict.fromkeys(range(len(placement.layers) + 1), 0)
    for line in placement.lines:
        if line.term in ("usage", "commitment", "hardware", "spares", "visits", "energy") or "kW" in line.unit:
            costs[line.layer] += line.cost_cents
    for number, layer in enumerate(placement.layers, start=1):
        offer = by_id[layer.offer]
        cost = billed(oracle, workload, offer, layer.nodes, to_milli(float(layer.hours_per_month)))
        assert abs(costs[number] - cost / 10_000) <= len(placement.lines)
        assert not oracle.broken_at(workload, offer.site)
    sites = {by_id[layer.offer].site.id: by_id[layer.offer].site for layer in placement.layers}
    total = sum(costs.values()) + sum(oracle.cost_at(workload, site) for site in sites.values()) / 10_000
    paid_at_sites = placement.monthly_cost_cents - sum(costs.values())
    assert abs(placement.monthly_cost_cents - total) <= len(placement.lines), paid_at_sites


@pytest.mark.parametrize("first", range(400, 480, 20))
def test_random_mixes(first: int) -> None:
    """Random problems: no base and no rest costs less."""
    for seed in range(first, first + 20):
        check(*work_world(seed))


def test_random_mixes_cover_what_matters() -> None:
    """The random problems meet every kind of mix."""
    seen: Counter[str] = Counter()
    for seed in range(400, 430):
        seen.update(check(*work_world(seed)))
    assert {"placed", "one site", "two sites", "on_demand", "owned"} <= set(seen)
