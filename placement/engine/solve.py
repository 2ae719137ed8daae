"""All workloads, chunk by chunk: rules, costs, search, and the capacity they share."""

from collections.abc import Callable

import numpy as np

from placement.engine.chunk import CHUNK
from placement.engine.search import NONE, Best, search
from placement.engine.shared import share_capacity
from placement.engine.solution import Prepared, Solution, Worked, cheapest, chunks, work

Progress = Callable[[int, int], None]
"""Called with the steps done and in all; a workload is two steps, one to search and one to write down."""


def solve(prepared: Prepared, size: int = CHUNK, progress: Progress | None = None) -> Solution:
    """The best offer of every workload, with shared capacity respected."""
    problem = prepared.problem
    count = len(problem.workloads)
    parts = []
    worked: Worked | None = None
    for w in chunks(count, size):
        worked = work(prepared, w)
        parts.append(search(problem, worked.chunk, prepared.groups, worked.allowed, worked.costs))
        if progress:
            progress(int(w[-1]) + 1, 2 * count)
    best = Best(np.concatenate([part.cost_wtk for part in parts]), np.concatenate([part.offer_wtk for part in parts]))
    chosen_w, cost_w = cheapest(best)
    only = worked if len(parts) == 1 else None
    alone = Solution(best, best, chosen_w, cost_w, np.full(count, NONE, dtype=np.int64), {}, only)
    return share_capacity(prepared, alone)
