"""All workloads, chunk by chunk: rules, costs, search, and the capacity they share."""

from collections.abc import Callable

import numpy as np

from placement.engine.chunk import CHUNK
from placement.engine.search import NONE, joined, search
from placement.engine.shared import share_capacity
from placement.engine.solution import Found, Prepared, Solution, Worked, cheapest, chunks, work

Progress = Callable[[int, int], None]
"""Called with the steps done and in all; a workload is two steps, one to search and one to write down."""


def solve(prepared: Prepared, size: int = CHUNK, progress: Progress | None = None) -> Solution:
    """The best offer of every workload, with shared capacity respected."""
    problem, twins = prepared.problem, prepared.problem.twins
    count, different = len(problem.workloads), len(twins.first_k)
    parts = []
    worked: Worked | None = None
    for run in chunks(different, size):
        worked = work(prepared, twins.first_k[run])
        parts.append(search(problem, worked.chunk, prepared.groups, worked.allowed, worked.costs))
        if progress:
            progress((int(run[-1]) + 1) * count // different, 2 * count)
    rows = joined(parts)
    chosen_k, cost_k = cheapest(rows)
    best = Found(rows, twins.class_x)
    only = worked if len(parts) == 1 and different == count else None
    none_w = np.full(count, NONE, dtype=np.int64)
    alone = Solution(best, best, chosen_k[twins.class_x], cost_k[twins.class_x], none_w, {}, only)
    return share_capacity(prepared, alone)
