"""Where a second copy of a dataset should live: where keeping it costs less than the egress it saves.

The plan without copies comes first. Then copies are added one by one, the most promising first: each is tried with the
whole plan, since those who may read it may move to it, and kept if the whole is cheaper with what the copy costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import CHUNK
from placement.engine.copy_costs import copy_extras, copy_micro
from placement.engine.flows import NOWHERE, Copies
from placement.engine.joint import solve_jointly
from placement.engine.ledger import offers_micro
from placement.engine.problem import build_problem
from placement.engine.running import Runner, in_process
from placement.engine.search import NONE
from placement.engine.solution import Copied, Copy, Prepared, Solution, prepare, work
from placement.engine.solve import Progress
from placement.engine.story import tell
from placement.inventory.inventory import Inventory

TRIED = 3
"""Copies tried before none is added any more."""

READERS = 64
"""Readers of a dataset up to which copies are looked for where nobody reads it yet."""


class Solved(NamedTuple):
    """A plan, and the problem it is one of."""

    prepared: Prepared
    solution: Solution


def solve_with_copies(
    catalog: Catalog,
    inventory: Inventory,
    size: int = CHUNK,
    progress: Progress | None = None,
    runner: Runner = in_process,
) -> Solved:
    """The best plan, with copies of datasets where these pay."""

    def solved(copies: Copies) -> Solved:
        prepared = prepare(build_problem(catalog, inventory, copies))
        return Solved(prepared, solve_jointly(prepared, size, progress if not copies else None, runner))

    best, copies, kept = solved({}), dict[str, list[str]](), list[Copy]()
    while best.prepared.problem.copying is not None:
        for dataset, site in _promising(best)[:TRIED]:
            more = {**copies, dataset: [*copies.get(dataset, []), site]}
            trial = solved(more)
            saved = _rank(best)[1] - _rank(trial)[1]
            if _rank(trial) < _rank(best):
                best, copies = trial, more
                kept.append(Copy(dataset, site, (), 0, saved))
                break
        else:
            break
    return best if not kept else best._replace(solution=_written(best, kept))


def _rank(found: Solved) -> tuple[int, int]:
    """Workloads without a place, and the cost of the whole plan with its copies [micro-USD]."""
    problem, solution = found.prepared.problem, found.solution
    placed = solution.offer_w != NONE
    shift_w = solution.joint.shift_w if solution.joint is not None else np.zeros(len(placed))
    total = sum(int(cost) for cost in (solution.cost_w + shift_w)[placed].tolist())
    copying = problem.copying
    kept = sum(copy_micro(problem, d, site) for d, site in copying.copies) if copying is not None else 0
    return int((~placed).sum()), total + kept


def _promising(found: Solved) -> list[tuple[str, str]]:
    """Datasets and sites for copies, the one first that could save most if it were alone; by name among equals."""
    problem = found.prepared.problem if found.solution.joint is None else found.solution.joint.priced
    copying = problem.copying
    assert copying is not None
    hopes: list[tuple[int, str, str]] = []
    for d, name in enumerate(copying.names):
        endpoints = [e for e, dataset in enumerate(problem.flows_in.datasets) if dataset == name]
        reads_wk = np.isin(problem.flows_in.endpoint_wk, endpoints) & (problem.flows_in.endpoint_wk != NOWHERE)
        readers = np.flatnonzero(reads_wk.any(axis=1) & (found.solution.offer_w != NONE))
        if not len(readers):
            continue
        hoped_s = _hoped(found.prepared._replace(problem=problem), found.solution, readers, reads_wk)
        there = {site for dataset, site in copying.copies if dataset == d}
        allowed_s = problem.legal.dataset(name) & ~copying.home_ds[d]
        for s in np.flatnonzero(allowed_s & (hoped_s > 0)).tolist():
            site = problem.supply.sites[s]
            gain = int(hoped_s[s]) - copy_micro(problem, d, s)
            if s not in there and not site.spread and gain > 0:
                hopes.append((-gain, name, site.id))
    return [(name, site) for _, name, site in sorted(hopes)]


def _hoped(prepared: Prepared, solution: Solution, readers: Ints, reads_wk: np.ndarray) -> Floats:
    """What the readers of a dataset would save at most, if each site had a copy of it [micro-USD], `s`."""
    problem = prepared.problem
    flows = problem.flows_in
    free = flows._replace(volume_milli_wk=np.where(reads_wk, 0.0, flows.volume_milli_wk))
    reading = prepared._replace(problem=problem._replace(flows_in=free))
    hoped_s = np.zeros(len(problem.supply.sites))
    for w in readers.tolist():
        worked, mine = work(reading, np.array([w])), int(solution.offer_w[w])
        if len(readers) <= READERS:
            story = tell(reading, worked, 0)
            cost_o = np.where(story.feasible_o & ~np.isnan(story.cost_o), story.cost_o, np.inf)
            least_s = np.full(len(hoped_s), np.inf)
            np.minimum.at(least_s, problem.supply.site_o, cost_o)
        else:
            least_s, site = np.full(len(hoped_s), np.inf), int(problem.supply.site_o[mine])
            nodes = solution.nodes_w[w : w + 1]
            least_s[site] = offers_micro(problem, prepared.fixed, worked.costs, 0, np.array([mine]), nodes)[0]
        hoped_s += np.maximum(solution.cost_w[w] - least_s, 0.0)
    return hoped_s


def _written(found: Solved, kept: list[Copy]) -> Solution:
    """The solution with what each reader bears of the copies."""
    problem, solution = found.prepared.problem, found.solution
    extras = copy_extras(problem, solution.offer_w)
    copying = problem.copying
    assert copying is not None
    copies = []
    for one in kept:
        d, site = next(
            (d, s)
            for d, s in copying.copies
            if copying.names[d] == one.dataset and problem.supply.sites[s].id == one.site
        )
        readers = tuple(sorted(extras.readers[d, site]))
        copies.append(one._replace(readers=readers, cost_micro=copy_micro(problem, d, site)))
    return solution._replace(copied=Copied(tuple(copies), extras.by_workload))
