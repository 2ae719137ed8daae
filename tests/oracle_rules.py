"""The second opinion on rules: where data may be, by country, law, operator, isolation and certificate.

Written from `docs/rules.md` and `docs/constraints.md`; it shares no code with `placement`.
"""

from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import Catalog, Site
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload

STRENGTH = {"audited": 3, "claimed": 2, "unknown": 1, "not_held": 0}


class Rules:
    """What the rules of an inventory and a catalog say of a workload's data at a site."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self.catalog, self.inventory, self.policies = catalog, inventory, inventory.policies

    def broken_at(self, workload: Workload, site: Site) -> dict[str, bool]:
        """By rule whether the site breaks it."""
        wanted = {*workload.certifications, *self.policies.certifications}
        return {
            "residency": any(not site.countries <= self.meant(names) for names in self.lists(workload)),
            "legal": any(
                self.answer(rule, site._replace(country=country))[0] == "broken"
                for rule in self.rules(workload)
                for country in site.countries
            ),
            "operator": site.provider != "own" and self.foreign(workload, site),
            "air_gap": workload.isolation == "air_gapped" and not self.gapped(site),
            "certification": not all(self.held(site, name) for name in wanted),
        }

    def shared(self, workload: Workload, hosting: str, units: int, per_node: int) -> bool:
        """Whether others may use the machines of an offer though the workload wants them for itself."""
        return workload.isolation in ("dedicated", "air_gapped") and (hosting == "serverless" or units % per_node != 0)

    def meant(self, names: list[str]) -> set[str]:
        return {country for name in names for country in self.catalog.groups.get(name, [name])}

    def read(self, workload: Workload):
        """The datasets a workload reads."""
        datasets = self.inventory.datasets
        return [datasets[name] for name in sorted({flow.source for flow in workload.data_in}) if name in datasets]

    def lists(self, workload: Workload) -> list[list[str]]:
        return [names for names in (workload.residency, *(one.residency for one in self.read(workload))) if names]

    def rules(self, workload: Workload) -> list[LegalRule]:
        """The catalog's rules for the workload's data and for those it reads."""
        said = [(one.classes, one.jurisdictions) for one in self.read(workload)]
        if workload.data is not None:
            said.append((workload.data.classes, workload.data.jurisdictions))
        return [rule for rule in self.catalog.rules if any(self.speaks(rule, *pair) for pair in said)]

    def speaks(self, rule: LegalRule, classes: list[str], jurisdictions: list[str]) -> bool:
        kinds = {*classes, *(implied for name in classes for implied in self.catalog.classes[name])}
        whose = self.meant(jurisdictions)
        whose |= {part.split("-")[0] for part in whose}
        about = bool(kinds) and ("*" in rule.classes or any(kind in rule.classes for kind in kinds))
        return about and any(one in rule.jurisdictions for one in whose)

    def answer(self, rule: LegalRule, site: Site) -> tuple[str, str]:
        """`kept`, `kept if signed` with what is to be signed, `not applicable`, or `broken`."""
        own = site.provider == "own"
        if rule.effect == "none":
            return "not applicable", ""
        parts = ["*"] if site.country is None else ["*", site.country, f"{site.country}-{site.subdivision}"]
        steps = [(rule.allowed, "", True)] if rule.allowed else []
        steps += [(one.countries, one.sign, one.own_sites) for one in rule.conditions]
        if site.country is None and (not steps or "*" not in steps[0][0]):
            return "broken", ""
        matching = [step for step in steps if any(part in step[0] for part in parts)]
        if not matching:
            return "broken", ""
        _, sign, of_own_sites = matching[0]
        if rule.effect == "hard":
            if rule.access and not own and site.access not in rule.access:
                return "broken", ""
            if not all(self.held(site, name) for name in rule.certifications):
                return "broken", ""
        return ("kept if signed", sign) if sign and (of_own_sites or not own) else ("kept", "")

    def foreign(self, workload: Workload, site: Site) -> bool:
        """Whether the operator is of a country that is not allowed, or of an unknown one though some are named."""
        lists = [one for one in (workload.operators, self.policies.operators) if one is not None]
        allowed = [self.meant(one.allowed) for one in lists if one.allowed is not None]
        denied = {country for one in lists for country in self.meant(one.denied)}
        if not allowed and not denied:
            return False
        fact = self.catalog.operators.get(site.provider)
        return fact is None or fact.unit in denied or any(fact.unit not in names for names in allowed)

    def gapped(self, site: Site) -> bool:
        return self.inventory.sites[site.name].air_gapped if site.provider == "own" else site.access == "air_gapped"

    def held(self, site: Site, name: str) -> bool:
        otherwise = "not_held" if site.provider == "own" else "unknown"
        weakest = "claimed" if self.policies.claimed_certifications else self.policies.certification_evidence
        return STRENGTH[site.certifications.get(name, otherwise)] >= STRENGTH[weakest]
