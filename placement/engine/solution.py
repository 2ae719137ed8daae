"""What solving passes around: the parts computed once, a chunk at work, and what was chosen."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import CHUNK, Chunk, chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible, static_rules
from placement.engine.groups import Grouping
from placement.engine.ledger import ChunkCosts, Fixed, chunk_costs, exact_micro, fixed_costs
from placement.engine.pools import Standing
from placement.engine.problem import Problem
from placement.engine.resources import Resource
from placement.engine.search import CHEAPEST, NONE, PER_TIER, Banned, Best, search
from placement.engine.stack.mix import Mix, Trap
from placement.engine.terms.base import Provenance


class Prepared(NamedTuple):
    """What is computed once and used by every chunk."""

    problem: Problem
    rules: Rules
    fixed: Fixed
    grouping: Grouping


class Worked(NamedTuple):
    """A chunk with its rules and costs."""

    chunk: Chunk
    allowed: Feasible
    costs: ChunkCosts


class Searched(NamedTuple):
    """The same with the cheapest offers of every tier, whoever else wants them."""

    worked: Worked
    best: Best


class Gap(NamedTuple):
    """How far the split of a resource may be from the best one, where that was too much to prove."""

    micro: int
    """What another split might save a month at most [micro-USD]."""
    places: bool
    """Whether it might also place a workload that has nowhere else to go."""


Claims = dict[Resource, dict[int, float]]
"""What each workload takes from each resource: nodes, or millionths of a kW."""

Barred = dict[int, frozenset[Resource]]
"""The resources that workloads had to leave to others."""


class Joint(NamedTuple):
    """What is to be said of workloads whose flows share the tiers of providers."""

    priced: Problem
    """Priced by the pools of the solution: what anything would cost in addition."""
    standing: tuple[Standing, ...]
    """Where the flows of the solution stand, one after the other, by direction (`engine.pools`)."""
    shift_w: Floats
    """By how much a workload's flows cost more there than what they add to what the others send [micro-USD]."""
    total_micro: int
    """Of all placements [micro-USD a month]."""
    gap_micro: int | None
    """How far the plan may be from the cheapest one at most; None where mixes of offers are chosen after it."""
    rounds: int
    settled: bool
    """Whether nobody gains by moving alone."""


class Single(NamedTuple):
    """The cheapest placement of a workload at one site, on what the others leave."""

    offer: int
    """`NONE` without one."""
    cost_micro: int
    nodes: int


class Way(NamedTuple):
    """Rules that would have to give for sites to be there, and what would have to change."""

    rules: tuple[str, ...]
    sentence: str
    offer: int
    """Of the first member."""
    cost_micro: int
    """Of all members."""


class Unmet(NamedTuple):
    """Why there are no sites for a workload, and what would give it some."""

    reason: str
    ways: tuple[Way, ...]


class Told(NamedTuple):
    """What is to be said of the members of workloads at several sites, by the number of the member."""

    prepared: Prepared
    single: dict[int, Single]
    """The same for all members of a workload."""
    unmet: dict[int, Unmet]


class Extra(NamedTuple):
    """A charge of one workload that is no rate of its offer: its part of something that several use."""

    term: str
    label: str
    unit: str
    quantity_milli: int
    price_micro: int
    provenance: Provenance
    copy: tuple[int, int]
    """Of which copy it is a part: dataset and site, as in `Copying.copies`."""
    sender: str = ""
    """Where what it pays for is sent from (`plan.model.Line.sender`)."""
    once_milli: int | None = None
    """The whole of what is paid at once, where the quantity is a month's share of it."""


class Copy(NamedTuple):
    """One copy: where it is, who reads it, what it costs a month and by how much the whole plan is cheaper with it."""

    dataset: str
    site: str
    readers: tuple[int, ...]
    cost_micro: int
    saved_micro: int


class Copied(NamedTuple):
    """Copies of datasets that a plan keeps."""

    copies: tuple[Copy, ...]
    extras: dict[int, tuple[Extra, ...]]
    """What each of those who read them bears of their cost."""


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
    gaps: dict[Resource, Gap]
    searched: Searched | None = None
    """All workloads by id, where they are so few that whoever places them need not search them again."""
    joint: Joint | None = None
    """None where no flow shares tiers with another. With it, costs are what workloads add to the pools."""
    copied: Copied | None = None
    """None where no dataset is copied."""
    told: Told | None = None
    """None where no workload is at several sites."""
    mixes: "dict[int, Mix]" = {}
    """What those workloads have that are not on one offer alone; their `offer_w` is that of the base."""

    traps: "dict[int, Trap]" = {}
    """Workloads whose demand changes over the horizon, and for whom a commitment to today's would be wrong."""

    @property
    def pooled_w(self) -> Ints:
        """The offers whose flows stand in pools; `NONE` for workloads at two sites, whose flows stand in none."""
        apart = [w for w, mix in self.mixes.items() if len(mix.parts) > 1]
        if not apart:
            return self.offer_w
        offer_w = self.offer_w.copy()
        offer_w[apart] = NONE
        return offer_w

    def shift_w(self, w: Ints) -> Floats:
        """By how much workloads are billed more than what they add to the whole [micro-USD]."""
        shift_w = self.joint.shift_w[w].copy() if self.joint is not None else np.zeros(len(w))
        if self.copied is not None:
            for row, number in enumerate(w.tolist()):
                for one in self.copied.extras.get(number, ()):
                    shift_w[row] += exact_micro(one.quantity_milli, one.price_micro)
        return shift_w

    def as_chosen(self, prepared: Prepared) -> Prepared:
        """What the solution is written down with: members are asked what the chosen sites of their others leave."""
        return self.told.prepared if self.told is not None else prepared


def prepare(problem: Problem) -> Prepared:
    """Evaluate everything that does not depend on workloads."""
    empty = chunk_of(problem, np.arange(0))
    rules = static_rules(problem, empty)
    fixed = fixed_costs(problem)
    return Prepared(problem, rules, fixed, Grouping(problem, rules, fixed))


def work(prepared: Prepared, w: Ints) -> Worked:
    """Rules and costs of the workloads *w*."""
    problem = prepared.problem
    chunk = chunk_of(problem, w)
    return Worked(chunk, feasible(problem, prepared.rules, chunk), chunk_costs(problem, chunk))


def searched(prepared: Prepared) -> Searched:
    """All workloads of the problem; those that are alike are searched once."""
    first, index_w = distinct(prepared.problem.twins.class_x)
    every = work(prepared, np.arange(len(index_w)))
    if len(first) == len(index_w):
        return Searched(every, best_of(prepared, every))
    once = best_of(prepared, work(prepared, first))
    return Searched(every, Best(once.cost_wtk[index_w], once.offer_wtk[index_w]))


def best_of(prepared: Prepared, worked: Worked) -> Best:
    """The cheapest offers of every tier for the workloads at work, whoever else wants them."""
    return search(prepared.problem, worked.chunk, prepared.grouping.of(PER_TIER), worked.allowed, worked.costs)


_LEAST = 512
"""Workloads that are worth a part of their own."""


def chunks(count: int, size: int = CHUNK, shares: int = 1) -> Iterator[Ints]:
    """Consecutive runs of workload numbers, all about as long and none longer than *size*; *shares* where it pays."""
    runs = max(-(-count // size), min(shares, count // _LEAST))
    bounds = [count * run // runs for run in range(runs + 1)] if runs else []
    for first, end in pairwise(bounds):
        yield np.arange(first, end)


class Choice(NamedTuple):
    """The cheapest offer of some workloads; `NONE`, infinite and 0 without one."""

    offer_w: Ints
    cost_w: Floats
    nodes_w: Floats


def cheapest(prepared: Prepared, worked: Worked, banned: Banned | None = None) -> Choice:
    """The cheapest offer of each of the workloads at work, none of it *banned*.

    Equal costs are decided by the canonical order of offers.
    """
    groups = prepared.grouping.of(CHEAPEST)
    best = search(prepared.problem, worked.chunk, groups, worked.allowed, worked.costs, banned)
    return _choice(prepared, worked, best.offer_wtk[:, 0, 0], best.cost_wtk[:, 0, 0])


def cheapest_of(prepared: Prepared, found: Searched) -> Choice:
    """The same of workloads whose cheapest offers of every tier are known."""
    cost_wt, offer_wt = found.best.cost_wtk[:, :, 0], found.best.offer_wtk[:, :, 0]
    least_w = cost_wt.min(axis=1)
    last = len(prepared.problem.supply.site_o)
    offer_w = np.where((cost_wt == least_w[:, None]) & (offer_wt != NONE), offer_wt, last).min(axis=1)
    return _choice(prepared, found.worked, np.where(offer_w == last, NONE, offer_w), least_w)


def _choice(prepared: Prepared, worked: Worked, offer_w: Ints, cost_w: Floats) -> Choice:
    shape_w = prepared.problem.supply.shape_o[offer_w]
    nodes_w = worked.chunk.sizing.nodes_wh[np.arange(len(offer_w)), shape_w]
    return Choice(offer_w, cost_w, np.where(offer_w == NONE, 0.0, nodes_w))
