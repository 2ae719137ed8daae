"""What solving passes around: the parts computed once, a chunk at work, and what was chosen."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import CHUNK, Chunk, chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible, static_rules
from placement.engine.ledger import ChunkCosts, Fixed, chunk_costs, fixed_costs
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best, Groups, groups_of, search


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


class Resource(NamedTuple):
    """Something of finite size: the existing nodes of one offer, or the power of one site."""

    kind: str
    """`nodes` or `power`."""
    number: int
    """The offer, or the site."""


Claims = dict[Resource, dict[int, float]]
"""What each workload takes from each resource: nodes, or millionths of a kW."""

Barred = dict[int, frozenset[Resource]]
"""The resources that workloads had to leave to others."""


class Solution(NamedTuple):
    """The offer chosen for every workload."""

    offer_w: Ints
    """`NONE` for an unplaced workload."""
    cost_w: Floats
    """Its cost [micro-USD], infinite where there is none."""
    nodes_w: Floats
    """What is taken of it."""
    displaced_w: Ints
    """The offer a workload would have had if others did not need the same capacity; `NONE` for most."""
    claims: Claims
    """What the chosen offers draw on."""
    barred: Barred


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


def best_of(prepared: Prepared, worked: Worked) -> Best:
    """The cheapest offers of every tier for the workloads at work, whoever else wants them."""
    return search(prepared.problem, worked.chunk, prepared.groups, worked.allowed, worked.costs)


def chunks(count: int, size: int = CHUNK) -> Iterator[Ints]:
    """Consecutive runs of workload numbers."""
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def cheapest(best: Best) -> tuple[Ints, Floats]:
    """The cheapest offer over all tiers; equal costs by canonical offer order."""
    cost_wt, offer_wt = best.cost_wtk[:, :, 0], best.offer_wtk[:, :, 0]
    order = np.lexsort((offer_wt, cost_wt), axis=1)[:, :1]
    cost_w = np.take_along_axis(cost_wt, order, axis=1)[:, 0]
    offer_w = np.take_along_axis(offer_wt, order, axis=1)[:, 0]
    return np.where(np.isfinite(cost_w), offer_w, NONE), cost_w
