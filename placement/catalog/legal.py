"""What the catalog's legal rules say of data at a place. Not legal advice: the rules are read, not interpreted.

An unknown country gets no answer that hangs on the country, and a rule without an answer is broken.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import EVERYWHERE, Catalog, Site
from placement.words import OWN

Answer = Literal["kept", "kept if signed", "not applicable", "broken"]

KEPT: Answer = "kept"
SIGN: Answer = "kept if signed"
NONE: Answer = "not applicable"
BROKEN: Answer = "broken"

GRAVE = (NONE, KEPT, SIGN, BROKEN)
"""Answers, the gravest last."""

GRADES = ("audited", "claimed", "unknown")
"""Strength of evidence for a certification, the strongest first."""

NOT_HELD = "not_held"


class Spot(NamedTuple):
    """A place as laws see it; `None` is unknown."""

    country: str | None
    subdivision: str | None
    own: bool
    """The organisation's own, not a provider's."""
    access: str
    certifications: Mapping[str, str] | None
    """Evidence by name; None for a location, of which nobody says what it holds."""


class Verdict(NamedTuple):
    """What a rule says of a spot."""

    answer: Answer
    sign: str = ""
    """What is to be signed or done, if that is the answer."""
    why: str = ""
    """What breaks the rule, in a few words."""


def spot_of(site: Site) -> Spot:
    """A site of one country as laws see it."""
    return Spot(site.country, site.subdivision, site.provider == OWN, site.access, site.certifications)


def spots_of(site: Site) -> list[Spot]:
    """A site as laws see it: in each country of its places."""
    return [spot_of(site)._replace(country=country) for country in sorted(site.countries, key=str)]


def holds(spot: Spot, name: str, weakest: str) -> bool:
    """Whether a certification is held there on evidence no weaker than *weakest*.

    Of a provider's site nothing said means unknown; an own site holds what it is said to hold, and nothing else.
    """
    known = spot.certifications or {}
    evidence = known.get(name, NOT_HELD if spot.own else "unknown")
    return evidence in GRADES[: GRADES.index(weakest) + 1]


def closure(catalog: Catalog, classes: Iterable[str]) -> frozenset[str]:
    """The classes with all that they imply: health data are personal data."""
    return frozenset(one for name in classes for one in (name, *catalog.classes.get(name, ())))


def laws(catalog: Catalog, jurisdictions: Iterable[str]) -> frozenset[str]:
    """Whose laws apply: those of every member of a group, and of the country where a part of it is named."""
    members = {one for name in jurisdictions for one in catalog.groups.get(name, [name])}
    return frozenset(members | {name.partition("-")[0] for name in members})


def rules_for(catalog: Catalog, classes: Iterable[str], jurisdictions: Iterable[str]) -> list[LegalRule]:
    """The rules that speak of such data under these laws, in the order of their ids."""
    kinds, whose = closure(catalog, classes) | {EVERYWHERE}, laws(catalog, jurisdictions)
    if len(kinds) == 1:
        return []
    return [rule for rule in catalog.rules if rule.classes & kinds and rule.jurisdictions & whose]


def uncovered(catalog: Catalog, classes: Iterable[str], jurisdictions: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of class and law of which the catalog has no rule that forbids or asks for anything: unknown, not free."""
    found = []
    for name in sorted(set(classes)):
        for whose in sorted({one for given in jurisdictions for one in catalog.groups.get(given, [given])}):
            rules = rules_for(catalog, [name], [whose])
            if all(rule.effect == "none" for rule in rules):
                found.append((name, whose))
    return found


def verdict(rule: LegalRule, spot: Spot, weakest: str) -> Verdict:
    """What *rule* says of data at *spot*; *weakest* is the weakest evidence for a certification that suffices."""
    if rule.effect == "none":
        return Verdict(NONE)
    found = _by_country(rule, spot)
    if found.answer == BROKEN or rule.effect != "hard":
        return found
    if rule.access and not spot.own and spot.access not in rule.access:
        return Verdict(BROKEN, why=f"a region of kind {', '.join(sorted(rule.access))} is asked for")
    missing = [name for name in rule.certifications if not holds(spot, name, weakest)]
    if missing and spot.certifications is None:
        return Verdict(SIGN, f"proof that whoever hosts it holds {', '.join(missing)}")
    if missing:
        return Verdict(BROKEN, why=f"{', '.join(missing)} is not held on accepted evidence")
    return found


def _by_country(rule: LegalRule, spot: Spot) -> Verdict:
    """What is said of the territory alone."""
    territories = {EVERYWHERE}
    if spot.country is not None:
        territories |= {spot.country, f"{spot.country}-{spot.subdivision}"}
    elif not rule.allowed and len(rule.conditions) == 1 and EVERYWHERE in rule.conditions[0].countries:
        pass  # the answer is the same in every country
    elif EVERYWHERE not in rule.allowed:
        return Verdict(BROKEN, why="the country is not known")
    if rule.allowed & territories:
        return Verdict(KEPT)
    for condition in rule.conditions:
        if condition.countries & territories:
            return Verdict(SIGN, condition.sign) if condition.own_sites or not spot.own else Verdict(KEPT)
    return Verdict(BROKEN, why=f"{spot.country} is not allowed")
