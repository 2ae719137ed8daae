"""The shipped round-trip times say what they may say: known places, possible times, plausible lines."""

import csv
from collections import Counter
from functools import cache

import pytest
from oracle_arithmetic import great_circle_km
from worlds import SHIPPED

from placement.catalog.load import load_catalog
from placement.catalog.network import STATISTICS
from placement.catalog.tables import Catalog
from placement.dates import latest_day


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (SHIPPED / "network" / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@cache
def shipped() -> Catalog:
    return load_catalog([SHIPPED], None)


@cache
def places() -> dict[str, tuple[float, float]]:
    found = {row["point"]: (float(row["latitude"]), float(row["longitude"])) for row in rows("points.csv")}
    known = [site for site in shipped().sites if site.latitude is not None and site.longitude is not None]
    return found | {site.id: (site.latitude, site.longitude) for site in known}  # type: ignore[misc]


@pytest.mark.parametrize("name", ["pairs.csv", "history/earlier_pairs.csv"])
def test_times_are_possible(name: str) -> None:
    """Between known places, never below light in fibre, nor five times slower than the line for all pairs and 10 ms."""
    for row in rows(name):
        km = float(great_circle_km(places()[row["point_a"]], places()[row["point_b"]]))
        rtt, p95 = float(row["rtt_ms"]), float(row["p95_ms"] or row["rtt_ms"])
        assert 0.01 * km <= rtt <= 5 * (5.15 + 0.01576 * km) + 10, row
        assert rtt <= p95 <= 2.5 * rtt, row
        assert row["statistic"] in STATISTICS and (not row["p95_ms"] or row["statistic"] == "p50"), row
        assert row["point_a"] < row["point_b"], row


def test_the_newest_time_of_a_pair_is_the_one_that_counts() -> None:
    """What lies in the history is older than what is used, and of the same pair."""
    used = {(row["point_a"], row["point_b"]): row["as_of"] for row in rows("pairs.csv")}
    for row in rows("history/earlier_pairs.csv"):
        newest, earlier = latest_day(used[row["point_a"], row["point_b"]]), latest_day(row["as_of"])
        assert newest is not None and earlier is not None and earlier < newest, row


def test_there_is_enough_to_estimate_from() -> None:
    """Thousands of pairs, most measured between two providers; recent P95s of one."""
    providers = Counter(
        tuple(sorted(row[end].partition("/")[0] for end in ("point_a", "point_b"))) for row in rows("pairs.csv")
    )
    assert sum(providers.values()) > 4_500 and len(providers) == 10
    assert sum(row["p95_ms"] != "" for row in rows("pairs.csv")) == providers["azure", "azure"] > 1_000
    assert {one.id for one in shipped().network.points} <= places().keys()


def test_every_site_is_on_a_continent() -> None:
    """Wherever something is sold, and in every city an inventory may name."""
    continents = shipped().network.continents
    countries = {site.country for site in shipped().sites if site.country}
    countries |= {city.country for cities in shipped().cities.values() for city in cities}
    assert countries <= continents.keys()
    assert set(continents.values()) == {"AF", "EA", "EU", "IN", "ME", "NA", "OC", "SA", "SEA"}


def test_lines_are_plausible() -> None:
    """Not below light, not above three times the slope of all pairs; the band holds the line."""
    names = set(shipped().network.continents.values())
    for row in rows("lines.csv"):
        assert {row["continent_a"], row["continent_b"]} <= names and row["continent_a"] <= row["continent_b"]
        assert 0 <= float(row["intercept_ms"]) <= 20 and 0.01 <= float(row["ms_per_km"]) <= 3 * 0.01576, row
        assert 0.6 <= float(row["ratio_q10"]) <= 1 <= float(row["ratio_q90"]) <= 2.5, row
        assert 1 <= float(row["p95_over_p50"] or 1) <= 1.5 and int(row["pairs"]) >= 5, row
    assert len(rows("lines.csv")) > 35
