"""All workloads, chunk by chunk: rules, costs, search, and the capacity they share."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.chunk import CHUNK, Chunk, chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible, static_rules
from placement.engine.ledger import ChunkCosts, Fixed, chunk_costs, fixed_costs
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, Groups, groups_of, search
from placement.engine.sizing import Floats, Ints

Progress = Callable[[int, int], None]
"""Called with the steps done and in all; a workload is two steps, one to search and one to write down."""


class Prepared(NamedTuple):
    """What is computed once and used by every chunk."""

    problem: Problem
    rules: Rules
    fixed: Fixed
    groups: Groups


class Worked(NamedTuple):
    """A chunk with its rules and costs."""

    chunk: Chunk
    allowed: Feasible
    costs: ChunkCosts


class Solution(NamedTuple):
    """The cheapest offers per workload and tier, and the one chosen."""

    best: Best
    chosen_w: Ints
    """Offer, `NONE` for an unplaced workload."""
    cost_w: Floats
    displaced_w: Ints
    """The offer a workload would have had if others did not need the same capacity; `NONE` for most."""
    worked: Worked | None = None
    """The one chunk of a small problem, kept so that it need not be computed again."""


def prepare(problem: Problem) -> Prepared:
    """Evaluate everything that does not depend on workloads."""
    empty = chunk_of(problem, np.arange(0))
    rules = static_rules(problem, empty)
    fixed = fixed_costs(problem)
    return Prepared(problem, rules, fixed, groups_of(problem, rules, fixed))


def work(prepared: Prepared, w: Ints) -> Worked:
    """Rules and costs of the workloads *w*."""
    problem = prepared.problem
    chunk = chunk_of(problem, w)
    return Worked(chunk, feasible(problem, prepared.rules, chunk), chunk_costs(problem, chunk))


def chunks(count: int, size: int = CHUNK) -> Iterator[Ints]:
    """Consecutive runs of workload numbers."""
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def solve(prepared: Prepared, size: int = CHUNK, progress: Progress | None = None) -> Solution:
    """The best offer of every workload, with shared capacity respected."""
    from placement.engine.shared import share_capacity  # noqa: PLC0415 - it searches again, with this module

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
    solution = Solution(best, chosen_w, cost_w, np.full(count, NONE, dtype=np.int64), only)
    return share_capacity(prepared, solution)


def cheapest(best: Best) -> tuple[Ints, Floats]:
    """The cheapest offer over all tiers; equal costs by canonical offer order."""
    cost_wt, offer_wt = best.cost_wtk[:, :, 0], best.offer_wtk[:, :, 0]
    order = np.lexsort((offer_wt, cost_wt), axis=1)[:, :1]
    cost_w = np.take_along_axis(cost_wt, order, axis=1)[:, 0]
    chosen_w = np.take_along_axis(offer_wt, order, axis=1)[:, 0]
    return np.where(np.isfinite(cost_w), chosen_w, NONE), cost_w
