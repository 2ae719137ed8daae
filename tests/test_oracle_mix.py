"""Mixes of whole plans: the engine and the oracle agree on what the cheapest costs, and on what a layer costs."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import numpy as np
import pytest
from oracle import Oracle
from oracle_mix import MixOracle, billed
from worlds_work import work_world

from placement.catalog.tables import Catalog
from placement.engine.advise import advise
from placement.inventory.inventory import Inventory
from placement.inventory.policy import Policies
from placement.inventory.workload import Workload
from placement.plan.model import Placement
from placement.units import to_milli
from placement.words import PURCHASES

LARGEST = 14
"""Units at the peak beyond which brute force takes too long."""

BYTES = {"data_in": [], "data_out": [], "storage_gb": 0.0, "current": None}


FREE = {"residency": [], "certifications": [], "data": None, "operators": None, "isolation": "shared", "slo": None}


MORE = 6.0


def busier(workload: Workload) -> Workload:
    """The same with several times as much to do, so that it takes more than a unit or two."""
    serving = workload.demand.serving
    if serving is None:
        return workload
    rates = {key: getattr(serving, key) for key in ("tokens_per_second", "requests_per_second", "concurrency")}
    more = {
        key: rate.model_copy(update={at: MORE * getattr(rate, at) for at in ("mean", "peak") if getattr(rate, at)})
        for key, rate in rates.items()
        if rate is not None
    }
    return workload.model_copy(
        update={"demand": workload.demand.model_copy(update={"serving": serving.model_copy(update=more)})}
    )


def alone(inventory: Inventory, workload: Workload, mixing: str, free: bool = False) -> Inventory:
    """The workload by itself: it moves no bytes, and what is at spot is not for it; *free* of other rules if asked."""
    mine = workload.model_copy(update={**BYTES, "interruptible": False, "per_location": False, "redundancy": None})
    if not free:
        policies = inventory.policies.model_copy(update={"mixing": mixing})
        return inventory.model_copy(update={"workloads": [mine], "policies": policies})
    mine = busier(mine.model_copy(update={**FREE, "users": [], "offline": False}))
    return inventory.model_copy(update={"workloads": [mine], "policies": Policies(community_hosts=True, mixing=mixing)})


def cheap_terms(catalog: Catalog, seed: int) -> Catalog:
    """The same world with committed hours at a part of the price, so that many bases pay."""
    offers, part = catalog.offers, 2 + seed % 5
    committed = [PURCHASES.index(name) for name in ("reserved_1y", "reserved_3y")]
    price = np.where(np.isin(offers.purchase_o, committed), offers.price_micro_o // part, offers.price_micro_o)
    return catalog._replace(offers=offers._replace(price_micro_o=np.where(offers.price_micro_o < 0, -1, price)))


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


def check(catalog: Catalog, inventory: Inventory, mixing: str = "any", free: bool = False) -> Counter[str]:
    """Compare the plan of every workload by itself; what was seen."""
    seen: Counter[str] = Counter()
    for workload in inventory.workloads:
        if workload.demand.accelerators is not None:
            continue
        wanted = alone(inventory, workload, mixing, free)
        oracle = Oracle(catalog, wanted)
        mixed = changing(oracle, wanted.workloads[0])
        if mixed is None:
            continue
        (placement,) = advise(catalog, wanted, "0" * 64).placements
        optimum = mixed.best(mixing)
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
        if line.term not in ("storage", "egress", "moves", "backhaul") and "cross connect" not in line.label:
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
    random = Random(first)
    for seed in range(first, first + 20):
        check(*work_world(seed))
        catalog, inventory = work_world(seed)
        check(cheap_terms(catalog, seed), inventory, free=True)
        check(cheap_terms(catalog, seed), inventory, random.choice(("same_accelerator", "one_site")), free=True)


def test_random_mixes_cover_what_matters() -> None:
    """The random problems meet every kind of mix."""
    seen: Counter[str] = Counter()
    for seed in (*range(400, 430), *range(460, 475)):
        catalog, inventory = work_world(seed)
        seen.update(check(cheap_terms(catalog, seed), inventory, free=True))
    assert {"placed", "one site", "two sites", "on_demand", "owned"} <= set(seen)
