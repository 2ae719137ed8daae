"""The offer of every workload: searched part by part as if it were alone, then what workloads share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement.engine.alike import distinct
from placement.engine.apart import Several
from placement.engine.arrays import Ints
from placement.engine.beyond import told_of
from placement.engine.chunk import CHUNK
from placement.engine.ledger import check_countable
from placement.engine.parts import PART, Rows, by_id, rows_of, with_rows
from placement.engine.problem import Problem
from placement.engine.redundant import Together, costs_at, member_rows, with_members
from placement.engine.running import Runner, in_process, shares
from placement.engine.search import NONE
from placement.engine.shared import share_capacity
from placement.engine.solution import (
    Choice,
    Prepared,
    Searched,
    Solution,
    cheapest,
    cheapest_of,
    chunks,
    searched,
    work,
)

Progress = Callable[[int, int], None]
"""Called with the steps done and in all; a workload is two steps, one to search and one to write down."""


def solve(
    prepared: Prepared, size: int = CHUNK, progress: Progress | None = None, runner: Runner = in_process
) -> Solution:
    """The best offer of every workload at the problem's prices, with shared capacity respected."""
    several = prepared.problem.several
    choice, found = alone(prepared, prepared.problem, size, progress, runner)
    return shared(prepared, choice, found) if several is None else _with_members(prepared, several, choice)


def alone(
    prepared: Prepared,
    priced: Problem,
    size: int = CHUNK,
    progress: Progress | None = None,
    runner: Runner = in_process,
) -> tuple[Choice, Searched | None]:
    """What the workloads would choose if they shared no capacity, and all it was chosen from where they are few.

    *priced* is the problem of *prepared* with other pools and prices of tiers.
    """
    count = len(priced.ids)
    if runner is in_process and count <= min(size, PART):
        return _at_once(prepared._replace(problem=priced))
    return chosen(prepared, priced, np.arange(count), size, progress, runner), None


def shared(
    prepared: Prepared, choice: Choice, found: Searched | None = None, pinned: frozenset[int] = frozenset()
) -> Solution:
    """What becomes of it where they do; those that are *pinned* have what they have."""
    none_w = np.full(len(choice.offer_w), NONE, dtype=np.int64)
    solution = share_capacity(prepared, Solution(*choice, none_w, {}, {}, {}, found), pinned=pinned)
    check_countable(solution.cost_w)
    return solution


def _with_members(prepared: Prepared, several: Several, choice: Choice) -> Solution:
    """The same where workloads are at several sites, which are chosen together."""
    together = Together(prepared, several)
    choice = with_members(prepared, together, choice)
    none_w = np.full(len(choice.offer_w), NONE, dtype=np.int64)
    solution = share_capacity(prepared, Solution(*choice, none_w, {}, {}, {}), together)
    told = told_of(prepared, together, solution)
    rows = member_rows(several, range(len(several.terms)))
    solution.cost_w[rows] = costs_at(told.prepared, rows, solution.offer_w[rows])
    check_countable(solution.cost_w)
    return solution._replace(told=told)


def _at_once(prepared: Prepared) -> tuple[Choice, Searched]:
    """What the workloads would choose if each were alone, and everything it was chosen from."""
    problem, order = prepared.problem, by_id(prepared.problem)
    mine = prepared._replace(problem=with_rows(problem, rows_of(problem, order)))
    found = searched(mine)
    place_w = np.argsort(order)
    return Choice._make(column[place_w] for column in cheapest_of(mine, found)), found


def chosen(
    prepared: Prepared,
    priced: Problem,
    w: Ints,
    size: int = CHUNK,
    progress: Progress | None = None,
    runner: Runner = in_process,
) -> Choice:
    """What the workloads *w* would choose if each were alone; those that are alike are searched once."""
    first, index_w = distinct(priced.twins.class_x[w])
    runs = [w[first[run]] for run in chunks(len(first), size, shares(runner))]
    found: list[Choice] = []
    for choice in runner(choose, prepared, (rows_of(priced, run) for run in runs)):
        found.append(choice)
        if progress:
            progress(sum(map(len, runs[: len(found)])) * len(w) // len(first), 2 * len(w))
    return Choice(*(np.concatenate(column)[index_w] for column in zip(*found, strict=True)))


def choose(prepared: Prepared, rows: Rows) -> Choice:
    """The cheapest offer of each of the workloads of *rows*, whoever else wants it."""
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    return cheapest(mine, work(mine, np.arange(len(rows.ids))))
