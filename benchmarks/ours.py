"""The product's search as the peers are asked to do it: from a built problem to the cheapest offer of every workload.

Finding the classes of alike workloads and sites is part of building a problem; it is done again here, so that its time
counts. Capacity that workloads share is left out: no peer has anything like it.
"""

import numpy as np
from answer import NOWHERE, Answer

from placement.engine.parts import rows_of
from placement.engine.problem import Problem, classed
from placement.engine.running import in_process
from placement.engine.running.processes import Processes
from placement.engine.search import NONE
from placement.engine.solution import Solution, chunks, prepare
from placement.engine.solve import choose, solve


def cheapest_offers(problem: Problem) -> Answer:
    """The cheapest offer of every workload."""
    prepared = prepare(classed(problem))
    twins = prepared.problem.twins
    found = [choose(prepared, rows_of(prepared.problem, twins.first_k[run])) for run in chunks(len(twins.first_k))]
    offer_w = np.concatenate([choice.offer_w for choice in found])[twins.class_x]
    cost_w = np.concatenate([choice.cost_w for choice in found])[twins.class_x]
    placed_w = offer_w != NONE
    return Answer(np.where(placed_w, offer_w, NOWHERE), np.where(placed_w, cost_w, float(NOWHERE)).astype(np.int64))


def one_worker(problem: Problem) -> Solution:
    """All workloads solved in this process, with the capacity they share."""
    return solve(prepare(problem), runner=in_process)


def two_workers(problem: Problem) -> Solution:
    """The same by two processes, their start included."""
    with Processes(2) as processes:
        return solve(prepare(problem), runner=processes)
