"""Bytes moved between places and sites, and whose tariff prices them: the sender's."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Site
from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints, to_milli_x
from placement.engine.tariffs import FREE, TariffBook
from placement.inventory.asks import Asks, Volumes
from placement.inventory.data import Dataset
from placement.inventory.inventory import Inventory
from placement.words import OWN

NOWHERE = -1
"""In place of the tariff of a flow that is in no pool."""

ANYWHERE = -2
"""In place of the tariff of a flow of which it is not known yet where it will stand: any pool is taken to hold it."""


class Flows(NamedTuple):
    """Monthly flows of every workload, in slots; slot k holds each workload's k-th flow or none."""

    endpoint_wk: Ints
    """Row of `tariff_es`, −1 where the slot is empty."""
    volume_milli_wk: Floats
    tariff_es: Ints
    labels: list[str]
    """Endpoint names as the inventory writes them."""
    stands_wk: Ints
    """Tariff under which the flow stands in its pool (see `engine.pools`), `NOWHERE` where it is in none."""
    begin_milli_wk: Floats
    """How much of that pool comes before it where the plan is written down; NaN where it is still looked for."""


class _Ends(NamedTuple):
    """What the flows need to know of all sites at once."""

    provider_s: Any
    """Array of names, as are the next two."""
    location_s: Any
    id_s: Any
    internet_s: Ints
    same_provider_s: Ints


def _ends(sites: list[Site], book: TariffBook) -> _Ends:
    return _Ends(
        np.array([site.provider for site in sites], dtype=object),
        np.array([site.location for site in sites], dtype=object),
        np.array([site.id for site in sites], dtype=object),
        np.array([book.add(site.egress_internet, "egress_usd_per_gb", site.tier, site.provider) for site in sites]),
        np.array(
            [
                book.add(site.egress_same_provider, "egress_same_provider_usd_per_gb", site.tier, site.provider)
                for site in sites
            ]
        ),
    )


def flows(inventory: Inventory, asks: Asks, sites: list[Site], book: TariffBook) -> tuple[Flows, Flows]:
    """Flows towards the accelerators (priced by where the data is) and away from them (by where they run)."""
    ends = _ends(sites, book)
    place = {site.id: index for index, site in enumerate(sites)}
    uplink = book.add(None, "egress_usd_per_gb", "on_prem")

    def towards(name: str) -> Ints:
        index = _site_index(inventory, place, name)
        if index is None:
            return np.where(ends.location_s == name, FREE, uplink)
        near = _near(ends, index)
        return np.where(near, FREE, np.where(_shared(ends, index), ends.same_provider_s[index], ends.internet_s[index]))

    def away(name: str) -> Ints:
        index = _site_index(inventory, place, name)
        if index is None:
            return np.where(ends.location_s == name, FREE, ends.internet_s)
        return np.where(_near(ends, index), FREE, np.where(_shared(ends, index), ends.same_provider_s, ends.internet_s))

    arriving, leaving = _flows_of(asks.arriving, inventory.datasets), _flows_of(asks.leaving, {})
    count = len(asks.numbers["count"])
    return _tabulated(arriving, count, towards, len(sites)), _tabulated(leaving, count, away, len(sites))


def between_sites(sites: list[Site], book: TariffBook) -> Ints:
    """The tariff of bytes from one site to another, sender × receiver: the sender's."""
    ends = _ends(sites, book)
    near_ss = np.array([_near(ends, index) for index in range(len(sites))])
    shared_ss = np.array([_shared(ends, index) for index in range(len(sites))])
    far_ss = np.where(shared_ss, ends.same_provider_s[:, None], ends.internet_s[:, None])
    return np.where(near_ss, FREE, far_ss)


def _site_index(inventory: Inventory, place: dict[str, int], name: str) -> int | None:
    """The site an endpoint is, None for a location."""
    if name in inventory.locations:
        return None
    return place[f"{OWN}/{name}" if name in inventory.sites else name]


def _near(ends: _Ends, index: int) -> NDArray[np.bool_]:
    """Sites in the same place as site *index*: itself, and own sites at the same location."""
    location = ends.location_s[index]
    same = ends.id_s == ends.id_s[index]
    return np.asarray(same | (ends.location_s == location) if location is not None else same)


def _shared(ends: _Ends, index: int) -> NDArray[np.bool_]:
    """Sites of the same provider; own sites share no provider's backbone."""
    provider = ends.provider_s[index]
    return np.asarray((ends.provider_s == provider) & (provider != OWN))


class _Summed(NamedTuple):
    """Flows, summed by workload and endpoint, in the order of workloads and of their flows; none is empty."""

    names: list[str]
    workload: Ints
    endpoint: Ints
    milli_gb: Floats


def _flows_of(volumes: Volumes, datasets: Mapping[str, Dataset]) -> _Summed:
    """The flows by where they come from or go to: datasets are where they live."""
    read = [datasets.get(name) for name in volumes.names]
    home_n = [one.home if one else name for one, name in zip(read, volumes.names, strict=True)]
    number = {name: index for index, name in enumerate(dict.fromkeys(home_n))}
    endpoint_n = np.array([number[home] for home in home_n], dtype=np.int64)
    size_n = to_milli_x([one.size_gb if one else 0.0 for one in read])
    workload, name, milli_gb = np.array(volumes.workload), np.array(volumes.name), to_milli_x(volumes.gb)
    milli_gb = np.where(np.isnan(milli_gb), size_n[name], milli_gb)
    endpoint = endpoint_n[name]
    same = alike(len(workload), [workload, endpoint])
    total = np.bincount(same.class_x, weights=milli_gb, minlength=len(same.first_k)).astype(np.float64)
    kept = same.first_k[total > 0]
    return _Summed(list(number), workload[kept], endpoint[kept], total[total > 0])


def _tabulated(found: _Summed, count: int, tariff: Callable[[str], Ints], sites: int) -> Flows:
    """The flows of *count* workloads, laid out in slots."""
    row = found.workload
    slot = np.arange(len(row)) - np.searchsorted(row, row)
    shape = (count, int(slot.max(initial=-1)) + 1)
    endpoint_wk, volume_milli_wk = np.full(shape, -1, dtype=np.int64), np.zeros(shape)
    endpoint_wk[row, slot], volume_milli_wk[row, slot] = found.endpoint, found.milli_gb
    tariff_es = np.array([tariff(name) for name in found.names], dtype=np.int64).reshape(len(found.names), sites)
    nowhere_wk = np.full(shape, NOWHERE, dtype=np.int64)
    return Flows(endpoint_wk, volume_milli_wk, tariff_es, found.names, nowhere_wk, np.full(shape, np.nan))
