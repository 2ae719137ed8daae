"""Rejections of a chunk → the plan's words for one workload after the other."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.constraints.base import Constraint
from placement.engine.reasons import Rejection, Weights
from placement.engine.supply import Supply
from placement.plan.model import Miss, Rejected, RejectedTier
from placement.units import MILLI, from_milli
from placement.words import PURCHASES, TIERS

_CELL = 90
"""Characters a reason may have."""

_RULES_NAMED = 3


class Tally(NamedTuple):
    """A rejection as plain lists, by class of the chunk's workloads (and tier)."""

    rule: Constraint
    of: list[int]
    """Class of each row of the chunk; empty where all are of one."""
    said: list[Rejected | None]
    """In the plan's words, over all tiers; None where the rule forbids nothing."""
    total: list[int]
    by_tier: list[list[int]]
    slack: list[list[float]]
    nearest: list[list[int]]

    def at(self, row: int) -> int:
        """The class of a row."""
        return self.of[row] if self.of else 0


class Rejecting(NamedTuple):
    """What the rules forbid the workloads of one chunk."""

    supply: Supply
    tallies: list[Tally]
    offers_in_tier: list[int]


def rejecting(supply: Supply, rejections: Sequence[Rejection], weights: Weights) -> Rejecting:
    """Turn arrays into lists once per chunk."""
    return Rejecting(supply, [_tally(supply, rejection) for rejection in rejections], weights.total_t.tolist())


def _tally(supply: Supply, rejection: Rejection) -> Tally:
    known_kt = np.where(np.isneginf(rejection.slack_kt), -np.finfo(np.float64).max, rejection.slack_kt)
    nearest_tier_k = np.where(rejection.count_kt > 0, known_kt, -np.inf).argmax(axis=1)
    tally = Tally(
        rejection.rule,
        rejection.class_w.tolist(),
        [],
        rejection.count_kt.sum(axis=1).tolist(),
        rejection.count_kt.tolist(),
        rejection.slack_kt.tolist(),
        rejection.nearest_kt.tolist(),
    )
    for kind, (total, tier) in enumerate(zip(tally.total, nearest_tier_k.tolist(), strict=True)):
        miss = _miss(supply, tally, kind, tier) if total else None
        tally.said.append(Rejected(tally.rule.name, total, miss) if total else None)
    return tally


def rejected_by_rule(made: Rejecting, row: int) -> tuple[Rejected, ...]:
    """Every rule that forbids something: how many offers, and its nearest miss.

    Over all tiers; one with an unknown figure only where nothing known is nearer.
    """
    return tuple([said for tally in made.tallies if (said := tally.said[tally.at(row)]) is not None])


def rejected_tiers(made: Rejecting, row: int, feasible_t: Sequence[bool]) -> tuple[RejectedTier, ...]:
    """Tiers with offers, none of them feasible: the rule that forbids most of each."""
    found = []
    for tier, name in enumerate(TIERS):
        if made.offers_in_tier[tier] and not feasible_t[tier]:
            worst = _worst(made, row, tier)
            kind = worst.at(row)
            miss = _miss(made.supply, worst, kind, tier)
            count = worst.by_tier[kind][tier]
            found.append(RejectedTier(name, made.offers_in_tier[tier], worst.rule.name, count, miss))
    return tuple(found)


def _worst(made: Rejecting, row: int, tier: int) -> Tally:
    """The rule that forbids most of a tier, the first of equals."""
    return max(made.tallies, key=lambda tally: tally.by_tier[tally.at(row)][tier])


def only_tier(made: Rejecting, row: int, chosen: int) -> str:
    """Why no other tier has a feasible offer: the rules that each forbid all of them, else the worst for each tier."""
    others = [tier for tier, offers in enumerate(made.offers_in_tier) if offers and tier != chosen]
    if not others:
        return f"only {TIERS[chosen]} has offers"
    alone = [
        tally.rule.name
        for tally in made.tallies
        if all(tally.by_tier[tally.at(row)][tier] == made.offers_in_tier[tier] for tier in others)
    ]
    if alone:
        return f"only {TIERS[chosen]} passes {', '.join(alone[:_RULES_NAMED])}"
    parts = []
    for tier in others:
        worst = _worst(made, row, tier)
        count, total = worst.by_tier[worst.at(row)][tier], made.offers_in_tier[tier]
        some = f"all {total:,}" if count == total else f"{count:,} of {total:,}"
        parts.append((worst.rule.name, f"{some} {TIERS[tier]}"))
    (rule, some), *more = parts
    return _cut(
        f"only {TIERS[chosen]} is feasible: {rule} forbids {some} offers", [f"{rule} {some}" for rule, some in more]
    )


def _cut(text: str, more: list[str]) -> str:
    """*text* and as many of *more* as fit a cell of a table; an ellipsis stands for the rest."""
    for number, part in enumerate(more):
        ending = "" if number == len(more) - 1 else ", …"
        if len(text) + len(", ") + len(part) + len(ending) > _CELL:
            return f"{text}, …"
        text = f"{text}, {part}"
    return text


def blocking(made: Rejecting, row: int) -> str:
    """Why nothing is left, when no change of rules was found that would help."""
    counts = [(tally.total[tally.at(row)], -number, tally.rule.name) for number, tally in enumerate(made.tallies)]
    alone = [name for count, _, name in counts if count == sum(made.offers_in_tier)]
    if alone:
        return f"no offer passes {', '.join(alone)}"
    names = [name for count, _, name in sorted(counts, reverse=True) if count][:3]
    return f"no offer passes {', '.join(names)} together"


def _miss(supply: Supply, tally: Tally, kind: int, tier: int) -> Miss | None:
    """The nearest miss of a rule with a measure."""
    if not tally.rule.unit:
        return None
    index, slack = tally.nearest[kind][tier], tally.slack[kind][tier]
    margin = "unknown" if slack == float("-inf") else str(from_milli(round(-slack * MILLI)))
    return Miss(_named(supply, tally.rule.axes[-1], index), margin, tally.rule.unit)


def _named(supply: Supply, axis: str, index: int) -> str:
    """What an index on a rule's axis stands for; `t` is the last letter of `limit`, whose indices are offers."""
    if axis == "s":
        return supply.sites[index].id
    if axis == "h":
        return f"{supply.shapes[index].units} × {supply.shapes[index].accelerator}"
    return PURCHASES[index] if axis == "p" else supply.offer_id(index)
