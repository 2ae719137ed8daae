"""Workloads that live at every place of their users' locations: where that is, and how near sites there are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Site
from placement.engine.arrays import Bools, Floats, Ints, different
from placement.inventory.asks import Asks
from placement.inventory.inventory import Inventory
from placement.units import to_micro
from placement.words import OWN


class Mixes(NamedTuple):
    """Where workloads live that live at every place of their users' locations.

    Axes `m`: different mixes; `u`: their locations, in the order of names.
    """

    number: dict[str, int]
    """Of each location, by name."""
    row_w: Ints
    """The mix of each workload, −1 for those that do not."""
    location_mu: Ints
    """Number of the location by name, −1 where a mix has fewer than others."""
    share_micro_mu: Floats
    """Of the demand, over all places of the location."""
    places_mu: Floats
    """How many places it stands for; 0 where there is no location."""

    @property
    def places_w(self) -> Ints:
        """At how many places each workload lives."""
        places_m = np.append(self.places_mu.sum(axis=1), 1).astype(np.int64)
        return places_m[self.row_w]

    def places_at(self, w: Ints, location: Ints) -> Ints:
        """At how many places of a location each the workloads *w* live: of all theirs where it is none of them."""
        every_w = self.places_w[w]
        if not len(self.location_mu):
            return every_w
        here_wu = (self.location_mu[self.row_w[w]] == location[:, None]) & (location[:, None] >= 0)
        there_w = np.where(here_wu, self.places_mu[self.row_w[w]], 0.0).sum(axis=1).astype(np.int64)
        return np.where((self.row_w[w] >= 0) & (there_w > 0), there_w, every_w)


def mixes_of(inventory: Inventory, asks: Asks) -> Mixes:
    """The different mixes of locations among the workloads that live at every place."""
    traffic_w = np.array(asks.traffic.row, dtype=np.int64)
    mine_w = _everywhere(asks)
    rows = different(traffic_w[mine_w])
    number = {name: index for index, name in enumerate(sorted(inventory.locations))}
    known = list(asks.traffic.number)
    mixes: list[dict[str, int]] = []
    for row in rows.tolist():
        shares: dict[str, int] = {}
        for name, share in known[row][0]:
            shares[name] = shares.get(name, 0) + to_micro(share)
        mixes.append(shares)
    shape = (len(mixes), max(map(len, mixes), default=0))
    location_mu = np.full(shape, -1, dtype=np.int64)
    share_micro_mu, places_mu = np.zeros(shape), np.zeros(shape)
    for m, shares in enumerate(mixes):
        for u, (name, micro) in enumerate(sorted(shares.items())):
            location_mu[m, u], share_micro_mu[m, u] = number[name], micro
            places_mu[m, u] = inventory.locations[name].count
    row_w = np.where(mine_w, np.searchsorted(rows, traffic_w), -1) if len(rows) else np.full(len(traffic_w), -1)
    return Mixes(number, row_w.astype(np.int64), location_mu, share_micro_mu, places_mu)


def _everywhere(asks: Asks) -> Bools:
    """Workloads that live at every place of their users' locations."""
    return np.array(asks.numbers["per_location"]) > 0


def asked_for(asks: Asks) -> list[frozenset[str]]:
    """The different sets of locations at all of whose places some workload lives."""
    rows = different(np.array(asks.traffic.row, dtype=np.int64)[_everywhere(asks)])
    if not len(rows):
        return []
    known = list(asks.traffic.number)
    sets = {frozenset(name for name, _ in known[row][0]) for row in rows.tolist()}
    return sorted(sets, key=sorted)


class Whole(NamedTuple):
    """Sites of several places, and the parts of them that workloads ask for."""

    site_s: Ints
    """The site as a whole that each is a part of; most are whole."""
    begin_s: Ints
    """First offer of each site. Parts have the offers of the whole, in its order."""
    locations: tuple[tuple[int, ...], ...]
    """By site, where it is of several places: numbers of its locations by name; nothing for others."""


def whole_of(inventory: Inventory, sites: list[Site], site_o: Ints) -> Whole:
    """Which sites are parts of which."""
    number = {name: index for index, name in enumerate(sorted(inventory.locations))}
    every = np.arange(len(sites))
    of_name = {site.name: s for s, site in enumerate(sites) if site.spread and site.id == f"{OWN}/{site.name}"}
    return Whole(
        np.array([of_name[site.name] if site.spread else s for s, site in enumerate(sites)], dtype=np.int64),
        np.searchsorted(site_o, every),
        tuple(tuple(sorted(number[name] for name in site.at)) if site.spread else () for site in sites),
    )
