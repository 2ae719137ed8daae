"""The sites of one workload beside each other: where they are, what they cost, and what else there was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from placement.engine.constraints.redundancy import km_text
from placement.engine.problem import Problem
from placement.engine.redundant import Together, left_of
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Solution
from placement.inventory.redundancy import member_id
from placement.plan.model import Placement
from placement.units import cents


class SiteStory(NamedTuple):
    """One site of a workload at several."""

    member: str
    role: str
    country: str
    offer: str
    monthly_cost_cents: int
    """Of its placement."""
    km: tuple[str, ...]
    """How far it is from each of the sites, in their order; empty where that is unknown."""


class SeveralSites(NamedTuple):
    """All sites of a workload."""

    workload: str
    sites: tuple[SiteStory, ...]
    """None where it has no place."""
    baseline_cents: int | None
    """What the workload costs today; None where it does not say."""
    single_offer: str
    """The cheapest placement at one site, on what others leave; empty without one."""
    single_cost_cents: int
    next_offers: tuple[str, ...]
    """The cheapest other set of sites, on what the workload itself was left; empty without one."""
    next_more_cents: int
    """What they cost more, both sets priced as if the workload's bytes were alone in providers' tiers."""

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


def members_of(problem: Problem, w: int) -> list[int]:
    """The numbers of all members of the workload that *w* is a site of; of one at a single site *w* alone."""
    several = problem.several
    if several is None:
        return [w]
    return next((list(rows) for group in range(len(several.terms)) if w in (rows := several.rows(group))), [w])


def several_sites(
    prepared: Prepared, solution: Solution, w: int, placements: Sequence[Placement]
) -> SeveralSites | None:
    """The sites of the workload that *w* is a site of, by the *placements* of its members; None where it is at one."""
    problem, several, told = prepared.problem, prepared.problem.several, solution.told
    if several is None or told is None:
        return None
    together = Together(prepared, several)
    group = together.group_of.get(w)
    if group is None:
        return None
    single, supply = told.single[w], problem.supply
    found = _next_best(together, solution, group)
    baselines = [one.baseline_cents for one in placements if one.baseline_cents is not None]
    return SeveralSites(
        problem.ids[several.rows(group)[0]].removesuffix("/1"),
        tuple(_sites(problem, solution, placements, list(several.rows(group)))),
        sum(baselines) if baselines else None,
        supply.offer_id(single.offer) if single.offer != NONE else "",
        cents(single.cost_micro),
        tuple(supply.offer_id(offer) for offer in found.offers) if found else (),
        cents(found.more_micro) if found else 0,
    )


def _sites(
    problem: Problem, solution: Solution, placements: Sequence[Placement], rows: list[int]
) -> Iterator[SiteStory]:
    if solution.offer_w[rows[0]] == NONE:
        return
    sites = problem.supply.site_o[solution.offer_w[rows]].tolist()
    for site, placement in zip(sites, placements, strict=True):
        found = problem.apart.km_ss[site, sites].tolist()
        yield SiteStory(
            placement.workload,
            placement.member.role if placement.member else "",
            problem.supply.sites[site].country or "",
            placement.layers[0].offer,
            placement.monthly_cost_cents or 0,
            tuple("" if math.isnan(km) else km_text(km) for km in found),
        )


class _Next(NamedTuple):
    """Another set of sites."""

    offers: tuple[int, ...]
    more_micro: float


def _next_best(together: Together, solution: Solution, group: int) -> _Next | None:
    """The cheapest sites that are not the same set: they lack one of those chosen at least."""
    left = left_of(together.several, group, solution.barred)
    (chosen,) = together.choose([group], {group: left})
    if chosen is None:
        return None
    others = [together.without(group, left, site) for site in chosen.sites]
    known = [one for one in others if one is not None]
    best = min(known, key=lambda one: (one.total, one.offers), default=None)
    return _Next(best.offers, best.total - chosen.total) if best else None
