"""Why there is no offer at all: as few rules as forbid all of them together.

A deletion filter over the rules' verdicts on every offer: each rule is left out in turn, and stays out where the others
still forbid every offer. What remains is irreducible: without any one of its rules some offer would keep the rest. The
rules that a workload states itself are left out last, so that they are named rather than policies and the market.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.judging import Judged, Misses, kinds_of
from placement.engine.problem import Problem
from placement.inventory.located import resolve_location
from placement.inventory.policy import Policies
from placement.inventory.workload import Slo, Workload
from placement.plan.ruled import Conflict
from placement.units import plain_text

MOST_NAMED = 4
"""Countries and the like named in a reason."""


def conflicts(judged: Judged) -> list[tuple[Constraint, ...]]:
    """For each of some workloads, none of which has a feasible offer: the rules that exclude each other."""
    misses = Misses(judged)
    kinds = kinds_of(judged)
    distinct = sorted(set(kinds), key=lambda kind: kind[1])  # those that may be in the same places follow each other
    known = dict(zip(distinct, map(_irreducible, misses.patterns(distinct)), strict=True))
    return [known[kind] for kind in kinds]


def _irreducible(pattern_o: Ints) -> tuple[Constraint, ...]:
    """The rules left of all when those are dropped, the last first, without which the rest still forbids all offers.

    *pattern_o* has a bit for every rule that an offer breaks, in the order of `CONSTRAINTS`.
    """
    if not len(pattern_o) or not pattern_o.all():
        return ()
    kept = int(np.bitwise_or.reduce(pattern_o))
    for number in reversed(range(len(CONSTRAINTS))):
        without = kept & ~(1 << number)
        if without != kept and (pattern_o & without).all():
            kept = without
    return tuple(rule for number, rule in enumerate(CONSTRAINTS) if kept & (1 << number))


class Naming(NamedTuple):
    """Puts the rules of a conflict into a workload's own words."""

    problem: Problem

    def of(self, row: int, workload: Workload, rules: Iterable[Constraint]) -> tuple[Conflict, ...]:
        """What each of *rules* is for the workload in row *row* of the problem."""
        return tuple(Conflict(rule.name, self._words(row, workload, rule)) for rule in rules)

    def _words(self, row: int, workload: Workload, rule: Constraint) -> str:
        """A rule as the inventory says it."""
        legal, policies = self.problem.legal, self.problem.inventory.policies
        number = int(legal.row_w[row])
        bound = legal.bounds[number]
        match rule.name:
            case "residency":
                said = " and ".join(f"`residency` [{_some(names)}]" for names in bound.residency)
            case "legal":
                hard = [one.id for one in legal.rules[number] if one.effect == "hard"]
                said = f"the law ({_some(hard or [one.id for one in legal.rules[number]])})"
            case "operator":
                said = "`operators`" if workload.operators else "`policies.operators`"
            case "isolation":
                said = f"`isolation: {bound.isolation}`"
            case "air_gap":
                said = "`isolation: air_gapped`"
            case "offline":
                said = f"`offline` at users in {self._where(workload)}"
            case "rtt":
                said = f"{_slo(workload.slo)} to {self._where(workload)}" if workload.slo else ""
            case "certification":
                said = f"`certifications` [{_some(sorted({*workload.certifications, *policies.certifications}))}]"
            case _:
                said = ""
        return said or _policy_words(policies, rule.name) or rule.title

    def _where(self, workload: Workload) -> str:
        """The countries of the users."""
        inventory, catalog = self.problem.inventory, self.problem.catalog
        found = [resolve_location(catalog, inventory.locations[user.location])[0] for user in workload.users]
        return _some(list(dict.fromkeys(country or "an unknown country" for country in found)))


def _slo(slo: Slo) -> str:
    """The budgets of an SLO."""
    stated = [
        f"`slo.{key}` {plain_text(value)}"
        for key in ("rtt_ms", "end_to_end_ms")
        if (value := getattr(slo, key)) is not None
    ]
    return " and ".join(stated)


def _policy_words(policies: Policies, rule: str) -> str:
    """The lists of the policies that a rule is about; empty for rules about the market."""
    lists = {
        "provider": ("allowed_providers", "denied_providers"),
        "tier": ("allowed_tiers", "denied_tiers"),
        "country": ("allowed_countries", "denied_countries"),
        "access": ("allowed_access",),
        "accelerator": ("allowed_accelerators", "denied_accelerators"),
        "purchase_model": ("allowed_purchase_models",),
    }
    stated = [key for key in lists.get(rule, ()) if getattr(policies, key)]
    return " and ".join(f"`policies.{key}` [{_some(getattr(policies, key))}]" for key in stated)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def sentence(found: Sequence[Conflict], room: int) -> str:
    """That the rules exclude each other, in *room* characters at most; empty where one that can give forbids all."""
    if len(found) < 2:
        return f"{found[0].words} forbids every offer"[:room] if found and found[0].rule == "legal" else ""
    for words in ([one.words for one in found], [f"`{one.rule}`" for one in found]):
        text = f"{', '.join(words[:-1])} and {words[-1]} exclude each other"
        if len(text) <= room:
            return text
    return f"{len(found)} rules exclude each other: {found[0].rule}, {found[1].rule}, …"
