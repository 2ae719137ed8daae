"""Where experiments are run: a catalog alone, or the frame of an inventory (its policies, rates and sites).

All workloads that experiments make up stand in one inventory, so that each setting of the catalog is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from placement.catalog.claims import IN_USE, Claim, Lever
from placement.catalog.tables import Catalog
from placement.claims.levers import with_lever
from placement.engine.quotes import Market, Nearest, Quote, Ways
from placement.inventory.inventory import SCHEMA_VERSION, Inventory
from placement.units import HOURS_PER_MONTH, MILLI
from placement.words import BY_THE_HOUR

HALF = "~half"
"""Ends the id of a made-up workload's twin that works half its hours."""

MOST_OWN = 200
"""Workloads of an inventory that are priced offer by offer."""

NAME = "claims"

LONGEST = 100
"""Characters of a name up to which it fits an inventory, whatever is added to it."""


class Line(NamedTuple):
    """What an offer costs a month, by the hours of use."""

    fixed_micro: Fraction
    hour_micro: Fraction

    def at(self, share: Fraction) -> Fraction:
        """At a share of the month in use."""
        return self.fixed_micro + self.hour_micro * HOURS_PER_MONTH * share


class Bench:
    """Markets of one catalog, with what may be changed in it."""

    def __init__(self, catalog: Catalog, inventory: Inventory | None = None) -> None:
        self.catalog = catalog
        self.inventory = inventory
        self._probes: dict[str, dict[str, Any]] = {}
        self._markets: dict[tuple[str, int], Market] = {}
        self._lines: dict[tuple[int, str, Ways], tuple[Line, ...]] = {}
        self._made: Inventory | None = None
        self._own: Market | None = None
        self._near: dict[str, list[Nearest]] = {}

    @property
    def framed(self) -> bool:
        """Whether it is an inventory's."""
        return self.inventory is not None

    def homes(self, tier: str) -> tuple[str, ...]:
        """The tiers that a claim about *tier* is about: with sites of one's own, these too where it is colocation."""
        return ("colo", "on_prem") if tier == "colo" and self.framed else (tier,)

    def add(self, probes: Iterable[dict[str, Any]]) -> None:
        """More made-up workloads; with each its twin."""
        added = {probe["id"]: probe for probe in probes if probe["id"] not in self._probes}
        if added:
            self._probes |= added
            self._markets, self._lines, self._made = {}, {}, None

    def market(self, lever: Lever | None = None, micro: int = 0) -> Market:
        """The made-up workloads, at the catalog's figures or with one of them changed."""
        key = (lever.name, micro) if lever is not None and lever.name != IN_USE else ("", 0)
        if key not in self._markets:
            catalog = with_lever(self.catalog, lever, micro) if lever is not None else self.catalog
            if self._made is None:
                self._made = self._framed(list(self._probes.values()))
            self._markets[key] = Market(catalog, self._made)
        return self._markets[key]

    def nearest(self, tier: str) -> list[Nearest]:
        """How far the sites of a tier are from the inventory's locations, or else from the cities of the catalog."""
        if tier not in self._near:
            market = self.market_of([self._nothing()], None if self.framed else _cities(self.catalog))
            self._near[tier] = market.nearest(Ways((tier,)))
        return self._near[tier]

    def market_of(self, workloads: list[dict[str, Any]], locations: dict[str, Any] | None = None) -> Market:
        """Some workloads by themselves, with places for their users and data if these are not the inventory's."""
        return Market(self.catalog, self._framed(workloads, locations, twins=False))

    def own(self) -> Market:
        """The first workloads of the inventory itself."""
        assert self.inventory is not None
        if self._own is None:
            self._own = Market(self.catalog, self.sample())
        return self._own

    def sample(self) -> Inventory:
        """The inventory with its first workloads alone."""
        assert self.inventory is not None
        if len(self.inventory.workloads) <= MOST_OWN:
            return self.inventory
        return self.inventory.model_copy(update={"workloads": list(islice(self.inventory.workloads, MOST_OWN))})

    def lines(self, market: Market, probe: str, ways: Ways) -> tuple[Line, ...]:
        """The offers that are cheapest at all hours of a probe and at half of them; empty without any."""
        key = (id(market), probe, ways)
        if key not in self._lines:
            self._lines[key] = tuple(self._cheapest(market, probe, ways))
        return self._lines[key]

    def _cheapest(self, market: Market, probe: str, ways: Ways) -> Iterator[Line]:
        """Offers that are paid for whether they are used or not cost the same at all hours."""
        hours = self.hours(probe)
        used = BY_THE_HOUR & set(ways.purchases or BY_THE_HOUR)
        full = market.best(probe, ways)
        half = market.best(probe + HALF, ways) if used else None
        if full is None:
            return
        if not used:
            yield Line(Fraction(full.cost_micro), Fraction(0))
            return
        yield _line(market, probe, full, hours)
        if half is not None and half.offer != full.offer:
            yield _line(market, probe, half, hours)

    def cost(self, market: Market, probe: str, ways: Ways, share: Fraction) -> Fraction | None:
        """What the cheapest offer costs a month at a share of it in use [micro-USD]; None without an offer."""
        return min((line.at(share) for line in self.lines(market, probe, ways)), default=None)

    def document(self, workloads: list[dict[str, Any]], ways: Ways) -> dict[str, Any]:
        """The inventory that `advise` gives the same answer for; empty in the frame of another."""
        if self.framed:
            return {}
        named = {
            "allowed_tiers": ways.tiers,
            "allowed_purchase_models": ways.purchases,
            "allowed_accelerators": ways.accelerators,
            "allowed_providers": ways.providers,
        }
        policies = {key: list(value) for key, value in named.items() if value}
        head: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "name": NAME}
        return {**head, **({"policies": policies} if policies else {}), "workloads": workloads}

    def probe(self, name: str) -> dict[str, Any]:
        """A made-up workload as an inventory states it."""
        return self._probes[name]

    def has(self, name: str) -> bool:
        """Whether there is a made-up workload of that name."""
        return name in self._probes

    def hours(self, name: str) -> Fraction:
        """Hours a month that a made-up workload takes."""
        return Fraction(str(self._probes[name]["demand"]["accelerators"]["hours_per_month"]))

    def count(self, name: str) -> int:
        """Accelerators that a made-up workload keeps busy."""
        return int(self._probes[name]["demand"]["accelerators"]["count"])

    def _nothing(self) -> dict[str, Any]:
        """A workload where none is asked for: an inventory has one at least."""
        return work_of("nothing", next(iter(self.catalog.accelerators)), 1, Fraction(1))

    def _framed(
        self, workloads: list[dict[str, Any]], locations: dict[str, Any] | None = None, twins: bool = True
    ) -> Inventory:
        both = [one for probe in workloads for one in ((probe, _twin(probe)) if twins else (probe,))]
        document: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "name": NAME,
            "workloads": both or [self._nothing()],
        }
        if locations is not None:
            document["locations"] = locations
        made = Inventory.model_validate(document)
        if self.inventory is None:
            return made
        update: dict[str, Any] = {"workloads": made.workloads}
        if locations is not None:
            update["locations"] = {**self.inventory.locations, **made.locations}
        return self.inventory.model_copy(update=update)


def work_of(
    name: str, accelerator: str, count: int, hours: Fraction, kind: str = "inference", **more: Any
) -> dict[str, Any]:
    """A made-up workload: accelerators in use for some hours a month; training runs on all of them as one."""
    worked = int(hours) if hours.denominator == 1 else float(hours)
    accelerators: dict[str, Any] = {"model": accelerator, "count": count, "hours_per_month": worked}
    if kind == "training":
        accelerators["accelerators_per_replica"] = count
    return {"id": name, "kind": kind, "demand": {"accelerators": accelerators}, **more}


def hours_of(claim: Claim) -> Fraction:
    """Hours a month that a claim is about; all of them where it says nothing."""
    return Fraction(claim.hours_milli or HOURS_PER_MONTH * MILLI, MILLI)


def _twin(probe: dict[str, Any]) -> dict[str, Any]:
    accelerators = probe["demand"]["accelerators"]
    half = {**accelerators, "hours_per_month": accelerators["hours_per_month"] / 2}
    return {**probe, "id": probe["id"] + HALF, "demand": {"accelerators": half}}


def _line(market: Market, probe: str, best: Quote, hours: Fraction) -> Line:
    """The line through what an offer costs at all hours and at half of them."""
    full, half = (market.quote(name, best.offer) for name in (probe, probe + HALF))
    slope = Fraction(full.cost_micro - half.cost_micro) / (hours / 2)
    return Line(full.cost_micro - slope * hours, slope)


def _cities(catalog: Catalog) -> dict[str, Any]:
    """Every city that the catalog knows, as a location; without those whose names no inventory could hold."""
    return {
        f"{city.name} ({city.country})": {"city": city.name, "country": city.country}
        for cities in catalog.cities.values()
        for city in cities
        if city.name.isprintable() and len(city.name) < LONGEST
    }
