"""The measured pair that stands in for two places: the one whose ends are the least way off, both together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.distance import Standing, distance_km
from placement.catalog.network import Pairs, Point
from placement.catalog.tables import Catalog, Site
from placement.engine.arrays import Floats, Ints
from placement.units import MICRO

UNMEASURED = 2**60
"""A rank that is none."""


class Proxies(NamedTuple):
    """Measured pairs `m` between points `q`, and how far off the points are."""

    pairs: Pairs
    rank_qq: Ints
    """The pair of two points, which is also its rank; `UNMEASURED` where there is none."""
    km_tenths_m: Ints
    """Between the ends of a pair; −1 unknown."""
    off_lq: Ints
    """Tenths of a km from each location; −1 unknown."""
    weight_sq: Ints
    """How far off each site a point is, and less the more it has to do with it; `UNMEASURED` where it is too far."""
    near_tenths: int
    fraction_micro: int
    most_tenths: int

    @property
    def radix(self) -> int:
        """What tells a weight's rank from its distance."""
        return len(self.km_tenths_m) + 1

    def of(self, row: int, km_tenths_s: Ints) -> Ints:
        """The pair that stands in for location *row* and each site, −1 where none is near enough.

        The least way off, both ends together; then the site itself before another of its provider before others;
        then the rank of the pair.
        """
        off_q = self.off_lq[row]
        near = np.flatnonzero((off_q >= 0) & (off_q <= self.most_tenths))
        if not len(near):
            return np.full(len(km_tenths_s), -1)
        start_q = (off_q[near, None] * _KINSHIPS * self.radix + self.rank_qq[near]).min(axis=0)
        best_s = (start_q[None, :] + self.weight_sq).min(axis=1)
        allowed_s = np.maximum(self.near_tenths, self.fraction_micro * km_tenths_s // MICRO)
        off_s = best_s // (_KINSHIPS * self.radix)
        fits_s = (best_s < UNMEASURED) & (off_s <= np.minimum(allowed_s, self.most_tenths)) & (km_tenths_s >= 0)
        return np.where(fits_s, best_s % self.radix, -1)


_KINSHIPS = 3
"""A point is the site itself, another of its provider, or another's."""


def proxies_of(catalog: Catalog, places: Sequence[Standing], sites: Sequence[Site]) -> Proxies:
    """Get ready to look for measured pairs between *places* and *sites*."""
    points, pairs = catalog.network.points, catalog.network.pairs
    near, fraction, most = (
        catalog.assumption(name).micro for name in ("rtt_proxy_near_km", "rtt_proxy_fraction", "rtt_proxy_most_km")
    )
    rank_qq = np.full((len(points), len(points)), UNMEASURED)
    rank_qq[pairs.a_m, pairs.b_m] = rank_qq[pairs.b_m, pairs.a_m] = np.arange(len(pairs.a_m))
    most_tenths, radix = most * 10 // MICRO, len(pairs.a_m) + 1
    off_sq = tenths(distance_km(sites, points))
    weight_sq = (off_sq * _KINSHIPS + _kinship(sites, points)) * radix
    return Proxies(
        pairs=pairs,
        rank_qq=rank_qq,
        km_tenths_m=tenths(distance_km(points, points))[pairs.a_m, pairs.b_m],
        off_lq=tenths(distance_km(places, points)),
        weight_sq=np.where((off_sq >= 0) & (off_sq <= most_tenths), weight_sq, UNMEASURED),
        near_tenths=near * 10 // MICRO,
        fraction_micro=fraction,
        most_tenths=most_tenths,
    )


def _kinship(sites: Sequence[Site], points: Sequence[Point]) -> Ints:
    """What each point is to each site (`_KINSHIPS`), `sq`."""
    number = {point.id: q for q, point in enumerate(points)}
    code: dict[str, int] = {}
    provider_q = np.array([code.setdefault(point.id.partition("/")[0], len(code)) for point in points], dtype=np.int64)
    provider_s = np.array([code.get(site.provider, -1) for site in sites], dtype=np.int64)
    kinship_sq = np.where(provider_s[:, None] == provider_q, 1, 2)
    itself_s = np.array([number.get(site.id, -1) for site in sites], dtype=np.int64)
    there = np.flatnonzero(itself_s >= 0)
    kinship_sq[there, itself_s[there]] = 0
    return kinship_sq


def tenths(km: Floats) -> Ints:
    """Whole tenths of a km; −1 where unknown."""
    return np.where(np.isnan(km), -1, np.rint(km * 10)).astype(np.int64)
