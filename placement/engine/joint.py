"""The cheapest sites for one workload together: exact, by branch and bound over its first site and the further ones.

The first member differs from the others, which are alike. What a further site costs depends on the first one alone,
which sends it the replication. So for each first site, cheapest first, the others are chosen in the order of what they
cost; a branch ends where even the cheapest sites left would not make it cheaper than the best known. Equal totals are
decided by the first member's cost and offer, then by those of the others, one after the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints


class BySite(NamedTuple):
    """The best offer of a member at every site: cost [micro-USD], infinite where there is none, and the offer."""

    cost_s: Floats
    offer_s: Ints


class Wanted(NamedTuple):
    """What is asked of the sites together."""

    sites: int
    providers: int
    apart_km: float
    different: bool = True
    """Whether they must be different ones."""


class Ground(NamedTuple):
    """Where sites are looked for."""

    first: BySite
    other: BySite
    sent_t: Floats
    """What one site's replication costs under each tariff [micro-USD]; empty where none is sent."""
    tariff_ss: Ints
    """Tariff of bytes from one site to another, sender × receiver."""
    km_ss: Floats
    provider_s: Ints
    place_s: Ints


class Picked(NamedTuple):
    """The sites of all members, the first one's first, what each of them costs [micro-USD], and its offer."""

    sites: tuple[int, ...]
    costs: tuple[float, ...]
    offers: tuple[int, ...]

    @property
    def total(self) -> float:
        """Of all of them."""
        return sum(self.costs)


def goes_with(ground: Ground, wanted: Wanted) -> Bools:
    """Pairs of different sites that are far enough apart; an unknown distance is not, where one is asked for."""
    far_ss = ground.km_ss >= wanted.apart_km if wanted.apart_km > 0 else np.ones(ground.km_ss.shape, dtype=np.bool_)
    if wanted.different:
        np.fill_diagonal(far_ss, val=False)
    return np.asarray(far_ss)


def cheapest_sites(ground: Ground, wanted: Wanted, ok_ss: Bools) -> Picked | None:
    """The cheapest sites of which every two go together (*ok_ss*) and that are of enough providers; None without."""
    search = _Search(ground, wanted, ok_ss)
    return search.best


class _Search:
    """One search; `best` is what it has found."""

    def __init__(self, ground: Ground, wanted: Wanted, ok_ss: Bools) -> None:
        self._ground, self._wanted, self._ok_ss = ground, wanted, ok_ss
        self.best: Picked | None = None
        self._limit = np.inf
        further = wanted.sites - 1
        least = float(np.sort(ground.other.cost_s)[:further].sum()) if further <= len(ground.other.cost_s) else np.inf
        first = ground.first
        for site in np.lexsort((first.offer_s, first.cost_s)).tolist():
            cost = float(first.cost_s[site])
            if not cost + least < self._limit:
                break
            self._from(site, cost, further)

    def _from(self, first: int, cost: float, further: int) -> None:
        """Look for the others of a first site."""
        ground = self._ground
        value_s = ground.other.cost_s + (ground.sent_t[ground.tariff_ss[first]] if len(ground.sent_t) else 0.0)
        open_s = np.flatnonzero(self._ok_ss[first] & np.isfinite(value_s))
        if len(open_s) < further:
            return
        order = np.lexsort((ground.other.offer_s[open_s], value_s[open_s]))
        candidates = self._different(open_s[order])
        providers = frozenset([int(ground.provider_s[first])])
        found = self._others(candidates, value_s, further, cost, providers)
        if found is not None:
            sites = (first, *found)
            costs = (cost, *(float(value_s[site]) for site in found))
            offers = (int(ground.first.offer_s[first]), *(int(ground.other.offer_s[site]) for site in found))
            self.best = Picked(sites, costs, offers)

    def _different(self, candidates: Ints) -> Ints:
        """Of sites in one place and, where that counts, of one provider the first: no two of them go together."""
        ground, wanted = self._ground, self._wanted
        if wanted.apart_km <= 0 or wanted.sites == 2:
            return candidates
        key = ground.place_s[candidates] * (len(ground.provider_s) + 1)
        if wanted.providers > 1:
            key = key + ground.provider_s[candidates]
        _, first = np.unique(key, return_index=True)
        return candidates[np.sort(first)]

    def _others(
        self, candidates: Ints, value_s: Floats, further: int, spent: float, providers: frozenset[int]
    ) -> tuple[int, ...] | None:
        """The best *further* of the candidates, which are in the order of their cost; None if none is better."""
        if len(providers) + further < self._wanted.providers:
            return None
        if further == 1:
            return self._last(candidates, value_s, spent, providers)
        found = None
        values = value_s[candidates]
        for place in range(len(candidates) - further + 1):
            if not spent + float(values[place : place + further].sum()) < self._limit:
                break
            site = int(candidates[place])
            rest = candidates[place + 1 :]
            rest = rest[self._ok_ss[site, rest]]
            if len(rest) < further - 1:
                continue
            more = frozenset([*providers, int(self._ground.provider_s[site])])
            others = self._others(rest, value_s, further - 1, spent + float(values[place]), more)
            found = (site, *others) if others is not None else found
        return found

    def _last(
        self, candidates: Ints, value_s: Floats, spent: float, providers: frozenset[int]
    ) -> tuple[int, ...] | None:
        if len(providers) < self._wanted.providers:
            mine = self._ground.provider_s[candidates]
            candidates = candidates[~np.isin(mine, list(providers))]
        if not len(candidates):
            return None
        site = int(candidates[0])
        total = spent + float(value_s[site])
        if not total < self._limit:
            return None
        self._limit = total
        return (site,)


def farthest_km(ground: Ground, wanted: Wanted) -> float | None:
    """The largest distance, below the one wanted, for which there are sites; None where there are none at any."""
    near = wanted._replace(apart_km=0.0)
    if cheapest_sites(ground, near, goes_with(ground, near)) is None:
        return None
    open_s = np.flatnonzero(np.isfinite(ground.first.cost_s) | np.isfinite(ground.other.cost_s))
    km = ground.km_ss[np.ix_(open_s, open_s)]
    steps = np.unique(km[(km > 0) & (km < wanted.apart_km)]).tolist()
    low, high = 0, len(steps)  # there are sites for steps before `low`, none from `high` on
    while low < high:
        middle = (low + high) // 2
        some = wanted._replace(apart_km=steps[middle])
        if cheapest_sites(ground, some, goes_with(ground, some)) is None:
            high = middle
        else:
            low = middle + 1
    return float(steps[low - 1]) if low else 0.0


def most_providers(ground: Ground, wanted: Wanted) -> int | None:
    """The most providers, fewer than wanted, of which there are sites; None where there are none at all."""
    for providers in range(wanted.providers - 1, 0, -1):
        some = wanted._replace(providers=providers)
        if cheapest_sites(ground, some, goes_with(ground, some)) is not None:
            return providers
    return None
