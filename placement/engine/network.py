"""Round-trip times from users to sites.

Without a measurement the estimate is a line over great-circle distance, RTT = intercept + slope · km, never below
light in fibre; a site at the user's own location is in the same place. The line, its error and the P95/P50 ratio
come from the catalog.
"""

from __future__ import annotations

import math

import numpy as np

from placement.catalog.tables import Catalog, Site
from placement.engine.arrays import Floats
from placement.units import MICRO

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG."""

Place = tuple[str, float | None, float | None]
"""Key of the location, latitude, longitude."""


def distance_km(places: list[Place], sites: list[Site]) -> Floats:
    """Great-circle distance [km, to 0.1], place × site; NaN where either has no coordinates."""
    left = np.array([_unit_vector(latitude, longitude) for _, latitude, longitude in places]).reshape(-1, 3)
    stands = [(site.latitude, site.longitude) for site in sites]
    vector = {point: _unit_vector(*point) for point in set(stands)}
    right = np.array([vector[point] for point in stands]).reshape(-1, 3)
    square = sum((left[:, None, axis] - right[None, :, axis]) ** 2 for axis in range(3))
    half_chord = np.minimum(np.sqrt(square) / 2, 1.0)
    return np.asarray(np.rint(2 * EARTH_RADIUS_KM * np.arcsin(half_chord) * 10) / 10)


def _unit_vector(latitude: float | None, longitude: float | None) -> tuple[float, float, float]:
    """Point on the unit sphere to 12 decimals, so that a libm's last bit cannot matter."""
    if latitude is None or longitude is None:
        return (math.nan, math.nan, math.nan)
    phi, theta = math.radians(latitude), math.radians(longitude)
    point = (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))
    return (round(point[0], 12), round(point[1], 12), round(point[2], 12))


def median_rtt_ms(catalog: Catalog, places: list[Place], sites: list[Site]) -> Floats:
    """Median RTT [ms, to 0.001], place × site; NaN where unknown."""
    intercept, slope, floor, same = (
        catalog.assumption(name).micro / MICRO
        for name in ("rtt_intercept_ms", "rtt_ms_per_km", "rtt_floor_ms_per_km", "rtt_same_place_ms")
    )
    km = distance_km(places, sites)
    rtt = np.maximum(intercept + slope * km, floor * km)
    names = np.array([place[0] for place in places], dtype=object)
    here = np.array([site.location for site in sites], dtype=object)
    rtt = np.where(names[:, None] == here[None, :], same, rtt) if len(places) else rtt
    return np.asarray(np.rint(rtt * 1000) / 1000)
