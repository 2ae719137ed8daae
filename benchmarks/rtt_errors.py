"""What estimates of round-trip times make of measured pairs that were left out."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rtt_fit import FOLDS, LEAST_KM, Measured, band, chosen, fitted_lines, measured

from placement.catalog.distance import distance_km
from placement.catalog.network import NO_NETWORK, Network, Pairs, Point
from placement.catalog.tables import Catalog, Site
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.round_trips import MEDIAN, P95, End, RoundTrips, round_trips
from placement.engine.rtt_model import FAR_PROXY, PROXY, SAME
from placement.units import MICRO

EARLIER = Path(__file__).resolve().parents[1] / "catalogs/network/history/earlier_pairs.csv"

LEFT_OUT = 0
"""The fold that no line, band or pair is taken from."""


class Errors(NamedTuple):
    """Estimates beside what was measured."""

    estimated: Floats
    measured: Floats
    inside: Bools
    """Whether the measurement lies in the estimate's band."""

    def row(self) -> tuple[str, str, str, str]:
        """How many, median and P90 of the relative error, share inside the band."""
        off = np.abs(self.estimated / self.measured - 1)
        figures = (np.median(off), np.quantile(off, 0.9), self.inside.mean()) if len(off) else (np.nan,) * 3
        return (f"{len(off):,}", *(f"{100 * value:.1f} %" for value in figures))

    def of(self, some: Bools) -> Errors:
        """Some of them."""
        return Errors(*(column[some] for column in self))


class Split(NamedTuple):
    """The left-out pairs, and what the steps make of them by everything else."""

    known: Measured
    steps: dict[str, Errors]
    """By step, of the pairs it has an estimate for; `product` takes the first that has one."""
    step_m: list[str]
    """Which step the product takes."""
    p95: Errors


def fold_of(one: str, other: str) -> int:
    """The part of the measurements that a pair belongs to, by its name."""
    return int(hashlib.sha256("|".join(sorted((one, other))).encode()).hexdigest(), 16) % FOLDS


def folds(network: Network, pairs: Pairs) -> Ints:
    """The fold of every pair."""
    names = [point.id for point in network.points]
    ends = zip(pairs.a_m.tolist(), pairs.b_m.tolist(), strict=True)
    return np.array([fold_of(names[a], names[b]) for a, b in ends])


def site_of(point: Point) -> Site:
    """A point as if one could buy there."""
    provider = point.id.partition("/")[0]
    return Site(point.id, provider, "hyperscaler", point.id, point.country, None, point.latitude, point.longitude,
                "general", {}, None, None, None, {})  # fmt: skip


def estimated(catalog: Catalog, network: Network, points: list[Point], users: list[Point]) -> RoundTrips:
    """From *users* to *points*, as the product estimates it with *network*; its measured pairs are no measured step."""
    ends = [End(f"user {point.id}", *point[1:]) for point in users]
    return round_trips(catalog._replace(network=network), ends, [site_of(point) for point in points])


def errors_at(trips: RoundTrips, known: Measured, which: Bools, a: int = MEDIAN) -> Errors:
    """What the networks alone were estimated to take, for some of the measured pairs."""
    users, sites = known.pairs.a_m[which], known.pairs.b_m[which]
    last = trips.last_us_al[a, users]
    band_m = trips.band_ls[users, sites]
    assert not (band_m == SAME).any()
    rtt = trips.rtt_us_als[a, users, sites] - last
    low, high = (end - last for end in trips.range_us(np.full(len(users), a), users, sites))
    truth = (known.p95_ms_m if a == P95 else known.ms_m)[which] * 1000
    return Errors(rtt / 1000, truth / 1000, (low <= truth) & (truth <= high))


def with_bands(catalog: Catalog, **bands: tuple[float, float]) -> Catalog:
    """The catalog with the bands of some steps changed."""
    assumptions = dict(catalog.assumptions)
    for step, ends in bands.items():
        for name, value in zip(("low", "high"), ends, strict=True):
            key = f"rtt_{step}_{name}_ratio"
            assumptions[key] = {"": catalog.assumption(key)._replace(micro=round(value * MICRO))}
    return catalog._replace(assumptions=assumptions)


def split(catalog: Catalog) -> Split:
    """Estimate the left-out pairs by the others: lines, bands and pairs alike."""
    network = catalog.network
    fold_m = folds(network, network.pairs)
    rest, out = chosen(network.pairs, fold_m != LEFT_OUT), measured(network, chosen(network.pairs, fold_m == LEFT_OUT))
    lines = fitted_lines(catalog, measured(network, rest))
    calibrated = with_bands(catalog, **bands_of(catalog))
    without = network._replace(lines=lines, pairs=rest)
    networks = {
        "product": without,
        "continent": without._replace(pairs=NO_NETWORK.pairs),
        "pooled": network._replace(lines={}, pairs=NO_NETWORK.pairs),
    }
    trips = {name: estimated(calibrated, one, network.points, network.points) for name, one in networks.items()}
    every = np.ones(len(out.ms_m), dtype=np.bool_)
    found = {name: errors_at(one, out, every) for name, one in trips.items()}
    product = trips["product"]
    band_m = product.band_ls[out.pairs.a_m, out.pairs.b_m]
    has_line = np.array([group in lines for group in out.group_m])
    known_p95 = ~np.isnan(out.p95_ms_m)
    steps = {
        "product": found["product"],
        "near": found["product"].of(band_m == PROXY),
        "far": found["product"].of(band_m == FAR_PROXY),
        "continent": found["continent"].of(has_line),
        "pooled": found["pooled"],
    }
    return Split(out, steps, [product.bands[k].step for k in band_m.tolist()], errors_at(product, out, known_p95, P95))


def bands_of(catalog: Catalog) -> dict[str, tuple[float, float]]:
    """10 % and 90 % of measured ÷ estimated: of the folds that are not left out, each estimated by the others."""
    network = catalog.network
    fold_m = folds(network, network.pairs)
    ratios: dict[str, list[Floats]] = {"proxy": [], "proxy_far": [], "pooled": []}
    for fold in (number for number in range(FOLDS) if number != LEFT_OUT):
        out = measured(network, chosen(network.pairs, fold_m == fold))
        rest = chosen(network.pairs, (fold_m != fold) & (fold_m != LEFT_OUT))
        near = out.km_m >= LEAST_KM
        trips = estimated(catalog, network._replace(lines={}, pairs=rest), network.points, network.points)
        band_m = trips.band_ls[out.pairs.a_m, out.pairs.b_m]
        for name, number in (("proxy", PROXY), ("proxy_far", FAR_PROXY)):
            found = errors_at(trips, out, band_m == number)
            ratios[name].append(found.measured / found.estimated)
        plain = estimated(catalog, network._replace(lines={}, pairs=NO_NETWORK.pairs), network.points, network.points)
        found = errors_at(plain, out, near)
        ratios["pooled"].append(found.measured / found.estimated)
    bands = {step: band(np.concatenate(parts)) for step, parts in ratios.items()}
    earlier, later = remeasured(catalog)
    return {"measured": band(later / earlier), **bands}


def remeasured(catalog: Catalog) -> tuple[Floats, Floats]:
    """Pairs measured twice: an earlier time, and the latest [ms]."""
    network = catalog.network
    names = [point.id for point in network.points]
    latest = {
        (names[a], names[b]): rtt / 1000
        for a, b, rtt in zip(*(column.tolist() for column in network.pairs[:3]), strict=True)
    }
    with EARLIER.open(newline="", encoding="utf-8") as stream:
        rows = [(row["point_a"], row["point_b"], float(row["rtt_ms"])) for row in csv.DictReader(stream)]
    both = [(ms, latest[one, other]) for one, other, ms in rows]
    return np.array([ms for ms, _ in both]), np.array([ms for _, ms in both])


class Farther(NamedTuple):
    """Users somewhere around whom nothing is measured."""

    km: int
    product: Errors
    proxies: int
    """For how many a pair still stands in."""
    line: Errors
    """The same by the lines between continents, else by the one for all pairs."""


def farther(catalog: Catalog, km: int) -> Farther:
    """Every point as a user in turn, without what is measured within so many km of it."""
    network = catalog.network
    known = measured(network)
    near_qq = distance_km(network.points, network.points) < km
    plain = network._replace(pairs=NO_NETWORK.pairs)
    parts, lines, proxies = [], [], 0
    for number, point in enumerate(network.points):
        touched_m = near_qq[number][known.pairs.a_m] | near_qq[number][known.pairs.b_m]
        mine_m = (known.pairs.a_m == number) | (known.pairs.b_m == number)
        other_m = np.where(known.pairs.a_m == number, known.pairs.b_m, known.pairs.a_m)
        far_m = mine_m & ~near_qq[number][other_m]
        facing = known._replace(pairs=known.pairs._replace(a_m=np.zeros_like(other_m), b_m=other_m))
        for kept, into in ((network._replace(pairs=chosen(known.pairs, ~touched_m)), parts), (plain, lines)):
            trips = estimated(catalog, kept, network.points, [point])
            into.append(errors_at(trips, facing, far_m))
            proxies += int(np.isin(trips.band_ls[0, other_m[far_m]], (PROXY, FAR_PROXY)).sum())
    return Farther(km, joined(parts), proxies, joined(lines))


def joined(parts: list[Errors]) -> Errors:
    """All of them together."""
    return Errors(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
