"""Where copies of a workload's data may be: what the inventory lists, what laws demand, who operates a site, isolation.

A workload inherits the rules of the datasets it reads. Whoever places a copy of its data anywhere, or runs it a second
time, asks `Legal.of`, and `certification` for certificates; for a copy of a dataset `Legal.dataset`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from placement.catalog.legal import BROKEN, rules_for, spots_of, verdict
from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import Catalog, Site
from placement.engine.alike import alike
from placement.engine.arrays import Bools, Ints
from placement.engine.supply import Supply
from placement.inventory.asks import Asks, Binding
from placement.inventory.data import Dataset
from placement.inventory.inventory import Inventory
from placement.words import OWN

Said = tuple[tuple[str, ...], tuple[str, ...]]
"""Classes of data and whose law applies to them."""


class Bound(NamedTuple):
    """Everything that says where data may be: a workload's own rules with those of the datasets it reads."""

    residency: tuple[tuple[str, ...], ...] = ()
    """Lists of countries and groups, each of which must be kept."""
    data: tuple[Said, ...] = ()
    allowed_operators: tuple[str, ...] | None = None
    denied_operators: tuple[str, ...] = ()
    isolation: str = "shared"


class Legal(NamedTuple):
    """What binds all workloads. Axis `r`: different bounds; `s`: sites; `h`: shapes."""

    bounds: tuple[Bound, ...]
    rules: tuple[tuple[LegalRule, ...], ...]
    """The catalog's rules that apply under each bound."""
    residency_rs: Bools
    """Inside every list, of a country that is known."""
    legal_rs: Bools
    """No rule forbids it."""
    operator_rs: Bools
    """The operator's country is known and allowed, or the site is the organisation's own."""
    air_gap_rs: Bools
    """Connected to no outside network, where that is asked for."""
    dedicated_r: Bools
    """Whether machines must not be shared with others."""
    whole_h: Bools
    """Shapes that are whole machines."""
    datasets_s: dict[str, Bools]
    """Where copies of a dataset may be, of those with rules of their own."""
    row_w: Ints
    """Each workload's bound."""

    def of(self, w: Ints) -> Bools:
        """Sites where copies of the data of the workloads *w* may be, `ws`."""
        rows = self.row_w[w]
        allowed = self.residency_rs[rows] & self.legal_rs[rows] & self.operator_rs[rows] & self.air_gap_rs[rows]
        return np.asarray(allowed)

    def dataset(self, name: str) -> Bools:
        """Sites where a copy of the dataset *name* may be, `s`."""
        anywhere = np.ones(self.residency_rs.shape[1], dtype=np.bool_)
        return self.datasets_s.get(name, anywhere)


def legal_of(catalog: Catalog, inventory: Inventory, asks: Asks, supply: Supply) -> Legal:
    """Evaluate every different bound once."""
    judge = Judge(catalog, inventory, supply.sites)
    bounds, row_w = _bounds(inventory, asks)
    own = {name: bound for name, one in inventory.datasets.items() if (bound := _of_dataset(one)) is not None}
    whole = [not shape.shared and shape.units % shape.per_node == 0 for shape in supply.shapes]
    return Legal(
        bounds=tuple(bounds),
        rules=tuple(judge.rules(bound.data) for bound in bounds),
        residency_rs=np.stack([judge.residency(bound.residency) for bound in bounds]),
        legal_rs=np.stack([judge.legal(bound.data) for bound in bounds]),
        operator_rs=np.stack([judge.operator(bound) for bound in bounds]),
        air_gap_rs=np.stack([judge.air_gap(bound) for bound in bounds]),
        dedicated_r=np.array([bound.isolation != "shared" for bound in bounds], dtype=np.bool_),
        whole_h=np.array(whole, dtype=np.bool_),
        datasets_s={name: judge.residency(bound.residency) & judge.legal(bound.data) for name, bound in own.items()},
        row_w=row_w,
    )


def _bounds(inventory: Inventory, asks: Asks) -> tuple[list[Bound], Ints]:
    """The different bounds, and that of each workload."""
    residency, binding = list(asks.residency.number), list(asks.binding.number)
    read, read_w = _read(inventory, asks, len(asks.residency.row))
    columns = [np.array(asks.residency.row), np.array(asks.binding.row), read_w]
    every = alike(len(read_w), columns)
    number: dict[Bound, int] = {}
    number_k = []
    for first in every.first_k.tolist():
        bound = _joined(residency[columns[0][first]], binding[columns[1][first]], read[columns[2][first]])
        number_k.append(number.setdefault(bound, len(number)))
    return list(number) or [Bound()], np.array(number_k, dtype=np.int64)[every.class_x]


def _read(inventory: Inventory, asks: Asks, count: int) -> tuple[list[tuple[Bound, ...]], Ints]:
    """The different sets of rules that come with datasets, and which of them each workload inherits."""
    kinds: list[tuple[Bound, ...]] = [()]
    kind_w = np.zeros(count, dtype=np.int64)
    arriving = asks.arriving
    bound_n = [_of_dataset(inventory.datasets.get(end.name)) for end in arriving.ends]
    if not any(bound_n):
        return kinds, kind_w
    bound = np.array([one is not None for one in bound_n])
    name_f = np.array(arriving.end, dtype=np.int64)
    inherited: dict[int, set[Bound]] = {}
    flows = np.flatnonzero(bound[name_f])
    for w, name in zip(np.array(arriving.workload)[flows].tolist(), name_f[flows].tolist(), strict=True):
        one = bound_n[name]
        assert one is not None
        inherited.setdefault(w, set()).add(one)
    known: dict[tuple[Bound, ...], int] = {(): 0}
    for w, found in inherited.items():
        kind_w[w] = known.setdefault(tuple(sorted(found)), len(known))
    return list(known), kind_w


def _of_dataset(dataset: Dataset | None) -> Bound | None:
    """The rules of a dataset; None where it has none."""
    if dataset is None or not dataset.bound:
        return None
    data: tuple[Said, ...] = ((tuple(dataset.classes), tuple(dataset.jurisdictions)),) if dataset.classes else ()
    return Bound((tuple(dataset.residency),) if dataset.residency else (), data)


def _joined(residency: tuple[str, ...], said: Binding, read: Iterable[Bound]) -> Bound:
    """A workload's own rules with those it inherits; order does not matter."""
    lists = {residency, *(one for bound in read for one in bound.residency)} - {()}
    own: Said = (said.classes, said.jurisdictions)
    data = {own, *(one for bound in read for one in bound.data)} - {((), ())}
    return Bound(
        tuple(sorted(lists)),
        tuple(sorted(data)),
        said.allowed_operators,
        said.denied_operators,
        said.isolation,
    )


class Judge:
    """What bounds say of all sites; every rule is asked once."""

    def __init__(self, catalog: Catalog, inventory: Inventory, sites: list[Site]) -> None:
        self._catalog, self._policies, self._sites = catalog, inventory.policies, sites
        self._own = np.array([site.provider == OWN for site in sites], dtype=np.bool_)
        self._gapped = np.array([_is_gapped(inventory, site) for site in sites], dtype=np.bool_)
        self._kept: dict[str, Bools] = {}

    def rules(self, data: Iterable[Said]) -> tuple[LegalRule, ...]:
        """The rules that speak of such data."""
        found = {rule.id: rule for classes, whose in data for rule in rules_for(self._catalog, classes, whose)}
        return tuple(found[name] for name in sorted(found))

    def residency(self, lists: Iterable[tuple[str, ...]]) -> Bools:
        """Whether a site's country is in every list; an unknown country only where there is none, `s`."""
        allowed = [self._countries(names) for names in lists]
        return self._each(lambda site: all(site.countries <= countries for countries in allowed))

    def legal(self, data: Iterable[Said]) -> Bools:
        """Whether no rule forbids the site, `s`."""
        kept = np.ones(len(self._sites), dtype=np.bool_)
        for rule in self.rules(data):
            if rule.id not in self._kept:
                self._kept[rule.id] = self._keeps(rule)
            kept = kept & self._kept[rule.id]
        return kept

    def operator(self, bound: Bound) -> Bools:
        """Whether the operator's country is known and allowed by workload and policies, where these name any, `s`."""
        lists = [(bound.allowed_operators, bound.denied_operators)]
        policies = self._policies.operators
        if policies is not None:
            lists.append((None if policies.allowed is None else tuple(policies.allowed), tuple(policies.denied)))
        allowed = [self._countries(names) for names, _ in lists if names is not None]
        denied = self._countries(name for _, names in lists for name in names)
        if not allowed and not denied:
            return np.ones(len(self._sites), dtype=np.bool_)
        country = {name: fact.unit for name, fact in self._catalog.operators.items()}

        def passes(site: Site) -> bool:
            mine = country.get(site.provider)
            return mine is not None and mine not in denied and all(mine in one for one in allowed)

        return self._own | self._each(passes)

    def air_gap(self, bound: Bound) -> Bools:
        """Whether the site is connected to no network, where that is asked for, `s`."""
        return self._gapped if bound.isolation == "air_gapped" else np.ones(len(self._sites), dtype=np.bool_)

    def _keeps(self, rule: LegalRule) -> Bools:
        weakest = self._policies.weakest_evidence
        return self._each(lambda site: all(verdict(rule, spot, weakest).answer != BROKEN for spot in spots_of(site)))

    def _each(self, test: Callable[[Site], bool]) -> Bools:
        return np.array([test(site) for site in self._sites], dtype=np.bool_)

    def _countries(self, names: Iterable[str]) -> frozenset[str]:
        groups = self._catalog.groups
        return frozenset(country for name in names for country in groups.get(name, [name]))


def _is_gapped(inventory: Inventory, site: Site) -> bool:
    own = inventory.sites.get(site.name) if site.provider == OWN else None
    return own.air_gapped if own is not None else site.access == "air_gapped"
