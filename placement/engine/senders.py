"""Who charges what for bytes from one place to another: the sender, by where they go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Route, Site
from placement.engine.arrays import Bools, Ints
from placement.engine.supply import metered_line
from placement.engine.tariffs import FREE, TariffBook
from placement.inventory.inventory import Inventory
from placement.inventory.located import resolve_location
from placement.words import OWN

INTERNET, SAME_PROVIDER = "egress_usd_per_gb", "egress_same_provider_usd_per_gb"
"""The assumptions for unknown tariffs."""


class Place(NamedTuple):
    """One end of bytes: a site, or a location where no site is meant."""

    name: str
    """As the inventory writes it."""
    site: int | None
    """Number of the site, also of one that a location is inside of."""
    at: tuple[str, ...]
    """The locations it is, or stands at."""
    country: str | None


class Senders:
    """The tariffs between all sites and the places that flows name."""

    def __init__(self, catalog: Catalog, inventory: Inventory, sites: Sequence[Site], book: TariffBook) -> None:
        self._catalog, self._inventory, self._sites, self._book = catalog, inventory, sites, book
        self._number = {site.id: number for number, site in enumerate(sites)}
        self._provider_s = np.array([site.provider for site in sites], dtype=object)
        self._own = {number: site.at for number, site in enumerate(sites) if site.stands}
        """Own sites, and the locations they stand at."""
        self._stood_at = frozenset(name for at in self._own.values() for name in at)
        self._internet_s = np.array(
            [book.add(site.egress_internet, INTERNET, site.tier, site.provider) for site in sites]
        )
        same = [book.add(site.egress_same_provider, SAME_PROVIDER, site.tier, site.provider) for site in sites]
        self._same_provider_s = np.array(same)
        lines = {name: metered_line(inventory, [name]) for name in inventory.locations}
        self._metered = {name: tariff for name, tariff in lines.items() if tariff is not None}
        self._continent_s = np.array([self._continent(site.country) for site in sites], dtype=object)
        alike: dict[tuple[int, str | None], list[int]] = {}
        for number, site in enumerate(sites):
            if site.routes:  # one object for all sites that have the same
                alike.setdefault((id(site.routes), self._continent_s[number]), []).append(number)
        self._routed = [np.array(numbers) for numbers in alike.values()]
        """Sites whose routes lead to the same places at the same prices."""

    def place(self, name: str) -> Place:
        """The place that a flow or a dataset's home names."""
        inventory = self._inventory
        if name in inventory.locations:
            location = inventory.locations[name]
            country, _, _ = resolve_location(self._catalog, location)
            inside = None if name in self._metered or name in self._stood_at else self._number.get(location.site or "")
            return Place(name, inside, (name,), country)
        number = self._number[f"{OWN}/{name}" if name in inventory.sites else name]
        site = self._sites[number]
        return Place(name, number, tuple(stand.location for stand in site.stands), site.country)

    def sender(self, place: Place) -> str:
        """Who charges for bytes from *place*, as plans say it: the id of a site, or `own/` and an own location."""
        return f"{OWN}/{place.name}" if place.site is None else self._sites[place.site].id

    def near(self, place: Place) -> Bools:
        """Sites in the same place.

        That is the site itself, with own sites that stand where it does; and own sites that stand at a location, if
        not there alone: each of their places has what is its own.
        """
        near_s = np.zeros(len(self._sites), dtype=np.bool_)
        if place.site is None:
            near_s[[number for number, at in self._own.items() if place.name in at]] = True
            return near_s
        near_s[place.site] = True
        if place.site in self._own:
            near_s[[number for number, at in self._own.items() if at <= self._own[place.site]]] = True
        return near_s

    def towards(self, place: Place, between_zones: bool = False) -> Ints:
        """Tariffs of bytes from *place* to every site, `s`."""
        near_s = self.near(place)
        if place.site is None:
            line = self._book.add(self._metered.get(place.name), INTERNET, "on_prem")
            return np.asarray(np.where(near_s, FREE, line))
        sender = self._sites[place.site]
        shared_s = self._shared(place)
        tariff_s = np.where(shared_s, self._same_provider_s[place.site], self._internet_s[place.site])
        for route in reversed(sender.routes):
            kind_s = shared_s if route.to == "same_provider" else ~shared_s
            tariff_s[kind_s & self._reached(route, place.site)] = self._route(route, place.site)
        tariff_s[near_s] = FREE
        if between_zones:
            tariff_s[place.site] = self._zones(place.site)
        return np.asarray(tariff_s)

    def away(self, place: Place, between_zones: bool = False) -> Ints:
        """Tariffs of bytes from every site to *place*, `s`."""
        shared_s = self._shared(place)
        tariff_s = np.where(shared_s, self._same_provider_s, self._internet_s)
        for numbers in self._routed:
            for route in reversed(self._sites[numbers[0]].routes):
                if self._leads(route, int(numbers[0]), place):
                    meant = shared_s[numbers] == (route.to == "same_provider")
                    tariff_s[numbers[meant]] = self._route(route, int(numbers[0]))
        tariff_s[self.near(place)] = FREE
        if between_zones and place.site is not None:
            tariff_s[place.site] = self._zones(place.site)
        return tariff_s

    def _shared(self, place: Place) -> Bools:
        """Sites of the same provider; own sites share no provider's backbone."""
        if place.site is None:
            return np.zeros(len(self._sites), dtype=np.bool_)
        provider = self._sites[place.site].provider
        return np.asarray((self._provider_s == provider) & (provider != OWN), dtype=np.bool_)

    def _zones(self, number: int) -> int:
        """Tariff between zones of a region."""
        site = self._sites[number]
        return self._book.add(site.egress_between_zones, SAME_PROVIDER, site.tier, site.provider)

    def _route(self, route: Route, number: int) -> int:
        """Tariff of a route of site *number*."""
        site = self._sites[number]
        return self._book.add(route.tariff, INTERNET, site.tier, site.provider)

    def alone(self, tariff_s: Ints) -> Ints:
        """The same tariffs with tiers that count one flow alone."""
        number_x, index_s = np.unique(tariff_s, return_inverse=True)
        return np.array([self._book.alone(number) for number in number_x.tolist()], dtype=np.int64)[index_s]

    def _continent(self, country: str | None) -> str | None:
        return self._catalog.continents.get(country) if country is not None else None

    def _reached(self, route: Route, sender: int) -> Bools:
        """Sites that a route of site *sender* leads to."""
        if route.continent:
            mine = self._continent_s[sender]
            known_s = np.array([mine is not None and other is not None for other in self._continent_s])
            return np.asarray(known_s & ((self._continent_s == mine) == (route.continent == "same")), dtype=np.bool_)
        names, countries = set(route.sites), set(route.countries)
        return np.array([site.id in names or site.country in countries for site in self._sites])

    def _leads(self, route: Route, sender: int, place: Place) -> bool:
        """Whether a route of site *sender* leads to *place*."""
        if route.continent:
            mine, other = self._continent_s[sender], self._continent(place.country)
            return None not in (mine, other) and (mine == other) == (route.continent == "same")
        if place.site is not None and self._sites[place.site].id in route.sites:
            return True
        return place.country in route.countries
