"""What the catalog says of round-trip times where nothing is measured: lines over distance, bands and constants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats, Ints
from placement.units import MICRO

STEPS = ("same_place", "measured", "proxy", "continent", "pooled")
"""How an RTT was come by, the surest first."""

SAME, MEASURED, PROXY, FAR_PROXY, POOLED = range(5)
"""Bands that there always are; those of continents' lines follow."""

_BANDS = (("measured", "measured"), ("proxy", "proxy"), ("proxy", "proxy_far"), ("pooled", "pooled"))
"""Steps, and what their bands are called in the catalog."""

TENTHS = 10_000
"""Millionths of a ms per km × tenths of a km in a microsecond."""


class Band(NamedTuple):
    """How far an estimate may be off: 80 % of the measurements lie between `low` and `high` millionths of it."""

    step: str
    low_micro: int
    high_micro: int


class Model(NamedTuple):
    """The constants, and the lines between continents `c`, of which the last is unknown."""

    slope_micro: int
    """Of the line for all pairs [millionths of a ms per km]."""
    light_micro: int
    """Least time [millionths of a ms per km]."""
    far_tenths: int
    """Tenths of a km from which on a proxy is surer."""
    same_us: int
    """Within one place."""
    continent: dict[str, int]
    """Of countries."""
    intercept_micro_cc: Ints
    slope_micro_cc: Ints
    p95_micro_cc: Ints
    """P95 in millionths of the median."""
    band_cc: Ints
    bands: list[Band]

    def continents(self, countries: Iterable[str | None]) -> Ints:
        """The continent of each country; −1, the last one, where it is unknown."""
        return np.array([self.continent.get(country or "", -1) for country in countries], dtype=np.int64)

    def least_us(self, km_tenths_x: Ints) -> Floats:
        """Light in fibre, there and back [µs]; unknown distances count as none."""
        return np.asarray(np.rint(self.light_micro * np.maximum(km_tenths_x, 0) / TENTHS))


def model_of(catalog: Catalog) -> Model:
    """The catalog's constants and lines; the line for all pairs stands in for continents without one."""
    network = catalog.network

    def figure(name: str) -> int:
        return catalog.assumption(name).micro

    bands = [Band("same_place", MICRO, MICRO)]
    for step, name in _BANDS:
        bands.append(Band(step, figure(f"rtt_{name}_low_ratio"), figure(f"rtt_{name}_high_ratio")))
    names = sorted(set(network.continents.values()))
    number = {name: index for index, name in enumerate(names)}
    shape = (len(names) + 1, len(names) + 1)
    intercept, slope = np.full(shape, figure("rtt_intercept_ms")), np.full(shape, figure("rtt_ms_per_km"))
    p95, band = np.full(shape, figure("rtt_p95_over_p50_ratio")), np.full(shape, POOLED)
    for (one, other), line in network.lines.items():
        for at in ((number[one], number[other]), (number[other], number[one])):
            intercept[at], slope[at], band[at] = line.intercept_micro, line.slope_micro, len(bands)
            p95[at] = line.p95_micro or p95[at]
        bands.append(Band("continent", line.low_micro, line.high_micro))
    return Model(
        slope_micro=figure("rtt_ms_per_km"),
        light_micro=figure("rtt_floor_ms_per_km"),
        far_tenths=figure("rtt_proxy_far_km") * 10 // MICRO,
        same_us=round(figure("rtt_same_place_ms") / 1000),
        continent={country: number[name] for country, name in network.continents.items()},
        intercept_micro_cc=intercept,
        slope_micro_cc=slope,
        p95_micro_cc=p95,
        band_cc=band,
        bands=bands,
    )
