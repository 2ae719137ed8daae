"""What a catalog's legal rules name must be there, and every country must have an answer."""

from __future__ import annotations

from collections.abc import Iterator

from placement.catalog.model import RuleEntry, RulesFile
from placement.catalog.read import Entries
from placement.catalog.tables import EVERYWHERE
from placement.diagnostics import did_you_mean, has_unprintable
from placement.documents import Finding, KeyPath


def wrong_rules(entries: Entries, read: RulesFile) -> Iterator[Finding]:
    """Classes, groups and certifications nobody knows, and rules that leave a country without an answer."""
    for index, entry in enumerate(read.classes):
        for number, name in enumerate(entry.implies):
            yield from _class(entries, name, ("classes", index, "implies", number))
    for index, rule in enumerate(read.rules):
        path: KeyPath = ("rules", index)
        for number, name in enumerate(rule.classes):
            if name != EVERYWHERE:
                yield from _class(entries, name, (*path, "classes", number))
        for key in ("jurisdictions", "allowed"):
            yield from _groups(entries, getattr(rule, key), (*path, key))
        for number, condition in enumerate(rule.conditions):
            where = (*path, "conditions", number)
            yield from _groups(entries, condition.countries, (*where, "countries"))
            if has_unprintable(condition.sign):
                yield Finding("catalog-value", "`sign` must not hold control characters", (*where, "sign"))
        yield from _certifications(entries, rule, path)
        yield from _answers(rule, path)


def _class(entries: Entries, name: str, path: KeyPath) -> Iterator[Finding]:
    if name not in entries.classes:
        hint = did_you_mean(name, entries.classes)
        yield Finding("catalog-rule", f"unknown class of data `{name}`", path, hint)


def _groups(entries: Entries, names: list[str], path: KeyPath) -> Iterator[Finding]:
    """Codes of countries are two letters long; anything longer without a hyphen is a group."""
    for number, name in enumerate(names):
        if len(name) > 2 and "-" not in name and name not in entries.groups:
            hint = did_you_mean(name, entries.groups)
            yield Finding("catalog-rule", f"unknown group of countries `{name}`", (*path, number), hint)


def _certifications(entries: Entries, rule: RuleEntry, path: KeyPath) -> Iterator[Finding]:
    known = {
        entry.certification
        for provider in entries.providers.values()
        for read in provider.files
        for entry in read.certifications
    }
    for number, name in enumerate(rule.certifications):
        if name not in known:
            message = f"no provider's certifications name `{name}`"
            yield Finding("catalog-rule", message, (*path, "certifications", number), did_you_mean(name, known))


def _answers(rule: RuleEntry, path: KeyPath) -> Iterator[Finding]:
    """A rule says something of every country: a soft one what is asked there, a hard one where data may be."""
    places = {*rule.allowed, *(name for one in rule.conditions for name in one.countries)}
    if rule.effect == "soft" and EVERYWHERE not in places:
        message = "a soft rule must say what is to be signed in all other countries"
        yield Finding("catalog-rule", message, path, "add a condition for `*`, or make it hard")
    if rule.effect == "hard" and (not places or EVERYWHERE in places):
        message = "a hard rule must name the countries it allows, and not all of them"
        yield Finding("catalog-rule", message, path, "list them in `allowed`, or make it soft")
    if rule.effect != "hard" and (rule.certifications or rule.access):
        key = "certifications" if rule.certifications else "access"
        yield Finding("catalog-rule", f"only a hard rule may ask for `{key}`", (*path, key))
