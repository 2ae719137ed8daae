"""Rejections of a chunk → the plan's words for one workload after the other."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem
from placement.engine.reasons import Rejection, Weights
from placement.engine.supply import Supply
from placement.plan.ruled import Miss, Rejected, RejectedTier
from placement.units import MILLI, milli_text, plain_text
from placement.words import PURCHASES, TIERS

CELL = 90
"""Characters a reason may have."""

_RULES_NAMED = 3


class Tally(NamedTuple):
    """A rejection as plain lists, by class of the chunk's workloads (and tier)."""

    rule: Constraint
    said: list[Rejected | None]
    """In the plan's words, over all tiers; None where the rule forbids nothing."""
    total: list[int]
    by_tier: list[list[int]]
    slack: list[list[float]]
    nearest: list[list[int]]
    forbids_others: list[list[bool]]
    """Whether it forbids every offer of all other tiers."""


class Rejecting(NamedTuple):
    """What the rules forbid the workloads of one chunk, ready to be asked row by row."""

    problem: Problem
    tallies: list[Tally]
    class_wc: list[list[int]]
    """For each row its class in every tally."""
    worst_wt: list[list[int]]
    """For each row and tier the tally that forbids most of it, the first of equals."""
    offers_in_tier: list[int]
    tiers: dict[tuple[int, int, int], RejectedTier]
    """Tiers put into words so far, by tally, class and tier."""


def rejecting(problem: Problem, rejections: Sequence[Rejection], weights: Weights, rows: int) -> Rejecting:
    """Turn arrays into lists once per chunk of that many *rows*."""
    none_w = np.zeros(rows, dtype=np.int64)
    class_cw = np.array([rejection.class_w if len(rejection.class_w) else none_w for rejection in rejections])
    count_cwt = np.array([rejection.count_kt[kind_w] for rejection, kind_w in zip(rejections, class_cw, strict=True)])
    return Rejecting(
        problem,
        [_tally(problem, rejection, weights.total_t) for rejection in rejections],
        class_cw.T.tolist(),
        count_cwt.argmax(axis=0).tolist(),
        weights.total_t.tolist(),
        {},
    )


def _tally(problem: Problem, rejection: Rejection, total_t: Ints) -> Tally:
    known_kt = np.where(np.isneginf(rejection.slack_kt), -np.finfo(np.float64).max, rejection.slack_kt)
    left_kt = rejection.count_kt < total_t
    nearest_tier_k = np.where(rejection.count_kt > 0, known_kt, -np.inf).argmax(axis=1)
    tally = Tally(
        rejection.rule,
        [],
        rejection.count_kt.sum(axis=1).tolist(),
        rejection.count_kt.tolist(),
        rejection.slack_kt.tolist(),
        rejection.nearest_kt.tolist(),
        (left_kt.sum(axis=1)[:, None] == left_kt).tolist(),
    )
    for kind, (total, tier) in enumerate(zip(tally.total, nearest_tier_k.tolist(), strict=True)):
        miss = _miss(problem, tally, kind, tier) if total else None
        tally.said.append(Rejected(tally.rule.name, total, miss) if total else None)
    return tally


def rejected_by_rule(made: Rejecting, row: int) -> tuple[Rejected, ...]:
    """Every rule that forbids something: how many offers, and its nearest miss.

    Over all tiers; one with an unknown figure only where nothing known is nearer.
    """
    each = zip(made.tallies, made.class_wc[row], strict=True)
    return tuple([said for tally, kind in each if (said := tally.said[kind]) is not None])


def rejected_tiers(made: Rejecting, row: int, feasible_t: Sequence[bool]) -> tuple[RejectedTier, ...]:
    """Tiers with offers, none of them feasible: the rule that forbids most of each."""
    found = []
    for tier, (worst, offers, ok) in enumerate(zip(made.worst_wt[row], made.offers_in_tier, feasible_t, strict=True)):
        if offers and not ok:
            key = (worst, made.class_wc[row][worst], tier)
            if key not in made.tiers:
                made.tiers[key] = _rejected_tier(made, *key)
            found.append(made.tiers[key])
    return tuple(found)


def _rejected_tier(made: Rejecting, number: int, kind: int, tier: int) -> RejectedTier:
    tally = made.tallies[number]
    miss = _miss(made.problem, tally, kind, tier)
    return RejectedTier(TIERS[tier], made.offers_in_tier[tier], tally.rule.name, tally.by_tier[kind][tier], miss)


def only_tier(made: Rejecting, row: int, chosen: int) -> str:
    """Why no other tier has a feasible offer: the rules that each forbid all of them, else the worst for each tier."""
    others = [tier for tier, offers in enumerate(made.offers_in_tier) if offers and tier != chosen]
    if not others:
        return f"only {TIERS[chosen]} has offers"
    class_c = made.class_wc[row]
    each = zip(made.tallies, class_c, strict=True)
    alone = [tally.rule.name for tally, kind in each if tally.forbids_others[kind][chosen]]
    if alone:
        return f"only {TIERS[chosen]} passes {', '.join(alone[:_RULES_NAMED])}"
    parts = []
    for tier in others:
        worst = made.worst_wt[row][tier]
        tally = made.tallies[worst]
        count, total = tally.by_tier[class_c[worst]][tier], made.offers_in_tier[tier]
        some = f"all {total:,}" if count == total else f"{count:,} of {total:,}"
        parts.append((tally.rule.name, f"{some} {TIERS[tier]}"))
    (rule, some), *more = parts
    return _cut(
        f"only {TIERS[chosen]} is feasible: {rule} forbids {some} offers", [f"{rule} {some}" for rule, some in more]
    )


def _cut(text: str, more: list[str]) -> str:
    """*text* and as many of *more* as fit a cell of a table; an ellipsis stands for the rest."""
    for number, part in enumerate(more):
        ending = "" if number == len(more) - 1 else ", …"
        if len(text) + len(", ") + len(part) + len(ending) > CELL:
            return f"{text}, …"
        text = f"{text}, {part}"
    return text


def blocking(made: Rejecting, row: int) -> str:
    """Why nothing is left, when no change of rules was found that would help."""
    each = list(enumerate(zip(made.tallies, made.class_wc[row], strict=True)))
    counts = [(tally.total[kind], -number, tally.rule.name) for number, (tally, kind) in each]
    alone = [name for count, _, name in counts if count == sum(made.offers_in_tier)]
    if len(alone) == 1:
        said = next(tally.said[kind] for _, (tally, kind) in each if tally.rule.name == alone[0])
        rule = next(tally.rule for tally in made.tallies if tally.rule.name == alone[0])
        text = f"no offer passes {alone[0]}"
        more = _closest(said) or _open(rule)
        return text + more if len(text + more) <= CELL else text
    if alone:
        return f"no offer passes {', '.join(alone)}"
    names = [name for count, _, name in sorted(counts, reverse=True) if count][:3]
    return f"no offer passes {', '.join(names)} together"


def _open(rule: Constraint) -> str:
    """What would have to be said for a rule of which nobody knows what it would take to pass it."""
    return "" if rule.needed or rule.unit else f": {rule.relaxation}"


def _closest(said: Rejected | None) -> str:
    """What comes closest, where the rule has a measure and it is known."""
    miss = said.nearest if said is not None else None
    if miss is None or miss.margin == "unknown":
        return ""
    return f": {miss.what} comes closest, {plain_text(float(miss.margin))} {miss.unit} short"


def _miss(problem: Problem, tally: Tally, kind: int, tier: int) -> Miss | None:
    """The nearest miss of a rule with a measure."""
    if not tally.rule.unit:
        return None
    index, slack = tally.nearest[kind][tier], tally.slack[kind][tier]
    margin = "unknown" if slack == float("-inf") else milli_text(round(-slack * MILLI))
    detail = tally.rule.detail(problem, index, slack) if tally.rule.detail and margin != "unknown" else ""
    return Miss(_named(problem.supply, tally.rule.axes[-1], index), margin, tally.rule.unit, detail)


def _named(supply: Supply, axis: str, index: int) -> str:
    """What an index on a rule's axis stands for; `t` is the last letter of `limit`, whose indices are offers."""
    if axis == "s":
        return supply.sites[index].id
    if axis == "h":
        return f"{supply.shapes[index].units} × {supply.shapes[index].accelerator}"
    return PURCHASES[index] if axis == "p" else supply.offer_id(index)
