"""What random worlds know of round-trip times: measured pairs, lines, and users in all kinds of places."""

import math
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
from oracle_arithmetic import great_circle_km

from placement.catalog.network import Line, Network, Pairs, Point
from placement.catalog.tables import Catalog
from placement.inventory.inventory import Inventory
from placement.inventory.place import Location
from placement.inventory.workload import Slo, Workload

RTT_FIGURES = {
    "rtt_measured_low_ratio": 907_000, "rtt_measured_high_ratio": 1_086_000, "rtt_proxy_low_ratio": 763_000,
    "rtt_proxy_high_ratio": 1_317_000, "rtt_proxy_far_low_ratio": 909_000, "rtt_proxy_far_high_ratio": 1_129_000,
    "rtt_proxy_far_km": 4_000_000_000, "rtt_pooled_low_ratio": 827_000, "rtt_pooled_high_ratio": 1_514_000,
    "rtt_proxy_near_km": 50_000_000, "rtt_proxy_fraction": 100_000, "rtt_proxy_most_km": 500_000_000,
    "last_mile_fibre_ms": 3_000_000, "last_mile_fibre_p95_ms": 6_001_000, "last_mile_5g_ms": 20_000_000,
    "last_mile_5g_p95_ms": 45_000_000, "last_mile_wifi_ms": 8_000_000, "last_mile_wifi_p95_ms": 30_000_000,
    "last_mile_leased_line_ms": 1_000_000, "last_mile_leased_line_p95_ms": 2_000_000,
}  # fmt: skip
"""Constants in millionths, as `worlds.assumed` has all others."""

NEARBY = {
    "x/potsdam": ("DE", 52.4, 13.06), "x/lyon": ("FR", 45.76, 4.84), "y/basel": ("CH", 47.56, 7.59),
    "y/richmond": ("US", 37.54, -77.44), "x/osaka": ("JP", 34.69, 135.5), "y/dark": ("FR", None, None),
}  # fmt: skip
"""Measured points at which nothing is sold, some near the cities of `worlds.POINTS`."""

CONTINENTS = {"DE": "EU", "FR": "EU", "CH": "EU", "US": "NA", "JP": "EA", "BR": "SA"}
DATES = ("2022-04-16", "2022-11-10", "2026-07-30")


def network(points: list[Point], pairs: list[tuple[str, str, int, int, str]], lines: dict[Any, Line],
            continents: dict[str, str]) -> Network:  # fmt: skip
    """A network of *pairs* (ends, RTT and P95 in µs, date) in the order the product wants them."""
    points = sorted(points, key=lambda point: point.id)
    number = {point.id: index for index, point in enumerate(points)}

    def preferred(pair: tuple[str, str, int, int, str]) -> tuple[Any, ...]:
        return (
            pair[0].partition("/")[0] != pair[1].partition("/")[0],
            [-int(part) for part in pair[4].split("-")],
            pair[:2],
        )

    texts = sorted({"s1", *(pair[4] for pair in pairs)})
    rows = [
        (number[one], number[other], rtt, p95, 0, texts.index(as_of), texts.index("s1"))
        for one, other, rtt, p95, as_of in sorted(pairs, key=preferred)
    ]
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), len(Pairs._fields)).T
    return Network(points, continents, lines, texts, Pairs(*map(np.ascontiguousarray, columns)))


def light_us(one: Point, other: Point) -> int:
    """The least that is physically possible [µs]; 0 where a distance is unknown."""
    if one.latitude is None or other.latitude is None:
        return 0
    return math.ceil(great_circle_km((one.latitude, one.longitude), (other.latitude, other.longitude)) * 10)


def random_network(random: Random, catalog: Catalog) -> Network:
    """Some of the sites and of the points nearby, some pairs between them, some lines between continents."""
    points = [Point(site.id, site.country, site.latitude, site.longitude) for site in catalog.sites]
    points = [point for point in points if random.random() < 0.6]
    points += [Point(name, *where) for name, where in NEARBY.items() if random.random() < 0.7]
    pairs = []
    for one, other in combinations(sorted(points), 2):
        if random.random() < 0.5:
            rtt = max(random.choice((1_500, 9_999, 30_001, 95_125, 150_000, 251_333)), light_us(one, other))
            p95 = random.choice((-1, rtt, rtt + 3_333, round(rtt * 1.5)))
            pairs.append((one.id, other.id, rtt, p95, random.choice(DATES)))
    names = sorted(set(CONTINENTS.values()))
    ends = [(one, other) for number, one in enumerate(names) for other in names[number:]]
    lines = {pair: random_line(random) for pair in ends if random.random() < 0.6}
    continents = {country: name for country, name in CONTINENTS.items() if random.random() < 0.9}
    lines = {ends: line for ends, line in lines.items() if set(ends) <= set(continents.values())}
    return network(points, pairs, lines, continents)


def random_line(random: Random) -> Line:
    pick = random.choice
    return Line(pick((0, 2_900_000)), pick((10_000, 19_280)), pick((800_000, 912_345)), pick((1_100_000, 1_333_333)),
                pick((0, 1_050_000, 1_131_000)), 20, "2026", "s1")  # fmt: skip


def with_network(random: Random, catalog: Catalog, wanted: Inventory) -> tuple[Catalog, Inventory]:
    """The same world with round-trip times; half of the locations move into sites or say how they are connected."""
    known = random_network(random, catalog) if random.random() < 0.8 else catalog.network
    inside = [site.id for site in catalog.sites] + [point.id for point in known.points]
    locations = {name: _moved(random, place, inside) for name, place in wanted.locations.items()}
    workloads = [_hurried(random, one) for one in wanted.workloads]
    changed = wanted.model_copy(update={"locations": locations, "workloads": workloads})
    return catalog._replace(network=known), changed


def _moved(random: Random, place: Location, inside: list[str]) -> Location:
    chance = random.random()
    if chance < 0.25 and inside:
        return Location(site=random.choice(inside))
    if chance < 0.6:
        access = random.choice(("fibre", "5g", "wifi", "leased_line", "same_building"))
        return place.model_copy(update={"access": access})
    return place


def _hurried(random: Random, one: Workload) -> Workload:
    """Some objectives end to end, some in both forms."""
    if one.slo is None or random.random() < 0.5:
        return one
    service = random.choice((0, 10.5, 60))
    budget = {"end_to_end_ms": service + random.choice((5, 25.004, 140)), "service_ms": service}
    if random.random() < 0.5:
        budget["rtt_ms"] = one.slo.rtt_ms
    return one.model_copy(update={"slo": Slo(percentile=one.slo.percentile, **budget)})
