"""Every name an inventory uses must exist, in the inventory or in the catalog, and be used once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from placement.catalog.tables import Catalog
from placement.diagnostics import MAX_REPORTED, did_you_mean
from placement.documents import THE_KEY, Document, Finding, KeyPath
from placement.inventory.base import Model
from placement.inventory.expectation import SELECTORS, Expectation, is_pattern, selects
from placement.inventory.inventory import Inventory
from placement.inventory.place import Location
from placement.inventory.workload import Workload
from placement.units import to_milli
from placement.validation import refuse
from placement.words import OWN

Lists = tuple[tuple[str, str, Collection[str]], ...]
"""Code of an unknown name, key of a list of names, and the names it may hold."""


def check_names(inventory: Inventory, document: Document, catalog: Catalog) -> None:
    """Raise `InputError` with every name that is unknown, does not fit, or is used twice."""
    refuse(document, _Check(inventory, document, catalog).all())


def has_unknown_names(inventory: Inventory, catalog: Catalog) -> bool:
    """Whether anything the inventory names is not there; for inventories that come from no file."""
    return any(True for _ in _Check(inventory, Document("", "", None), catalog).all())


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
        self.sources = {*self.places, *inventory.datasets}
        self.regions = {*self.countries, *catalog.groups}
        own = {f"{OWN}/{name}" for name in inventory.sites}
        self.expected: Lists = (
            ("unknown-country-or-group", "countries", self.regions),
            ("unknown-country-or-group", "not_countries", self.regions),
            ("unknown-provider", "providers", {*catalog.providers, OWN}),
            ("unknown-provider", "not_providers", {*catalog.providers, OWN}),
            ("unknown-site", "sites", {*self.site_ids, *inventory.sites, *own}),
            ("unknown-accelerator", "accelerators", self.accelerators),
        )

    def all(self) -> Iterator[Finding]:
        yield from self._repeated()
        yield from self._ambiguous()
        for name, location in self.inventory.locations.items():
            yield from self._location(name, location)
        for name, site in self.inventory.sites.items():
            path: KeyPath = ("sites", name)
            yield from self._known("unknown-location", site.location, self.inventory.locations, (*path, "location"))
            for index, hardware in enumerate(site.hardware):
                where = (*path, "hardware", index, "node")
                yield from self._known("unknown-node", hardware.node, self.catalog.nodes, where)
                yield from self._priced(hardware.node, hardware.capex_usd, where)
        for name, dataset in self.inventory.datasets.items():
            yield from self._known("unknown-place", dataset.home, self.places, ("datasets", name, "home"))
        yield from self._policies()
        for index, workload in enumerate(self.inventory.workloads):
            yield from self._workload(workload, ("workloads", index))
        for index, expectation in enumerate(self.inventory.expect):
            yield from self._selector(expectation, ("expect", index))
            yield from self._listed(expectation, self.expected, ("expect", index))

    def _ambiguous(self) -> Iterator[Finding]:
        """One name, one thing: flows and homes name places and datasets alike."""
        inventory = self.inventory
        for kind, names, others in (
            ("sites", set(inventory.sites), {"location": set(inventory.locations)}),
            ("datasets", set(inventory.datasets), {"location": set(inventory.locations), "site": set(inventory.sites)}),
        ):
            for name in sorted(names):
                for other, taken in others.items():
                    if name in taken:
                        message = f"`{name}` is also the name of a {other}"
                        yield Finding("ambiguous-name", message, (kind, name, THE_KEY), "rename one of them")

    def _repeated(self) -> Iterator[Finding]:
        first: dict[str, int] = {}
        pairs = []
        for index, workload in enumerate(self.inventory.workloads):
            earlier = first.setdefault(workload.id, index)
            if earlier != index:
                pairs.append((earlier, index))
        shown = list(islice(pairs, MAX_REPORTED + 1))
        self.document.locate(("workloads", earlier, "id") for earlier, _ in shown)
        for earlier, index in shown:
            line = self.document.where(("workloads", earlier, "id")).line
            message = f"workload `{self.inventory.workloads[index].id}` is there already, at line {line}"
            yield Finding("repeated-workload", message, ("workloads", index, "id"), "give it another id")

    def _known(self, code: str, name: str, known: Collection[str], path: KeyPath) -> Iterator[Finding]:
        """*code* is `unknown-` and the kind of name."""
        if name not in known:
            kind = code.removeprefix("unknown-").replace("-", " ")
            otherwise = "" if known else "the inventory has no `locations`" if kind == "location" else ""
            yield Finding(code, f"unknown {kind} `{name}`", path, did_you_mean(name, known, otherwise))

    def _location(self, name: str, location: Location) -> Iterator[Finding]:
        if location.city is None:
            return
        path: KeyPath = ("locations", name, "city")
        cities = self.catalog.cities.get(location.city, [])
        if location.country is not None:
            cities = [city for city in cities if city.country == location.country]
        complete = location.country is not None and location.latitude is not None
        if not cities and not complete:
            give = "give `country`, `latitude` and `longitude`"
            hint = did_you_mean(location.city, self.catalog.cities, give)
            if location.city in self.catalog.cities:
                hint = f"the catalog knows it in {', '.join(c.country for c in self.catalog.cities[location.city])}"
            if hint != give:
                hint = f"{hint} Or {give}" if hint.endswith("?") else f"{hint}; or {give}"
            yield Finding("unknown-city", f"unknown city `{location.city}`", path, hint)
        elif len(cities) > 1:
            countries = ", ".join(sorted(city.country for city in cities))
            message = f"`{location.city}` is in several countries: {countries}"
            yield Finding("ambiguous-city", message, path, "add `country`")

    def _priced(self, node: str, capex_usd: float | None, path: KeyPath) -> Iterator[Finding]:
        known = self.catalog.nodes.get(node)
        if known is None:
            return
        if known.capex is None and capex_usd is None:
            yield Finding("capex-needed", f"the catalog knows no price of `{node}`", path, "add `capex_usd`")
        if known.max_power_kw is None:
            message = f"the catalog does not know the power of `{node}`"
            yield Finding("power-needed", message, path, "add it to `nodes.yaml` of a `--catalog` layer")

    def _policies(self) -> Iterator[Finding]:
        lists: Lists = (
            ("unknown-provider", "allowed_providers", self.catalog.providers),
            ("unknown-provider", "denied_providers", self.catalog.providers),
            ("unknown-country-or-group", "allowed_countries", self.regions),
            ("unknown-country-or-group", "denied_countries", self.regions),
            ("unknown-accelerator", "allowed_accelerators", self.accelerators),
            ("unknown-accelerator", "denied_accelerators", self.accelerators),
            ("unknown-certification", "certifications", self.certifications),
        )
        yield from self._listed(self.inventory.policies, lists, ("policies",))

    def _listed(self, model: Model, lists: Lists, path: KeyPath) -> Iterator[Finding]:
        for code, key, known in lists:
            for index, name in enumerate(getattr(model, key) or []):
                yield from self._known(code, name, known, (*path, key, index))

    def _selector(self, expectation: Expectation, path: KeyPath) -> Iterator[Finding]:
        """An entry about no workload would pass for ever."""
        workloads = self.inventory.workloads
        if any(map(selects(expectation), workloads)):
            return
        name, tag = expectation.workload, expectation.tag
        given = [key for key in SELECTORS if getattr(expectation, key) is not None]
        where, hint = (*path, given[0]), ""
        if len(given) > 1:
            where, hint = path, "several selectors select what all of them do"
        elif name is not None:
            ids = {workload.id for workload in workloads}
            if not is_pattern(name):
                yield from self._known("unknown-workload", name, ids, where)
                return
            hint = did_you_mean(name, ids)
        elif tag is not None:
            pairs = {pair for workload in workloads for pair in _pairs(workload.tags)}
            hint = did_you_mean(_pairs(tag)[0], pairs, "" if pairs else "no workload has `tags`")
        else:
            hint = did_you_mean("", {workload.kind for workload in workloads})
        yield Finding("expect-no-workload", "this is about no workload of the inventory", where, hint)

    def _workload(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        demand = workload.demand.accelerators
        base = (*path, "demand", "accelerators")
        yield from self._known("unknown-accelerator", demand.model, self.accelerators, (*base, "model"))
        if to_milli(demand.hours) == 0:
            yield Finding("out-of-range", "this is less than 0.001 hours a month", base, "leave the workload out")
        yield from self._users(workload, path)
        if demand.throughput_class is not None:
            yield from self._class(workload, (*base, "throughput_class"))
        for index, inflow in enumerate(workload.data_in):
            where: KeyPath = (*path, "data_in", index, "from")
            yield from self._known("unknown-place", inflow.source, self.sources, where)
            dataset = inflow.source in self.inventory.datasets
            if not dataset and inflow.source in self.places and inflow.gb_per_month is None:
                message = f"`gb_per_month` is needed: `{inflow.source}` is not a dataset"
                yield Finding("volume-needed", message, where)
        for index, outflow in enumerate(workload.data_out):
            yield from self._known("unknown-place", outflow.target, self.places, (*path, "data_out", index, "to"))
        for index, name in enumerate(workload.residency):
            yield from self._known("unknown-country-or-group", name, self.regions, (*path, "residency", index))
        for index, name in enumerate(workload.certifications):
            yield from self._known("unknown-certification", name, self.certifications, (*path, "certifications", index))

    def _users(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        for index, user in enumerate(workload.users):
            where: KeyPath = (*path, "users", index, "location")
            yield from self._known("unknown-location", user.location, self.inventory.locations, where)
        if workload.users and sum(to_milli(user.share_fraction) for user in workload.users) not in range(999, 1002):
            message = "the users' `share_fraction` must add up to 1"
            yield Finding("user-shares", message, (*path, "users"))
        for key in ("slo", "offline"):
            if getattr(workload, key) and not workload.users:
                yield Finding("users-needed", f"`{key}` needs `users`", (*path, key), "say where the users are")

    def _class(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        demand = workload.demand.accelerators
        group = demand.throughput_class or ""
        yield from self._known("unknown-throughput-class", group, self.catalog.ratios, path)
        name = self.catalog.aliases.get(demand.model, demand.model)
        rows = self.catalog.ratios.get(group)
        if rows is not None and name in self.catalog.accelerators and name not in rows:
            message = f"`{group}` has no measured row for `{name}`"
            hint = f"rated there: {', '.join(sorted(rows)[:6])}, …; or leave `throughput_class` out"
            yield Finding("unrated-accelerator", message, path, hint)


def _pairs(tags: dict[str, str]) -> list[str]:
    return [f"{key}: {value}" for key, value in tags.items()]
