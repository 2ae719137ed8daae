"""One workload against every offer: all slacks, all costs, and what would have to give."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import TIERS
from placement.engine.chunk import chunk_of
from placement.engine.constraints import CONSTRAINTS, FABRIC, MEMORY
from placement.engine.constraints.base import Constraint
from placement.engine.ledger import product_micro
from placement.engine.problem import Bools, Problem
from placement.engine.search import NONE
from placement.engine.sizing import Floats
from placement.engine.solve import Prepared, Worked

SHOWN = 3
"""Relaxations reported at most."""


class Story(NamedTuple):
    """Every rule's slack and the cost of every offer, for one workload."""

    slack_co: Floats
    """Rule (in the order of `CONSTRAINTS`) × offer."""
    cost_o: Floats
    """Monthly cost [micro-USD]; NaN where the shape is unrated or the price unknown."""
    feasible_o: Bools


class Change(NamedTuple):
    """Rules that would have to give, the value that would just do, and the offer this would allow."""

    rules: tuple[Constraint, ...]
    sentence: str
    offer: int
    cost_micro: int


def tell(prepared: Prepared, worked: Worked, row: int) -> Story:
    """Evaluate row *row* of the chunk against every offer."""
    problem, chunk = prepared.problem, worked.chunk
    supply = problem.supply
    one = chunk_of(problem, chunk.w[row : row + 1])
    nodes_o = one.sizing.nodes_wh[0][supply.shape_o]
    every_o = np.arange(len(supply.site_o))
    axis = {"s": supply.site_o, "h": supply.shape_o, "p": supply.purchase_o, "o": every_o}
    slacks = []
    for rule in CONSTRAINTS:
        if rule.axes == "limit":
            slack = prepared.rules.static[rule.name] - nodes_o
        elif rule.name in prepared.rules.static:
            slack = prepared.rules.static[rule.name][axis[rule.axes]]
        else:
            slack = rule.slack(problem, one)[0][axis[rule.axes[1]]]
        slacks.append(slack)
    slack_co = np.array(slacks)
    per_node_o = prepared.fixed.node_micro_o.copy()
    for rate in worked.costs.usage:
        per_node_o += product_micro(rate.quantity_milli[row][supply.shape_o], rate.price_micro)
    cost_o = nodes_o * per_node_o + worked.costs.site_micro_ws[row][supply.site_o]
    unknown_o = (supply.price_micro_o < 0) | (nodes_o == 0)
    return Story(slack_co, np.where(unknown_o, np.nan, cost_o), np.asarray((slack_co >= 0).all(axis=0)))


def relaxations(problem: Problem, story: Story, workload: int) -> list[Change]:
    """The smallest changes that would place the workload: one rule at a time, else the fewest together.

    For one rule the offer that misses it least is named; among equals the cheapest.
    """
    broken_co = story.slack_co < 0
    known_o = ~np.isnan(story.cost_o) & ~np.any(np.isneginf(story.slack_co), axis=0)
    count_o = np.where(known_o, broken_co.sum(axis=0), len(CONSTRAINTS) + 1)
    fewest = int(count_o.min(initial=len(CONSTRAINTS) + 1))
    if fewest > len(CONSTRAINTS) or fewest == 0:
        return []
    candidates = np.flatnonzero(count_o == fewest)
    broken, cost = broken_co[:, candidates], story.cost_o[candidates]
    worst = np.where(broken, story.slack_co[:, candidates], np.inf).min(axis=0)
    pattern = (broken * (1 << np.arange(len(CONSTRAINTS)))[:, None]).sum(axis=0)
    order = np.lexsort((candidates, cost, -worst, pattern))
    first = order[np.concatenate([[True], np.diff(pattern[order]) != 0])]
    found = []
    for position in first.tolist():
        offer = int(candidates[position])
        rules = np.flatnonzero(broken[:, position]).tolist()
        said = [rule for rule in rules if not (CONSTRAINTS[rule] is FABRIC and MEMORY in _named(rules))]
        sentence = " and ".join(
            sentence_of(problem, CONSTRAINTS[rule], workload, offer, float(story.slack_co[rule, offer]))
            for rule in said
        )
        found.append(Change(tuple(CONSTRAINTS[rule] for rule in rules), sentence, offer, int(cost[position])))
    found.sort(key=lambda change: (change.cost_micro, change.offer))
    return found[:SHOWN]


def _named(rules: list[int]) -> list[Constraint]:
    return [CONSTRAINTS[rule] for rule in rules]


def sentence_of(problem: Problem, rule: Constraint, workload: int, offer: int, slack: float) -> str:
    """What would have to change for *offer* to pass *rule*."""
    return rule.relaxation.format(needed=rule.needed(problem, workload, offer, slack) if rule.needed else "")


def best_by_tier(problem: Problem, story: Story) -> list[int]:
    """The cheapest feasible offer of each tier, `NONE` where there is none."""
    found = []
    for tier in range(len(TIERS)):
        offers = np.flatnonzero(story.feasible_o & (problem.tier_o == tier))
        found.append(int(offers[np.argmin(story.cost_o[offers])]) if len(offers) else NONE)
    return found
