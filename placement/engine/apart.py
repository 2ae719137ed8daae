"""Workloads at several sites: how far sites are apart, whose they are, and what members leave open to each other.

Before sites are chosen, no member asks anything of another. Once they are, each of a workload's members may be at all
sites that go with those of its others (see `redundant.settled_apart`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.distance import distance_km
from placement.catalog.tables import Site
from placement.engine.arrays import Floats, Ints, to_milli_x
from placement.engine.senders import Senders
from placement.inventory.asks import Asks
from placement.inventory.members import Redundant
from placement.inventory.redundancy import MOST_SITES, Terms

NOWHERE = -1
"""In place of the site of a member that is not there."""


class Apart(NamedTuple):
    """What the sites of a workload's other members leave open to a member. Axis `r`: different demands of that kind."""

    row_w: Ints
    """Row of the next three; 0 where nothing is asked for."""
    others_rk: Ints
    """Sites of the other members, `NOWHERE` where there are fewer."""
    apart_km_r: Floats
    providers_r: Ints
    """Of how many providers all members must be."""
    km_ss: Floats
    """Great-circle distance [km]; NaN where either site has no coordinates. Empty where nobody asks."""
    provider_s: Ints
    """Number of each site's provider; all own sites have one."""
    place_s: Ints
    """Number of each site's coordinates."""


class Several(NamedTuple):
    """The workloads at several sites. Axis `g`: these workloads."""

    first_g: Ints
    """Number of the first member; its others follow."""
    terms: list[Terms]
    replication_milli_g: Floats
    """GB a month that each further site gets."""
    tariff_ss: Ints
    """Tariff of bytes from one site to another, sender × receiver; empty where none are sent."""

    def rows(self, group: int) -> range:
        """The members of a workload."""
        first = int(self.first_g[group])
        return range(first, first + self.terms[group].min_sites)


def several_of(asks: Asks, sites: list[Site], senders: Senders) -> Several | None:
    """What is asked for, if anything is."""
    redundant: Redundant = asks.redundant
    if not redundant.terms:
        return None
    sent = [terms.replication_gb_per_month for terms in redundant.terms]
    return Several(
        np.array(redundant.rows, dtype=np.int64),
        redundant.terms,
        to_milli_x(sent),
        between_sites(sites, senders) if any(sent) else np.zeros((0, 0), dtype=np.int64),
    )


def between_sites(sites: list[Site], senders: Senders) -> Ints:
    """The tariff of bytes from one site to another, sender × receiver: the sender's."""
    return np.array([senders.towards(senders.place(site.id)) for site in sites])


def apart_of(count: int, sites: list[Site], several: Several | None) -> Apart:
    """Nothing asked of any of *count* workloads so far."""
    names: dict[str, int] = {}
    places: dict[tuple[float | None, float | None], int] = {}
    km_ss = np.zeros((0, 0))
    if several is not None:
        km_ss = distance_km(sites, sites)
    return Apart(
        np.zeros(count, dtype=np.int32),
        np.full((1, MOST_SITES - 1), NOWHERE, dtype=np.int64),
        np.zeros(1),
        np.ones(1, dtype=np.int64),
        km_ss,
        np.array([names.setdefault(site.provider, len(names)) for site in sites], dtype=np.int64),
        np.array([places.setdefault((site.latitude, site.longitude), len(places)) for site in sites], dtype=np.int64),
    )
