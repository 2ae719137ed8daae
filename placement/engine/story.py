"""One workload against every offer: all slacks, all costs, and what would have to give."""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import chunk_of
from placement.engine.constraints import CONSTRAINTS, FABRIC, MEMORY
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.memory import needed_gib
from placement.engine.ledger import product_micro
from placement.engine.parts import only
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Worked, work
from placement.units import to_milli
from placement.words import TIERS

SHOWN = 3
"""Relaxations reported at most."""

_EVERY = np.arange(len(CONSTRAINTS))
_MEMORY, _FABRIC = CONSTRAINTS.index(MEMORY), CONSTRAINTS.index(FABRIC)


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
            slack = limit_o - nodes_o
        elif rule.name in prepared.rules.static:
            slack = prepared.rules.static[rule.name][axis[rule.axes]]
        else:
            slack = rule.slack(problem, one)[0][axis[rule.axes[1]]]
        slacks.append(slack)
    slack_co = np.array(slacks)
    per_node_o = prepared.fixed.node_micro_o.copy()
    for rate in worked.costs.usage:
        per_node_o += product_micro(rate.quantity_milli[row][supply.shape_o], rate.price_micro)
    cost_o = nodes_o * per_node_o + worked.costs.site_micro_wk[row][problem.charging.class_x[supply.site_o]]
    unknown_o = (supply.price_micro_o < 0) | (nodes_o == 0)
    return Story(slack_co, np.where(unknown_o, np.nan, cost_o), np.asarray((slack_co >= 0).all(axis=0)))


def relaxations(prepared: Prepared, worked: Worked, row: int, left: Problem) -> list[Change]:
    """The smallest changes that would place the workload: one rule at a time, else the fewest together.

    For one rule the offer that misses it least is named; among equals the cheapest. Offers, values and costs are
    those of the workload as it would be after the change, on what the others leave.
    """
    story = tell(prepared, worked, row, left)
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
    first = np.flatnonzero(np.concatenate([[True], np.diff(pattern[order]) != 0]))
    found = []
    for start, end in zip(first.tolist(), [*first[1:].tolist(), len(order)], strict=True):
        same = order[start:end]
        equal = candidates[same[worst[same] == worst[same[0]]]]
        rules = np.flatnonzero(broken[:, same[0]]).tolist()
        found.append(_change(prepared, worked.chunk.w[row : row + 1], left, story, rules, equal))
    found.sort(key=lambda change: (change.cost_micro, change.offer))
    return found[:SHOWN]


def _change(prepared: Prepared, w: Ints, left: Problem, story: Story, rules: list[int], offers: Ints) -> Change:
    """What makes the cheapest of *offers*, which miss the same *rules* equally far, feasible.

    A smaller replica needs other hardware, so it is sized and priced anew. Where its accelerators would still span
    nodes, only a fabric helps, which changes no size.
    """
    workload, broken, sentences = int(w[0]), [CONSTRAINTS[rule] for rule in rules], []
    settled = {MEMORY}
    if MEMORY in broken:
        slack_o = story.slack_co[_MEMORY, offers]
        offers, slack = offers[slack_o == slack_o[0]], float(slack_o[0])
        after = _shrunk(prepared, w, left, int(offers[0]), slack)
        newly_co = (after.slack_co[:, offers] < 0) & ~np.isin(_EVERY, [*set(rules) - {_MEMORY, _FABRIC}])[:, None]
        fits = offers[~newly_co.any(axis=0)]
        if len(fits):
            sentences.append(sentence_of(left, MEMORY, workload, int(fits[0]), slack))
            story, offers, settled = after, fits, {MEMORY, FABRIC}
    offer = int(offers[np.lexsort((offers, story.cost_o[offers]))[0]])
    slack_of = dict(zip(CONSTRAINTS, story.slack_co[:, offer].tolist(), strict=True))
    rest = [rule for rule in broken if rule not in settled and slack_of[rule] < 0]
    sentences += [sentence_of(left, rule, workload, offer, slack_of[rule]) for rule in rest]
    named = tuple(rule for rule in broken if rule in settled or rule in rest)
    return Change(named, " and ".join(sentences), offer, int(story.cost_o[offer]))


def _shrunk(prepared: Prepared, w: Ints, left: Problem, offer: int, slack: float) -> Story:
    """The story of a replica that is just small enough for the nodes of *offer*."""
    memory_milli = to_milli(needed_gib(prepared.problem, int(w[0]), offer, slack))
    alone = only(prepared.problem, int(w[0]))
    sizing = alone.sizing._replace(memory_milli_gib_w=np.array([float(memory_milli)]), memory_stated_w=np.array([True]))
    changed = prepared._replace(problem=alone._replace(sizing=sizing))
    return tell(changed, work(changed, np.arange(1)), 0, left)


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
