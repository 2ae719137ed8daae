"""The named peer of the search: plain numpy over the full workload × offer matrix, no groups, no bounds, no blocks."""

import numpy as np

from placement.engine.ledger import product_micro
from placement.engine.search import NONE
from placement.engine.solution import Prepared, work


def naive_search(prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Cost [micro-USD] and number of the cheapest feasible offer of every workload."""
    problem, rules = prepared.problem, prepared.rules
    supply = problem.supply
    worked = work(prepared, np.arange(len(problem.workloads)))
    allowed, costs = worked.allowed, worked.costs
    nodes_wo = worked.chunk.sizing.nodes_wh[:, supply.shape_o]
    per_node_wo = np.repeat(prepared.fixed.node_micro_o[None, :], len(problem.workloads), axis=0)
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
    cost_wo = np.where(open_wo, cost_wo, np.inf)
    best = cost_wo.argmin(axis=1)
    cost = cost_wo[np.arange(len(best)), best]
    return cost, np.where(np.isfinite(cost), best, NONE)
