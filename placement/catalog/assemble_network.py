"""Validated entries → the payload and the columns of round-trip times."""

from __future__ import annotations

from typing import Any

import numpy as np

from placement.catalog.network import NOT_MEASURED, STATISTICS, Pairs
from placement.catalog.read import Entries, Identity
from placement.csv_tables import Row
from placement.dates import latest_day
from placement.units import to_micro, to_milli


def network_payload(entries: Entries) -> tuple[dict[str, Any], Pairs]:
    """Points ordered by id, pairs in the order of `Pairs`."""
    ends = sorted({*entries.points, *(end for pair in entries.pairs for end in pair)})
    number = {end: index for index, end in enumerate(ends)}
    ordered = sorted(entries.pairs.items(), key=_preferred)
    texts = sorted({text for row in entries.pairs.values() for text in (row["as_of"], row["source_id"])})
    at = {text: index for index, text in enumerate(texts)}
    rows = [
        (
            number[one],
            number[other],
            to_milli(row["rtt_ms"]),
            to_milli(row["p95_ms"]) if row["p95_ms"] else NOT_MEASURED,
            STATISTICS.index(row["statistic"]),
            at[row["as_of"]],
            at[row["source_id"]],
        )
        for (one, other), row in ordered
    ]
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), len(Pairs._fields)).T
    payload = {
        "points": [[end, *_whereabouts(entries, end)] for end in ends],
        "continents": {country: row["continent"] for country, row in sorted(entries.rtt_continents.items())},
        "lines": [[*key, *_line(row)] for key, row in sorted(entries.lines.items())],
        "texts": texts,
    }
    return payload, Pairs(*(np.ascontiguousarray(column) for column in columns))


def _preferred(item: tuple[Identity, Row]) -> tuple[bool, int, Identity]:
    """Within one provider first, then the newest, then by name."""
    (one, other), row = item
    day = latest_day(row["as_of"])
    return provider_of(one) != provider_of(other), -(day.toordinal() if day else 0), (one, other)


def provider_of(point: str) -> str:
    """The provider in the id of a site or point."""
    return point.partition("/")[0]


def _whereabouts(entries: Entries, point: str) -> tuple[str | None, float | None, float | None]:
    """Country and coordinates of a point: a site's own, where it is one."""
    provider, _, name = point.partition("/")
    if provider in entries.providers and name in entries.providers[provider].sites:
        site = entries.providers[provider].sites[name]
        return site.country, site.latitude, site.longitude
    row = entries.points[point]
    return row["country"], float(row["latitude"]), float(row["longitude"])


def _line(row: Row) -> list[Any]:
    ratio = row["p95_over_p50"]
    figures = [to_micro(row[name]) for name in ("intercept_ms", "ms_per_km", "ratio_q10", "ratio_q90")]
    return [*figures, to_micro(ratio) if ratio else 0, int(row["pairs"]), row["as_of"], row["source_id"]]
