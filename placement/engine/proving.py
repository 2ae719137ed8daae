"""Every copy of a workload's data × every rule that binds it: the verdict, and on whose authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from placement.catalog.legal import SIGN, Spot, rules_for, spots_of, uncovered, verdict
from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import EVERYWHERE, Site
from placement.engine.copying import copies_kept
from placement.engine.legal import Bound
from placement.engine.problem import Problem
from placement.inventory.spots import spots_at
from placement.inventory.workload import Workload
from placement.plan.proof import Proof
from placement.words import OWN

COMPUTE = "compute"

INVENTORY = "inventory"
"""The authority for what the inventory itself asks for, or says of own sites."""


class Proved(NamedTuple):
    """What is to be said of one workload at its site."""

    proofs: tuple[Proof, ...] = ()
    to_sign: tuple[str, ...] = ()


class Proving:
    """Proofs for the workloads of a problem; those that are bound alike at one site share theirs."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._catalog, self._inventory = problem.catalog, problem.inventory
        self._known: dict[tuple[object, ...], Proved] = {}
        self._bound = {name for name, one in self._inventory.datasets.items() if one.bound}
        self._kept = copies_kept(problem.copying, problem.supply.sites)

    def of(self, row: int, workload: Workload, site: Site) -> Proved:
        """The proofs of row *row* of the problem at *site*; none for a workload without rules of its own."""
        read = [flow.source for flow in workload.data_in if flow.source in self._bound] if self._bound else []
        bound = int(self._problem.legal.row_w[row])
        stated = workload.data or workload.operators or workload.isolation != "shared"
        if not (read or workload.residency or workload.certifications or stated):
            return Proved()
        key = (bound, tuple(workload.certifications), tuple(read), site.id)
        if key not in self._known:
            proofs = [*self.at(COMPUTE, row, workload, site), *self._copies(sorted(set(read)))]
            signs = dict.fromkeys(f"{one.sign} ({one.rule}: {one.instrument})" for one in proofs if one.sign)
            self._known[key] = Proved(tuple(proofs), tuple(signs))
        return self._known[key]

    def at(self, copy: str, row: int, workload: Workload, site: Site) -> Iterator[Proof]:
        """The proofs for a copy of row *row* of the problem at *site*: where it computes, or a second one of it."""
        legal, policies = self._problem.legal, self._inventory.policies
        number, country = int(legal.row_w[row]), site.country or ""
        bound = legal.bounds[number]
        for names in bound.residency:
            yield _stated(copy, site.id, country, "residency", f"in {', '.join(names)}")
        if policies.allowed_countries is not None or policies.denied_countries:
            allowed = ", ".join(policies.allowed_countries or ()) or "any country"
            denied = f", not {', '.join(policies.denied_countries)}" if policies.denied_countries else ""
            yield _stated(copy, site.id, country, "country", f"in {allowed}{denied}")
        for spot in spots_of(site):
            yield from self._laws(copy, site.id, spot, legal.rules[number])
        for classes, whose in bound.data:
            yield from self._lawless(copy, site.id, country, classes, whose)
        yield from self._operator(copy, bound, site)
        if bound.isolation != "shared":
            rule = "air_gap" if bound.isolation == "air_gapped" else "isolation"
            yield _stated(copy, site.id, country, rule, bound.isolation.replace("_", "-"))
        for name in sorted({*workload.certifications, *policies.certifications}):
            yield self._certificate(copy, name, site)

    def of_dataset(self, copy: str, place: str, name: str) -> Iterator[Proof]:
        """The proofs for a copy of a dataset at a place of the inventory or the catalog, under its own rules."""
        dataset, spots = self._inventory.datasets[name], spots_at(self._catalog, self._inventory, place)
        countries = ", ".join(spot.country or "" for spot in spots)
        if dataset.residency:
            yield _stated(copy, place, countries, "residency", f"in {', '.join(dataset.residency)}")
        for spot in spots:
            yield from self._laws(copy, place, spot, rules_for(self._catalog, dataset.classes, dataset.jurisdictions))
        yield from self._lawless(copy, place, countries, dataset.classes, dataset.jurisdictions)

    def _copies(self, read: list[str]) -> Iterator[Proof]:
        """The copies that datasets with rules have already: their homes and backups, under their own rules."""
        for name in read:
            dataset = self._inventory.datasets[name]
            yield from self.of_dataset(f"home of {name}", dataset.home, name)
            for place in dataset.backups:
                yield from self.of_dataset(f"backup of {name}", place, name)
            for place in self._kept.get(name, ()):
                yield from self.of_dataset(f"copy of {name}", place, name)

    def _laws(
        self, copy: str, place: str, spot: Spot, rules: tuple[LegalRule, ...] | list[LegalRule]
    ) -> Iterator[Proof]:
        weakest = self._inventory.policies.weakest_evidence
        for rule in rules:
            found = verdict(rule, spot, weakest)
            if found.answer == "broken":
                raise AssertionError(f"{copy} at {place} breaks {rule.id}")
            yield Proof(
                copy=copy,
                place=place,
                country=spot.country or "",
                rule=rule.id,
                asks=asked_by(rule, self._catalog.groups),
                verdict=found.answer,
                sign=found.sign if found.answer == SIGN else "",
                instrument=rule.instrument,
                confidence=rule.confidence,
                source_id=rule.source_id,
                as_of=rule.as_of,
            )

    def _lawless(
        self, copy: str, place: str, country: str, classes: Sequence[str], whose: Sequence[str]
    ) -> Iterator[Proof]:
        """Data under laws of which the catalog has no rule: nothing was checked."""
        for name, jurisdiction in uncovered(self._catalog, classes, whose):
            asks = f"{name} data under the law of {jurisdiction}: no rule is in the catalog"
            yield Proof(copy, place, country, "legal", asks, "unknown")

    def _operator(self, copy: str, bound: Bound, site: Site) -> Iterator[Proof]:
        policies = self._inventory.policies.operators
        asked = [_nationality(bound.allowed_operators, bound.denied_operators)]
        if policies is not None:
            asked.append(_nationality(policies.allowed, policies.denied))
        fact, country = self._catalog.operators.get(site.provider), site.country or ""
        for words in dict.fromkeys(filter(None, asked)):
            if fact is None:
                yield _stated(copy, site.id, country, "operator", f"{words}: the organisation's own site")
            else:
                asks = f"{words}: the operator is of {fact.unit}"
                source, as_of = fact.source_id, fact.as_of
                yield Proof(copy, site.id, country, "operator", asks, "kept", source_id=source, as_of=as_of)

    def _certificate(self, copy: str, name: str, site: Site) -> Proof:
        evidence = site.certifications.get(name, "unknown")
        source, as_of = self._catalog.certificates.get(site.id, {}).get(name, ("", ""))
        if site.provider == OWN:
            source, as_of = INVENTORY, ""
        asks = f"{name} ({evidence})"
        return Proof(copy, site.id, site.country or "", "certification", asks, "kept", source_id=source, as_of=as_of)


def _stated(copy: str, place: str, country: str, rule: str, asks: str) -> Proof:
    return Proof(copy, place, country, rule, asks, "kept", source_id=INVENTORY)


def asked_by(rule: LegalRule, groups: Mapping[str, Sequence[str]]) -> str:
    """What a law asks, in a few words."""
    if rule.effect == "none":
        return "nothing about where the data is"
    places = sorted(rule.allowed)
    parts = ["anywhere" if places == [EVERYWHERE] else f"in {_few(places, groups)}"] if places else []
    if rule.conditions:
        parts.append("elsewhere only if signed" if places else "only if signed")
    parts += [f"{name} held" for name in rule.certifications]
    parts += [f"a {kind.replace('_', ' ')} region" for kind in sorted(rule.access)]
    return "; ".join(parts)


_SHOWN = 6


def _few(names: list[str], groups: Mapping[str, Sequence[str]]) -> str:
    """Country codes; of many, groups that are among them, the largest first, and what is in none of these."""
    if len(names) <= _SHOWN:
        return ", ".join(names)
    left, told = set(names), []
    for name, members in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        if len(members) > 1 and left.issuperset(members):
            told.append(name)
            left -= set(members)
    alone = sorted(left)
    more = [f"{len(alone) - _SHOWN} more"] if len(alone) > _SHOWN else []
    return ", ".join([*told, *alone[:_SHOWN], *more])


def _nationality(allowed: tuple[str, ...] | list[str] | None, denied: tuple[str, ...] | list[str]) -> str:
    parts = ([f"only of {', '.join(allowed)}"] if allowed is not None else []) + (
        [f"not of {', '.join(denied)}"] if denied else []
    )
    return ", ".join(parts)
