"""The sites of one workload beside each other: where they are, what they cost, and what else there was."""

from __future__ import annotations

from typing import NamedTuple

from placement.engine.apart import Several
from placement.engine.constraints.redundancy import km_text
from placement.engine.problem import Problem
from placement.engine.redundant import Together, left_of
from placement.engine.search import NONE
from placement.engine.site_sets import Picked
from placement.engine.solution import Prepared, Solution
from placement.inventory.redundancy import member_id, role_of
from placement.units import cents


class SiteStory(NamedTuple):
    """One site of a workload at several."""

    member: str
    role: str
    site: str
    provider: str
    country: str
    offer: str
    monthly_cost_cents: int
    km: tuple[str, ...]
    """How far it is from each of the sites, in their order; empty where that is unknown."""


class SeveralSites(NamedTuple):
    """All sites of a workload."""

    workload: str
    sites: tuple[SiteStory, ...]
    """None where it has no place."""
    single_offer: str
    """The cheapest placement at one site, on what others leave; empty without one."""
    single_cost_cents: int
    next_offers: tuple[str, ...]
    """The cheapest other set of sites, on what the workload itself was left; empty without one."""
    next_cost_cents: int

    @property
    def monthly_cost_cents(self) -> int:
        """Of all sites."""
        return sum(site.monthly_cost_cents for site in self.sites)


def number_of(problem: Problem, workload: str) -> int:
    """The number of what is placed for *workload*: of the first of its sites where it has several."""
    first = member_id(workload, 1)
    if problem.several is not None and workload not in problem.ids and first in problem.ids:
        return problem.ids.index(first)
    return problem.ids.index(workload)


def several_sites(prepared: Prepared, solution: Solution, w: int) -> SeveralSites | None:
    """The sites of the workload that *w* is a site of; None where it is at one alone."""
    problem, several, told = prepared.problem, prepared.problem.several, solution.told
    if several is None or told is None:
        return None
    together = Together(prepared, several)
    group = together.group_of.get(w)
    if group is None:
        return None
    rows = several.rows(group)
    single = told.single[w]
    other = _next_best(together, solution, group)
    supply = problem.supply
    return SeveralSites(
        problem.ids[rows[0]].removesuffix("/1"),
        tuple(_site(problem, several, solution, group, row) for row in rows if solution.offer_w[row] != NONE),
        supply.offer_id(single.offer) if single.offer != NONE else "",
        cents(single.cost_micro),
        tuple(supply.offer_id(offer) for offer in other.offers) if other else (),
        cents(other.total) if other else 0,
    )


def _site(problem: Problem, several: Several, solution: Solution, group: int, row: int) -> SiteStory:
    rows, supply, km_ss = several.rows(group), problem.supply, problem.apart.km_ss
    offer = int(solution.offer_w[row])
    number = int(supply.site_o[offer])
    others = [int(supply.site_o[solution.offer_w[other]]) for other in rows]
    found = [float(km_ss[number, other]) for other in others]
    site = supply.sites[number]
    return SiteStory(
        problem.ids[row],
        role_of(several.terms[group].mode, row - rows[0] + 1),
        site.id,
        site.provider,
        site.country or "",
        supply.offer_id(offer),
        cents(float(solution.cost_w[row])),
        tuple("" if km != km else km_text(km) for km in found),  # noqa: PLR0124 - NaN
    )


def _next_best(together: Together, solution: Solution, group: int) -> Picked | None:
    """The cheapest sites that are not the same set: they lack one of those chosen at least."""
    left = left_of(together.several, group, solution.barred)
    (chosen,) = together.choose([group], {group: left})
    if chosen is None:
        return None
    others = [together.without(group, left, site) for site in chosen.sites]
    known = [one for one in others if one is not None]
    return min(known, key=lambda one: (one.total, one.offers), default=None)
