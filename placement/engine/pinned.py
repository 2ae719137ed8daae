"""Members of workloads at several sites while volume tiers are counted over all workloads: they stay where they are.

Their sites were chosen together, each workload as if its flows were alone. Their flows count in the pools like all
others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.apart import Several
from placement.engine.arrays import Floats, Ints
from placement.engine.beyond import told_of
from placement.engine.pools import pooled_micro
from placement.engine.problem import Problem
from placement.engine.redundant import Together, member_rows
from placement.engine.solution import Choice, Prepared, Solution


class Pinned(NamedTuple):
    """Who stays, and where."""

    rows: frozenset[int]
    w: Ints
    """The same in the order of the next three."""
    offer_w: Ints
    """`NONE` for those who have no sites."""
    apart_micro_w: Floats
    """Cost without what their flows in pools cost."""
    nodes_w: Floats

    def into(self, priced: Problem, choice: Choice) -> Choice:
        """The *choice* of all workloads at the prices of a problem, with those who stay at their own offers."""
        if not self.rows:
            return choice
        offer_w, cost_w, nodes_w = choice.offer_w.copy(), choice.cost_w.copy(), choice.nodes_w.copy()
        offer_w[self.w], nodes_w[self.w] = self.offer_w, self.nodes_w
        cost_w[self.w] = self.apart_micro_w + pooled_micro(priced, offer_w)[self.w]
        return Choice(offer_w, cost_w, nodes_w)

    def others(self, w: Ints) -> Ints:
        """Those of *w* who may move."""
        return w[~np.isin(w, self.w)] if self.rows else w


_NONE = np.zeros(0, dtype=np.int64)

NOBODY = Pinned(frozenset(), _NONE, _NONE, np.zeros(0), np.zeros(0))


def settled_members(coupled: Problem, several: Several, solution: Solution) -> Pinned:
    """All members, where a solution at the prices of *coupled* has them."""
    w = member_rows(several, range(len(several.terms)))
    apart = solution.cost_w[w] - pooled_micro(coupled, solution.offer_w)[w]
    return Pinned(frozenset(w.tolist()), w, solution.offer_w[w], apart, solution.nodes_w[w])


def with_told(prepared: Prepared, first: Solution, pooled: Solution, members: Pinned) -> Solution:
    """What was found with members pinned, and what is to be said of these: also of what they had to leave *first*."""
    several = prepared.problem.several
    assert several is not None
    pooled.displaced_w[members.w] = first.displaced_w[members.w]
    pooled.barred.update({row: left for row, left in first.barred.items() if row in members.rows})
    return pooled._replace(told=told_of(prepared, Together(prepared, several), pooled), searched=None)
