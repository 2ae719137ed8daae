"""What can be wrong with rules before anything is computed.

Sets that exclude each other, with as few of them as do; and data whose home breaks its own rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from placement.catalog.legal import BROKEN, Spot, rules_for, verdict
from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import Catalog
from placement.documents import Finding, KeyPath
from placement.inventory.binding import Operators
from placement.inventory.data import Dataset
from placement.inventory.inventory import Head
from placement.inventory.spots import spots_at
from placement.inventory.workload import Workload


class Limit(NamedTuple):
    """Something that leaves only some countries."""

    words: str
    key: str
    """Where the inventory says it."""
    countries: frozenset[str]
    dataset: str = ""
    """Whose rule it is, if it is one of a dataset."""


class Bounds:
    """What leaves which countries, and whether anything is left."""

    def __init__(self, head: Head, catalog: Catalog, countries: Iterable[str]) -> None:
        self._head, self._catalog = head, catalog
        self._every = frozenset(countries)
        self._policies = self._of_policies()
        self._datasets = {name: self._of_dataset(name, one) for name, one in head.datasets.items() if one.bound}
        self.bound = frozenset(self._datasets)
        """Datasets with rules of their own."""

    def contradiction(self, limits: Sequence[Limit]) -> list[Limit]:
        """As few of *limits* as leave no country together, each of them needed for that; none where some is left."""
        left = list(limits)
        if self._some_country(left):
            return []
        for limit in limits:
            rest = [other for other in left if other is not limit]
            if not self._some_country(rest):
                left = rest
        return left

    @staticmethod
    def _some_country(limits: list[Limit]) -> bool:
        return not limits or bool(frozenset.intersection(*(limit.countries for limit in limits)))

    def of_workload(self, workload: Workload, path: KeyPath) -> Iterator[Finding]:
        """Rules of a workload and of the datasets it reads that no country can keep together."""
        mine = [self._residency(workload.residency)] if workload.residency else []
        if workload.data is not None:
            rules = rules_for(self._catalog, workload.data.classes, workload.data.jurisdictions)
            mine += self._of_rules(rules, "data")
        read = dict.fromkeys(flow.source for flow in workload.data_in if flow.source in self.bound)
        theirs = [limit for name in read for limit in self._datasets[name]]
        if not mine and len(read) < 2:
            return  # what is wrong with one dataset alone is said of it
        found = self.contradiction([*self._policies, *theirs, *mine])
        keys = [limit.key for limit in found if limit in mine]
        if keys or len({limit.dataset for limit in found} - {""}) > 1:
            yield _excluding(found, (*path, keys[0] if keys else "data_in"))

    def of_datasets(self) -> Iterator[Finding]:
        """Datasets whose rules no country can keep, or that lie where their own rules forbid it."""
        for name, dataset in self._head.datasets.items():
            if name not in self.bound:
                continue
            path: KeyPath = ("datasets", name)
            found = self.contradiction([*self._policies, *self._datasets[name]])
            own = [limit for limit in found if limit in self._datasets[name]]
            if own:
                yield _excluding(found, (*path, own[0].key.rpartition(".")[2]))
            for words in self._broken(dataset, dataset.home):
                message = f"dataset `{name}` lives at {words}"
                yield Finding("rule-broken-by-home", message, (*path, "home"), _MOVE)
            for index, place in enumerate(dataset.backups):
                for words in self._broken(dataset, place):
                    message = f"a backup of dataset `{name}` lies at {words}"
                    yield Finding("rule-broken-by-backup", message, (*path, "backups", index), _MOVE)

    def operators(self, stated: Operators, path: KeyPath) -> Iterator[Finding]:
        """Nationalities that are allowed and denied, so that none is left; *path* leads to who says so."""
        policies = self._head.policies.operators
        lists = [(stated, "operators")]
        if policies is not None and policies is not stated:
            lists.append((policies, "policies.operators"))
        allowed = [
            Limit(f"`{key}.allowed` [{', '.join(one.allowed)}]", f"{key}.allowed", self._meant(one.allowed))
            for one, key in lists
            if one.allowed is not None
        ]
        every = self._every.union(*(limit.countries for limit in allowed))
        denied = [
            Limit(f"`{key}.denied` [{', '.join(one.denied)}]", f"{key}.denied", every - self._meant(one.denied))
            for one, key in lists
            if one.denied
        ]
        passed = bool(self._head.sites)  # the organisation's own sites, which have no operator
        found = self.contradiction([*allowed, *denied]) if allowed and not passed else []
        if any(limit.key.startswith("operators.") for limit in found):
            yield _excluding(found, path)

    def _of_policies(self) -> list[Limit]:
        policies, found = self._head.policies, []
        if policies.allowed_countries:
            words = f"`policies.allowed_countries` [{', '.join(policies.allowed_countries)}]"
            found.append(Limit(words, "policies.allowed_countries", self._meant(policies.allowed_countries)))
        if policies.denied_countries:
            words = f"`policies.denied_countries` [{', '.join(policies.denied_countries)}]"
            rest = self._every - self._meant(policies.denied_countries)
            found.append(Limit(words, "policies.denied_countries", rest))
        return found

    def _of_dataset(self, name: str, dataset: Dataset) -> list[Limit]:
        found = [self._residency(dataset.residency, name)] if dataset.residency else []
        rules = rules_for(self._catalog, dataset.classes, dataset.jurisdictions)
        return found + self._of_rules(rules, "classes", name)

    def _residency(self, names: Sequence[str], dataset: str = "") -> Limit:
        words = f"`residency`{_whose(dataset)} [{', '.join(names)}]"
        return Limit(words, _key("residency", dataset), self._meant(names), dataset)

    def _of_rules(self, rules: list[LegalRule], key: str, dataset: str = "") -> list[Limit]:
        return [
            Limit(
                f"`{key}`{_whose(dataset)} (`{rule.id}`: {rule.instrument})",
                _key(key, dataset),
                _countries(rule),
                dataset,
            )
            for rule in rules
            if rule.effect == "hard"
        ]

    def _meant(self, names: Iterable[str]) -> frozenset[str]:
        groups = self._catalog.groups
        return frozenset(country for name in names for country in groups.get(name, [name]))

    def _broken(self, dataset: Dataset, place: str) -> Iterator[str]:
        """What of a dataset's own rules a copy at *place* breaks."""
        for spot in spots_at(self._catalog, self._head, place):
            yield from self._broken_at(place, dataset, spot)

    def _broken_at(self, place: str, dataset: Dataset, spot: Spot) -> Iterator[str]:
        where = f"`{place}` ({spot.country or 'country unknown'})"
        if dataset.residency and spot.country not in self._meant(dataset.residency):
            yield f"{where}, outside its own `residency` [{', '.join(dataset.residency)}]"
        for rule in rules_for(self._catalog, dataset.classes, dataset.jurisdictions):
            found = verdict(rule, spot, self._head.policies.weakest_evidence)
            if found.answer == BROKEN:
                yield f"{where}, which `{rule.id}` ({rule.instrument}) forbids: {found.why}"


_MOVE = "move it, or correct what binds it: `residency`, or `classes` and `jurisdictions` (docs/rules.md)"


def _whose(dataset: str) -> str:
    return f" of dataset `{dataset}`" if dataset else ""


def _key(key: str, dataset: str) -> str:
    return f"datasets.{dataset}.{key}" if dataset else key


def _countries(rule: LegalRule) -> frozenset[str]:
    """Countries in some part of which a hard rule can be kept."""
    places = rule.allowed.union(*(condition.countries for condition in rule.conditions))
    return frozenset(place.partition("-")[0] for place in places)


def _excluding(found: list[Limit], path: KeyPath) -> Finding:
    """That some limits leave nothing together, and where each of them stands."""
    words = [limit.words for limit in found]
    message = f"{words[0]} leaves no country"
    if len(words) > 1:
        message = f"{', '.join(words[:-1])} and {words[-1]} exclude each other"
    places = ", ".join(dict.fromkeys(f"`{limit.key}`" for limit in found))
    return Finding("rules-contradict", message, path, f"loosen one of them: {places}")
