"""The oracle's round-trip times: one location, one site, one step after the other, as `docs/constraints.md` has them.

Times are whole microseconds; roundings are half-even, which is what `round` does to a `Fraction`.
"""

import math
from fractions import Fraction
from functools import cache, cached_property
from itertools import accumulate
from typing import NamedTuple

from oracle_arithmetic import exact, great_circle_km, millionths

from placement.catalog.network import Line, Point
from placement.catalog.tables import Catalog, Site
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload

MILLION = 1_000_000
Coordinates = tuple[float, float] | None


class Trip(NamedTuple):
    """Median and P95 with access, how they were come by, and the band without it; times None where unknown."""

    median: int | None
    p95: int | None
    step: str = ""
    low: Fraction = Fraction(1)
    high: Fraction = Fraction(1)
    access: tuple[int, int] = (0, 0)
    least: int = 0

    def at(self, percentile: Fraction) -> int | None:
        return self.p95 if percentile > 50 else self.median

    def ends(self, percentile: Fraction) -> tuple[int, int]:
        """The band [µs]."""
        rtt, access = self.at(percentile), self.access[percentile > 50]
        assert rtt is not None
        net = rtt - access
        return min(max(round(net * self.low), self.least), net) + access, round(net * self.high) + access


class NetworkOracle:
    """Everything about the way between users and sites."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self.catalog = catalog
        self.inventory = inventory
        self.network = catalog.network
        self._trips: dict[tuple[str, str], Trip] = {}

    def figure(self, name: str) -> Fraction:
        return Fraction(self.catalog.assumptions[name][""].micro, MILLION)

    def place(self, name: str) -> tuple[str | None, Coordinates]:
        """Country and coordinates of a location."""
        told = self.inventory.locations[name]
        for known in [*self.catalog.sites, *self.network.points]:
            if known.id == told.site:
                return known.country, coordinates(known)
        country, point = told.country, None
        if told.latitude is not None and told.longitude is not None:
            point = (told.latitude, told.longitude)
        cities = [city for city in self.catalog.cities.get(told.city or "", []) if country in (None, city.country)]
        if len(cities) == 1:
            country, point = cities[0].country, point or (cities[0].latitude, cities[0].longitude)
        return country, point

    def budget(self, workload: Workload) -> Fraction | None:
        """What the round trip may take [µs]."""
        slo = workload.slo
        if slo is None:
            return None
        parts = [exact(slo.rtt_ms)] if slo.rtt_ms is not None else []
        if slo.end_to_end_ms is not None and slo.service_ms is not None:
            parts.append(exact(slo.end_to_end_ms) - exact(slo.service_ms))
        return Fraction(round(min(parts) * 1000))

    def counts(self, workload: Workload, site: Site) -> tuple[Trip, Fraction]:
        """The trip of the location that counts, and the percentile."""
        percentile = exact(workload.slo.percentile) if workload.slo else Fraction(50)
        trips = sorted(
            ((self.trip(user.location, site), millionths(user.share_fraction)) for user in workload.users),
            key=lambda pair: math.inf if pair[0].at(percentile) is None else pair[0].at(percentile),
        )
        needed = min(math.ceil(percentile * 10_000), sum(share for _, share in trips))
        covered = accumulate(share for _, share in trips)
        return next(trip for (trip, _), share in zip(trips, covered, strict=True) if share >= needed), percentile

    def trip(self, location: str, site: Site) -> Trip:
        key = (location, site.id)
        if key not in self._trips:
            self._trips[key] = self._trip(location, site)
        return self._trips[key]

    def _trip(self, location: str, site: Site) -> Trip:
        told = self.inventory.locations[location]
        access = self.access(told.access) if told.site is None else (0, 0)
        if location in site.at or site.id == told.site:
            same = round(self.figure("rtt_same_place_ms") * 1000)
            if told.access in (None, "same_building"):
                access = (0, 0)
            return Trip(same + access[0], same + access[1], "same_place", access=access)
        net = self.measured(told.site, site) or self.estimate(location, site)
        if net.median is None or net.p95 is None:
            return net
        return net._replace(median=net.median + access[0], p95=net.p95 + access[1], access=access)

    def access(self, kind: str | None) -> tuple[int, int]:
        """Median and P95 of what it adds on the way to somewhere else."""
        kind = "fibre" if kind in (None, "same_building") else kind
        return tuple(round(self.figure(f"last_mile_{kind}{end}") * 1000) for end in ("_ms", "_p95_ms"))  # type: ignore

    @cached_property
    def pairs(self) -> list[tuple[Point, Point, int, int | None, str]]:
        """Ends, RTT and P95 [µs], date."""
        points, table = self.network.points, self.network.pairs
        return [
            (points[a], points[b], rtt, None if p95 < 0 else p95, self.network.texts[as_of])
            for a, b, rtt, p95, _, as_of, _ in zip(*(column.tolist() for column in table), strict=True)
        ]

    def measured(self, name: str | None, site: Site) -> Trip | None:
        for one, other, rtt, p95, _ in self.pairs:
            if {one.id, other.id} == {name, site.id}:
                ratio = self.p95_ratio(one.country, other.country)
                high = round(rtt * ratio) if p95 is None else p95
                return Trip(rtt, high, "measured", *self.band("measured"), least=self.light(one, other))
        return None

    def light(self, one: Point | Site, other: Point | Site) -> int:
        here, there = coordinates(one), coordinates(other)
        known = here is not None and there is not None
        return round(self.figure("rtt_floor_ms_per_km") * distance(here, there) * 1000) if known else 0

    def estimate(self, location: str, site: Site) -> Trip:
        country, here = self.place(location)
        there = coordinates(site)
        if here is None or there is None:
            return Trip(None, None)
        km = distance(here, there)
        light = self.figure("rtt_floor_ms_per_km") * km * 1000
        least = max(light, self.figure("rtt_same_place_ms") * 1000)
        ratio, slope = self.p95_ratio(country, site.country), self.figure("rtt_ms_per_km") * 1000
        found = self.proxy(here, there, km, site)
        if found is not None:
            one, other, rtt, p95, _ = found
            own = distance(coordinates(one), coordinates(other))  # type: ignore[arg-type]
            median = round(max(rtt + slope * (km - own), least))
            band = self.band("proxy_far" if km >= self.figure("rtt_proxy_far_km") else "proxy")
            p95 = round(median * ratio) if p95 is None else round(Fraction(median * p95, rtt))
            return Trip(median, p95, "proxy", *band, least=round(light))
        line = self.line(country, site.country)
        if line is None:
            median = round(max(self.figure("rtt_intercept_ms") * 1000 + slope * km, least))
            return Trip(median, round(median * ratio), "pooled", *self.band("pooled"), least=round(light))
        median = round(max(Fraction(line.intercept_micro, 1000) + Fraction(line.slope_micro, 1000) * km, least))
        low, high = Fraction(line.low_micro, MILLION), Fraction(line.high_micro, MILLION)
        return Trip(median, round(median * ratio), "continent", low, high, least=round(light))

    def band(self, name: str) -> tuple[Fraction, Fraction]:
        return self.figure(f"rtt_{name}_low_ratio"), self.figure(f"rtt_{name}_high_ratio")

    def line(self, country: str | None, other: str | None) -> Line | None:
        ends = [self.network.continents.get(name or "") for name in (country, other)]
        return None if None in ends else self.network.lines.get(tuple(sorted(ends)))  # type: ignore

    def p95_ratio(self, country: str | None, other: str | None) -> Fraction:
        line = self.line(country, other)
        return Fraction(line.p95_micro, MILLION) if line and line.p95_micro else self.figure("rtt_p95_over_p50_ratio")

    def proxy(self, here: Coordinates, there: Coordinates, km: Fraction, site: Site):
        """The measured pair that stands in, the best first."""
        most = min(self.figure("rtt_proxy_most_km"),
                   max(self.figure("rtt_proxy_near_km"), self.figure("rtt_proxy_fraction") * km))  # fmt: skip
        found = []
        for pair in self.pairs:
            for one, other in (pair[:2], pair[1::-1]):
                if coordinates(one) is None or coordinates(other) is None:
                    continue
                off = distance(here, coordinates(one)) + distance(there, coordinates(other))
                kin = 0 if other.id == site.id else 1 if provider(other.id) == site.provider else 2
                newest = "".join(chr(255 - ord(letter)) for letter in pair[4])
                if off <= most:
                    between = provider(one.id) != provider(other.id)
                    found.append(((off, kin, between, newest, pair[0].id, pair[1].id), pair))
        return min(found, key=lambda item: item[0])[1] if found else None


distance = cache(great_circle_km)


def coordinates(known: Point | Site) -> Coordinates:
    if known.latitude is None or known.longitude is None:
        return None
    return (known.latitude, known.longitude)


def provider(point: str) -> str:
    return point.partition("/")[0]
