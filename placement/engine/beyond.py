"""What is said of workloads at several sites: what a single one would cost, and why there are none for some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement.engine.alike import alike
from placement.engine.apart import Several
from placement.engine.arrays import Ints
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.redundancy import APART, OTHER_SITE, PROVIDERS, km_text
from placement.engine.copying import copies_kept
from placement.engine.coupling import settled_apart
from placement.engine.problem import Problem, build_problem, classed
from placement.engine.redundant import Together, left_of, wanted_of
from placement.engine.resources import limit_of, offers_of
from placement.engine.search import NONE
from placement.engine.site_sets import Ground, Wanted, are_there, cheapest_sites, farthest_km, goes_with, most_providers
from placement.engine.solution import (
    Choice,
    Claims,
    Prepared,
    Single,
    Solution,
    Told,
    Unmet,
    Way,
    cheapest,
    chunks,
    prepare,
    work,
)
from placement.engine.taken import Draw, taken_for
from placement.inventory.members import Members

_TOGETHER = 1024
"""Workloads searched at once. It cannot change a result."""


def told_of(prepared: Prepared, together: Together, solution: Solution) -> Told:
    """Everything that is to be said of members, and the problem in which they know of each other."""
    problem, several = prepared.problem, together.several
    single = singles(prepared, together, solution)
    coupled = prepare(classed(settled_apart(problem, several, solution.offer_w)))
    unmet: dict[int, Unmet] = {}
    for group in np.flatnonzero(solution.offer_w[several.first_g] == NONE).tolist():
        unmet.update(_unmet(together, solution, group, single[group]))
    return Told(coupled, {row: one for group, one in enumerate(single) for row in several.rows(group)}, unmet)


def singles(prepared: Prepared, together: Together, solution: Solution) -> list[Single]:
    """The cheapest placement at one site of every workload at several, on what the others leave."""
    problem, several = prepared.problem, together.several
    alone = prepare(_at_one_site(problem, several))
    draws = _drawn_by_workload(problem, solution.claims, together)
    found: list[Single] = []
    for run in chunks(len(several.terms), _TOGETHER):
        choice = _cheapest(alone, run, draws)
        columns = (choice.offer_w, np.where(choice.offer_w == NONE, 0, choice.cost_w), choice.nodes_w)
        found += [
            Single(*values) for values in zip(*(column.astype(np.int64).tolist() for column in columns), strict=True)
        ]
    return found


def _cheapest(alone: Prepared, run: Ints, draws: list[Draw]) -> Choice:
    """Those who are alike and find the same taken are searched once."""
    every = work(alone, run)
    banned = taken_for(alone.problem, draws, run, every.chunk.sizing.nodes_wh)
    columns: list[NDArray[Any]] = [alone.problem.twins.class_x[run]]
    if banned is not None:
        columns += banned.columns()
    same = alike(len(run), columns)
    choice = cheapest(alone, work(alone, run[same.first_k]), banned.of(same.first_k) if banned is not None else None)
    return Choice._make(column[same.class_x] for column in choice)


def _at_one_site(problem: Problem, several: Several) -> Problem:
    """The workloads at several sites, each as if one was enough."""
    placed = problem.workloads
    assert isinstance(placed, Members)
    whole = [
        placed.whole[placed.number_of(row)].model_copy(update={"redundancy": None}) for row in several.first_g.tolist()
    ]
    copies = copies_kept(problem.copying, problem.supply.sites)
    return build_problem(problem.catalog, problem.inventory.model_copy(update={"workloads": whole}), copies)


def _drawn_by_workload(problem: Problem, claims: Claims, together: Together) -> list[Draw]:
    """What is drawn on each resource, where workloads at several sites are numbered by themselves."""
    found = []
    for resource, by_row in sorted(claims.items()):
        mine: dict[int, float] = {}
        for row, amount in by_row.items():
            group = together.group_of.get(row)
            if group is not None:
                mine[group] = mine.get(group, 0.0) + amount
        groups = sorted(mine)
        left = limit_of(problem, resource) - sum(by_row.values())
        amounts = np.array([mine[group] for group in groups])
        found.append(Draw(resource, offers_of(problem, resource), left, np.array(groups, dtype=np.int64), amounts))
    return found


def _unmet(together: Together, solution: Solution, group: int, single: Single) -> dict[int, Unmet]:
    """Why a workload has no sites, for each member; members that no offer is open to say so themselves."""
    left = left_of(together.several, group, solution.barred)
    ground, wanted = together.ground(group, left), wanted_of(together.several, group)
    rows = together.several.rows(group)
    open_first, open_other = bool(np.isfinite(ground.first.cost_s).any()), bool(np.isfinite(ground.other.cost_s).any())
    if open_first and open_other:
        km = farthest_km(ground, wanted)
        told = Unmet(_reason(ground, wanted, km, bool(left)), _changes(ground, wanted, km, single))
        return {rows[0]: told, **dict.fromkeys(rows[1:], told._replace(ways=()))}
    lacking = "the first site" if not open_first else "the further sites"
    told = Unmet(f"there is no place for {lacking}", _one_site(single))
    others = rows[:1] if not open_other else rows[1:]
    return dict.fromkeys(others, told) if open_first or open_other else {}


def _reason(ground: Ground, wanted: Wanted, farthest: float | None, displaced: bool) -> str:
    """What the open sites lack, and by how much."""
    sites = int((np.isfinite(ground.first.cost_s) | np.isfinite(ground.other.cost_s)).sum())
    which = "sites left by others" if displaced else "feasible sites"
    anywhere = wanted._replace(providers=1, apart_km=0.0)
    if not are_there(ground, anywhere) and are_there(ground._replace(loads=None), anywhere):
        return f"the lines of its locations do not carry what {wanted.sites} sites need together"
    if sites < wanted.sites or not are_there(ground, anywhere):
        return f"{wanted.sites} sites are needed, {which}: {sites}"
    if farthest is None:
        providers = most_providers(ground, wanted._replace(apart_km=0.0))
        return f"{wanted.sites} sites of {wanted.providers} providers are needed, {which} are of {providers} at most"
    whose = f" of {wanted.providers} providers" if wanted.providers > 1 else ""
    asked, most = km_text(wanted.apart_km), km_text(farthest)
    return f"no {wanted.sites} {which}{whose} are {asked} km apart: {most} km at most"


def _changes(ground: Ground, wanted: Wanted, farthest: float | None, single: Single) -> tuple[Way, ...]:
    """What would give it sites, cheapest first: a shorter distance, fewer providers, or one site."""
    found = list(_one_site(single))
    if farthest is not None:
        found += _way(ground, wanted._replace(apart_km=farthest), [(APART, km_text(farthest))])
    providers = most_providers(ground, wanted)
    if providers is not None:
        found += _way(ground, wanted._replace(providers=providers), [(PROVIDERS, f"{providers}")])
    return tuple(sorted(found, key=lambda way: (way.cost_micro, way.offer)))


def _way(ground: Ground, wanted: Wanted, rules: Sequence[tuple[Constraint, str]]) -> list[Way]:
    picked = cheapest_sites(ground, wanted, goes_with(ground, wanted))
    if picked is None:
        return []
    sentence = " and ".join(rule.relaxation.format(needed=needed) for rule, needed in rules)
    return [Way(tuple(rule.name for rule, _ in rules), sentence, picked.offers[0], int(picked.total))]


def _one_site(single: Single) -> tuple[Way, ...]:
    if single.offer == NONE:
        return ()
    return (Way((OTHER_SITE.name,), OTHER_SITE.relaxation, single.offer, single.cost_micro),)
