"""Great-circle distances between places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG."""


class Standing(Protocol):
    """Anything that stands somewhere; None is unknown."""

    @property
    def latitude(self) -> float | None:
        """Degrees north."""

    @property
    def longitude(self) -> float | None:
        """Degrees east."""


def distance_km(left: Sequence[Standing], right: Sequence[Standing]) -> NDArray[np.float64]:
    """Great-circle distance [km, to 0.1], left × right; NaN where either has no coordinates."""
    one, other = _unit_vectors(left), _unit_vectors(right)
    square = sum((one[:, None, axis] - other[None, :, axis]) ** 2 for axis in range(3))
    half_chord = np.minimum(np.sqrt(square) / 2, 1.0)
    return np.asarray(np.rint(2 * EARTH_RADIUS_KM * np.arcsin(half_chord) * 10) / 10)


def _unit_vectors(places: Sequence[Standing]) -> NDArray[np.float64]:
    """Places × 3; each point is computed once."""
    stands = [(place.latitude, place.longitude) for place in places]
    vector = {point: _unit_vector(*point) for point in set(stands)}
    return np.array([vector[point] for point in stands]).reshape(-1, 3)


def _unit_vector(latitude: float | None, longitude: float | None) -> tuple[float, float, float]:
    """Point on the unit sphere to 12 decimals, so that a libm's last bit cannot matter."""
    if latitude is None or longitude is None:
        return (math.nan, math.nan, math.nan)
    phi, theta = math.radians(latitude), math.radians(longitude)
    point = (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))
    return (round(point[0], 12), round(point[1], 12), round(point[2], 12))
