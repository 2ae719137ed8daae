"""The second half of the work, part by part: the workloads are searched again, for what else there is, and placed.

Only what was chosen is kept of the first search, so that memory does not grow with the number of workloads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints
from placement.engine.billing import Billing
from placement.engine.close_calls import close_calls
from placement.engine.parts import Rows, rows_of, with_rows
from placement.engine.placing import Facts, Placing
from placement.engine.problem import Problem
from placement.engine.reasons import offer_weights, rejections
from placement.engine.rejecting import rejecting
from placement.engine.relaxing import Change, relaxations
from placement.engine.search import NONE, Best
from placement.engine.solution import Barred, Prepared, Solution, Worked, best_of, chunks, work
from placement.engine.taken import Draw, draws_of, left_for, open_best
from placement.inventory.digests import Fingerprints
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.workload import Workload
from placement.plan.model import Placement

PART = 2048
"""Workloads placed together: few enough to share them out evenly, and for their texts to be held by many workers."""


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


def settled(problem: Problem, solution: Solution, order: Ints, size: int = PART) -> Iterator[Settled]:
    """The workloads of the problem in the given order, part by part."""
    draws = draws_of(problem, solution.claims)
    for run in chunks(len(order), size):
        w = order[run]
        yield Settled(
            w,
            rows_of(problem, w, _some(problem.workloads, w)),
            solution.offer_w[w],
            solution.cost_w[w],
            solution.displaced_w[w],
            [draw.of(w) for draw in draws],
            {row: solution.barred[number] for row, number in enumerate(w.tolist()) if number in solution.barred},
        )


def by_id(problem: Problem) -> Ints:
    """The workloads in order of their ids, so that the order of the inventory's rows cannot matter."""
    ids = problem.ids
    return np.array(sorted(range(len(ids)), key=lambda number: (ids[number], number)), dtype=np.int64)


def _some(workloads: Sequence[Workload], w: Ints) -> Sequence[Workload]:
    """Of a fleet their rows, which whoever places them reads."""
    numbers = w.tolist()
    return workloads.rows(numbers) if isinstance(workloads, Fleet) else [workloads[number] for number in numbers]


class Placed(NamedTuple):
    """Some workloads with their placements."""

    problem: Problem
    """Of these workloads alone."""
    numbers: Ints
    """In the inventory."""
    offer_w: Ints
    placements: list[Placement]


def place(prepared: Prepared, part: Settled) -> Placed:
    """The placements of one part, in its order."""
    rows = part.rows._replace(workloads=list(part.rows.workloads))
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    problem, every = mine.problem, np.arange(len(part.numbers))
    worked = work(mine, every)
    best = _best(mine, worked)
    weights = offer_weights(problem, mine.rules)
    told_w = np.where(part.offer_w == NONE, part.displaced_w, part.offer_w)
    rejected = rejections(problem, mine.rules, weights, worked.chunk)
    facts = Facts(
        prepared=mine,
        worked=worked,
        offer_w=part.offer_w,
        cost_w=part.cost_w,
        displaced_w=part.displaced_w,
        best=best,
        open=open_best(mine, best, worked.chunk.sizing.nodes_wh, part.draws, part.barred),
        billing=Billing(problem, worked.chunk, mine.fixed, worked.costs, told_w),
        rejecting=rejecting(problem.supply, rejected, weights, len(every)),
        close=close_calls(mine, part.offer_w, part.draws),
        changes=_changes(mine, worked, part),
        fingerprints=Fingerprints(problem.inventory),
    )
    placing = Placing(facts)
    return Placed(problem, part.numbers, part.offer_w, [placing.placement(row) for row in every.tolist()])


def _changes(prepared: Prepared, worked: Worked, part: Settled) -> dict[int, list[Change]]:
    """What would place those workloads for which no offer is feasible, whoever else wants it."""
    rows = np.flatnonzero((part.offer_w == NONE) & (part.displaced_w == NONE)).tolist()
    if not rows:
        return {}
    # They draw nothing, so what the others leave is the same for each of them.
    left = left_for(prepared.problem, part.draws, rows[0])
    return dict(zip(rows, relaxations(prepared, worked, left, rows), strict=True))


def _best(prepared: Prepared, worked: Worked) -> Best:
    """The cheapest offers of every tier; workloads that are alike are searched once."""
    first, index_w = distinct(prepared.problem.twins.class_x)
    if len(first) == len(index_w):
        return best_of(prepared, worked)
    once = best_of(prepared, work(prepared, first))
    return Best(once.cost_wtk[index_w], once.offer_wtk[index_w])
