"""Nodes that are there, divided between workloads by what each node saves whom.

Who saves most by a mix may have it whole, though others would save more by some of its nodes. Where more is wanted of
the nodes of one offer than there are, each of those who want some is asked for its best mix with none of them, with
one, with two, and so on; of all ways to divide them the one that costs least in all is exact for these nodes, and
what else the workloads have stays as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, counted
from placement.engine.parts import rows_of
from placement.engine.resources import Resource, offers_of
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Solution
from placement.engine.stack.free import Free, drawn_by
from placement.engine.stack.markets import Left
from placement.engine.stack.offered import Offered, billed_micro, choose_mixes

ASKED = 1024
"""How many nodes of one offer workloads may want together for them to be divided; else they stay as they are."""

MANY = 512
"""Workloads up to which all are asked whether they want some; of more, those that have some or had to leave them."""

TRIFLE = 1.0
"""What is saved by less is rounding [micro-USD]."""


class _Wish(NamedTuple):
    """The best that a workload could have with none of the nodes, with one, and so on. Axis `n`: nodes, from 0."""

    w: int
    cost_n: Floats
    """Infinite where it could have nothing."""
    offered_n: list[Offered | None]
    """None: what it has."""


def divided(prepared: Prepared, plan: Solution, free: Free, rows: Ints) -> bool:
    """Divide the nodes of each offer anew among the workloads *rows* and nobody else; whether that saved anything."""
    changed = False
    for resource in sorted(free.claims()):
        if resource.kind == "nodes" and resource.location < 0:
            changed |= _divided(prepared, plan, free, rows, resource)
    return changed


def _divided(prepared: Prepared, plan: Solution, free: Free, rows: Ints, resource: Resource) -> bool:
    asked = _askable(prepared, plan, free, rows, resource)
    bare = free.without(resource, asked.tolist())
    # Nodes that there is no power for cannot be had by anybody.
    powered = bare.left_to(NONE).limit_o[offers_of(prepared.problem, resource)].max()
    most = int(min(bare.left_of(resource), powered))
    if most < 1 or len(asked) < 2:
        return False
    full = _offered(prepared, bare, resource, asked, np.full(len(asked), most))
    used_w = np.array([_nodes(prepared, resource, one) for one in full])
    had_w = np.array([free.drawn(w).get(resource, 0.0) for w in asked.tolist()]).astype(np.int64)
    saves_w = np.array([one is not None and one.cost_micro < plan.cost_w[one.w] - TRIFLE for one in full])
    some = np.flatnonzero((had_w > 0) | (saves_w & (used_w > 0)))
    most_w = np.maximum(used_w, had_w)[some]
    if most_w.sum() <= most or len(some) < 2 or most_w.sum() > ASKED:
        return False
    wishes = _wishes(prepared, plan, bare, resource, asked[some], most_w, had_w[some])
    nodes = _least(wishes, most)
    saved = sum(float(plan.cost_w[one.w] - one.cost_n[count]) for one, count in zip(wishes, nodes, strict=True))
    given = [one.offered_n[count] for one, count in zip(wishes, nodes, strict=True)]
    return saved > TRIFLE and _given(prepared, plan, free, [one for one in given if one is not None])


def _askable(prepared: Prepared, plan: Solution, free: Free, rows: Ints, resource: Resource) -> Ints:
    """Who has some of the nodes or might want some."""
    if len(rows) <= MANY:
        return rows
    offers = set(offers_of(prepared.problem, resource).tolist())
    wants = [
        resource in free.drawn(w) or resource in plan.barred.get(w, ()) or int(plan.displaced_w[w]) in offers
        for w in rows.tolist()
    ]
    return np.asarray(rows[np.array(wants, dtype=np.bool_)])


def _wishes(
    prepared: Prepared, plan: Solution, bare: Free, resource: Resource, w: Ints, most_w: Ints, had_w: Ints
) -> list[_Wish]:
    """*most_w*: as many nodes as each could use; *had_w*: what it has of them."""
    count_w = most_w + 1
    first_w = np.cumsum(count_w) - count_w
    offered = _offered(prepared, bare, resource, np.repeat(w, count_w), counted(count_w))
    wishes = []
    for number, first, count, had in zip(w.tolist(), first_w.tolist(), count_w.tolist(), had_w.tolist(), strict=True):
        best, cost, found, costs = None, np.inf, [], []
        for n, one in enumerate(offered[first : first + count]):
            if one is not None and one.cost_micro < cost - TRIFLE:
                best, cost = one, one.cost_micro
            if n == had and float(plan.cost_w[number]) <= cost:
                best, cost = None, float(plan.cost_w[number])
            found.append(best)
            costs.append(cost)
        wishes.append(_Wish(number, np.array(costs), found))
    return wishes


def _offered(prepared: Prepared, bare: Free, resource: Resource, w: Ints, nodes: Ints) -> list[Offered | None]:
    """The best that each of the workloads *w*, who may repeat, could have with so many nodes; None: nothing."""
    lefts: dict[int, Left] = {}
    own = {}
    for row, (number, count) in enumerate(zip(w.tolist(), nodes.tolist(), strict=True)):
        shared = not bare.drawn(number)
        if not shared or count not in lefts:
            left = _at_most(prepared, bare.left_to(number), resource, count)
            own[row] = lefts.setdefault(count, left) if shared else left
        else:
            own[row] = lefts[count]
    mixes = choose_mixes(prepared, (rows_of(prepared.problem, w), (bare.left_to(-1), own)))
    row_y = np.array([row for row, found in enumerate(mixes) for _ in found], dtype=np.int64)
    flat = [mix for found in mixes for mix in found]
    best: list[Offered | None] = [None] * len(w)
    for at, mix, cost in zip(row_y.tolist(), flat, billed_micro(prepared, w[row_y], flat).tolist(), strict=True):
        known = best[at]
        if known is None or cost < known.cost_micro:
            best[at] = Offered(int(w[at]), mix, cost)
    return best


def _at_most(prepared: Prepared, left: Left, resource: Resource, nodes: int) -> Left:
    limit_o = left.limit_o.copy()
    offers = offers_of(prepared.problem, resource)
    limit_o[offers] = np.minimum(limit_o[offers], nodes)
    return left._replace(limit_o=limit_o)


def _nodes(prepared: Prepared, resource: Resource, offered: Offered | None) -> int:
    """How many of the nodes a mix takes."""
    return 0 if offered is None else int(drawn_by(prepared.problem, offered.w, offered.mix).get(resource, 0.0))


def _least(wishes: list[_Wish], most: int) -> list[int]:
    """How many nodes each has in a division of at most so many that costs the least in all.

    Workload by workload: the least cost of those so far with m nodes is that of those before with m − n and of this one
    with n, over all n.
    """
    total_m, taken = np.zeros(most + 1), []
    for wish in wishes:
        count = min(len(wish.cost_n), most + 1)
        padded = np.concatenate([np.full(count - 1, np.inf), total_m])
        cost_mn = np.stack([padded[count - 1 - n : count - 1 - n + most + 1] + wish.cost_n[n] for n in range(count)], 1)
        taken.append(cost_mn.argmin(axis=1))
        total_m = cost_mn.min(axis=1)
    left, nodes = most, []
    for n_m in reversed(taken):
        nodes.append(int(n_m[left]))
        left -= nodes[-1]
    return nodes[::-1]


def _given(prepared: Prepared, plan: Solution, free: Free, given: list[Offered]) -> bool:
    """Let all of them have what they are offered, if there is room for all at once; whether there is."""
    drawn = [drawn_by(prepared.problem, one.w, one.mix) for one in given]
    trial = free.copy()
    for one in given:
        trial.take(one.w, {})
    for one, wanted in zip(given, drawn, strict=True):
        if not trial.fits(one.w, wanted):
            return False
        trial.take(one.w, wanted)
    for one in given:
        free.take(one.w, {})
    for one, wanted in zip(given, drawn, strict=True):
        free.take(one.w, wanted)
        one.into(plan)
    return True
