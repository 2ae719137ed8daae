"""The second half of the work, part by part: the workloads are searched again, for what else there is, and placed.

Of the first search only what was chosen is kept, unless one part holds all workloads, so that memory does not grow with
their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.billing import Billing
from placement.engine.chunk import rows_of as some_of
from placement.engine.close_calls import close_calls
from placement.engine.conflict import conflicts
from placement.engine.crossover import crossovers
from placement.engine.judging import Judged, judge
from placement.engine.ledger import ChunkCosts
from placement.engine.no_edge import no_edges
from placement.engine.parts import PART, Rows, by_id, rows_of, with_rows
from placement.engine.placing import Facts, Placing
from placement.engine.pools import Standing, standing_at
from placement.engine.problem import Problem
from placement.engine.reasons import offer_weights, rejections
from placement.engine.rejecting import rejecting
from placement.engine.relaxing import Change, more_of, relaxations
from placement.engine.resources import Resource
from placement.engine.search import NONE
from placement.engine.solution import (
    Barred,
    Extra,
    Prepared,
    Searched,
    Single,
    Solution,
    Unmet,
    Worked,
    chunks,
    searched,
)
from placement.engine.stack.mix import Mix
from placement.engine.stack.written import Written, written
from placement.engine.taken import Draw, draws_of, left_for, of_part, open_best, short_of
from placement.engine.terms.egress import EGRESS
from placement.inventory.digests import Fingerprints
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.members import Members
from placement.inventory.workload import Workload
from placement.plan.model import Placement

T = TypeVar("T")


class Settled(NamedTuple):
    """Some workloads and what was chosen for them, numbered from 0."""

    numbers: Ints
    """Their numbers in the inventory."""
    rows: Rows
    offer_w: Ints
    cost_w: Floats
    displaced_w: Ints
    draws: list[Draw]
    """What they and the others draw on what is shared."""
    barred: Barred
    searched: Searched | None
    """What is known of them from the first half, if it is."""
    single: dict[int, Single]
    unmet: dict[int, Unmet]
    """Of members of workloads at several sites."""
    shift_w: Floats
    """By how much they are billed more than they add to what providers' tiers count."""
    standing: tuple[Standing, ...]
    """Where their flows stand in the plan; empty where tiers count each flow alone."""
    extras: dict[int, tuple[Extra, ...]]
    """What those who read copies of datasets bear of these."""
    mixes: dict[int, Mix]
    """Of those that are not on one offer alone."""


def settled(problem: Problem, solution: Solution, size: int = PART, parts: int = 1) -> Iterator[Settled]:
    """The workloads of the problem (that of `Solution.as_chosen`) by id, in parts of *size* at most."""
    problem = problem if solution.joint is None else solution.joint.priced
    order, draws = by_id(problem), draws_of(problem, solution.claims)
    known = solution.searched if len(order) <= size else None
    for run in chunks(len(order), size, parts):
        yield _part(problem, solution, draws, order[run], known)


def _part(problem: Problem, solution: Solution, draws: list[Draw], w: Ints, known: Searched | None) -> Settled:
    told = solution.told
    return Settled(
        w,
        rows_of(problem, w, _some(problem.workloads, w)),
        solution.offer_w[w],
        solution.cost_w[w],
        solution.displaced_w[w],
        of_part(draws, w),
        {row: solution.barred[number] for row, number in enumerate(w.tolist()) if number in solution.barred},
        known,
        _about(told.single if told else {}, w),
        _about(told.unmet if told else {}, w),
        solution.shift_w(w),
        () if solution.joint is None else tuple(standing.of(w) for standing in solution.joint.standing),
        _about(solution.copied.extras if solution.copied is not None else {}, w),
        _about(solution.mixes, w),
    )


def _about(known: dict[int, T], w: Ints) -> dict[int, T]:
    """What is known of the workloads *w*, numbered from 0."""
    return {row: known[number] for row, number in enumerate(w.tolist()) if number in known} if known else {}


def _some(workloads: Sequence[Workload], w: Ints) -> Sequence[Workload]:
    """Of a fleet their rows, which whoever places them reads."""
    numbers = w.tolist()
    if isinstance(workloads, (Fleet, Members)):
        return workloads.rows(numbers)
    return [workloads[number] for number in numbers]


class Placed(NamedTuple):
    """Some workloads with their placements."""

    problem: Problem
    """Of these workloads alone."""
    numbers: Ints
    """In the inventory."""
    offer_w: Ints
    placements: list[Placement]
    billing: Billing
    mixed: dict[int, Written]
    """What is billed of those that are not on one offer alone."""


def place(prepared: Prepared, part: Settled) -> Placed:
    """The placements of one part, in its order."""
    rows = part.rows._replace(workloads=list(part.rows.workloads))
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    problem, every = mine.problem, np.arange(len(part.numbers))
    worked, best = part.searched or searched(mine)
    weights = offer_weights(problem, mine.rules)
    told_w = np.where(part.offer_w == NONE, part.displaced_w, part.offer_w)
    mixed = written(mine._replace(problem=_standing(problem, part.standing)), part.mixes, part.extras)
    told_w[list(mixed)] = NONE
    billing = Billing(problem, worked.chunk, mine.fixed, _billed(problem, worked, part.standing), told_w, part.extras)
    rejected = rejections(problem, mine.rules, weights, worked.chunk)
    nowhere = _nowhere(mine, worked, part)
    facts = Facts(
        prepared=mine,
        worked=worked,
        offer_w=part.offer_w,
        cost_w=part.cost_w + part.shift_w,
        shift_w=part.shift_w,
        displaced_w=part.displaced_w,
        best=best,
        open=open_best(mine, best, worked.chunk.sizing.nodes_wh, part.draws, part.barred),
        billing=billing,
        rejecting=rejecting(problem, rejected, weights, len(every)),
        close=close_calls(mine, worked.chunk.sizing, _alone(part), part.draws),
        changes=_changes(mine, worked, part, billing, nowhere),
        conflicts=dict(zip(nowhere.rows, conflicts(nowhere.judged), strict=True)) if nowhere else {},
        short=_short(problem, worked, part),
        single=part.single,
        unmet=part.unmet,
        fingerprints=Fingerprints(problem.inventory),
        crossovers=crossovers(problem, best),
        no_edges=no_edges(mine, worked, best),
        mixed=mixed,
    )
    placing = Placing(facts)
    return Placed(
        problem, part.numbers, part.offer_w, [placing.placement(row) for row in every.tolist()], billing, mixed
    )


def _billed(problem: Problem, worked: Worked, standing: tuple[Standing, ...]) -> ChunkCosts:
    """The costs of a chunk with its flows where they stand in the plan."""
    if not standing:
        return worked.costs
    anew = EGRESS.variable(standing_at(problem, standing), worked.chunk)
    return worked.costs._replace(site=[rate for rate in worked.costs.site if rate.term != EGRESS.name] + anew)


def _alone(part: Settled) -> Ints:
    """The offers of those that are on one alone."""
    offer_w = part.offer_w.copy()
    offer_w[list(part.mixes)] = NONE
    return offer_w


def _standing(problem: Problem, standing: tuple[Standing, ...]) -> Problem:
    return standing_at(problem, standing) if standing else problem


def place_some(prepared: Prepared, solution: Solution, w: Ints) -> Placed:
    """The placements of the workloads *w* of a solution, without writing down those of the others.

    *prepared* is that of `Solution.as_chosen`.
    """
    problem = prepared.problem if solution.joint is None else solution.joint.priced
    draws = draws_of(problem, solution.claims)
    return place(prepared, _part(problem, solution, draws, w, None))


class _Nowhere(NamedTuple):
    """The workloads that no offer is feasible for, and what rules say of them."""

    rows: list[int]
    judged: Judged


def _nowhere(prepared: Prepared, worked: Worked, part: Settled) -> _Nowhere | None:
    """None where there is none; those that have offers, but no sites together, are not among them."""
    nowhere_w = (part.offer_w == NONE) & (part.displaced_w == NONE)
    nowhere_w[list(part.unmet)] = False
    rows = np.flatnonzero(nowhere_w)
    if not len(rows):
        return None
    return _Nowhere(rows.tolist(), judge(prepared, prepared.problem, some_of(worked.chunk, rows)))


def _changes(
    prepared: Prepared, worked: Worked, part: Settled, billing: Billing, nowhere: _Nowhere | None
) -> dict[int, list[Change]]:
    """What would place those workloads that have no place: rules that give, or more of what others have taken."""
    unplaced_w = part.offer_w == NONE
    unplaced_w[list(part.unmet)] = False  # these have sites or none, together
    unplaced = np.flatnonzero(unplaced_w).tolist()
    if not unplaced:
        return {}
    # They draw nothing, so what the others leave is the same for each of them.
    left = left_for(prepared.problem, part.draws, unplaced[0])
    found = {}
    for row in np.flatnonzero(unplaced_w & (part.displaced_w != NONE)).tolist():
        offer = int(part.displaced_w[row])
        most = int(worked.chunk.sizing.most_wh[row, prepared.problem.supply.shape_o[offer]])
        found[row] = [more_of(left, row, offer, most, billing.cost_micro(row))]
    if nowhere is not None:
        changes = relaxations(prepared, worked, nowhere.judged.within(left), left, nowhere.rows)
        found.update(zip(nowhere.rows, changes, strict=True))
    return found


def _short(problem: Problem, worked: Worked, part: Settled) -> dict[int, tuple[Resource, ...]]:
    """What the others leave too little of, for every workload that has not got its first choice."""
    rows = np.flatnonzero(part.displaced_w != NONE)
    offers = part.displaced_w[rows]
    nodes = worked.chunk.sizing.nodes_wh[rows, problem.supply.shape_o[offers]]
    return short_of(problem, {draw.resource: draw for draw in part.draws}, rows, offers, nodes)
