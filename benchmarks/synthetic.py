"""A made-up market and a fleet of any size, the same for the same seed.

Proportions follow the shipped catalog: kinds of sites, hardware shapes, purchase models, tariffs that are unknown or
fall in tiers, certificates, and nodes to buy. The figures an engine assumes (spot interruptions, power, latency over
distance) and the places are the shipped catalog's own. Every cost term and every kind of rule decides something.
"""

from random import Random
from typing import Any, NamedTuple

import numpy as np

from placement.catalog.load import load_catalog
from placement.catalog.offers import Offers
from placement.catalog.tables import (
    AVAILABILITIES,
    BASES,
    HOSTINGS,
    UNKNOWN,
    Catalog,
    Ratio,
    Shape,
    Site,
    Tariff,
)
from placement.cli.environment import shipped_catalog
from placement.engine.problem import Problem, build_problem
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI
from placement.words import PURCHASES

ACCELERATORS = {
    "T4": (1, 600_000),
    "V100-SXM-16GB": (2, 1_100_000),
    "L4": (3, 800_000),
    "A10": (4, 1_000_000),
    "A100-SXM-40GB": (9, 2_000_000),
    "RTX-PRO-6000": (10, 1_900_000),
    "L40S": (12, 1_600_000),
    "A100-SXM-80GB": (13, 2_600_000),
    "MI300X": (22, 4_100_000),
    "H100-SXM": (25, 4_400_000),
    "H200-SXM": (32, 5_200_000),
    "B200": (55, 7_900_000),
}
"""Work per hour, and a usual price per hour [micro-USD]; the catalog knows the rest."""
CLASSES = tuple(f"class-{number:02}" for number in range(12))
CITIES = (
    "Amsterdam", "Ashburn", "Atlanta", "Berlin", "Boston", "Brussels", "Chicago", "Columbus", "Copenhagen", "Dallas",
    "Denver", "Dublin", "Frankfurt", "Helsinki", "Hong Kong", "Jakarta", "Johannesburg", "London", "Los Angeles",
    "Madrid", "Melbourne", "Miami", "Milan", "Montreal", "Mumbai", "New York", "Osaka", "Oslo", "Paris", "Phoenix",
    "Santiago", "Seattle", "Seoul", "Singapore", "Stockholm", "Sydney", "Tokyo", "Toronto", "Warsaw", "Zurich",
)  # fmt: skip
CERTIFICATIONS = ("SOC 2", "ISO 27001", "HIPAA BAA")
NODES = ("dgx-h100", "hgx-h200", "l40s-8x")
OWN_SITES = {"own-lab": "berlin", "own-hall": "dallas"}
GB = MILLI
"""Tariffs count bytes in thousandths of a GB."""


class World(NamedTuple):
    """What a problem is built from."""

    catalog: Catalog
    inventory: Inventory

    def problem(self) -> Problem:
        """Both as arrays."""
        return build_problem(self.catalog, self.inventory)


class Market(NamedTuple):
    """How many offers, and whether they are all the same in one respect."""

    offers: int
    ties: bool = False
    """One price per accelerator, one throughput, one tariff: most costs are equal."""
    proportional: bool = False
    """Prices go with throughput: every accelerator does the same work per dollar."""
    seed: int = 1


class Fleet(NamedTuple):
    """How many workloads, and what they are like."""

    workloads: int
    duplicates: int = 1
    """How often each occurs, under names of its own."""
    free: bool = False
    """Small replicas that may run anywhere and be interrupted: hardly a pair of workload and offer is forbidden."""
    seed: int = 2


def world(fleet: Fleet, market: Market) -> World:
    """A fleet on a market."""
    catalog = made_catalog(market)
    return World(catalog, made_inventory(catalog, fleet))


def made_catalog(market: Market) -> Catalog:
    """Exactly `market.offers` offers, together with those of nodes to buy (see `OWN_SITES`)."""
    shipped = load_catalog([shipped_catalog()], None)
    draw = Random(market.seed)
    sites = _sites(draw, shipped, market)
    per_shape = (1, 8) if market.offers < 5000 else (1, 2, 4, 8)
    shapes = [Shape(name, units, units, "fabric" * (units == 8)) for name in ACCELERATORS for units in per_shape]
    hosts = sum(site.tier == "colo" for site in sites) + len(OWN_SITES)
    bought = 2 * len(NODES) * hosts + len(OWN_SITES)
    rows = _rented(draw, market, sites, shapes)[: market.offers - bought]
    skus = [f"{shape.accelerator}-x{shape.units}" for shape in shapes]
    strings = sorted({"", "2026-01", *shipped.sources, *skus})
    source = next(iter(shipped.sources))
    stated = (BASES.index("list"), *(strings.index(text) for text in ("2026-01", source, "")), 0, 0, 0, -1)
    rows.sort(key=lambda row: (row[0], skus[row[1]], row[2]))
    numbers = [
        (site, shape, strings.index(skus[shape]), purchase, *rest, *stated, rest[0], 0)
        for site, shape, purchase, *rest in rows
    ]
    columns = np.array(numbers, dtype=np.int64).reshape(len(rows), len(Offers._fields))
    return shipped._replace(
        name="synthetic",
        ratios=_ratios(draw, market, source),
        nodes={name: shipped.nodes[name]._replace(tiers=("on_prem", "colo")) for name in NODES},
        providers={site.provider: site.provider for site in sites},
        sites=sites,
        shapes=shapes,
        strings=strings,
        offers=Offers(*(np.ascontiguousarray(column) for column in columns.T)),
    )


def _sites(draw: Random, catalog: Catalog, market: Market) -> list[Site]:
    """A site per 33 offers; a provider has up to a dozen and one set of tariffs, by continent for half of them."""
    count = 40 if market.offers < 5000 else max(40, 3 * market.offers // 100)
    kinds = ["hyperscaler"] * 44 + ["gpu_cloud"] * 25 + ["colo"] * 12 + ["edge"] * 12
    sites = []
    for number in range(count):
        tier = kinds[number * len(kinds) // count]
        provider = f"{tier}-{number // 12:02}"
        city = catalog.cities[draw.choice(CITIES)][0]
        known = 0.8 if tier == "hyperscaler" else 0.3
        sites.append(
            Site(
                id=f"{provider}/{number:04}",
                provider=provider,
                tier=tier,
                name=city.name,
                country=city.country,
                subdivision=None,
                latitude=city.latitude,
                longitude=city.longitude,
                access=draw.choice(("general",) * 19 + ("government",)),
                certifications={
                    name: draw.choice(("audited", "audited", "claimed"))
                    for name in CERTIFICATIONS
                    if draw.random() < known
                },
                egress_internet=_falling(draw, 90_000, 4) if tier == "hyperscaler" else _flat(draw, 50_000),
                egress_same_provider=Tariff(((0, 20_000),), "2026-01", "", "") if draw.random() < 0.5 else None,
                storage=_falling(draw, 23_000, 3) if draw.random() < known else None,
                facility={},
            )
        )
    if market.ties:
        one = Tariff(((0, 50_000),), "2026-01", "", "")
        sites = [site._replace(egress_internet=one, egress_same_provider=one, storage=one) for site in sites]
    return sorted(sites)


def _falling(draw: Random, micro: int, tiers: int) -> Tariff:
    """A tariff that falls with the volume, from around *micro* per GB."""
    first = micro * draw.choice((80, 90, 100, 110, 130)) // 100
    starts = (0, 10_240 * GB, 51_200 * GB, 153_600 * GB)
    return Tariff(
        tuple((start, first * (10 - step) // 10) for step, start in enumerate(starts[:tiers])), "2026-01", "", ""
    )


def _flat(draw: Random, micro: int) -> Tariff | None:
    """Free, some flat price, or unknown."""
    kind = draw.random()
    return None if kind < 0.4 else Tariff(((0, 0 if kind < 0.6 else draw.randint(1, 2 * micro)),), "2026-01", "", "")


def _ratios(draw: Random, market: Market, source: str) -> dict[str, dict[str, Ratio]]:
    """Each class is measured on all accelerators but two or so, somewhat better or worse than they usually do."""
    found: dict[str, dict[str, Ratio]] = {}
    for group in CLASSES:
        found[group] = {}
        for name, (work, _) in ACCELERATORS.items():
            share = draw.randint(70, 140)
            milli = MILLI if market.ties else work * 40 if market.proportional else work * 40 * share // 100
            if draw.random() < 0.85:
                found[group][name] = Ratio(milli, milli, milli, 1, "2026-01", source)
    return found


def _rented(draw: Random, market: Market, sites: list[Site], shapes: list[Shape]) -> list[tuple[int, ...]]:
    """Site, shape, purchase model, price, hosting and availability of more offers than are needed, in random order."""
    pairs = [(s, h) for s, site in enumerate(sites) if site.tier != "colo" for h in range(len(shapes))]
    draw.shuffle(pairs)
    rows: list[tuple[int, ...]] = []
    for site, shape in pairs:
        work, usual = ACCELERATORS[shapes[shape].accelerator]
        usual = usual * {"gpu_cloud": 60, "edge": 130}.get(sites[site].tier, 100) // 100
        price = shapes[shape].units * usual * draw.randint(70, 140) // 100
        for purchase, chance, per_cent in (("on_demand", 1, 100), ("spot", 0.35, 45), ("reserved_1y", 0.3, 65),
                                           ("reserved_3y", 0.09, 45)):  # fmt: skip
            hosting = draw.choice(("secure",) * 38 + ("community", "serverless"))
            available = draw.choice(("listed",) * 38 + ("limited", "unverified"))
            listed = price * per_cent // 100 if draw.random() < 0.98 else UNKNOWN
            if market.ties:
                listed = shapes[shape].units * MICRO
            if market.proportional:
                listed = shapes[shape].units * work * 160_000
            if draw.random() < chance:
                where = (site, shape, PURCHASES.index(purchase))
                rows.append((*where, listed, HOSTINGS.index(hosting), AVAILABILITIES.index(available)))
    return rows


def made_inventory(catalog: Catalog, fleet: Fleet) -> Inventory:
    """A fleet with users in 40 cities, two own sites with hardware, and a few datasets."""
    draw = Random(fleet.seed)
    places = [city.lower().replace(" ", "-") for city in CITIES]
    sources = [*places, *OWN_SITES, *(site.id for site in draw.sample(catalog.sites, 6)), "archive", "lake"]
    mixes: list[list[dict[str, Any]]] = [[{"location": place}] for place in places]
    for _ in range(20):
        first, second = draw.sample(places, 2)
        mixes.append([{"location": first, "share_fraction": 0.7}, {"location": second, "share_fraction": 0.3}])
    different = [_workload(draw, mixes, sources, places) for _ in range(-(-fleet.workloads // fleet.duplicates))]
    if fleet.free:
        different = [_freed(workload) for workload in different]
    hardware = [{"node": "dgx-h100", "nodes": 10}]
    return Inventory.model_validate(
        {
            "schema_version": 1,
            "name": "synthetic",
            "horizon_months": 24,
            "locations": {place: {"city": city} for place, city in zip(places, CITIES, strict=True)},
            "sites": {
                name: {"tier": "on_prem", "location": place, "power_kw": 400, "hardware": hardware}
                for name, place in OWN_SITES.items()
            },
            "datasets": {
                "archive": {"size_gb": 40_000, "home": sources[-8]},
                "lake": {"size_gb": 9_000, "home": "frankfurt"},
            },
            "workloads": [{"id": f"w{row:07}", **different[row % len(different)]} for row in range(fleet.workloads)],
        }
    )


def _workload(draw: Random, mixes: list[list[dict[str, Any]]], sources: list[str], places: list[str]) -> dict[str, Any]:
    pick = draw.choice
    count = pick((1, 1, 1, 2, 2, 4, 4, 8, 8, 16, 24, 64))
    demand: dict[str, Any] = {
        "model": pick(tuple(ACCELERATORS)),
        "count": count,
        "accelerators_per_replica": pick((1, 1, count)),
        "hours_per_month": draw.randint(20, 7300) / 10,
        "throughput_class": pick(CLASSES),
    }
    if draw.random() < 0.3:
        demand["memory_gib"] = draw.randint(4, 160)
    kind = pick(("inference", "inference", "inference", "training", "fine_tuning", "batch"))
    made: dict[str, Any] = {"kind": kind, "demand": {"accelerators": demand}}
    if kind == "inference":
        made["users"] = pick(mixes)
        made["slo"] = {"rtt_ms": pick((20, 40, 80, 150, 300)), "percentile": pick((50, 95))}
    if draw.random() < 0.25:
        made["residency"] = pick((["EU"], ["EEA"], ["US"], ["EU", "US"], ["JP", "SG", "IN"]))
    if draw.random() < 0.2:
        made["certifications"] = draw.sample(CERTIFICATIONS, pick((1, 2)))
    if draw.random() < 0.6:
        made["data_in"] = [{"from": pick(sources), "gb_per_month": draw.randint(1, 90_000)}]
        made["storage_gb"] = draw.randint(0, 60_000)
    if draw.random() < 0.5:
        made["data_out"] = [{"to": pick(places), "gb_per_month": draw.randint(1, 20_000)}]
    made["interruptible"] = draw.random() < 0.3
    return made


def _freed(workload: dict[str, Any]) -> dict[str, Any]:
    demand = workload["demand"]["accelerators"] | {"memory_gib": 10, "accelerators_per_replica": 1}
    kept = {name: value for name, value in workload.items() if name in ("kind", "data_in", "data_out", "storage_gb")}
    return kept | {"demand": {"accelerators": demand}, "interruptible": True}
