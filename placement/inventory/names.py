"""The names in force for workloads: what they may point at, and what is wrong where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from placement.catalog.tables import Catalog
from placement.documents import Finding, KeyPath
from placement.inventory.accelerators import AcceleratorDemand
from placement.inventory.binding import Operators
from placement.inventory.bound import Bounds
from placement.inventory.curves import Curve
from placement.inventory.data import Dataset
from placement.inventory.flow_names import Ends, exit_findings, flow_findings
from placement.inventory.inventory import Head
from placement.inventory.known import known
from placement.inventory.members import wrong_redundancy
from placement.inventory.work_names import WorkNames
from placement.inventory.workload import Workload
from placement.units import MICRO, MILLI, to_micro, to_milli

__all__ = ["Names", "known", "repeated", "repeated_id"]


def repeated(ids: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Numbers of the first workload of an id, and of each later one that has it again."""
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for number, name in enumerate(ids):
        earlier = first.setdefault(name, number)
        if earlier != number:
            yield earlier, number


def repeated_id(name: str, line: int, path: KeyPath) -> Finding:
    """That the workload at *path* has the id of one at an earlier *line*."""
    message = f"workload `{name}` is there already, at line {line}"
    return Finding("repeated-workload", message, path, "give it another id")


class Names:
    """What the catalog and the inventory's head know."""

    def __init__(self, head: Head, catalog: Catalog, curves: Mapping[str, Curve] | None = None) -> None:
        """*curves*: of those loads of the *head* that could be read; its own if they are not given."""
        self.head = head
        self.catalog = catalog
        self.site_ids = {site.id for site in catalog.sites}
        self.countries = {site.country for site in catalog.sites if site.country}
        self.countries |= {country for countries in catalog.groups.values() for country in countries}
        self.countries |= {city.country for cities in catalog.cities.values() for city in cities}
        self.countries |= {location.country for location in head.locations.values() if location.country}
        self.certifications = {name for site in catalog.sites for name in site.certifications}
        self.certifications |= {name for site in head.sites.values() for name in site.certifications}
        self.accelerators = {*catalog.accelerators, *catalog.aliases}
        self.places = {*head.locations, *head.sites, *self.site_ids}
        self.ends = Ends(self.places, {*self.places, *head.datasets}, self.site_ids, head.datasets)
        self.regions = {*self.countries, *catalog.groups}
        self.jurisdictions = {*self.regions, *(one for rule in catalog.rules for one in rule.jurisdictions)}
        self.bounds = Bounds(head, catalog, self.countries)
        self.work = WorkNames(head, catalog, self.accelerators, head.curves if curves is None else curves)

    def workload(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        """What is wrong with the workload at *path*."""
        demand = workload.demand.accelerators
        if demand is None:
            yield from self.work.workload(workload.demand, (*path, "demand"))
        else:
            yield from self._accelerators(demand, (*path, "demand", "accelerators"))
        yield from self._users(workload, path)
        yield from flow_findings(workload, self.ends, path)
        yield from exit_findings(workload, self.places, path)
        for index, name in enumerate(workload.residency):
            yield from known("unknown-country-or-group", name, self.regions, (*path, "residency", index))
        for index, name in enumerate(workload.certifications):
            yield from known("unknown-certification", name, self.certifications, (*path, "certifications", index))
        if workload.redundancy is not None:
            yield from wrong_redundancy(self.head, workload, path)
        if workload.data is not None:
            yield from self._data(workload.data.classes, workload.data.jurisdictions, (*path, "data"))
        if workload.operators is not None:
            yield from self.operators(workload.operators, (*path, "operators"))
            yield from self.bounds.operators(workload.operators, (*path, "operators"))
        yield from self.bounds.of_workload(workload, path)

    def _accelerators(self, demand: AcceleratorDemand, path: KeyPath) -> Iterator[Finding]:
        yield from known("unknown-accelerator", demand.model, self.accelerators, (*path, "model"))
        if to_milli(demand.hours) == 0:
            yield Finding("out-of-range", "this is less than 0.001 hours a month", path, "leave the workload out")
        if demand.throughput_class is not None:
            yield from self._class(demand, (*path, "throughput_class"))

    def dataset(self, dataset: Dataset, path: KeyPath) -> Iterator[Finding]:
        """What is wrong with the names in a dataset."""
        yield from known("unknown-place", dataset.home, self.places, (*path, "home"))
        for index, name in enumerate(dataset.backups):
            yield from known("unknown-place", name, self.places, (*path, "backups", index))
        for index, name in enumerate(dataset.residency):
            yield from known("unknown-country-or-group", name, self.regions, (*path, "residency", index))
        yield from self._data(dataset.classes, dataset.jurisdictions, path)

    def operators(self, operators: Operators, path: KeyPath) -> Iterator[Finding]:
        """Nationalities nobody knows, or none at all."""
        if operators.allowed is None and not operators.denied:
            yield Finding(
                "operators-empty", "`operators` allows and denies nobody", path, "name countries, or leave it out"
            )
        for key in ("allowed", "denied"):
            for index, name in enumerate(getattr(operators, key) or ()):
                yield from known("unknown-country-or-group", name, self.regions, (*path, key, index))

    def _data(self, classes: Sequence[str], jurisdictions: Sequence[str], path: KeyPath) -> Iterator[Finding]:
        for index, name in enumerate(classes):
            yield from known("unknown-data-class", name, self.catalog.classes, (*path, "classes", index))
        for index, name in enumerate(jurisdictions):
            yield from known("unknown-jurisdiction", name, self.jurisdictions, (*path, "jurisdictions", index))
        if classes and not jurisdictions:
            hint = "say whose law applies: the countries of the people it is about"
            yield Finding("jurisdictions-needed", "`classes` needs `jurisdictions`", (*path, "classes"), hint)
        if jurisdictions and not classes:
            hint = f"say what kind of data it is: {', '.join(sorted(self.catalog.classes))}"
            yield Finding("classes-needed", "`jurisdictions` needs `classes`", (*path, "jurisdictions"), hint)

    def _users(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        for index, user in enumerate(workload.users):
            where: KeyPath = (*path, "users", index, "location")
            yield from known("unknown-location", user.location, self.head.locations, where)
        if workload.users and abs(sum(to_micro(user.share_fraction) for user in workload.users) - MICRO) > MILLI:
            message = "the users' `share_fraction` must add up to 1"
            yield Finding("user-shares", message, (*path, "users"))
        if workload.spares_fraction and not workload.per_location:
            message = "`spares_fraction` is about workloads with `per_location: true`"
            yield Finding("spares-unused", message, (*path, "spares_fraction"), "set it, or leave the spares out")
        for key in ("slo", "offline", "per_location"):
            if getattr(workload, key) and not workload.users:
                yield Finding("users-needed", f"`{key}` needs `users`", (*path, key), "say where the users are")

    def _class(self, demand: AcceleratorDemand, path: KeyPath) -> Iterator[Finding]:
        group = demand.throughput_class or ""
        yield from known("unknown-throughput-class", group, self.catalog.ratios, path)
        name = self.catalog.aliases.get(demand.model, demand.model)
        rows = self.catalog.ratios.get(group)
        if rows is not None and name in self.catalog.accelerators and name not in rows:
            message = f"`{group}` has no measured row for `{name}`"
            hint = f"rated there: {', '.join(sorted(rows)[:6])}, …; or leave `throughput_class` out"
            yield Finding("unrated-accelerator", message, path, hint)
