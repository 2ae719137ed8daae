"""Lines of round-trip time over distance, fitted to the catalog's measured pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.distance import distance_km
from placement.catalog.network import NOT_MEASURED, Line, Network, Pairs, Point
from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats
from placement.units import MICRO

ENOUGH = 15
"""Pairs from which both figures of a line are fitted; from `FEW` only its slope, with the intercept of all pairs."""

FEW = 5

LEAST_KM = 10
"""Places nearer to each other say nothing of a slope."""

MOST_INTERCEPT_MS = 20.0
STEP_MS = 0.05

FOLDS = 5


class Measured(NamedTuple):
    """Measured pairs, axis `m`: where they are and what was measured."""

    points: list[Point]
    pairs: Pairs
    km_m: Floats
    ms_m: Floats
    p95_ms_m: Floats
    """NaN where none was measured."""
    group_m: list[tuple[str, str]]
    """Continents in order of their names; an empty one is unknown."""


def measured(network: Network, pairs: Pairs | None = None) -> Measured:
    """The pairs of *network*, or others between its points."""
    pairs = network.pairs if pairs is None else pairs
    continents = [network.continents.get(point.country or "", "") for point in network.points]
    ends = zip(pairs.a_m.tolist(), pairs.b_m.tolist(), strict=True)
    return Measured(
        network.points,
        pairs,
        distance_km(network.points, network.points)[pairs.a_m, pairs.b_m],
        pairs.rtt_us_m / 1000,
        np.where(pairs.p95_us_m == NOT_MEASURED, np.nan, pairs.p95_us_m / 1000),
        [(min(one), max(one)) for one in ((continents[a], continents[b]) for a, b in ends)],
    )


def chosen(pairs: Pairs, keep_m: Bools) -> Pairs:
    """Some of the pairs."""
    return Pairs(*(column[keep_m] for column in pairs))


def fitted_lines(catalog: Catalog, known: Measured) -> dict[tuple[str, str], Line]:
    """A line for every two continents with enough measured pairs: the least sum of relative errors."""
    intercept = catalog.assumption("rtt_intercept_ms").micro / MICRO
    light = catalog.assumption("rtt_floor_ms_per_km").micro / MICRO
    groups = np.array([" ".join(group) for group in known.group_m])
    found = {}
    for group in sorted(set(known.group_m)):
        of_m = (groups == " ".join(group)) & (known.km_m >= LEAST_KM)
        count = int(of_m.sum())
        if count < FEW or "" in group:
            continue
        km, ms = known.km_m[of_m], known.ms_m[of_m]
        tried = np.arange(0, MOST_INTERCEPT_MS + STEP_MS, STEP_MS) if count >= ENOUGH else [intercept]
        start, slope = best_line(km, ms, tried, light)
        low, high = band(ms / np.maximum(start + slope * km, light * km))
        ratio_m = known.p95_ms_m[of_m] / ms
        ratios = ratio_m[~np.isnan(ratio_m)]
        p95 = round(float(np.median(ratios)), 3) if len(ratios) >= FEW else 0.0
        figures = [round(value * MICRO) for value in (start, slope, low, high, p95)]
        found[group] = Line(*figures, pairs=count, as_of="2026-11", source_id="t009")
    return found


def best_line(km: Floats, ms: Floats, intercepts: Sequence[float], light: float) -> tuple[float, float]:
    """Intercept [ms, to 0.01] and slope [ms/km, to 0.00001] with the least sum of |line − measured| ÷ measured."""
    best = (np.inf, 0.0, 0.0)
    for tried in intercepts:
        start = round(float(tried), 2)
        slopes, weights = (ms - start) / km, km / ms
        order = np.argsort(slopes, kind="stable")
        total = np.cumsum(weights[order])
        slope = round(max(float(slopes[order][np.searchsorted(total, total[-1] / 2)]), light), 5)
        error = round(float((np.abs(start + slope * km - ms) / ms).sum()), 9)
        best = min(best, (error, start, slope))
    return best[1], best[2]


def band(ratios: Floats) -> tuple[float, float]:
    """What 10 % and 90 % of measured ÷ estimated lie below, to 0.001, and never on one side of 1."""
    low, high = (round(float(np.quantile(ratios, share)), 3) for share in (0.1, 0.9))
    return min(low, 1.0), max(high, 1.0)
