"""Random worlds with sites of many places and workloads that live at each of them: those of `worlds`, spread out."""

from random import Random
from typing import Any

from worlds import some, world

from placement.catalog.tables import Catalog
from placement.inventory.inventory import Inventory


def spread_world(seed: int) -> tuple[Catalog, Inventory]:
    """The world of a seed with one or two sites of many places."""
    return spread(*world(seed), seed)


def spread(catalog: Catalog, plain: Inventory, seed: int) -> tuple[Catalog, Inventory]:
    """The same world with such sites."""
    random = Random(-1 - seed)
    document = plain.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    cities = [name for name in document["locations"] if name != "nowhere"]
    for name in cities:
        document["locations"][name] |= some(random, 0.5, count=random.choice((2, 3, 40)), uplink_usd_per_gb=0.35)
    narrow = Random(f"lines {seed}")
    for name in cities:
        document["locations"][name] |= some(narrow, 0.2, uplink_mbit_s=narrow.choice((0.5, 20, 400)))
    settled(random, document)
    for number in range(random.choice((1, 1, 2))):
        document["sites"][f"many{number}"] = random_places(random, catalog, cities)
    for workload in document["workloads"]:
        if random.random() < 0.7:
            live_everywhere(random, workload, document["sites"], cities)
    return catalog, Inventory.model_validate(document).with_curves(plain.curves)


def settled(random: Random, document: dict[str, Any]) -> None:
    """Rented cages are one place each."""
    for site in document.setdefault("sites", {}).values():
        if site["tier"] == "colo" and document["locations"][site["location"]].get("count", 1) > 1:
            site["tier"] = random.choice(("edge", "on_prem"))


def random_places(random: Random, catalog: Catalog, cities: list[str]) -> dict[str, Any]:
    hardware = [
        {"node": node.id, "nodes": random.choice((1, 1, 2, 4)), "capex_usd": random.choice((900, 0))}
        for node in random.sample(list(catalog.nodes.values()), min(3, len(catalog.nodes)))
        if node.max_power_kw is not None
    ]
    power = random.choice(({"power_kw": 11}, {"power_kw": 30.6}, {"grid_power_kw": 23.4}, {"grid_power_kw": 170}))
    return {
        "tier": random.choice(("edge", "edge", "on_prem")),
        "locations": random.sample(cities, random.randint(2, min(4, len(cities)))),
        "hardware": hardware, "may_buy": random.random() < 0.5, "certifications": ["SOC 2", "ISO 27001"],
        **power, **some(random, 0.4, usd_per_kwh=0.21, pue=1.3, visit_usd=95.5, backhaul_usd_per_month=12.25),
    }  # fmt: skip


def live_everywhere(random: Random, workload: dict[str, Any], sites: dict[str, Any], cities: list[str]) -> None:
    """At the places of a site, at some of them, or anywhere."""
    at = random.choice([site["locations"] for site in sites.values() if "locations" in site])
    names = random.choice((at, at, random.sample(at, random.randint(1, len(at))), random.sample(cities, 2)))
    shares = {1: (1,), 2: (0.9, 0.1), 3: (0.333, 0.333, 0.334), 4: (0.25, 0.25, 0.4995, 0.0005)}[len(names)]
    workload["users"] = [{"location": name, "share_fraction": share} for name, share in zip(names, shares, strict=True)]
    workload["per_location"] = True
    workload |= some(random, 0.4, spares_fraction=random.choice((0.1, 0.333, 1)),
                     hands_on_updates_per_year=random.choice((0.5, 4, 52)))  # fmt: skip
    many, small = random.choice((1, 1, 10)), some(random, 0.5, accelerators_per_replica=1, memory_gib=10)
    if "accelerators" in workload["demand"]:
        workload["demand"]["accelerators"]["count"] *= many
        workload["demand"]["accelerators"] |= small
    for flow in workload.get("data_in", []):
        if random.random() < 0.4 and "gb_per_month" in flow and "copy" not in flow:
            flow["from"] = random.choice([*sites, *at])
            flow.update(some(random, 0.3, each=True))
