"""Private ports into a provider's network: where one is possible.

A port carries what a cloud's site sends to a place of the organisation's own. It is rented by the hour for one
workload's flow, as many as the volume needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Port, Site
from placement.engine.flows import Flows, Moved
from placement.engine.senders import Place, Senders
from placement.engine.tariffs import TariffBook
from placement.engine.ways import NO_WAY, Carrier, Doors, Way, WayBook, set_apart
from placement.inventory.inventory import Inventory
from placement.units import HOURS_PER_MONTH, MICRO, MILLI, MILLI_GB_PER_MBIT_S
from placement.words import OWN


class Links(NamedTuple):
    """Private ways of all flows."""

    ways: list[Way]
    arriving: Doors
    leaving: Doors


def links_of(
    catalog: Catalog, inventory: Inventory, sites: Sequence[Site], senders: Senders, book: TariffBook, moved: Moved
) -> tuple[Links, Moved]:
    """Where the inventory says that a port is possible, and the catalog what it costs; and what is left of the flows.

    There a flow is priced by itself, whichever way it takes: among the others it is free.
    """
    found = _Found(catalog, book)
    willing_s = [_providers_at(inventory, site) for site in sites]
    sending_s = [found.way(site) for site in sites] if any(map(len, willing_s)) or _any_location(inventory) else []

    def incoming(place: Place) -> list[int]:
        sender = sites[place.site] if place.site is not None else None
        way = found.way(sender) if sender is not None else NO_WAY
        return [way if sender is not None and sender.provider in willing else NO_WAY for willing in willing_s]

    def outgoing(place: Place) -> list[int]:
        willing = _willing(inventory, place, sites)
        return [way if site.provider in willing else NO_WAY for way, site in zip(sending_s, sites, strict=True)]

    def split(flows: Flows, row: Callable[[Place], list[int]]) -> tuple[Doors, Flows]:
        if not sending_s:
            none_es = np.zeros_like(flows.tariff_es)
            return Doors(none_es, none_es), flows
        rows = [row(senders.place(label)) for label in flows.labels]
        return set_apart(flows, senders, np.array(rows, dtype=np.int64).reshape(flows.tariff_es.shape))

    arriving, flows_in = split(moved.flows_in, incoming)
    leaving, flows_out = split(moved.flows_out, outgoing)
    return Links(found.book.ways, arriving, leaving), moved._replace(flows_in=flows_in, flows_out=flows_out)


class _Found:
    """Private ways out of sites."""

    def __init__(self, catalog: Catalog, book: TariffBook) -> None:
        self._ports, self._book = catalog.ports, book
        self._usable_micro = catalog.assumption("link_usable_fraction").micro
        self.book = WayBook()

    def way(self, site: Site) -> int:
        """The private way out of a site; `NO_WAY` where its price or that of ports is unknown."""
        if site.egress_interconnect is None:
            return NO_WAY
        tariff = self._book.add(site.egress_interconnect, "", "")
        return self.book.add(tuple(self._carrier(port, tariff) for port in self._ports.get(site.provider, ())))

    def _carrier(self, port: Port, tariff: int) -> Carrier:
        words = f"{port.product}, {port.mbit_per_s_milli / 1_000_000:g} Gbit/s"
        capacity = port.mbit_per_s_milli * self._usable_micro * MILLI_GB_PER_MBIT_S // (MILLI * MICRO)
        hours_milli = HOURS_PER_MONTH * MILLI
        return Carrier(words, "private port", "port-hour", hours_milli, max(capacity, 1), port.price, tariff)


def _any_location(inventory: Inventory) -> bool:
    return any(place.interconnect for place in inventory.locations.values())


def _providers_at(inventory: Inventory, site: Site) -> frozenset[str]:
    """Providers to whom a port is possible at a site: those of an own site and of all its locations."""
    if site.provider != OWN:
        return frozenset()
    own = inventory.sites[site.name]
    at_locations = [set(inventory.locations[name].interconnect) for name in own.stands_at]
    return frozenset(own.interconnect) | frozenset(set.intersection(*at_locations))


def _willing(inventory: Inventory, place: Place, sites: Sequence[Site]) -> frozenset[str]:
    if place.name in inventory.locations:
        return frozenset(inventory.locations[place.name].interconnect)
    return frozenset() if place.site is None else _providers_at(inventory, sites[place.site])
