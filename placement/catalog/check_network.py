"""What measured round-trip times must not say: unknown points, and times that light in fibre could not keep."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.distance import distance_km
from placement.catalog.read import Entries
from placement.csv_tables import CsvTable, Row
from placement.diagnostics import Diagnostic, did_you_mean
from placement.documents import Finding


class Where(NamedTuple):
    """A place on Earth, in degrees; None is unknown."""

    latitude: float | None
    longitude: float | None


class _Known(NamedTuple):
    """Everything that can be an end of a measurement."""

    number: dict[str, int]
    km_pp: NDArray[np.float64]
    """Great-circle distance [km]; NaN where either is nobody knows where."""


def wrong_in_network(entries: Entries, table: CsvTable) -> Iterator[Diagnostic]:
    """What does not fit in one of the files of round-trip times."""
    if "point_a" in table.columns:
        places = _known(entries)
        light = entries.assumptions.get(("rtt_floor_ms_per_km", ""))
        findings = [(line, _pair(row, places, light.value if light else 0.0)) for line, row in table.rows]
    elif "point" in table.columns:
        findings = [(line, _point(entries, row)) for line, row in table.rows]
    elif "continent_a" in table.columns:
        continents = {row["continent"] for row in entries.rtt_continents.values()}
        findings = [(line, _line(row, continents)) for line, row in table.rows]
    else:
        return
    for line, found in findings:
        for code, message, path, hint in found:
            yield table.diagnostic(code, message, line, str(path[0]), hint)


def _known(entries: Entries) -> _Known:
    places = {name: Where(float(row["latitude"]), float(row["longitude"])) for name, row in entries.points.items()}
    for provider in entries.providers.values():
        for site in provider.sites.values():
            places[f"{provider.id}/{site.site}"] = Where(site.latitude, site.longitude)
    every = list(places.values())
    return _Known({name: number for number, name in enumerate(places)}, distance_km(every, every))


def _pair(row: Row, places: _Known, light_ms_per_km: float) -> Iterator[Finding]:
    ends = [row["point_a"], row["point_b"]]
    unknown = [(name, end) for name, end in zip(("point_a", "point_b"), ends, strict=True) if end not in places.number]
    for name, end in unknown:
        hint = "name a site of the catalog, or add the point to `network/points.csv`"
        near = did_you_mean(end, places.number)
        yield Finding("catalog-point", f"unknown point `{end}`", (name,), f"{hint}; {near}" if near else hint)
    if ends[0] == ends[1]:
        yield Finding("catalog-pair", "a pair needs two different points", ("point_b",), "leave this row out")
    if unknown or ends[0] == ends[1]:
        return
    rtt, p95 = float(row["rtt_ms"]), float(row["p95_ms"] or math.inf)
    if p95 < rtt:
        message = f"a P95 of {p95:g} ms below the typical RTT of {rtt:g} ms"
        yield Finding("catalog-rtt", message, ("p95_ms",), "exchange the two, or leave the P95 empty")
    one, other = (places.number[end] for end in ends)
    least = light_ms_per_km * float(places.km_pp[one, other])
    if rtt < least:  # never where that is NaN
        message = f"{rtt:g} ms is less than light in fibre takes over this distance, {least:.1f} ms"
        hint = "it must be the round trip, in ms; check the coordinates of both points, too"
        yield Finding("catalog-rtt", message, ("rtt_ms",), hint)


def _point(entries: Entries, row: Row) -> Iterator[Finding]:
    provider, _, name = row["point"].partition("/")
    if not provider or not name:
        message = f"`{row['point']}` is not `provider/place`"
        yield Finding("catalog-point", message, ("point",), "write it like `ours/berlin-office`")
    elif provider in entries.providers and name in entries.providers[provider].sites:
        message = f"`{row['point']}` is a site of the catalog, which has its place already"
        yield Finding("catalog-point", message, ("point",), "leave this row out, or give the point another name")


def _line(row: Row, continents: set[str]) -> Iterator[Finding]:
    for name in ("continent_a", "continent_b"):
        if row[name] not in continents:
            message, hint = f"no country is on the continent `{row[name]}`", did_you_mean(row[name], continents)
            yield Finding("catalog-continent", message, (name,), hint or "add it to `network/continents.csv`")
