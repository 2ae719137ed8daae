"""Rules evaluated on their own small axes, and what they leave."""

from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import Chunk, rows_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem
from placement.engine.sizing import Sizing
from placement.words import PURCHASES


class Rules(NamedTuple):
    """The rules that do not depend on workloads, evaluated once; and which remain."""

    static: dict[str, Floats]
    """Slack by rule name, for axes `s`, `h`, `p`, `o` and `limit`."""
    ok_s: Bools
    ok_h: Bools
    ok_p: Bools
    ok_o: Bools
    limit_nodes_o: Floats
    varying: tuple[Constraint, ...]


class Feasible(NamedTuple):
    """What a chunk may use: an offer is feasible where all three masks and the node limit agree."""

    ok_ws: Bools
    ok_wh: Bools
    ok_wp: Bools


def static_rules(problem: Problem, chunk: Chunk) -> Rules:
    """Evaluate the rules that are the same for every workload."""
    static = {rule.name: rule.slack(problem, chunk) for rule in CONSTRAINTS if rule.axes not in ("ws", "wh", "wp")}

    def ok(axes: str, size: int) -> Bools:
        slacks = [static[rule.name] >= 0 for rule in CONSTRAINTS if rule.axes == axes]
        return np.logical_and.reduce(slacks) if slacks else np.ones(size, dtype=np.bool_)

    supply = problem.supply
    limits = [static[rule.name] for rule in CONSTRAINTS if rule.axes == "limit"]
    return Rules(
        static=static,
        ok_s=ok("s", len(supply.sites)),
        ok_h=ok("h", len(supply.shapes)),
        ok_p=ok("p", len(PURCHASES)),
        ok_o=ok("o", len(supply.site_o)),
        limit_nodes_o=np.minimum.reduce(limits),
        varying=tuple(rule for rule in CONSTRAINTS if rule.axes in ("ws", "wh", "wp") and asks(rule, problem)),
    )


def asks(rule: Constraint, problem: Problem) -> bool:
    """Whether a rule can forbid any workload of the problem anything."""
    return rule.applies is None or rule.applies(problem)


def feasible(problem: Problem, rules: Rules, chunk: Chunk) -> Feasible:
    """Evaluate the rules that depend on workloads, and join them with the others."""
    every = {"ws": rules.ok_s[None, :], "wh": rules.ok_h[None, :], "wp": rules.ok_p[None, :]}
    masks = {}
    for axes, mask in every.items():
        first, index_w = distinct(chunk.kinds[axes])
        some = rows_of(chunk, first)
        for rule in rules.varying:
            if rule.axes == axes:
                mask = mask & (rule.slack(problem, some) >= 0)  # noqa: PLW2901
        masks[axes] = np.broadcast_to(mask, (len(first), mask.shape[1]))[index_w]
    return Feasible(masks["ws"], masks["wh"], masks["wp"])


def passes(problem: Problem, rules: Rules, allowed: Feasible, sizing: Sizing, offer_w: Ints) -> Bools:
    """Whether every rule allows each workload of a chunk its one offer; of no meaning for those without an offer."""
    supply, rows = problem.supply, np.arange(len(offer_w))
    shape_w = supply.shape_o[offer_w]
    return np.asarray(
        allowed.ok_ws[rows, supply.site_o[offer_w]]
        & allowed.ok_wh[rows, shape_w]
        & allowed.ok_wp[rows, supply.purchase_o[offer_w]]
        & rules.ok_o[offer_w]
        & (sizing.most_wh[rows, shape_w] <= rules.limit_nodes_o[offer_w])
    )
