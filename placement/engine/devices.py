"""Devices that carry by post what moves once: where one is possible.

A cloud ships its devices to a place of the organisation's own and back: a location, an own site, or rented space in a
data centre. So it is one end of the flow, and such a place is the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Device, Site
from placement.engine.arrays import Bools, Ints
from placement.engine.flows import Moved
from placement.engine.senders import Place, Senders
from placement.engine.tariffs import FREE, TariffBook
from placement.engine.ways import NO_WAY, Carrier, Doors, Way, WayBook, set_apart
from placement.inventory.inventory import Inventory
from placement.units import MILLI
from placement.words import OWN

JOB = "job"
"""What a device is paid by."""


class Devices(NamedTuple):
    """Ways by post of what moves once."""

    ways: list[Way]
    doors: Doors
    """Of the devices that the policies price in."""
    idle_es: Ints
    """Numbers of the ways that they do not, of which the plan only says what they would save."""


def devices_of(
    inventory: Inventory, sites: Sequence[Site], senders: Senders, book: TariffBook, moved: Moved
) -> tuple[Devices, Moved]:
    """Where the catalog has devices for what moves once; and what is left of these flows."""
    flows, found = moved.flows_once, _Found(inventory, sites, book)
    rows = [found.ways(senders.place(label)) for label in flows.labels]
    way_es = np.array(rows, dtype=np.int64).reshape(flows.tariff_es.shape)
    way_es[flows.tariff_es == FREE] = NO_WAY  # within one place nothing is shipped
    priced_es = found.priced()[way_es]
    doors, flows = set_apart(flows, senders, np.where(priced_es, way_es, NO_WAY))
    idle_es = np.where(priced_es, NO_WAY, way_es)
    return Devices(found.book.ways, doors, idle_es), moved._replace(flows_once=flows)


class _Found:
    """Ways by post between places."""

    def __init__(self, inventory: Inventory, sites: Sequence[Site], book: TariffBook) -> None:
        self._inventory, self._sites, self._tariffs = inventory, sites, book
        self.book = WayBook()
        self._provider = {NO_WAY: ""}
        """Of each way."""
        self._reached_s = [self._way(site, outwards=False) if _is_cloud(site) else NO_WAY for site in sites]
        self._ships_s = [not _is_cloud(site) and not site.spread for site in sites]
        """Sites of one place each to which a cloud ships its devices."""

    def ways(self, place: Place) -> list[int]:
        """The ways from a place to every site."""
        sender = self._sites[place.site] if place.site is not None else None
        if sender is not None and _is_cloud(sender):
            way = self._way(sender, outwards=True)
            return [way if ships else NO_WAY for ships in self._ships_s]
        return self._reached_s if self._is_one(place, sender) else [NO_WAY] * len(self._sites)

    def priced(self) -> Bools:
        """Of every way met so far, whether the policies price its devices in."""
        ordered = self._inventory.policies.transfer_devices
        return np.array([self._provider[number] in ordered for number in range(len(self.book.ways))], dtype=np.bool_)

    def _is_one(self, place: Place, site: Site | None) -> bool:
        """Whether a location or a site that is no cloud's is one place."""
        if site is not None:
            return not site.spread
        return self._inventory.locations[place.name].count == 1

    def _way(self, site: Site, outwards: bool) -> int:
        """The devices of a cloud's site for data that leaves it, or that arrives."""
        offered = [(device, device.outwards if outwards else device.inwards) for device in site.devices]
        way = tuple(
            _carrier(device, site.provider, self._tariffs.add(tariff, "", ""))
            for device, tariff in offered
            if tariff is not None
        )
        number = self.book.add(way)
        self._provider.setdefault(number, site.provider)
        return number


def _is_cloud(site: Site) -> bool:
    """Whether a site is a provider's own, where nobody else's hardware stands."""
    return site.provider != OWN and site.tier != "colo"


def _carrier(device: Device, provider: str, tariff: int) -> Carrier:
    by = f"device of {provider}"
    words = f"{device.product}, {by}"
    return Carrier(words, by, JOB, MILLI, device.usable_milli_gb, device.price, tariff, provider, device.only_for)
