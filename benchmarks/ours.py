"""The product's search as the peers are asked to do it: from a built problem to the cheapest offer of every workload.

Finding the classes of alike workloads and sites is part of building a problem; it is done again here, so that its time
counts. Capacity that workloads share is left out: no peer has anything like it.
"""

import numpy as np
from answer import NOWHERE, Answer

from placement.engine.arrays import Ints
from placement.engine.groups import Wanted
from placement.engine.problem import Problem, classed
from placement.engine.reasons import offer_weights, rejections
from placement.engine.running import Runner
from placement.engine.search import NONE, Best, joined, search
from placement.engine.solution import Solution, chunks, prepare, work
from placement.engine.solve import solve
from placement.words import TIERS


def ranked(problem: Problem, kept: int, reasons: bool = False) -> tuple[Best, Ints]:
    """The *kept* cheapest offers of every kind of workload, of all tiers together, and each workload's kind.

    With *reasons*, what every rule forbids is found as well.
    """
    prepared = prepare(classed(problem))
    problem, rules = prepared.problem, prepared.rules
    groups = prepared.grouping.of(Wanted((0,) * len(TIERS), kept))
    weights = offer_weights(problem, rules) if reasons else None
    parts = []
    for run in chunks(len(problem.twins.first_k)):
        worked = work(prepared, problem.twins.first_k[run])
        parts.append(search(problem, worked.chunk, groups, worked.allowed, worked.costs))
        if weights is not None:
            rejections(problem, rules, weights, worked.chunk)
    return joined(parts), problem.twins.class_x


def cheapest_offers(problem: Problem) -> Answer:
    """The cheapest offer of every workload."""
    best, kind_w = ranked(problem, 1)
    offer_w, cost_w = best.offer_wtk[kind_w, 0, 0], best.cost_wtk[kind_w, 0, 0]
    placed_w = offer_w != NONE
    return Answer(np.where(placed_w, offer_w, NOWHERE), np.where(placed_w, cost_w, float(NOWHERE)).astype(np.int64))


def solved(problem: Problem, runner: Runner) -> Solution:
    """All workloads solved where *runner* takes them, with the capacity they share."""
    return solve(prepare(problem), runner=runner)
