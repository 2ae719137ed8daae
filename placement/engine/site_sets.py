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
from placement.inventory.redundancy import FEWEST_SITES


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


class Loads(NamedTuple):
    """What members would send over lines that all of them use, from every site, and what these carry. Axis `l`: lines.

    In thousandths of a GB a month.
    """

    first_ls: Floats
    other_ls: Floats
    capacity_l: Floats


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
    loads: Loads | None = None
    """None where members share no line that could be too slow for them."""


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
    """One search; `best` is what it has found.

    The sites that are open beside a first one are numbered in the order of what they cost; sets of them are the bits
    of whole numbers, the cheapest site's the lowest.
    """

    def __init__(self, ground: Ground, wanted: Wanted, ok_ss: Bools) -> None:
        self._ground, self._wanted, self._ok_ss = ground, wanted, ok_ss
        self.best: Picked | None = None
        self._limit = np.inf
        other_s, least = ground.other.cost_s, self._least()
        first, spent_s = ground.first, np.zeros(len(other_s), dtype=np.bool_)
        alike_s, looked = self._alike().tolist(), set[int]()
        for site in np.lexsort((first.offer_s, first.cost_s)).tolist():
            cost = float(first.cost_s[site])
            if not cost + least < self._limit:
                break
            if self.best is None and alike_s[site] in looked:
                continue  # what goes with it has been looked at
            # As long as there is nothing, a set with an earlier first site in it has been looked at in other roles,
            # in which it would send as much.
            same_roles = ground.loads is None and np.isfinite(other_s[site])
            tried_s = spent_s if self.best is None and same_roles else None
            self._from(site, cost, tried_s)
            spent_s[site] = True
            looked.add(alike_s[site])

    def _from(self, first: int, cost: float, tried_s: Bools | None) -> None:
        """Look for the others of a first site."""
        ground, further = self._ground, self._wanted.sites - 1
        value_s = ground.other.cost_s + (ground.sent_t[ground.tariff_ss[first]] if len(ground.sent_t) else 0.0)
        open_s, room_l = self._ok_ss[first] & np.isfinite(value_s), np.zeros(0)
        if ground.loads is not None:
            room_l = ground.loads.capacity_l - ground.loads.first_ls[:, first]
            open_s &= (ground.loads.other_ls <= room_l[:, None]).all(axis=0)
        sites = np.flatnonzero(open_s if tried_s is None else open_s & ~tried_s)
        if len(sites) < further:
            return
        candidates = self._different(sites[np.lexsort((ground.other.offer_s[sites], value_s[sites]))])
        self._values: list[float] = value_s[candidates].tolist()
        if not cost + sum(self._values[:further]) < self._limit:
            return
        self._whose = [1 << number for number in ground.provider_s[candidates].tolist()]
        self._sent = ground.loads.other_ls[:, candidates].T if ground.loads is not None else None
        if further > 1:
            pairs = np.packbits(self._ok_ss[np.ix_(candidates, candidates)], axis=1, bitorder="little")
            self._goes_with = [int.from_bytes(row.tobytes(), "little") for row in pairs]
        every = (1 << len(candidates)) - 1
        found = self._others(every, further, cost, 1 << int(ground.provider_s[first]), room_l)
        if found is not None:
            chosen = candidates[list(found)].tolist()
            self.best = Picked(
                (first, *chosen),
                (cost, *(self._values[place] for place in found)),
                (int(ground.first.offer_s[first]), *(int(ground.other.offer_s[site]) for site in chosen)),
            )

    def _least(self) -> float:
        """What all further sites cost at least: the cheapest, of those that are alike one."""
        cost_s, key_s = self._ground.other.cost_s, self._alike()
        order = np.argsort(cost_s, kind="stable")
        _, first = np.unique(key_s[order], return_index=True)
        cheapest = cost_s[order[np.sort(first)[: self._wanted.sites - 1]]]
        return float(cheapest.sum()) if len(cheapest) == self._wanted.sites - 1 else np.inf

    def _alike(self) -> Ints:
        """Sites with which the same others go, but not each other: in one place and, if that counts, of a provider."""
        ground, wanted = self._ground, self._wanted
        if wanted.apart_km <= 0 or ground.loads is not None:
            return np.arange(len(ground.place_s))
        key_s = ground.place_s * (len(ground.provider_s) + 1)
        return key_s + ground.provider_s if wanted.providers > 1 else key_s

    def _different(self, candidates: Ints) -> Ints:
        """Of candidates that are alike the first."""
        if self._wanted.sites <= FEWEST_SITES:
            return candidates
        _, first = np.unique(self._alike()[candidates], return_index=True)
        return candidates[np.sort(first)]

    def _others(self, open_bits: int, further: int, spent: float, whose: int, room_l: Floats) -> tuple[int, ...] | None:
        """The best *further* of the open sites, beside those that are *spent* on; None if none makes it cheaper.

        *whose*: the providers so far; *room_l*: what the lines still carry.
        """
        if whose.bit_count() + further < self._wanted.providers:
            return None
        if further == 1:
            return self._last(open_bits, spent, whose, room_l)
        found = None
        while open_bits.bit_count() >= further:
            lowest = open_bits & -open_bits
            place, open_bits = lowest.bit_length() - 1, open_bits ^ lowest
            cost = self._values[place]
            if not spent + further * cost < self._limit:
                break
            rest = open_bits & self._goes_with[place]
            if rest.bit_count() >= further - 1 and self._fits(place, room_l):
                left_l = room_l if self._sent is None else room_l - self._sent[place]
                others = self._others(rest, further - 1, spent + cost, whose | self._whose[place], left_l)
                found = (place, *others) if others is not None else found
        return found

    def _fits(self, place: int, room_l: Floats) -> bool:
        """Whether the lines still carry what another site needs of them."""
        return self._sent is None or bool((self._sent[place] <= room_l).all())

    def _last(self, open_bits: int, spent: float, whose: int, room_l: Floats) -> tuple[int, ...] | None:
        """The cheapest open site that makes the providers enough."""
        while open_bits:
            lowest = open_bits & -open_bits
            place, open_bits = lowest.bit_length() - 1, open_bits ^ lowest
            total = spent + self._values[place]
            if not total < self._limit:
                break
            enough = (whose | self._whose[place]).bit_count() >= self._wanted.providers
            if enough and self._fits(place, room_l):
                self._limit = total
                return (place,)
        return None


def are_there(ground: Ground, wanted: Wanted) -> bool:
    """Whether there are such sites, whatever they cost."""
    first, other = (
        best._replace(cost_s=np.where(np.isfinite(best.cost_s), 0.0, np.inf)) for best in (ground.first, ground.other)
    )
    free = ground._replace(first=first, other=other, sent_t=np.zeros(0))
    return cheapest_sites(free, wanted, goes_with(ground, wanted)) is not None


def farthest_km(ground: Ground, wanted: Wanted) -> float | None:
    """The largest distance, below the one wanted, for which there are sites; None where there are none at any."""
    if not are_there(ground, wanted._replace(apart_km=0.0)):
        return None
    open_s = np.flatnonzero(np.isfinite(ground.first.cost_s) | np.isfinite(ground.other.cost_s))
    km = ground.km_ss[np.ix_(open_s, open_s)]
    steps = np.unique(km[(km > 0) & (km < wanted.apart_km)]).tolist()
    low, high = 0, len(steps)  # there are sites for steps before `low`, none from `high` on
    while low < high:
        middle = (low + high) // 2
        if are_there(ground, wanted._replace(apart_km=steps[middle])):
            low = middle + 1
        else:
            high = middle
    return float(steps[low - 1]) if low else 0.0


def most_providers(ground: Ground, wanted: Wanted) -> int | None:
    """The most providers, fewer than wanted, of which there are sites; None where there are none at all."""
    for providers in range(wanted.providers - 1, 0, -1):
        if are_there(ground, wanted._replace(providers=providers)):
            return providers
    return None
