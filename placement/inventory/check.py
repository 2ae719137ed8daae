"""Every name an inventory uses must exist, in the inventory or in the catalog, and be used once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from placement.catalog.tables import Catalog
from placement.diagnostics import MAX_REPORTED, did_you_mean
from placement.documents import THE_KEY, Document, Finding, KeyPath
from placement.inventory.base import Model
from placement.inventory.commitment_names import wrong_commitments
from placement.inventory.curves import Curve
from placement.inventory.data import USERS
from placement.inventory.expectation import SELECTORS, Expectation, selects
from placement.inventory.fleet.fleet import ids_of
from placement.inventory.inventory import Head, Inventory
from placement.inventory.members import is_member, taken_id, taken_ids
from placement.inventory.names import Names, known, repeated, repeated_id
from placement.inventory.patterns import is_pattern, matcher
from placement.inventory.place import Location, OwnSite
from placement.inventory.workload import Workload
from placement.units import MICRO
from placement.validation import refuse
from placement.words import OWN

_MOVES = ("policies", "guardrails", "forbidden_moves")

Lists = tuple[tuple[str, str, Collection[str]], ...]
"""Code of an unknown name, key of a list of names, and the names it may hold."""


def check_names(inventory: Inventory, document: Document, catalog: Catalog, curves: Mapping[str, Curve]) -> None:
    """Raise `InputError` with every name that is unknown, does not fit, or is used twice."""
    refuse(document, Check(inventory, catalog, curves).all(inventory.workloads, document))


def first_finding(inventory: Inventory, catalog: Catalog) -> Finding | None:
    """The first thing that is wrong with the names, of an inventory that comes from no file; None for a sound one."""
    return next(Check(inventory, catalog).all(inventory.workloads, Document("", "", None)), None)


class Check:
    """One generator of findings per part of the inventory."""

    def __init__(self, inventory: Head, catalog: Catalog, curves: Mapping[str, Curve] | None = None) -> None:
        """*curves*: of those loads that could be read; the inventory's own if they are not given."""
        self.inventory = inventory
        self.catalog = catalog
        self.names = names = Names(inventory, catalog, curves)
        sites = {*names.site_ids, *inventory.sites, *(f"{OWN}/{name}" for name in inventory.sites)}
        self.ports: Lists = (("unknown-provider", "interconnect", catalog.providers),)
        self.expected: Lists = (
            ("unknown-country-or-group", "countries", names.regions),
            ("unknown-country-or-group", "not_countries", names.regions),
            ("unknown-provider", "providers", {*catalog.providers, OWN}),
            ("unknown-provider", "not_providers", {*catalog.providers, OWN}),
            ("unknown-site", "sites", sites),
            ("unknown-accelerator", "accelerators", names.accelerators),
        )
        self.homes: Lists = (
            ("unknown-provider", "providers", {*catalog.providers, OWN}),
            ("unknown-country-or-group", "countries", names.regions),
        )
        self.sites = sites

    def all(self, workloads: Sequence[Workload], document: Document) -> Iterator[Finding]:
        """What is wrong in the whole inventory, whose *workloads* stand in *document*."""
        yield from self._repeated(workloads, document)
        yield from self._members(workloads)
        yield from self.head()
        for index, workload in enumerate(workloads):
            yield from self.names.workload(workload, ("workloads", index))
        yield from self.judged(workloads)

    def head(self) -> Iterator[Finding]:
        """What is wrong outside of workloads and expectations."""
        yield from self._somewhere()
        yield from self._ambiguous()
        for name, location in self.inventory.locations.items():
            yield from self._location(name, location)
            yield from self._listed(location, self.ports, ("locations", name))
        for name, site in self.inventory.sites.items():
            path: KeyPath = ("sites", name)
            yield from self._stands(site, path)
            yield from self._listed(site, self.ports, path)
            for index, hardware in enumerate(site.hardware):
                where = (*path, "hardware", index, "node")
                yield from known("unknown-node", hardware.node, self.catalog.nodes, where)
                yield from self._priced(hardware.node, hardware.capex_usd, where)
                yield from self._aged(hardware.age_months, (*path, "hardware", index, "age_months"))
        yield from wrong_commitments(self.inventory.commitments, self.catalog)
        for name, dataset in self.inventory.datasets.items():
            yield from self.names.dataset(dataset, ("datasets", name))
        yield from self.names.bounds.of_datasets()
        yield from self.names.work.models()
        yield from self._policies()

    def judged(self, workloads: Sequence[Workload]) -> Iterator[Finding]:
        """What is wrong in what judges the *workloads*: in the names of guardrails, and in expectations."""
        moves = self.inventory.policies.guardrails.forbidden_moves
        named = {at: move.workload for at, move in enumerate(moves) if not is_pattern(move.workload)}
        ids = ids_of(workloads) if named else []
        every = set(ids)
        for index, name in named.items():
            if name not in every and not is_member(workloads, ids, name):
                yield from known("unknown-workload", name, every, (*_MOVES, index, "workload"))
        idle = _selecting_nothing(self.inventory.expect, workloads)
        for index, expectation in enumerate(self.inventory.expect):
            if index in idle:
                yield from self._selector(expectation, workloads, ("expect", index))
            yield from self._listed(expectation, self.expected, ("expect", index))

    def _somewhere(self) -> Iterator[Finding]:
        """There must be something to run on."""
        catalog, own = self.catalog, self.inventory.sites.values()
        tiers = {tier for node in catalog.nodes.values() for tier in node.tiers}
        bought = any(site.tier == "colo" and "colo" in tiers for site in catalog.sites)
        here = any(site.hardware or (site.may_buy and site.tier in tiers) for site in own)
        if not (len(catalog.offers.site_o) or bought or here):
            message = "nothing can run anywhere: the catalog has no offers, and there is no site with nodes"
            hint = "leave out --no-shipped-catalog, or give a site its `hardware`"
            yield Finding("no-offers", message, ("workloads", THE_KEY), hint)

    def _ambiguous(self) -> Iterator[Finding]:
        """One name, one thing: flows and homes name places and datasets alike."""
        inventory = self.inventory
        for kind in ("locations", "sites"):
            if USERS in getattr(inventory, kind):
                message = f"`{USERS}` is where a workload's users are, for its outflows"
                yield Finding("ambiguous-name", message, (kind, USERS, THE_KEY), "give it another name")
        for kind, names, others in (
            ("sites", set(inventory.sites), {"location": set(inventory.locations)}),
            ("datasets", set(inventory.datasets), {"location": set(inventory.locations), "site": set(inventory.sites)}),
        ):
            for name in sorted(names):
                for other, taken in others.items():
                    if name in taken:
                        message = f"`{name}` is also the name of a {other}"
                        yield Finding("ambiguous-name", message, (kind, name, THE_KEY), "rename one of them")

    def _repeated(self, workloads: Sequence[Workload], document: Document) -> Iterator[Finding]:
        pairs = list(islice(repeated(ids_of(workloads)), MAX_REPORTED + 1))
        document.locate(("workloads", earlier, "id") for earlier, _ in pairs)
        for earlier, index in pairs:
            line = document.where(("workloads", earlier, "id")).line
            yield repeated_id(workloads[index].id, line, ("workloads", index, "id"))

    def _members(self, workloads: Sequence[Workload]) -> Iterator[Finding]:
        """Ids that the members of workloads at several sites have."""
        sites = [(at, one.redundancy.min_sites) for at, one in enumerate(workloads) if one.redundancy is not None]
        ids = ids_of(workloads) if sites else []
        for index, base, name in taken_ids(ids, sites):
            yield taken_id(name, ids[base], ("workloads", index, "id"))

    def _location(self, name: str, location: Location) -> Iterator[Finding]:
        if location.site is not None:
            points = self.names.site_ids | {point.id for point in self.catalog.network.points}
            yield from known("unknown-site", location.site, points, ("locations", name, "site"))
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

    def _stands(self, site: OwnSite, path: KeyPath) -> Iterator[Finding]:
        """Where a site stands; a rented cage is one place."""
        locations, several = self.inventory.locations, len(site.stands_at) > 1
        for index, name in enumerate(site.stands_at):
            where: KeyPath = (*path, "location") if site.locations is None else (*path, "locations", index)
            yield from known("unknown-location", name, locations, where)
            several |= name in locations and locations[name].count > 1
            if name in site.stands_at[:index]:
                message = f"the site stands at `{name}` already"
                yield Finding("repeated-location", message, where, "take one of them out")
        if several and site.tier == "colo":
            message = "rented space in a data centre is one place; this site stands at several"
            yield Finding("site-places", message, (*path, "tier"), "name each of them, or say `tier: edge`")

    def _priced(self, node: str, capex_usd: float | None, path: KeyPath) -> Iterator[Finding]:
        listed = self.catalog.nodes.get(node)
        if listed is None:
            return
        if listed.capex is None and capex_usd is None:
            yield Finding("capex-needed", f"the catalog knows no price of `{node}`", path, "add `capex_usd`")
        if listed.max_power_kw is None:
            message = f"the catalog does not know the power of `{node}`"
            yield Finding("power-needed", message, path, "add it to `nodes.yaml` of a `--catalog` layer")

    def _aged(self, age_months: int | None, path: KeyPath) -> Iterator[Finding]:
        """Hardware of which nothing is left to be written off."""
        stated = self.inventory.policies.hardware_life_months
        life = stated or round(self.catalog.assumption("owned_life_months").micro / MICRO)
        if age_months is not None and age_months >= life:
            message = f"nothing is left of the {life} months over which bought nodes are written off"
            hint = "say over how many months what it still costs is written off: `life_months`, with `capex_usd`"
            yield Finding("hardware-age", message, path, hint)

    def _policies(self) -> Iterator[Finding]:
        names = self.names
        lists: Lists = (
            ("unknown-provider", "allowed_providers", self.catalog.providers),
            ("unknown-provider", "denied_providers", self.catalog.providers),
            ("unknown-provider", "transfer_devices", self.catalog.providers),
            ("unknown-country-or-group", "allowed_countries", names.regions),
            ("unknown-country-or-group", "denied_countries", names.regions),
            ("unknown-accelerator", "allowed_accelerators", names.accelerators),
            ("unknown-accelerator", "denied_accelerators", names.accelerators),
            ("unknown-certification", "certifications", names.certifications),
        )
        policies = self.inventory.policies
        yield from self._listed(policies, lists, ("policies",))
        yield from self._devices(policies.transfer_devices)
        yield from self._moves()
        if policies.operators is not None:
            yield from names.operators(policies.operators, ("policies", "operators"))
            yield from names.bounds.operators(policies.operators, ("policies", "operators"))

    def _devices(self, providers: Sequence[str]) -> Iterator[Finding]:
        """Providers that ship no device: to name them would change nothing."""
        shipped = {site.provider for site in self.catalog.sites if site.devices}
        for index, name in enumerate(providers):
            if name in self.catalog.providers and name not in shipped:
                message = f"the catalog knows no device of `{name}` that carries data"
                hint = "add `transfer_devices` to its file in a `--catalog` layer, or leave it out"
                yield Finding("device-needed", message, ("policies", "transfer_devices", index), hint)

    def _moves(self) -> Iterator[Finding]:
        """Homes that nothing can have: a move from or to them would never break the guardrail."""
        for index, move in enumerate(self.inventory.policies.guardrails.forbidden_moves):
            for key, home in (("from", move.source), ("to", move.target)):
                if home is None:
                    continue
                yield from self._listed(home, self.homes, (*_MOVES, index, key))
                for number, name in enumerate(home.sites or ()):
                    if not (is_pattern(name) and any(map(matcher(name), self.sites))):
                        yield from known("unknown-site", name, self.sites, (*_MOVES, index, key, "sites", number))

    def _listed(self, model: Model, lists: Lists, path: KeyPath) -> Iterator[Finding]:
        for code, key, names in lists:
            for index, name in enumerate(getattr(model, key) or []):
                yield from known(code, name, names, (*path, key, index))

    def _selector(self, expectation: Expectation, workloads: Sequence[Workload], path: KeyPath) -> Iterator[Finding]:
        """An entry about no workload would pass for ever."""
        name, tag = expectation.workload, expectation.tag
        given = [key for key in SELECTORS if getattr(expectation, key) is not None]
        where, hint = (*path, given[0]), ""
        if len(given) > 1:
            where, hint = path, "several selectors select what all of them do"
        elif name is not None:
            ids = set(ids_of(workloads))
            if not is_pattern(name):
                yield from known("unknown-workload", name, ids, where)
                return
            hint = did_you_mean(name, ids)
        elif tag is not None:
            pairs = {pair for workload in workloads for pair in _pairs(workload.tags)}
            hint = did_you_mean(_pairs(tag)[0], pairs, "" if pairs else "no workload has `tags`")
        else:
            hint = did_you_mean("", {workload.kind for workload in workloads})
        yield Finding("expect-no-workload", "this is about no workload of the inventory", where, hint)


def _selecting_nothing(expectations: Sequence[Expectation], workloads: Sequence[Workload]) -> set[int]:
    """The numbers of expectations about no workload, found in one pass that ends when there are none left."""
    left = {index: selects(expectation) for index, expectation in enumerate(expectations)}
    for workload in workloads if left else ():
        left = {index: selected for index, selected in left.items() if not selected(workload)}
        if not left:
            break
    return set(left)


def _pairs(tags: dict[str, str]) -> list[str]:
    return [f"{key}: {value}" for key, value in tags.items()]
