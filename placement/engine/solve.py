"""The offer of every workload: searched part by part as if it were alone, then what workloads share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement.engine.apart import Several
from placement.engine.beyond import told_of
from placement.engine.chunk import CHUNK
from placement.engine.ledger import check_countable
from placement.engine.parts import PART, Rows, by_id, rows_of, with_rows
from placement.engine.redundant import Together, with_members
from placement.engine.running import Runner, in_process
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
    """The best offer of every workload, with shared capacity respected."""
    count = len(prepared.problem.ids)
    few = runner is in_process and count <= min(size, PART)
    choice, found = _at_once(prepared) if few else (_chunk_by_chunk(prepared, size, progress, runner), None)
    none_w = np.full(count, NONE, dtype=np.int64)
    several = prepared.problem.several
    if several is not None:
        return _with_members(prepared, several, Solution(*choice, none_w, {}, {}, {}))
    solution = share_capacity(prepared, Solution(*choice, none_w, {}, {}, {}, found))
    check_countable(solution.cost_w)
    return solution


def _with_members(prepared: Prepared, several: Several, alone: Solution) -> Solution:
    """The same where workloads are at several sites, which are chosen together."""
    together = Together(prepared, several)
    choice = with_members(prepared, together, Choice(alone.offer_w, alone.cost_w, alone.nodes_w))
    solution = share_capacity(prepared, alone._replace(**choice._asdict()), together)
    check_countable(solution.cost_w)
    return solution._replace(told=told_of(prepared, together, solution))


def _at_once(prepared: Prepared) -> tuple[Choice, Searched]:
    """What the workloads would choose if each were alone, and everything it was chosen from."""
    problem, order = prepared.problem, by_id(prepared.problem)
    mine = prepared._replace(problem=with_rows(problem, rows_of(problem, order)))
    found = searched(mine)
    place_w = np.argsort(order)
    return Choice._make(column[place_w] for column in cheapest_of(mine, found)), found


def _chunk_by_chunk(prepared: Prepared, size: int, progress: Progress | None, runner: Runner) -> Choice:
    """What the workloads would choose if each were alone; those that are alike are searched once."""
    problem, twins = prepared.problem, prepared.problem.twins
    count, different = len(problem.ids), len(twins.first_k)
    runs = list(chunks(different, size))
    found: list[Choice] = []
    for choice in runner(choose, prepared, (rows_of(problem, twins.first_k[run]) for run in runs)):
        found.append(choice)
        if progress:
            progress((int(runs[len(found) - 1][-1]) + 1) * count // different, 2 * count)
    return Choice(*(np.concatenate(column)[twins.class_x] for column in zip(*found, strict=True)))


def choose(prepared: Prepared, rows: Rows) -> Choice:
    """The cheapest offer of each of the workloads of *rows*, whoever else wants it."""
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    return cheapest(mine, work(mine, np.arange(len(rows.ids))))
