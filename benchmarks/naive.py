"""The named peer of the search: plain numpy over the workload × offer matrix, no groups and no bounds.

`full_matrix` computes all of it at once; `in_blocks` some workloads at a time, so that the arrays stay small.
"""

import numpy as np
from answer import NOWHERE, Answer

from placement.engine.ledger import product_micro
from placement.engine.problem import Problem
from placement.engine.solution import Prepared, chunks, prepare, work

CELLS = 4_000_000
"""Of a block."""


def full_matrix(problem: Problem) -> Answer:
    """The cheapest offer of every workload."""
    return _searched(prepare(problem), np.arange(len(problem.ids)))


def in_blocks(problem: Problem) -> Answer:
    """The same, a block at a time."""
    prepared = prepare(problem)
    size = max(1, CELLS // len(problem.supply.site_o))
    parts = [_searched(prepared, w) for w in chunks(len(problem.ids), size)]
    return Answer(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def ranked(problem: Problem, kept: int) -> np.ndarray:
    """The *kept* cheapest offers of every workload, `(w, kept)`; `NOWHERE` after the last that is allowed."""
    cost_wo = _costs(prepare(problem), np.arange(len(problem.ids)))
    best = np.argsort(cost_wo, axis=1, kind="stable")[:, :kept]
    return np.where(np.isfinite(np.take_along_axis(cost_wo, best, axis=1)), best, NOWHERE)


def _searched(prepared: Prepared, w: np.ndarray) -> Answer:
    cost_wo = _costs(prepared, w)
    best_w = cost_wo.argmin(axis=1)
    cost_w = cost_wo[np.arange(len(w)), best_w]
    placed_w = np.isfinite(cost_w)
    cost_w = np.where(placed_w, cost_w, float(NOWHERE))
    return Answer(np.where(placed_w, best_w, NOWHERE), cost_w.astype(np.int64))


def _costs(prepared: Prepared, w: np.ndarray) -> np.ndarray:
    """Costs [micro-USD] of the workloads *w* on every offer; infinite where a rule forbids it."""
    problem, rules = prepared.problem, prepared.rules
    supply, worked = problem.supply, work(prepared, w)
    allowed, costs = worked.allowed, worked.costs
    nodes_wo = worked.chunk.sizing.nodes_wh[:, supply.shape_o]
    per_node_wo = np.repeat(prepared.fixed.node_micro_o[None, :], len(w), axis=0)
    for rate in costs.usage:
        per_node_wo += product_micro(rate.quantity_milli[:, supply.shape_o], rate.price_micro[None, :])
    cost_wo = nodes_wo * per_node_wo + costs.site_micro_wk[:, problem.charging.class_x[supply.site_o]]
    open_wo = (
        allowed.ok_ws[:, supply.site_o]
        & allowed.ok_wh[:, supply.shape_o]
        & allowed.ok_wp[:, supply.purchase_o]
        & rules.ok_o[None, :]
        & (nodes_wo <= rules.limit_nodes_o[None, :])
    )
    return np.where(open_wo, cost_wo, np.inf)
