"""Why an hour costs what it does: each figure of the catalog that could be another, changed alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from placement.catalog.tables import Fact, Site
from placement.engine.problem import Problem
from placement.engine.tco.model import Claim, Lever, Owned, hourly_micro
from placement.engine.tco.question import Question, colo_sites, own_lines
from placement.engine.terms.energy import energy_fact
from placement.engine.terms.facility import facility_fact
from placement.units import MICRO, micro_text

NOTHING = (
    ("accelerator_failures_per_year", "spares and hands", "nothing fails, or all of it under warranty"),
    ("maintenance_fraction_per_year", "support", "no contract"),
    ("staff_usd_per_engineer_year", "staff", "nobody more is paid"),
    ("fabric_usd_per_gbit_per_s", "switches", "nodes stand alone"),
)
"""Figures of the catalog that are nothing for some, what they are called, and when they are nothing."""


def claim_of(question: Question, owned: Owned, offer: int) -> Claim | None:
    """What is claimed of the node, and the figures that lead there; None where nothing is, or not of such places.

    Below or above the claim these are the levers that lead towards it, within it those that alone lead out of it.
    """
    if question.node.claimed is None or owned.site.tier != "colo":
        return None
    low, high = question.node.claimed
    base = hourly_micro(question.node, owned.counts.cents)
    levers = [*_levers(question, owned, offer), *_in_use(question.problem, base)]
    if base < low.micro:
        kept = [lever for lever in levers if lever.micro_per_hour > base]
    elif base > high.micro:
        kept = [lever for lever in levers if lever.micro_per_hour < base]
    else:
        kept = [lever for lever in levers if not low.micro <= lever.micro_per_hour <= high.micro]
    kept.sort(key=lambda lever: (-abs(lever.micro_per_hour - base), lever.name, lever.value))
    at_low, at_high = (base * MICRO // end.micro if end.micro else 0 for end in (low, high))
    return Claim(low, high, at_low, at_high, tuple(kept))


def _levers(question: Question, owned: Owned, offer: int) -> list[Lever]:
    return [
        Lever(name, value, hourly_micro(question.node, sum(line.cents for line in own_lines(question, offer, changed))))
        for name, value, changed in (
            *_years(question.problem, owned),
            *_rates(question.problem),
            *_nothing(question.problem),
            *_elsewhere(question.problem, owned.site),
        )
    ]


def _in_use(problem: Problem, base: int) -> list[Lever]:
    """An hour in use of nodes that are as busy as replicas are meant to be."""
    busy = problem.catalog.assumption("serving_utilization_fraction").micro
    value = f"{micro_text(busy * 100)} % of the month, as replicas are at their peak"
    return [Lever("in use", value, base * MICRO // busy)] if busy != MICRO else []


Changed = Iterator[tuple[str, str, Problem]]


def _years(problem: Problem, owned: Owned) -> Changed:
    for at in owned.at:
        if at.life_months != owned.counts.life_months:
            yield "book life", f"{at.life_months} months", problem._replace(life_months=at.life_months)


def _rates(problem: Problem) -> Changed:
    """The rate of a lessor, and none."""
    lessor = problem.catalog.assumption("lease_rate_fraction_per_year").micro
    for rate in sorted({lessor, 0} - {problem.discount_rate_micro}):
        yield "cost of capital", f"{micro_text(rate * 100)} % a year", problem._replace(discount_rate_micro=rate)


def _nothing(problem: Problem) -> Changed:
    for name, called, when in NOTHING:
        known = problem.catalog.assumptions
        changed = known | {name: {tier: fact._replace(micro=0) for tier, fact in known[name].items()}}
        yield called, when, problem._replace(catalog=problem.catalog._replace(assumptions=changed))


def _elsewhere(problem: Problem, site: Site) -> Changed:
    """Rent and electricity as they are at the cheapest and the dearest colocation site."""
    catalog = problem.catalog
    prices: tuple[tuple[str, str, str, Callable[[Site], Fact | None]], ...] = (
        ("usd_per_kw_month", "space and cooling", "USD/kW-month", lambda one: facility_fact(catalog, one)),
        ("usd_per_kwh", "electricity", "USD/kWh", lambda one: energy_fact(catalog, one)),
    )
    for item, called, unit, fact_of in prices:
        found = [(fact.micro, one.id, fact) for one in colo_sites(catalog) if (fact := fact_of(one)) is not None]
        here = fact_of(site)
        for end in (min, max):
            micro, name, fact = end(found, key=lambda entry: entry[:2])
            if here is not None and micro != here.micro:
                facility = site.facility | {item: fact}
                yield called, f"{micro_text(micro)} {unit} as at {name}", _with(problem, site, facility)


def _with(problem: Problem, site: Site, facility: dict[str, Fact]) -> Problem:
    sites = [one._replace(facility=facility) if one.id == site.id else one for one in problem.supply.sites]
    return problem._replace(supply=problem.supply._replace(sites=sites))
