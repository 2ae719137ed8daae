"""Rules × sites for one workload: the best site of every tier against every rule that is asked of it."""

from __future__ import annotations

from typing import NamedTuple

from placement.catalog.legal import GRAVE, Answer, spots_of, verdict
from placement.catalog.legal_rules import LegalRule
from placement.catalog.tables import Site
from placement.engine.constraints import CONSTRAINTS
from placement.engine.problem import Problem
from placement.engine.proving import asked_by
from placement.engine.story import Story
from placement.inventory.workload import Workload
from placement.words import TIERS

LAWS = "legal"
"""The rule that stands for all of the catalog's: each of them has a row of its own."""


class MatrixRow(NamedTuple):
    """A rule, what it protects, and its answer at each site."""

    rule: str
    about: str
    answers: tuple[Answer, ...]


class Matrix(NamedTuple):
    """The sites are those of the best offers of some tiers, or of the offers that break the fewest rules there."""

    tiers: tuple[str, ...]
    sites: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def matrix(problem: Problem, workload: Workload, row: int, story: Story, offers: list[int]) -> Matrix:
    """What every rule says of one offer of each tier, for the workload in row *row* of the problem."""
    sites = [problem.supply.sites[int(problem.supply.site_o[offer])] for offer in offers]
    rows = []
    for number, rule in enumerate(CONSTRAINTS):
        if rule.name == LAWS:
            rows += _laws(problem, row, offers)
            continue
        answers: list[Answer] = ["kept" if story.slack_co[number, offer] >= 0 else "broken" for offer in offers]
        if "broken" in answers or _asked(problem, workload, row, rule.name):
            rows.append(MatrixRow(rule.name, rule.title, tuple(answers)))
    tiers = tuple(TIERS[int(problem.tier_o[offer])] for offer in offers)
    return Matrix(tiers, tuple(site.id for site in sites), tuple(rows))


def forbidding(problem: Problem, row: int, offer: int) -> str:
    """The laws that forbid the data of row *row* of the problem at the site of an offer, and what they ask."""
    laws = {rule.id: rule for rule in problem.legal.rules[int(problem.legal.row_w[row])]}
    broken = [laws[told.rule] for told in _laws(problem, row, [offer]) if told.answers == ("broken",)]
    return ", ".join(f"{law.id} ({asked_by(law, problem.catalog.groups)})" for law in broken)


def _laws(problem: Problem, row: int, offers: list[int]) -> list[MatrixRow]:
    """One row for every rule of the catalog that speaks of the workload's data."""
    legal, weakest = problem.legal, problem.inventory.policies.weakest_evidence
    sites = [problem.supply.sites[int(problem.supply.site_o[offer])] for offer in offers]

    def worst(rule: LegalRule, site: Site) -> Answer:
        return max((verdict(rule, spot, weakest).answer for spot in spots_of(site)), key=GRAVE.index)

    return [
        MatrixRow(rule.id, rule.instrument, tuple(worst(rule, site) for site in sites))
        for rule in legal.rules[int(legal.row_w[row])]
    ]


def _asked(problem: Problem, workload: Workload, row: int, rule: str) -> bool:
    """Whether workload or policies ask for what a rule is about; rules about offers are always asked."""
    policies = problem.inventory.policies
    bound = problem.legal.bounds[int(problem.legal.row_w[row])]
    asked: dict[str, object] = {
        "offline": workload.offline,
        "rtt": workload.slo,
        "residency": bound.residency,
        "operator": workload.operators or policies.operators,
        "air_gap": bound.isolation == "air_gapped",
        "isolation": bound.isolation != "shared",
        "certification": workload.certifications or policies.certifications,
        "interruptible": not workload.interruptible,
        "in_one_go": False,  # it says nothing of a site, where other ways to buy are open
        "provider": policies.allowed_providers is not None or policies.denied_providers,
        "tier": policies.allowed_tiers is not None or policies.denied_tiers,
        "country": policies.allowed_countries is not None or policies.denied_countries,
        "accelerator": policies.allowed_accelerators is not None or policies.denied_accelerators,
        "purchase_model": policies.allowed_purchase_models is not None,
    }
    return bool(asked.get(rule, True))
