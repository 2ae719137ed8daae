"""Every name an inventory uses must exist, in the inventory or in the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from placement.catalog.tables import Catalog
from placement.diagnostics import Diagnostic, InputError, did_you_mean
from placement.documents import Document, KeyPath
from placement.inventory.inventory import Inventory
from placement.inventory.place import Location
from placement.inventory.workload import Workload
from placement.validation import MAX_REPORTED


def check_names(inventory: Inventory, document: Document, catalog: Catalog) -> None:
    """Raise `InputError` with every name that is unknown or does not fit."""
    found = list(islice(_Check(inventory, document, catalog).all(), MAX_REPORTED + 1))
    if len(found) > MAX_REPORTED:
        found[MAX_REPORTED] = document.diagnostic("too-many-errors", "and more errors", ())
    if found:
        raise InputError(found)


class _Check:
    """The names in force, and one generator per part of the inventory."""

    def __init__(self, inventory: Inventory, document: Document, catalog: Catalog) -> None:
        self.inventory = inventory
        self.document = document
        self.catalog = catalog
        self.site_ids = {site.id for site in catalog.sites}
        self.countries = {site.country for site in catalog.sites if site.country}
        self.countries |= {country for countries in catalog.groups.values() for country in countries}
        self.countries |= {city.country for cities in catalog.cities.values() for city in cities}
        self.countries |= {location.country for location in inventory.locations.values() if location.country}
        self.certifications = {name for site in catalog.sites for name in site.certifications}
        self.certifications |= {name for site in inventory.sites.values() for name in site.certifications}
        self.accelerators = {*catalog.accelerators, *catalog.aliases}
        self.places = {*inventory.locations, *inventory.sites, *self.site_ids}
        self.regions = {*self.countries, *catalog.groups}

    def all(self) -> Iterator[Diagnostic]:
        for name, location in self.inventory.locations.items():
            yield from self._location(name, location)
        for name, site in self.inventory.sites.items():
            path: KeyPath = ("sites", name)
            yield from self._known("location", site.location, self.inventory.locations, (*path, "location"))
            for index, hardware in enumerate(site.hardware):
                where = (*path, "hardware", index, "node")
                yield from self._known("node", hardware.node, self.catalog.nodes, where)
                yield from self._priced(hardware.node, hardware.capex_usd, where)
        for name, dataset in self.inventory.datasets.items():
            yield from self._place(dataset.home, ("datasets", name, "home"))
        yield from self._policies()
        for index, workload in enumerate(self.inventory.workloads):
            yield from self._workload(workload, ("workloads", index))

    def _known(self, what: str, name: str, known: Iterable[str], path: KeyPath) -> Iterator[Diagnostic]:
        if name not in known:
            code = f"unknown-{what.replace(' ', '-')}"
            yield self.document.diagnostic(code, f"unknown {what} `{name}`", path, did_you_mean(name, known))

    def _location(self, name: str, location: Location) -> Iterator[Diagnostic]:
        if location.city is None:
            return
        path: KeyPath = ("locations", name, "city")
        cities = self.catalog.cities.get(location.city, [])
        if location.country is not None:
            cities = [city for city in cities if city.country == location.country]
        complete = location.country is not None and location.latitude is not None
        if not cities and not complete:
            hint = did_you_mean(location.city, self.catalog.cities, "give `country`, `latitude` and `longitude`")
            if location.city in self.catalog.cities:
                hint = f"the catalog knows it in {', '.join(c.country for c in self.catalog.cities[location.city])}"
            yield self.document.diagnostic("unknown-city", f"unknown city `{location.city}`", path, hint)
        elif len(cities) > 1:
            countries = ", ".join(sorted(city.country for city in cities))
            message = f"`{location.city}` is in several countries: {countries}"
            yield self.document.diagnostic("ambiguous-city", message, path, "add `country`")

    def _priced(self, node: str, capex_usd: float | None, path: KeyPath) -> Iterator[Diagnostic]:
        known = self.catalog.nodes.get(node)
        if known is None:
            return
        if known.capex is None and capex_usd is None:
            message = f"the catalog knows no price of `{node}`"
            yield self.document.diagnostic("capex-needed", message, path, "add `capex_usd`")
        if known.max_power_kw is None:
            message = f"the catalog does not know the power of `{node}`"
            yield self.document.diagnostic("power-needed", message, path, "add it to `nodes.yaml` of a `--catalog` layer")

    def _place(self, name: str, path: KeyPath) -> Iterator[Diagnostic]:
        yield from self._known("place", name, self.places, path)

    def _country(self, name: str, path: KeyPath) -> Iterator[Diagnostic]:
        yield from self._known("country or group", name, self.regions, path)

    def _policies(self) -> Iterator[Diagnostic]:
        policies = self.inventory.policies
        for key in ("allowed_providers", "denied_providers"):
            for index, name in enumerate(getattr(policies, key) or []):
                yield from self._known("provider", name, self.catalog.providers, ("policies", key, index))
        for key in ("allowed_accelerators", "denied_accelerators"):
            for index, name in enumerate(getattr(policies, key) or []):
                yield from self._known("accelerator", name, self.accelerators, ("policies", key, index))
        for key in ("allowed_countries", "denied_countries"):
            for index, name in enumerate(getattr(policies, key) or []):
                yield from self._country(name, ("policies", key, index))
        for index, name in enumerate(policies.certifications):
            yield from self._known("certification", name, self.certifications, ("policies", "certifications", index))

    def _workload(self, workload: Workload, path: KeyPath) -> Iterator[Diagnostic]:
        demand = workload.demand.accelerators
        base = (*path, "demand", "accelerators")
        yield from self._known("accelerator", demand.model, self.accelerators, (*base, "model"))
        if demand.throughput_class is not None:
            yield from self._class(workload, (*base, "throughput_class"))
        for index, user in enumerate(workload.users):
            yield from self._known("location", user.location, self.inventory.locations,
                                   (*path, "users", index, "location"))  # fmt: skip
        for index, inflow in enumerate(workload.data_in):
            where = (*path, "data_in", index, "from")
            if inflow.source in self.inventory.datasets:
                continue
            yield from self._known("place", inflow.source, self.places, where)
            if inflow.source in self.places and inflow.gb_per_month is None:
                message = f"`gb_per_month` is needed: `{inflow.source}` is not a dataset"
                yield self.document.diagnostic("volume-needed", message, where)
        for index, outflow in enumerate(workload.data_out):
            yield from self._place(outflow.target, (*path, "data_out", index, "to"))
        for index, name in enumerate(workload.residency):
            yield from self._country(name, (*path, "residency", index))
        for index, name in enumerate(workload.certifications):
            yield from self._known("certification", name, self.certifications, (*path, "certifications", index))

    def _class(self, workload: Workload, path: KeyPath) -> Iterator[Diagnostic]:
        demand = workload.demand.accelerators
        group = demand.throughput_class or ""
        yield from self._known("throughput class", group, self.catalog.ratios, path)
        name = self.catalog.aliases.get(demand.model, demand.model)
        rows = self.catalog.ratios.get(group)
        if rows is not None and name in self.catalog.accelerators and name not in rows:
            message = f"`{group}` has no measured row for `{name}`"
            hint = f"rated there: {', '.join(sorted(rows)[:6])}, …; or leave `throughput_class` out"
            yield self.document.diagnostic("unrated-accelerator", message, path, hint)
