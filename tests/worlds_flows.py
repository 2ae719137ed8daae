"""Bytes for random worlds: tariffs by destination, zones, private ports, copies, exits and lines that are too slow."""

from __future__ import annotations

from random import Random
from typing import Any

from placement.catalog.tables import Catalog, Device, Fact, Port, Route, Site, Tariff
from placement.inventory.inventory import Inventory

CONTINENTS = {
    "DE": "Europe",
    "FR": "Europe",
    "CH": "Europe",
    "US": "North America",
    "JP": "Asia",
    "BR": "South America",
}
DEARER = Tariff(((0, 230_000), (1_024_000, 220_001)), "2026", "s1", "")
CHEAPER = Tariff(((0, 10_000),), "2026", "s1", "")
CROSSING = Tariff(((0, 20_000),), "2026", "s1", "")
PRIVATE = (Tariff(((0, 0),), "2026", "s1", ""), Tariff(((0, 20_000), (500_000, 10_001)), "2026", "s1", ""))


def _price(micro: int) -> Fact:
    return Fact(micro, "hour", "2026", "s1", "", "port")


PORTS = {
    "aws": (Port("slow", 1_000_000, _price(300_000)), Port("fast", 10_000_000, _price(2_250_001))),
    "lam": (Port("tiny", 5_000, _price(1_234)),),
}


def with_tariffs(random: Random, catalog: Catalog) -> Catalog:
    """The catalog with prices by destination; its offers and their order are what they were."""
    ids = [site.id for site in catalog.sites]
    sites = [_site(random, site, ids) for site in catalog.sites]
    return catalog._replace(sites=sites, ports=PORTS, continents=dict(CONTINENTS))


def _site(random: Random, site: Site, ids: list[str]) -> Site:
    if site.tier == "colo":
        return site
    mine = [name for name in ids if name.partition("/")[0] == site.provider]
    routes = [
        Route("same_provider", (random.choice(mine),), (), "", CHEAPER),
        Route("internet", (), ("US", "BR"), "", DEARER),
        Route("same_provider", (), ("JP",), "", DEARER),
        Route("same_provider", (), (), "same", CROSSING),
        Route("internet", (), (), "other", CHEAPER),
    ]
    return site._replace(
        egress_between_zones=random.choice((None, CROSSING)),
        egress_interconnect=random.choice((None, *PRIVATE)),
        routes=tuple(route for route in routes if random.random() < 0.4),
    )


def with_flows(random: Random, catalog: Catalog, inventory: Inventory) -> Inventory:
    """The inventory with more kinds of flows; nothing of it is taken away."""
    told: dict[str, Any] = inventory.model_dump(by_alias=True, exclude_defaults=True)
    told |= {"schema_version": inventory.schema_version, "name": inventory.name}
    for places in (told["locations"], told.get("sites", {})):
        for place in places.values():
            if random.random() < 0.4:
                place["interconnect"] = [name for name in ("aws", "lam") if name in catalog.providers]
    for location in told["locations"].values():
        if random.random() < 0.3:
            location["uplink_mbit_s"] = random.choice((0.01, 2, 50.5, 4000))
    ends = [*told["locations"], *told.get("sites", {}), *(site.id for site in catalog.sites[:3])]
    for workload in told["workloads"]:
        _workload(random, workload, ends, [site.id for site in catalog.sites[:3]])
    return Inventory.model_validate(told)


FLAT = {micro: Tariff(((0, micro),), "2026", "s1", "") for micro in (0, 10_000, 30_001)}
DEVICES = (
    Device("box", 1_000_000, Fact(40_000_000, "job", "2026", "s1", ""), FLAT[10_000], FLAT[0], ""),
    Device("chip", 7_777, Fact(1_234_567, "job", "2026", "s1", ""), FLAT[0], None, "friends"),
    Device("crate", 80_000_000, Fact(300_000_001, "job", "2026", "s1", ""), FLAT[30_001], FLAT[10_000], ""),
    Device("feather", 500_500, Fact(0, "job", "2026", "s1", ""), None, FLAT[30_001], ""),
)


def with_devices(random: Random, catalog: Catalog, inventory: Inventory) -> tuple[Catalog, Inventory]:
    """Both with devices that carry data: some sites of clouds have them, and some may be ordered."""
    sites = [
        site._replace(devices=tuple(one for one in DEVICES if random.random() < 0.5)) if site.tier != "colo" else site
        for site in catalog.sites
    ]
    ordered = [name for name in ("aws", "lam") if name in catalog.providers and random.random() < 0.6]
    policies = inventory.policies.model_copy(update={"transfer_devices": ordered})
    return catalog._replace(sites=sites), inventory.model_copy(update={"policies": policies})


def _workload(random: Random, workload: dict[str, Any], ends: list[str], regions: list[str]) -> None:
    chance, pick = random.random, random.choice
    volumes = (0, 0.001, 33.333, 1_000, 500_000)
    arriving, leaving = workload.setdefault("data_in", []), workload.setdefault("data_out", [])
    if chance() < 0.3:
        arriving.append({"from": pick(ends), "gb_per_day": pick(volumes), "what": "ingest"})
    if chance() < 0.3:
        arriving.append({"from": pick(("d1", "d2")), "copy": True} | pick(({}, {"gb_per_month": pick(volumes)})))
    if chance() < 0.3:
        leaving.append({"to": pick(regions), "gb_per_month": pick(volumes), "between_zones": True, "what": "logs"})
    if chance() < 0.2:
        arriving.append({"from": pick(regions), "gb_per_day": pick(volumes), "between_zones": True})
    if chance() < 0.3 and workload.get("users"):
        leaving.append({"to": "users", "gb_per_day": pick(volumes)})
    if chance() < 0.3:
        workload["current"] = {"monthly_cost_usd": 1, "site": pick(ends), "data_gb": pick((0, 0.001, 700.5, 50_000))}
