"""Round-trip times from users' locations to sites: measured, by a measured pair nearby, or by a line over distance.

Every time is a whole number of microseconds and every distance a whole number of tenths of a km, so that no result
depends on the order in which they are computed. All constants come from the catalog.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.distance import distance_km
from placement.catalog.network import NOT_MEASURED
from placement.catalog.tables import Catalog, Site
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.proxies import UNMEASURED, Proxies, proxies_of, tenths
from placement.engine.rtt_model import FAR_PROXY, MEASURED, PROXY, SAME, TENTHS, Band, Model, model_of
from placement.units import MICRO

MEDIAN, P95 = 0, 1
"""Index of the axis `a`."""

ACCESS_KINDS = ("fibre", "5g", "wifi", "leased_line")
"""What adds a last mile of its own."""

DEFAULT_ACCESS = "fibre"
"""How users are taken to be connected where the inventory does not say."""

BESIDE = "same_building"


class End(NamedTuple):
    """A location as the network sees it; None is unknown."""

    name: str
    country: str | None
    latitude: float | None
    longitude: float | None
    site: str | None = None
    """The site, or measured point, whose services the users are."""
    access: str | None = None


class RoundTrips(NamedTuple):
    """Axis `a`: median and P95; `l`: locations, the last one is nowhere's; `s`: sites; `k`: bands."""

    rtt_us_als: Floats
    """NaN unknown."""
    km_tenths_ls: NDArray[np.int32]
    """−1 unknown."""
    band_ls: NDArray[np.int16]
    bands: list[Band]
    last_us_al: Floats
    """What the users' access adds."""
    stated_l: Bools
    """Whether it adds that at a site in the same place, too."""
    light_us_per_tenth: float

    def range_us(self, a: Ints, x: Ints, s: Ints) -> tuple[Floats, Floats]:
        """Low and high end of the 80 % band, of each location *x* to one site."""
        band = self.band_ls[x, s]
        last = np.where((band == SAME) & ~self.stated_l[x], 0.0, self.last_us_al[a, x])
        net = self.rtt_us_als[a, x, s] - last
        low_k = np.array([one.low_micro for one in self.bands])
        high_k = np.array([one.high_micro for one in self.bands])
        light = np.rint(self.light_us_per_tenth * np.maximum(self.km_tenths_ls[x, s], 0))
        low = np.minimum(np.maximum(np.rint(net * low_k[band] / MICRO), light), net)
        return low + last, np.rint(net * high_k[band] / MICRO) + last


class _Net(NamedTuple):
    """Times [µs] between networks, without users' access, to all sites."""

    median_s: Floats
    p95_s: Floats
    band_s: Ints


class _Steps(NamedTuple):
    """What finding round-trip times needs, found once."""

    model: Model
    proxies: Proxies
    point: dict[str, int]
    """Measured points by their ids."""
    id_s: NDArray[np.object_]
    here: dict[str, list[int]]
    """Own sites by the locations they stand at."""
    continent_s: Ints
    point_s: Ints
    """The measured point a site is, −1 for none."""


def round_trips(catalog: Catalog, ends: Sequence[End], sites: Sequence[Site]) -> RoundTrips:
    """RTT from every location to every site, by the first step that knows it."""
    steps = _steps(catalog, ends, sites)
    km_tenths_ls = tenths(distance_km(ends, sites))
    shape = (len(ends) + 1, len(sites))
    trips = RoundTrips(
        rtt_us_als=np.full((2, *shape), np.nan),
        km_tenths_ls=np.vstack([km_tenths_ls, np.full((1, shape[1]), -1)]).astype(np.int32),
        band_ls=np.zeros(shape, dtype=np.int16),
        bands=steps.model.bands,
        last_us_al=last_mile_us(catalog, ends),
        stated_l=np.array([*(end.access not in (None, BESIDE) for end in ends), False]),
        light_us_per_tenth=steps.model.light_micro / TENTHS,
    )
    for row, end in enumerate(ends):
        net = _net(steps, end, row, km_tenths_ls[row])
        beside_s = (net.band_s == SAME) & ~trips.stated_l[row]
        for a, value_s in ((MEDIAN, net.median_s), (P95, net.p95_s)):
            trips.rtt_us_als[a, row] = value_s + np.where(beside_s, 0.0, trips.last_us_al[a, row])
        trips.band_ls[row] = net.band_s
    return trips


def _steps(catalog: Catalog, ends: Sequence[End], sites: Sequence[Site]) -> _Steps:
    model = model_of(catalog)
    point = {one.id: index for index, one in enumerate(catalog.network.points)}
    return _Steps(
        model=model,
        proxies=proxies_of(catalog, ends, sites),
        point=point,
        id_s=np.array([site.id for site in sites], dtype=object),
        here=_here(sites),
        continent_s=model.continents(site.country for site in sites),
        point_s=np.array([point.get(site.id, -1) for site in sites], dtype=np.int64),
    )


def _here(sites: Sequence[Site]) -> dict[str, list[int]]:
    here: dict[str, list[int]] = {}
    for number, site in enumerate(sites):
        for location in sorted(site.at):
            here.setdefault(location, []).append(number)
    return here


def last_mile_us(catalog: Catalog, ends: Sequence[End]) -> Floats:
    """What access adds at each location, `al`; nothing inside a site's network, and nowhere."""
    known = {
        kind: tuple(round(catalog.assumption(f"last_mile_{kind}_{unit}").micro / 1000) for unit in ("ms", "p95_ms"))
        for kind in ACCESS_KINDS
    }
    rows = [(0, 0) if end.site is not None else known[access_of(end.access)] for end in ends]
    return np.array([*rows, (0, 0)], dtype=np.float64).T


def access_of(access: str | None) -> str:
    """How users are connected to sites elsewhere."""
    return DEFAULT_ACCESS if access in (None, BESIDE) else str(access)


def _net(steps: _Steps, end: End, row: int, km_tenths_s: Ints) -> _Net:
    """By the line over distance, by a pair where one is measured, and within one place."""
    model = steps.model
    at = (model.continents([end.country])[0], steps.continent_s)
    line_s = model.intercept_micro_cc[at] * 10 + model.slope_micro_cc[at] * km_tenths_s
    median_s = np.maximum(np.rint(line_s / TENTHS), _least_us(model, km_tenths_s))
    median_s = np.where(km_tenths_s < 0, np.nan, median_s)
    ratio_micro_s = model.p95_micro_cc[at]
    net = _Net(median_s, np.rint(median_s * ratio_micro_s / MICRO), model.band_cc[at])
    if len(steps.proxies.pairs.a_m):
        net = _by_pairs(steps, net, ratio_micro_s, end, row, km_tenths_s)
    same_s = steps.id_s == end.site
    same_s[steps.here.get(end.name, [])] = True
    return _Net(
        np.where(same_s, model.same_us, net.median_s),
        np.where(same_s, model.same_us, net.p95_s),
        np.where(same_s, SAME, net.band_s),
    )


def _least_us(model: Model, km_tenths_s: Ints) -> Floats:
    return np.maximum(model.least_us(km_tenths_s), model.same_us)


def _by_pairs(steps: _Steps, net: _Net, ratio_micro_s: Ints, end: End, row: int, km_tenths_s: Ints) -> _Net:
    """The same where a pair is measured between location and site themselves, or between points near enough.

    A pair that stands in is corrected by the slope of the line for all pairs, for the difference in distance.
    """
    model, proxies = steps.model, steps.proxies
    pairs = proxies.pairs
    measured_s = np.full(len(km_tenths_s), UNMEASURED)
    if end.site in steps.point:
        measured_s = np.where(steps.point_s >= 0, proxies.rank_qq[steps.point[end.site], steps.point_s], UNMEASURED)
    is_measured_s = measured_s < UNMEASURED
    pair_s = np.where(is_measured_s, measured_s, proxies.of(row, km_tenths_s))
    farther_s = np.where(is_measured_s, 0, km_tenths_s - proxies.km_tenths_m[pair_s])
    shifted_s = np.rint((pairs.rtt_us_m[pair_s] * TENTHS + model.slope_micro * farther_s) / TENTHS)
    median_s = np.where(is_measured_s, shifted_s, np.maximum(shifted_s, _least_us(model, km_tenths_s)))
    p95_us_s = pairs.p95_us_m[pair_s]
    p95_s = np.where(
        p95_us_s == NOT_MEASURED,
        np.rint(median_s * ratio_micro_s / MICRO),
        np.rint(median_s * p95_us_s / pairs.rtt_us_m[pair_s]),
    )
    proxy_s = np.where(km_tenths_s >= model.far_tenths, FAR_PROXY, PROXY)
    by_pair_s = pair_s >= 0
    return _Net(
        np.where(by_pair_s, median_s, net.median_s),
        np.where(by_pair_s, p95_s, net.p95_s),
        np.where(by_pair_s, np.where(is_measured_s, MEASURED, proxy_s), net.band_s),
    )
