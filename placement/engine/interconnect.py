"""Private ports into a provider's network: where one is possible, and where it is cheaper than the internet.

A port carries what a cloud's site sends to a place of the organisation's own. It is rented by the hour for one
workload's flow, as many as the volume needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Port, Site
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.flows import Flows, Moved
from placement.engine.product import product_micro
from placement.engine.senders import Place, Senders
from placement.engine.tariffs import FREE, TariffBook, Tariffs, volumes_micro
from placement.inventory.inventory import Inventory
from placement.units import HOURS_PER_MONTH, MICRO, MILLI, MILLI_GB_PER_MBIT_S
from placement.words import OWN

NO_WAY = 0


class Way(NamedTuple):
    """A private way out of a site: its price per GB, and the ports to be had."""

    tariff: int
    ports: tuple[Port, ...]


class Doors(NamedTuple):
    """Where flows of one direction could take a private way. Axes `e` and `s` as those of the flows."""

    way_es: Ints
    """Number of the way, `NO_WAY` where there is none."""
    tariff_es: Ints
    """What the internet costs there; `FREE` where there is no way."""


class Links(NamedTuple):
    """Private ways of all flows."""

    ways: list[Way]
    """The first is none."""
    arriving: Doors
    leaving: Doors
    usable_fraction: float


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
        way_es = np.array(rows, dtype=np.int64).reshape(flows.tariff_es.shape)
        apart_es = way_es != NO_WAY
        alone_es = senders.alone(flows.tariff_es.ravel()).reshape(flows.tariff_es.shape)
        doors = Doors(way_es, np.where(apart_es, alone_es, FREE))
        return doors, flows._replace(tariff_es=np.where(apart_es, FREE, flows.tariff_es))

    usable = catalog.assumption("link_usable_fraction").micro / MICRO
    arriving, flows_in = split(moved.flows_in, incoming)
    leaving, flows_out = split(moved.flows_out, outgoing)
    links = Links(found.ways, arriving, leaving, usable)
    return links, moved._replace(flows_in=flows_in, flows_out=flows_out)


class _Found:
    """Ways, numbered as they are met."""

    def __init__(self, catalog: Catalog, book: TariffBook) -> None:
        self._catalog, self._book = catalog, book
        self.ways = [Way(FREE, ())]
        self._number: dict[Way, int] = {}

    def way(self, site: Site) -> int:
        """The private way out of a site; `NO_WAY` where its price or that of ports is unknown."""
        ports = self._catalog.ports.get(site.provider, ())
        if site.egress_interconnect is None or not ports:
            return NO_WAY
        way = Way(self._book.add(site.egress_interconnect, "", ""), ports)
        if way not in self._number:
            self._number[way] = len(self.ways)
            self.ways.append(way)
        return self._number[way]


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


class Cheaper(NamedTuple):
    """Which flows take the private way. Axis `x`: pairs of a tariff and a way that are met."""

    private_wx: Bools
    port_wx: Ints
    """Number of the port, of those of the way."""
    ports_wx: Floats
    """How many of them."""


def cheaper(links: Links, tariffs: Tariffs, tariff_x: Ints, way_x: Ints, volume_milli_w: Floats) -> Cheaper:
    """Compare the whole month's cost of the internet and of the cheapest ports, exactly; equal costs stay public."""
    shape = (len(volume_milli_w), len(tariff_x))
    private_wx, port_wx = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int64)
    ports_wx = np.zeros(shape)
    for x in np.flatnonzero(way_x != NO_WAY).tolist():
        way = links.ways[int(way_x[x])]
        each = [_ports_needed(links, port, volume_milli_w) for port in way.ports]
        price_p = np.array([float(port.price.micro) for port in way.ports])
        rent_pw = product_micro(hours(np.array(each)), price_p[:, None])
        best_w = np.argmin(rent_pw, axis=0)
        rows = np.arange(len(volume_milli_w))
        rent_w = rent_pw[best_w, rows]
        public_w = volumes_micro(tariffs, int(tariff_x[x]), volume_milli_w)
        private_wx[:, x] = rent_w + volumes_micro(tariffs, way.tariff, volume_milli_w) < public_w
        port_wx[:, x], ports_wx[:, x] = best_w, np.array(each)[best_w, rows]
    return Cheaper(private_wx, port_wx, ports_wx)


def hours(ports: Floats) -> Floats:
    """Hours of a month for which so many ports are rented, in thousandths."""
    return ports * (HOURS_PER_MONTH * MILLI)


def _ports_needed(links: Links, port: Port, volume_milli_w: Floats) -> Floats:
    """Ports of one kind that carry a month's volume, `w`."""
    return np.asarray(-np.floor_divide(-volume_milli_w, float(port_milli_gb(links, port))))


def port_milli_gb(links: Links, port: Port) -> int:
    """What a port carries in a month [thousandths of a GB]."""
    usable = round(links.usable_fraction * MICRO)
    return max(port.mbit_per_s_milli * usable * MILLI_GB_PER_MBIT_S // (MILLI * MICRO), 1)
