"""The offer of every workload: searched part by part as if it were alone, then what workloads share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import CHUNK
from placement.engine.ledger import check_countable
from placement.engine.parts import Rows, rows_of, with_rows
from placement.engine.running import Runner, in_process
from placement.engine.search import NONE
from placement.engine.shared import share_capacity
from placement.engine.solution import Prepared, Solution, cheapest, chunks, work

Progress = Callable[[int, int], None]
"""Called with the steps done and in all; a workload is two steps, one to search and one to write down."""


class Choice(NamedTuple):
    """What some workloads would choose if each were alone."""

    offer_w: Ints
    cost_w: Floats
    nodes_w: Floats


def solve(
    prepared: Prepared, size: int = CHUNK, progress: Progress | None = None, runner: Runner = in_process
) -> Solution:
    """The best offer of every workload, with shared capacity respected."""
    problem, twins = prepared.problem, prepared.problem.twins
    count, different = len(problem.ids), len(twins.first_k)
    runs = list(chunks(different, size))
    found: list[Choice] = []
    for choice in runner(choose, prepared, (rows_of(problem, twins.first_k[run]) for run in runs)):
        found.append(choice)
        if progress:
            progress((int(runs[len(found) - 1][-1]) + 1) * count // different, 2 * count)
    offer_w, cost_w, nodes_w = (np.concatenate(column)[twins.class_x] for column in zip(*found, strict=True))
    none_w = np.full(count, NONE, dtype=np.int64)
    solution = share_capacity(prepared, Solution(offer_w, cost_w, nodes_w, none_w, {}, {}))
    check_countable(solution.cost_w)
    return solution


def choose(prepared: Prepared, rows: Rows) -> Choice:
    """The cheapest offer of each of the workloads of *rows*, whoever else wants it."""
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    return Choice(*cheapest(mine, work(mine, np.arange(len(rows.ids)))))
