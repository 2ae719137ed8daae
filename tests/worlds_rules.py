"""Rules for random worlds: laws, operators, kinds of data and isolation, added to a catalog and an inventory.

They have a generator of their own, so that the rest of a seed's world does not depend on them.
"""

from random import Random
from typing import Any

from placement.catalog.legal_rules import Condition, LegalRule
from placement.catalog.tables import Catalog, Fact
from placement.inventory.bound import Bounds
from placement.inventory.inventory import Inventory

CLASSES: dict[str, tuple[str, ...]] = {"personal": (), "health": ("personal",), "payment": (), "secret": ()}
EU, ADEQUATE = frozenset({"DE", "FR"}), frozenset({"CH", "JP"})


def rule(identity: str, whose: str, classes: str, effect: str, allowed: str = "", **changed: Any) -> LegalRule:
    """A rule of the catalog; countries and classes are separated by spaces."""
    plain = LegalRule(
        identity, frozenset(whose.split()), f"Act {identity}", frozenset(classes.split()), effect,
        frozenset(allowed.split()), (), (), frozenset(), "high", "2026-01", "s1", "",
    )  # fmt: skip
    return plain._replace(**changed)


def sign(countries: str, what: str, own_sites: bool = True) -> Condition:
    return Condition(frozenset(countries.split()), what, own_sites)


RULES = (
    rule("ai", "DE FR", "*", "none"),
    rule("cert", "FR", "health", "hard", "DE FR", certifications=("SOC 2",)),
    rule("gdpr", "DE FR", "personal", "soft", "DE FR CH JP",
         conditions=(sign("US", "a framework"), sign("*", "clauses"))),
    rule("gov", "US", "secret", "hard", "US", access=frozenset({"government"})),
    rule("hipaa", "US", "health", "soft", conditions=(sign("*", "an agreement", own_sites=False),)),
    rule("pay", "JP", "payment", "hard", "JP"),
    rule("state", "US-VA", "personal", "soft", "US-VA", conditions=(sign("*", "an assessment"),)),
    rule("some", "CH", "personal", "hard", "CH", conditions=(sign("DE", "a licence"),)),
)  # fmt: skip
"""Every form a rule may have."""


def with_rules(random: Random, catalog: Catalog) -> Catalog:
    """The catalog with laws, with some operators known, and with evidence of every strength."""
    operators = {
        name: Fact(0, random.choice(("US", "DE", "CH")), "2026-01", "s1", "", "operator")
        for name in sorted(catalog.providers)
        if random.random() < 0.7
    }
    sites = []
    for site in catalog.sites:
        held = dict(site.certifications)
        for name in ("SOC 2", "ISO 27001"):
            if name not in held and random.random() < 0.5:
                held[name] = random.choice(("unknown", "not_held"))
        gapped = site.access != "general" and random.random() < 0.3
        sites.append(site._replace(certifications=held, access="air_gapped" if gapped else site.access))
    return catalog._replace(rules=RULES, classes=CLASSES, operators=operators, sites=sites)


def with_bindings(random: Random, catalog: Catalog, inventory: Inventory) -> Inventory:
    """The inventory with rules on some of its workloads, datasets, sites and policies."""
    plain = inventory.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    pick = random.choice
    for site in plain.get("sites", {}).values():
        site["air_gapped"] = random.random() < 0.5
    for dataset in plain.get("datasets", {}).values():
        if random.random() < 0.3:
            dataset.update(random_data(random))
        if random.random() < 0.2:
            dataset["residency"] = pick((["EU"], ["US", "JP"]))
    for workload in plain["workloads"]:
        if random.random() < 0.3:
            workload["data"] = random_data(random)
        if random.random() < 0.1:
            workload["operators"] = random_operators(random)
        if random.random() < 0.2:
            workload["isolation"] = pick(("dedicated", "dedicated", "air_gapped"))
    policies = plain.setdefault("policies", {})
    if random.random() < 0.2:
        policies["operators"] = random_operators(random)
    if "claimed_certifications" not in policies and random.random() < 0.5:
        policies["certification_evidence"] = pick(("audited", "claimed", "unknown"))
    if random.random() < 0.3:
        policies["allowed_access"] = ["general", "government", "air_gapped"]
    return lawful(catalog, {"schema_version": 1, "name": "random"} | plain)


def lawful(catalog: Catalog, plain: dict[str, Any]) -> Inventory:
    """The inventory without the rules of those datasets that break them where they live."""
    inventory = Inventory.model_validate(plain)
    findings = list(Bounds(inventory, catalog, ()).of_datasets())
    for name in {finding.path[1] for finding in findings if finding.code.startswith("rule-broken")}:
        for key in ("classes", "jurisdictions", "residency"):
            plain["datasets"][name].pop(key, None)
    return Inventory.model_validate(plain) if findings else inventory


def random_data(random: Random) -> dict[str, list[str]]:
    classes = random.sample(sorted(CLASSES), random.choice((1, 1, 2)))
    whose = random.sample(["DE", "FR", "US", "US-VA", "JP", "CH", "EU"], random.choice((1, 1, 2)))
    return {"classes": classes, "jurisdictions": whose}


def random_operators(random: Random) -> dict[str, list[str]]:
    return random.choice(({"allowed": ["EU", "CH"]}, {"denied": ["US"]}, {"allowed": ["DE", "US"], "denied": ["DE"]}))
