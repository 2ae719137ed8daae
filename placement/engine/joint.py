"""All workloads together: what the tiers of providers count is the sum of what all send.

First every workload chooses as if its flows were alone. Then, round by round, those for whom another offer has become
cheaper at what their flows add to the pools move there, as many at once as still lower the whole plan's cost, until
nobody gains by moving. What could be gained by other plans is at most the gap to a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.bound import at_lines, lower_bound_micro
from placement.engine.chunk import CHUNK
from placement.engine.elsewhere import choose_without, without
from placement.engine.parts import PART, by_id, rows_of
from placement.engine.pinned import NOBODY, Pinned, settled_members, with_told
from placement.engine.pools import (
    at_the_end,
    entries_of,
    in_order,
    is_pooled,
    pooled_micro,
    standing_at,
    standings,
    volumes,
    with_estimate,
    with_pools,
)
from placement.engine.problem import Problem
from placement.engine.reach import Reach
from placement.engine.running import Runner, in_process, shares
from placement.engine.search import NONE
from placement.engine.shared import draws
from placement.engine.solution import Barred, Choice, Joint, Prepared, Solution, cheapest, chunks, work
from placement.engine.solve import Progress, alone, chosen, shared, solve
from placement.engine.stack.adopt import may_mix, with_mixes
from placement.engine.unsettled import FEW, Chosen, unsettled

ROUNDS = 20
"""Rounds after which a plan is left as it is; it says so."""

TRIFLE = 10**6
"""One in so many of a fleet's cost is not worth another round."""

SAMPLE = 2048
"""Workloads from which the pools of a fleet are estimated."""


class _Ground(NamedTuple):
    """What stays the same while a plan is improved."""

    prepared: Prepared
    members: Pinned
    reach: Reach
    size: int
    runner: Runner


class _State(NamedTuple):
    """A plan to be improved."""

    priced: Prepared
    """Priced by the plan's own pools: flows cost what they add to what the others send."""
    choice: Choice
    """What the workloads would choose at these prices if they shared no capacity."""
    solution: Solution
    total_micro: int
    """Of the whole plan, its flows one after the other."""
    late_w: Bools
    """Workloads that would choose something better, as was found when they were asked last, but have not moved."""


def solve_jointly(
    prepared: Prepared, size: int = CHUNK, progress: Progress | None = None, runner: Runner = in_process
) -> Solution:
    """The best offer of every workload, with shared capacity respected and tiers counted over all of them.

    Workloads at several sites choose these first, each as if its flows were alone, and keep them.
    """
    problem = prepared.problem
    if problem.several is None:
        return _solved(prepared, NOBODY, size, progress, runner)
    first = solve(prepared, size, progress, runner)
    coupled = first.as_chosen(prepared)
    if not is_pooled(coupled.problem):
        return with_mixes(coupled, first, size, runner)
    members = settled_members(coupled.problem, problem.several, first)
    return with_told(prepared, first, _solved(coupled, members, size, None, runner), members)


def _solved(prepared: Prepared, members: Pinned, size: int, progress: Progress | None, runner: Runner) -> Solution:
    """The same with members where they are."""
    problem = prepared.problem
    if not is_pooled(problem):
        return with_mixes(prepared, solve(prepared, size, progress, runner), size, runner)
    few = len(problem.ids) <= PART
    start = prepared if few else _estimated(prepared)
    first, found = alone(prepared, start.problem, size, progress, runner)
    choice = members.into(start.problem, first)
    solution = shared(start, choice, found, members.rows)
    if not len(entries_of(problem, solution.offer_w).tariff_e):
        return with_mixes(start, solution, size, runner)
    ground = _Ground(prepared, members, Reach(prepared), size, runner)
    plan = _settled(ground, start.problem, _state(prepared, start.problem, choice, solution))
    lines = at_lines(problem)
    flat = prepared._replace(problem=lines.problem)
    choice = members.into(flat.problem, _again(ground, start.problem, flat.problem, first, plan.state.solution.barred))
    if few:
        # What would be best if all pools were as cheap as they can be is another plan to begin with.
        other = _state(prepared, flat.problem, choice, shared(flat, choice, pinned=members.rows))
        if not (plan.settled and _same(other, plan.state)):  # else it would become the same plan
            plan = min(plan, _settled(ground, flat.problem, other), key=lambda one: _rank(one.state))
    bound = lower_bound_micro(lines, _kept_apart(ground, flat, choice, plan), plan.offer_w)
    gap_micro = max(0, plan.state.total_micro - max(0, bound))
    mixed = _mixed(ground, plan.state)
    return _finished(prepared, plan._replace(state=mixed), None if may_mix(problem, mixed.solution) else gap_micro)


def _mixed(ground: _Ground, state: _State) -> _State:
    """The plan with mixes of offers where these cost less, at what their flows add to the pools."""
    solution = with_mixes(state.priced, state.solution, ground.size, ground.runner)
    if solution is state.solution:
        return state
    return _state(ground.prepared, state.priced.problem, state.choice, solution)


def _again(ground: _Ground, before: Problem, after: Problem, choice: Choice, barred: Barred) -> Choice:
    """What the workloads would choose alone at the prices of *after*; at those of *before* it is *choice*.

    Of a fleet, those that are *barred* from something may be left out, since what they would choose is asked without it
    (`_kept_apart`).
    """
    prepared, count = ground.prepared, len(choice.offer_w)
    if count <= PART:
        return alone(prepared, after, ground.size, runner=ground.runner)[0]
    change = pooled_micro(after, choice.offer_w) - pooled_micro(before, choice.offer_w)
    choice = choice._replace(cost_w=choice.cost_w + change)
    rows = unsettled(before, after, Chosen(choice.offer_w, ground.reach, np.zeros(count, dtype=np.bool_)))
    rows = rows[~np.isin(rows, list(barred))]
    if not len(rows):
        return choice
    return _moved(choice, rows, chosen(prepared, after, rows, ground.size, runner=ground.runner))


def _kept_apart(ground: _Ground, flat: Prepared, choice: Choice, plan: _Plan) -> Choice:
    """What workloads would choose of what the plan leaves to them of shared capacity."""
    barred = plan.state.solution.barred
    w = np.array(sorted(barred), dtype=np.int64)
    if len(w) <= PART:
        return _moved(choice, w, without(flat, w, barred)) if len(w) else choice
    runs = (w[run] for run in chunks(len(w), PART, shares(ground.runner)))
    parts = ((rows_of(flat.problem, run), {row: barred[w] for row, w in enumerate(run.tolist())}) for run in runs)
    found = list(ground.runner(choose_without, ground.prepared, parts))
    return _moved(choice, w, Choice(*(np.concatenate(column) for column in zip(*found, strict=True))))


class _Plan(NamedTuple):
    """A plan after so many rounds."""

    state: _State
    rounds: int
    settled: bool

    @property
    def offer_w(self) -> Ints:
        """Its offers."""
        return self.state.solution.offer_w


def _settled(ground: _Ground, before: Problem, state: _State) -> _Plan:
    """The plan that is improved until nobody gains by moving; it was found at the prices of *before*."""
    for rounds in range(1, ROUNDS + 1):
        better = _improved(ground, before, state)
        if better is None:
            return _Plan(state, rounds, settled=True)
        before, state = state.priced.problem, better
    return _Plan(state, ROUNDS, settled=False)


def _estimated(prepared: Prepared) -> Prepared:
    """Priced by pools of the size to be expected by what every n-th workload sends, by id."""
    problem = prepared.problem
    order = by_id(problem)
    sample = order[:: -(-len(order) // SAMPLE)]
    offer_w = np.full(len(order), NONE, dtype=np.int64)
    offer_w[sample] = cheapest(prepared, work(prepared, sample)).offer_w
    milli_t = np.floor(volumes(problem, entries_of(problem, offer_w)) * len(order) / len(sample))
    return prepared._replace(problem=with_estimate(problem, milli_t))


def _state(
    prepared: Prepared, before: Problem, choice: Choice, solution: Solution, late_w: Bools | None = None
) -> _State:
    """The plan priced by its own pools; it was found at the prices of *before*."""
    problem = prepared.problem
    after = with_pools(problem, at_the_end(problem, solution.pooled_w))

    def anew(offer_w: Ints) -> Floats:
        return pooled_micro(after, offer_w) - pooled_micro(before, offer_w)

    choice = choice._replace(cost_w=choice.cost_w + anew(choice.offer_w))
    solution = solution._replace(cost_w=solution.cost_w + anew(solution.pooled_w), searched=None)
    total = _total_micro(solution) + sum(_shift_w(problem, after, solution.pooled_w).astype(np.int64).tolist())
    late_w = np.zeros(len(choice.offer_w), dtype=np.bool_) if late_w is None else late_w
    return _State(prepared._replace(problem=after), choice, solution, total, late_w)


def _same(one: _State, other: _State) -> bool:
    """Whether both would be improved alike: of few workloads all are asked again, whatever they were asked before."""
    return len(one.choice.offer_w) <= FEW and all(
        np.array_equal(mine.offer_w, theirs.offer_w)
        for mine, theirs in ((one.choice, other.choice), (one.solution, other.solution))
    )


def _total_micro(solution: Solution) -> int:
    return sum(int(cost) for cost in solution.cost_w[solution.offer_w != NONE].tolist())


def _shift_w(problem: Problem, priced: Problem, offer_w: Ints) -> Floats:
    """By how much the flows of every workload cost more one after the other than each as the last [micro-USD]."""
    written = standing_at(priced, standings(problem, in_order(problem, offer_w)))
    return pooled_micro(written, offer_w) - pooled_micro(priced, offer_w)


def _improved(ground: _Ground, before: Problem, state: _State) -> _State | None:
    """A cheaper plan, in which some have moved to what has become their best offer; None if there is none."""
    prepared, members = ground.prepared, ground.members
    priced, choice, solution = state.priced, state.choice, state.solution
    rows = members.others(unsettled(before, priced.problem, Chosen(choice.offer_w, ground.reach, state.late_w)))
    if not len(rows):
        return None
    again = chosen(prepared, priced.problem, rows, ground.size, runner=ground.runner)
    with np.errstate(invalid="ignore"):  # nowhere to go before, nowhere now
        saving = np.where(again.offer_w == NONE, 0.0, choice.cost_w[rows] - again.cost_w)
    ids = priced.problem.ids
    if len(ids) > PART and saving[saving > 0].sum() * TRIFLE < state.total_micro:
        return None
    order = sorted(np.flatnonzero(saving > 0).tolist(), key=lambda row: (-saving[row], ids[int(rows[row])]))
    shares = [draws(priced.problem, rows, offer_w) for offer_w in (choice.offer_w[rows], again.offer_w)]
    apart = ~shares[0] & ~shares[1] & (solution.offer_w[rows] == choice.offer_w[rows])
    late_w = state.late_w.copy()
    late_w[rows] = saving > 0

    def moved(movers: list[int], are_apart: bool) -> _State:
        w, to = rows[movers], Choice._make(column[movers] for column in again)
        then = _moved(choice, w, to)
        result = _moved(solution, w, to) if are_apart else shared(priced, then, pinned=members.rows)
        left_w = late_w.copy()
        left_w[w] = False
        return _state(prepared, priced.problem, then, result, left_w)

    # Those that are apart neither leave nor take what others could have.
    tries = [(movers, True) for movers in _halves([row for row in order if apart[row]])]
    tries += [(movers, False) for movers in _halves(order)]
    for movers, are_apart in tries:
        candidate = moved(movers, are_apart)
        if _rank(candidate) < _rank(state):
            return candidate
    return None


T = TypeVar("T", Choice, Solution)


def _moved(choice: T, w: Ints, to: Choice) -> T:
    """The same with other offers for the workloads *w*."""
    columns = {name: getattr(choice, name).copy() for name in Choice._fields}
    for name, values in to._asdict().items():
        columns[name][w] = values
    return choice._replace(**columns)


def _halves(order: list[int]) -> Iterator[list[int]]:
    """All of them, the first half, and so on to the first alone."""
    while order:
        yield order
        order = order[: len(order) // 2]


def _rank(state: _State) -> tuple[int, int]:
    return int((state.solution.offer_w == NONE).sum()), state.total_micro


def _finished(prepared: Prepared, plan: _Plan, gap_micro: int | None) -> Solution:
    """The solution with what is to be said of the whole."""
    problem, state = prepared.problem, plan.state
    pooled_w = state.solution.pooled_w
    joint = Joint(
        priced=state.priced.problem,
        standing=standings(problem, in_order(problem, pooled_w)),
        shift_w=_shift_w(problem, state.priced.problem, pooled_w),
        total_micro=state.total_micro,
        gap_micro=gap_micro,
        rounds=plan.rounds,
        settled=plan.settled,
    )
    return state.solution._replace(joint=joint)
