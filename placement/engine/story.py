"""One workload against every offer: all slacks and all costs."""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats
from placement.engine.chunk import chunk_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.ledger import offers_micro
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Worked
from placement.words import TIERS


class Story(NamedTuple):
    """Every rule's slack and the cost of every offer, for one workload."""

    slack_co: Floats
    """Rule (in the order of `CONSTRAINTS`) × offer."""
    cost_o: Floats
    """Monthly cost [micro-USD]; NaN where the shape is unrated or the price unknown."""
    feasible_o: Bools


def tell(prepared: Prepared, worked: Worked, row: int, left: Problem | None = None) -> Story:
    """Evaluate row *row* of the chunk against every offer; *left* has the limits less what others draw."""
    problem, chunk = prepared.problem, worked.chunk
    supply = problem.supply
    one = chunk_of(problem, chunk.w[row : row + 1])
    nodes_o = one.sizing.nodes_wh[0][supply.shape_o]
    every_o = np.arange(len(supply.site_o))
    axis = {"s": supply.site_o, "h": supply.shape_o, "p": supply.purchase_o, "o": every_o}
    slacks = []
    for rule in CONSTRAINTS:
        if rule.axes == "limit":
            limit_o = rule.slack(left, one) if left is not None else prepared.rules.static[rule.name]
            slack = limit_o - one.sizing.most_wh[0][supply.shape_o]
        elif rule.name in prepared.rules.static:
            slack = prepared.rules.static[rule.name][axis[rule.axes]]
        else:
            slack = rule.slack(problem if left is None else left, one)[0][axis[rule.axes[1]]]
        slacks.append(slack)
    slack_co = np.array(slacks)
    cost_o = offers_micro(problem, prepared.fixed, worked.costs, row, every_o, nodes_o)
    unknown_o = (supply.price_micro_o < 0) | (nodes_o == 0)
    return Story(slack_co, np.where(unknown_o, np.nan, cost_o), np.asarray((slack_co >= 0).all(axis=0)))


def best_by_tier(problem: Problem, story: Story) -> list[int]:
    """The cheapest feasible offer of each tier, `NONE` where there is none."""
    found = []
    for tier in range(len(TIERS)):
        offers = np.flatnonzero(story.feasible_o & (problem.tier_o == tier))
        found.append(int(offers[np.argmin(story.cost_o[offers])]) if len(offers) else NONE)
    return found
