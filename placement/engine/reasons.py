"""Why not: how many offers each rule forbids, and how near the nearest of them is.

Counted on the small axes: a rule on (workload, site) is evaluated once per site and weighed with the site's offers.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk, rows_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.feasibility import Rules, asks
from placement.engine.problem import Problem
from placement.words import PURCHASES, TIERS


class Rejection(NamedTuple):
    """What one rule forbids a chunk's workloads, by tier. Axis `k`: classes of workloads for which it is the same."""

    rule: Constraint
    class_w: Ints
    """Each workload's class; empty where all are of one."""
    count_kt: Ints
    """Offers it forbids."""
    slack_kt: Floats
    """Slack of the nearest miss (the largest negative one); 0 where the rule forbids nothing or has no measure."""
    nearest_kt: Ints
    """Index of the nearest miss on the rule's axis (site, shape, purchase model, offer or limited offer)."""


class Weights(NamedTuple):
    """Offers per tier and index of each axis: what a violation on that axis forbids."""

    by_axis: dict[str, Ints]
    total_t: Ints
    static: dict[str, Rejection]
    """What rules forbid every workload alike."""


def offer_weights(problem: Problem, rules: Rules) -> Weights:
    """Count the offers of each tier by site, shape, purchase model and offer."""
    supply, tiers = problem.supply, len(TIERS)

    def counted(index_o: Ints, size: int) -> Ints:
        return np.bincount(problem.tier_o * size + index_o, minlength=tiers * size).reshape(tiers, size)

    offers = len(supply.site_o)
    by_axis = {
        "s": counted(supply.site_o, len(supply.sites)),
        "h": counted(supply.shape_o, len(supply.shapes)),
        "p": counted(supply.purchase_o, len(PURCHASES)),
        "o": counted(np.arange(offers), offers),
    }
    static = {
        rule.name: _weighed(rule, rules.static[rule.name][None, :], by_axis[rule.axes], np.zeros(0, dtype=np.int64))
        for rule in CONSTRAINTS
        if rule.name in rules.static and rule.axes != "limit"
    }
    return Weights(by_axis, np.bincount(problem.tier_o, minlength=tiers), static)


def rejections(problem: Problem, rules: Rules, weights: Weights, chunk: Chunk) -> list[Rejection]:
    """What every rule forbids every workload of the chunk."""
    kinds = {axes: distinct(class_w) for axes, class_w in chunk.kinds.items()}
    some = {axes: rows_of(chunk, first) for axes, (first, _) in kinds.items()}
    found = []
    for rule in CONSTRAINTS:
        if rule.name in weights.static:
            found.append(weights.static[rule.name])
        elif not asks(rule, problem):
            none_kt = np.zeros((1, len(TIERS)), dtype=np.int64)
            found.append(Rejection(rule, np.zeros(0, dtype=np.int64), none_kt, none_kt.astype(float), none_kt))
        elif rule.axes == "limit":
            found.append(_limited(problem, rule, rules.static[rule.name], some["wh"], kinds["wh"][1]))
        else:
            slack_kx = rule.slack(problem, some[rule.axes])
            found.append(_weighed(rule, slack_kx, weights.by_axis[rule.axes[1]], kinds[rule.axes][1]))
    return found


def _weighed(rule: Constraint, slack_kx: Floats, weight_tx: Ints, class_w: Ints) -> Rejection:
    count_kt = (slack_kx < 0).astype(np.int64) @ weight_tx.T
    slack_kt, nearest_kt = np.zeros(count_kt.shape), np.zeros(count_kt.shape, dtype=np.int64)
    for tier in range(count_kt.shape[1]) if rule.unit else ():
        columns = np.flatnonzero(weight_tx[tier])
        if not len(columns):
            continue
        slack_kc = slack_kx[:, columns]
        # An unknown figure has slack −inf: it is the nearest miss only where nothing known is nearer.
        rank_kc = np.where(slack_kc < 0, np.maximum(slack_kc, -np.finfo(np.float64).max), -np.inf)
        near_k = rank_kc.argmax(axis=1)
        nearest_kt[:, tier] = columns[near_k]
        slack_kt[:, tier] = slack_kc[np.arange(len(near_k)), near_k]
    nearest_kt[count_kt == 0] = 0
    slack_kt[count_kt == 0] = 0.0
    return Rejection(rule, class_w, count_kt, slack_kt, nearest_kt)


def _limited(problem: Problem, rule: Constraint, limit_o: Floats, some: Chunk, class_w: Ints) -> Rejection:
    """Offers whose node limit is below the workload's nodes, by binary search in each tier's and shape's limits."""
    shape = (len(some.w), len(TIERS))
    count_kt, nearest_kt = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    slack_kt = np.full(shape, -np.inf)
    limited = np.flatnonzero(np.isfinite(limit_o))
    pairs = problem.tier_o[limited] * len(problem.supply.shapes) + problem.supply.shape_o[limited]
    for pair in sorted(set(pairs.tolist())):
        tier, hardware = divmod(pair, len(problem.supply.shapes))
        members = limited[pairs == pair]
        members = members[np.lexsort((-members, limit_o[members]))]
        nodes_k = some.sizing.most_wh[:, hardware]
        below_k = np.searchsorted(limit_o[members], nodes_k, side="left")
        count_kt[:, tier] += below_k
        nearest_k = members[np.maximum(below_k - 1, 0)]
        slack_k = np.where(below_k > 0, limit_o[nearest_k] - nodes_k, -np.inf)
        nearer_k = slack_k > slack_kt[:, tier]
        slack_kt[nearer_k, tier] = slack_k[nearer_k]
        nearest_kt[nearer_k, tier] = nearest_k[nearer_k]
    slack_kt[count_kt == 0] = 0.0
    return Rejection(rule, class_w, count_kt, slack_kt, nearest_kt)
