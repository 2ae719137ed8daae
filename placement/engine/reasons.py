"""Why not: how many offers each rule forbids, and how near the nearest of them is.

Counted on the small axes: a rule on (workload, site) is evaluated once per site and weighed with the site's offers.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.feasibility import Rules
from placement.engine.problem import Problem
from placement.words import PURCHASES, TIERS


class Rejection(NamedTuple):
    """What one rule forbids a chunk's workloads, by tier."""

    rule: Constraint
    count_wt: Ints
    """Offers it forbids."""
    slack_wt: Floats
    """Slack of the nearest miss (the largest negative one); 0 where the rule forbids nothing."""
    nearest_wt: Ints
    """Index of the nearest miss on the rule's axis (site, shape, purchase model, offer or limited offer)."""


class Weights(NamedTuple):
    """Offers per tier and index of each axis: what a violation on that axis forbids."""

    by_axis: dict[str, Ints]
    total_t: Ints


def offer_weights(problem: Problem) -> Weights:
    """Count the offers of each tier by site, shape, purchase model and offer."""
    supply, tiers = problem.supply, len(TIERS)

    def counted(index_o: Ints, size: int) -> Ints:
        return np.bincount(problem.tier_o * size + index_o, minlength=tiers * size).reshape(tiers, size)

    offers = len(supply.site_o)
    return Weights(
        {
            "s": counted(supply.site_o, len(supply.sites)),
            "h": counted(supply.shape_o, len(supply.shapes)),
            "p": counted(supply.purchase_o, len(PURCHASES)),
            "o": counted(np.arange(offers), offers),
        },
        np.bincount(problem.tier_o, minlength=tiers),
    )


def rejections(problem: Problem, rules: Rules, weights: Weights, chunk: Chunk) -> list[Rejection]:
    """What every rule forbids every workload of the chunk."""
    found = []
    for rule in CONSTRAINTS:
        if rule.axes == "limit":
            found.append(_limited(problem, rule, rules.static[rule.name], chunk))
            continue
        if rule.name in rules.static:
            one = _weighed(rule, rules.static[rule.name][None, :], weights.by_axis[rule.axes])
            found.append(_repeated(one, len(chunk.w)))
        else:
            found.append(_weighed(rule, rule.slack(problem, chunk), weights.by_axis[rule.axes[1]]))
    return found


def _repeated(one: Rejection, count: int) -> Rejection:
    """The same rejection for every workload."""
    return Rejection(
        one.rule,
        np.repeat(one.count_wt, count, axis=0),
        np.repeat(one.slack_wt, count, axis=0),
        np.repeat(one.nearest_wt, count, axis=0),
    )


def _weighed(rule: Constraint, slack_wx: Floats, weight_tx: Ints) -> Rejection:
    broken_wx = slack_wx < 0
    # Whole numbers in float64: exact in any order, and fast.
    count_wt = (broken_wx.astype(np.float64) @ weight_tx.T.astype(np.float64)).astype(np.int64)
    shape = count_wt.shape
    slack_wt, nearest_wt = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for tier in range(shape[1]):
        near_wx = np.where(broken_wx & (weight_tx[tier] > 0)[None, :], slack_wx, -np.inf)
        # An unknown figure has slack −inf: it is the nearest miss only where nothing known is nearer.
        known_wx = np.where(np.isneginf(slack_wx), -np.finfo(np.float64).max, near_wx)
        known_wx = np.where(broken_wx & (weight_tx[tier] > 0)[None, :], known_wx, -np.inf)
        nearest_wt[:, tier] = known_wx.argmax(axis=1)
        slack_wt[:, tier] = np.take_along_axis(near_wx, nearest_wt[:, tier, None], axis=1)[:, 0]
    slack_wt[count_wt == 0] = 0.0
    return Rejection(rule, count_wt, slack_wt, nearest_wt)


def _limited(problem: Problem, rule: Constraint, limit_o: Floats, chunk: Chunk) -> Rejection:
    """Offers whose node limit is below the workload's nodes, by binary search in each tier's and shape's limits."""
    shape = (len(chunk.w), len(TIERS))
    count_wt, nearest_wt = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    slack_wt = np.full(shape, -np.inf)
    limited = np.flatnonzero(np.isfinite(limit_o))
    pairs = problem.tier_o[limited] * len(problem.supply.shapes) + problem.supply.shape_o[limited]
    for pair in sorted(set(pairs.tolist())):
        tier, hardware = divmod(pair, len(problem.supply.shapes))
        members = limited[pairs == pair]
        members = members[np.lexsort((-members, limit_o[members]))]
        nodes_w = chunk.sizing.nodes_wh[:, hardware]
        below_w = np.searchsorted(limit_o[members], nodes_w, side="left")
        count_wt[:, tier] += below_w
        nearest_w = members[np.maximum(below_w - 1, 0)]
        slack_w = np.where(below_w > 0, limit_o[nearest_w] - nodes_w, -np.inf)
        nearer_w = slack_w > slack_wt[:, tier]
        slack_wt[nearer_w, tier] = slack_w[nearer_w]
        nearest_wt[nearer_w, tier] = nearest_w[nearer_w]
    slack_wt[count_wt == 0] = 0.0
    return Rejection(rule, count_wt, slack_wt, nearest_wt)
