"""What solving passes around: the parts computed once, a chunk at work, and what was chosen."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import CHUNK, Chunk, chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible, static_rules
from placement.engine.groups import Groups, Wanted, groups_of
from placement.engine.ledger import ChunkCosts, Fixed, chunk_costs, fixed_costs
from placement.engine.problem import Problem
from placement.engine.search import CHEAPEST, NONE, PER_TIER, Banned, Best, search


class Prepared(NamedTuple):
    """What is computed once and used by every chunk."""

    problem: Problem
    rules: Rules
    fixed: Fixed
    groups: Groups
    """Of the best few offers of every tier, unless something else was wanted."""
    cheapest: Groups
    """Of the cheapest offer alone."""


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


def prepare(problem: Problem, wanted: Wanted = PER_TIER) -> Prepared:
    """Evaluate everything that does not depend on workloads, for a search of what is *wanted*."""
    empty = chunk_of(problem, np.arange(0))
    rules = static_rules(problem, empty)
    fixed = fixed_costs(problem)
    groups, cheapest = (groups_of(problem, rules, fixed, each) for each in (wanted, CHEAPEST))
    return Prepared(problem, rules, fixed, groups, cheapest)


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


def cheapest(prepared: Prepared, worked: Worked, banned: Banned | None = None) -> tuple[Ints, Floats, Floats]:
    """Offer, cost and nodes of each of the workloads at work, none of it *banned*; `NONE`, infinite and 0 without one.

    Equal costs are decided by the canonical order of offers.
    """
    chunk, supply = worked.chunk, prepared.problem.supply
    best = search(prepared.problem, chunk, prepared.cheapest, worked.allowed, worked.costs, banned)
    offer_w, cost_w = best.offer_wtk[:, 0, 0], best.cost_wtk[:, 0, 0]
    nodes_w = chunk.sizing.nodes_wh[np.arange(len(chunk.w)), supply.shape_o[offer_w]]
    return offer_w, cost_w, np.where(offer_w == NONE, 0.0, nodes_w)
