"""What single workloads would cost on each offer, as if each were alone: for comparing ways to buy.

Unlike a plan it chooses nothing; it says what the same rules allow and the same terms charge, offer by offer.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import hours_milli
from placement.engine.problem import Problem, build_problem
from placement.engine.round_trips import P95
from placement.engine.solution import Prepared, prepare, work
from placement.engine.story import Story, tell
from placement.engine.terms.hardware import capex_provenance
from placement.engine.terms.rented import list_price_micro, offer_provenance
from placement.inventory.inventory import Inventory
from placement.words import PURCHASES, TIERS


class Ways(NamedTuple):
    """Which offers are looked at; an empty tuple stands for all."""

    tiers: tuple[str, ...] = ()
    purchases: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Offered(NamedTuple):
    """An offer, and where its price comes from."""

    number: int
    """In the canonical order."""
    id: str
    site: str
    provider: str
    tier: str
    country: str
    accelerator: str
    units: int
    """Accelerators that its price is for."""
    purchase: str
    price_micro: int
    """USD per hour of the units; 0 for nodes that are bought."""
    on_demand_micro: int | None
    """The same on demand at the same site; None where that is unknown."""
    source_id: str
    as_of: str
    estimate: bool
    """Nobody lists the price."""


class Quote(NamedTuple):
    """What a workload costs a month on an offer."""

    offer: Offered
    nodes: int
    cost_micro: int
    hours_milli: int
    """In which the nodes are needed."""


class Nearest(NamedTuple):
    """The site with the shortest round trip from a location (P95, with the users' access)."""

    location: str
    site: str
    us: int


class _Told(NamedTuple):
    """A workload against every offer."""

    story: Story
    nodes_h: Floats
    hours_milli_h: Floats


class Market:
    """The offers of a catalog and of an inventory's own sites, under the inventory's rules."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self._prepared: Prepared = prepare(build_problem(catalog, inventory))
        self._row = {name: row for row, name in enumerate(self._problem.ids)}
        self._told: dict[str, _Told] = {}

    @property
    def _problem(self) -> Problem:
        return self._prepared.problem

    @property
    def ids(self) -> list[str]:
        """The workloads, in the inventory's order."""
        return self._problem.ids

    def kind(self, workload: str) -> str:
        """What a workload does."""
        return self._problem.workloads[self._row[workload]].kind

    def offers(self, ways: Ways) -> list[Offered]:
        """Offers at a known price that no rule forbids every workload, in the canonical order."""
        mask_o = self._mask(ways) & self._open_o
        return [self._offered(offer) for offer in np.flatnonzero(mask_o).tolist()]

    def quotes(self, workload: str, ways: Ways) -> list[Quote]:
        """What it costs on each offer that its rules allow, in the canonical order."""
        return [self._quote(workload, offer) for offer in self._able(workload, ways).tolist()]

    def best(self, workload: str, ways: Ways) -> Quote | None:
        """The cheapest of them, of equal ones the first; None without one."""
        offers, cost_o = self._able(workload, ways), self._tell(workload).story.cost_o
        return self._quote(workload, int(offers[np.argmin(cost_o[offers])])) if len(offers) else None

    def quote(self, workload: str, offer: Offered) -> Quote:
        """What it costs on one offer."""
        return self._quote(workload, offer.number)

    def best_by_site(self, workload: str, ways: Ways) -> list[Quote]:
        """The cheapest at each site, in the order of the sites' ids."""
        offers, cost_o = self._able(workload, ways), self._tell(workload).story.cost_o
        site_x = self._problem.supply.site_o[offers]
        order = np.lexsort((offers, cost_o[offers], site_x))
        first = np.flatnonzero(np.diff(site_x[order], prepend=-1))
        return [self._quote(workload, offer) for offer in offers[order[first]].tolist()]

    def nearest(self, ways: Ways) -> list[Nearest]:
        """For each location of the inventory the nearest site with such offers; without those of unknown distance."""
        supply, trips = self._problem.supply, self._problem.traffic.trips
        sites: Ints = np.unique(supply.site_o[self._mask(ways) & self._open_o])
        if not len(sites):
            return []
        found = []
        for row, name in enumerate(self._problem.inventory.locations):
            us_x = trips.rtt_us_als[P95, row, sites]
            if not np.isnan(us_x).all():
                place = int(np.nanargmin(us_x))
                found.append(Nearest(name, supply.sites[int(sites[place])].id, int(us_x[place])))
        return found

    def _mask(self, ways: Ways) -> Bools:
        supply = self._problem.supply
        mask_o = np.ones(len(supply.site_o), dtype=np.bool_)
        if ways.tiers:
            mask_o &= np.isin(self._problem.tier_o, [TIERS.index(tier) for tier in ways.tiers])
        if ways.purchases:
            mask_o &= np.isin(supply.purchase_o, [PURCHASES.index(name) for name in ways.purchases])
        if ways.accelerators:
            some_h = [shape.accelerator in ways.accelerators for shape in supply.shapes]
            mask_o &= np.array(some_h, dtype=np.bool_)[supply.shape_o]
        if ways.providers or ways.sites:
            some_s = [
                (not ways.providers or site.provider in ways.providers) and (not ways.sites or site.id in ways.sites)
                for site in supply.sites
            ]
            mask_o &= np.array(some_s, dtype=np.bool_)[supply.site_o]
        return mask_o

    @cached_property
    def _open_o(self) -> Bools:
        """What no rule forbids that is the same for all workloads, and is priced by the hour alone."""
        rules, supply = self._prepared.rules, self._problem.supply
        open_o = rules.ok_o & rules.ok_s[supply.site_o] & rules.ok_h[supply.shape_o] & rules.ok_p[supply.purchase_o]
        return np.asarray(open_o & (supply.price_micro_o >= 0) & (supply.payment_o == 0))

    def _able(self, workload: str, ways: Ways) -> Ints:
        """The offers that a workload's rules allow, in the canonical order."""
        story = self._tell(workload).story
        return np.flatnonzero(self._mask(ways) & story.feasible_o & ~np.isnan(story.cost_o))

    def _tell(self, workload: str) -> _Told:
        if workload not in self._told:
            worked = work(self._prepared, np.array([self._row[workload]]))
            nodes_h, hours_wh = worked.chunk.sizing.nodes_wh[0], hours_milli(self._problem, worked.chunk)
            hours_h = np.broadcast_to(hours_wh[0], nodes_h.shape)
            self._told[workload] = _Told(tell(self._prepared, worked, 0), nodes_h, hours_h)
        return self._told[workload]

    def _quote(self, workload: str, offer: int) -> Quote:
        told = self._tell(workload)
        shape = self._problem.supply.shape_o[offer]
        nodes, hours = int(told.nodes_h[shape]), int(told.hours_milli_h[shape])
        return Quote(self._offered(offer), nodes, int(told.story.cost_o[offer]), hours)

    def _offered(self, offer: int) -> Offered:
        problem, supply = self._problem, self._problem.supply
        site, shape = supply.sites[int(supply.site_o[offer])], supply.shapes[int(supply.shape_o[offer])]
        rented = bool(supply.bought_o[offer] < 0)
        known = offer_provenance(problem, offer) if rented else capex_provenance(problem, offer)
        return Offered(
            offer,
            supply.offer_id(offer),
            site.id,
            site.provider,
            site.tier,
            site.country or "",
            shape.accelerator,
            shape.units,
            PURCHASES[int(supply.purchase_o[offer])],
            int(supply.price_micro_o[offer]),
            list_price_micro(problem, offer) if rented else None,
            known.source_id,
            known.as_of,
            rented and known.assumed,
        )
