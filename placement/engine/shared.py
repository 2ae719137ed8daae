"""Capacity that workloads share: existing nodes, the power of a site, and the line of a location.

Each workload is first placed as if it were alone. Where that asks for more than there is, the resource goes to the set
of workloads that would together lose most by going elsewhere; the others are searched again without it, and never for
it again, so this ends. Where several resources meet, some may be left with room in the end: then those go back that
had left it and save by it, the largest saving first. The result respects every limit; it is exact for one resource at a
time, not for several that meet in one workload.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Ints
from placement.engine.elsewhere import Ranked
from placement.engine.knapsack import most_valuable
from placement.engine.problem import Problem
from placement.engine.redundant import Together, choice_of, left_of, member_rows
from placement.engine.resources import Resource, claims_of, drawn_on, limit_of
from placement.engine.search import NONE
from placement.engine.solution import Barred, Choice, Claims, Gap, Prepared, Solution

MAX_VALUE = 2**62
"""Sums of weighed losses stay below it."""


def share_capacity(
    prepared: Prepared, alone: Solution, together: Together | None = None, pinned: frozenset[int] = frozenset()
) -> Solution:
    """Move workloads until no resource is drawn on beyond its limit; members of one workload move *together*.

    Those that are *pinned* stay where they are; there is room for all of them.
    """
    problem = prepared.problem
    claims = claims_on(problem, alone, np.flatnonzero(alone.offer_w != NONE))
    solution = alone._replace(
        offer_w=alone.offer_w.copy(),
        cost_w=alone.cost_w.copy(),
        nodes_w=alone.nodes_w.copy(),
        displaced_w=alone.displaced_w.copy(),
        claims=claims,
        gaps={},
    )
    ranked, behind = Ranked(prepared), list[_Left]()
    while (resource := _overdrawn(problem, claims)) is not None:
        claimants = claims[resource]
        stay = {number: amount for number, amount in claimants.items() if number in pinned} if pinned else {}
        free = {number: amount for number, amount in claimants.items() if number not in stay} if stay else claimants
        if together is not None:
            free = _as_one(free, together)
        if not free:
            raise AssertionError(f"more than there is of {resource} was left to workloads that stay")
        again = _elsewhere(prepared, ranked, solution, free, resource, together)
        kept, gap = keepers(free, again.losses, limit_of(problem, resource) - sum(stay.values()), problem.ids)
        if gap is not None:
            solution.gaps[resource] = gap
        moved = np.array([row for row, number in enumerate(again.for_whom) if number not in kept], dtype=np.int64)
        w, lost = again.w[moved], again.w[moved] == np.array(again.for_whom, dtype=np.int64)[moved]
        left = _move(problem, solution, w, Choice._make(column[moved] for column in again.choice), lost)
        behind += left if together is None else _by_workload(left, together)
        solution.barred.update({number: again.barred[number] for number in w.tolist()})
    _move_back(problem, solution, behind)
    return solution


def _as_one(claimants: dict[int, float], together: Together) -> dict[int, float]:
    """The claims with those of the members of one workload, which move together, under the first that has any."""
    found: dict[int, float] = {}
    firsts: dict[int, int] = {}
    for number in sorted(claimants):
        group = together.group_of.get(number)
        first = number if group is None else firsts.setdefault(group, number)
        found[first] = found.get(first, 0.0) + claimants[number]
    return found


class _Elsewhere(NamedTuple):
    """What the claimants of a resource would have without it: one row each, or one for every member of a workload."""

    w: Ints
    for_whom: list[int]
    """The claimant that each row is about."""
    choice: Choice
    losses: dict[int, float]
    """What going elsewhere costs, by claimant: all members of its workload together."""
    barred: Barred


def _elsewhere(
    prepared: Prepared,
    ranked: Ranked,
    solution: Solution,
    claimants: dict[int, float],
    resource: Resource,
    together: Together | None,
) -> _Elsewhere:
    """Search the claimants of a resource again without it."""
    group_of = together.group_of if together is not None else {}
    w = np.array([number for number in claimants if number not in group_of], dtype=np.int64)
    grown: dict[frozenset[Resource], frozenset[Resource]] = {}  # many are barred from the same
    barred = {
        number: grown.setdefault(had, had | {resource})
        for number in w.tolist()
        for had in (solution.barred.get(number, frozenset()),)
    }
    choice = ranked.without(w, barred)
    losses = dict(zip(w.tolist(), (choice.cost_w - solution.cost_w[w]).tolist(), strict=True))
    found = _Elsewhere(w, w.tolist(), choice, losses, barred)
    if together is None or len(w) == len(claimants):
        return found
    several, members = together.several, {number: group_of[number] for number in claimants if number in group_of}
    left = {group: left_of(several, group, solution.barred) | {resource} for group in members.values()}
    groups = list(members.values())
    mine, rows = choice_of(prepared, several, groups, together.choose(groups, left)), member_rows(several, groups)
    for_whom = [number for number, group in members.items() for _ in several.rows(group)]
    change = mine.cost_w - solution.cost_w[rows]
    for number, cost in zip(for_whom, change.tolist(), strict=True):
        losses[number] = losses.get(number, 0.0) + cost
    barred.update({row: left[group] for group in groups for row in several.rows(group)})
    both = Choice(*(np.concatenate(parts) for parts in zip(choice, mine, strict=True)))
    return _Elsewhere(np.concatenate([w, rows]), [*found.for_whom, *for_whom], both, losses, barred)


class _Left(NamedTuple):
    """What a workload had to leave: it alone, or all its members at once."""

    w: tuple[int, ...]
    choice: tuple[tuple[int, float, float], ...]
    """Offer, cost and nodes of each."""
    drawn: tuple[tuple[Resource, float], ...]


def _by_workload(left: list[_Left], together: Together) -> list[_Left]:
    """The same, with what the members of one workload left in one."""
    group_of = together.group_of
    found: dict[tuple[bool, int], _Left] = {}
    for one in left:
        (number,) = one.w
        key = (number in group_of, group_of.get(number, number))
        other = found.get(key)
        found[key] = _Left(other.w + one.w, other.choice + one.choice, other.drawn + one.drawn) if other else one
    return list(found.values())


def _move_back(problem: Problem, solution: Solution, behind: list[_Left]) -> None:
    """Give workloads back what they left, where that saves and there is room for it after all; until none is left.

    Every move saves, so this ends.
    """
    free = {one: limit_of(problem, one) for left in behind for one, _ in left.drawn}
    for one in free:
        free[one] -= sum(solution.claims.get(one, {}).values())

    def saving(left: _Left) -> float:
        return float(solution.cost_w[list(left.w)].sum()) - sum(cost for _, cost, _ in left.choice)

    def has_room(left: _Left) -> bool:
        together: dict[Resource, float] = {}  # members of one workload may draw on the same
        for one, amount in left.drawn:
            together[one] = together.get(one, 0.0) + amount
        return all(amount <= free[one] + _kept(solution, left, one) for one, amount in together.items())

    moved = True
    while moved:
        moved = False
        roomy = [left for left in behind if has_room(left)]
        for left in sorted(roomy, key=lambda left: (-saving(left), problem.ids[left.w[0]], left.choice)):
            if saving(left) > 0 and has_room(left):
                w = np.array(left.w)
                for had in _move(problem, solution, w, _choice(left), np.zeros(len(w), dtype=np.bool_)):
                    for resource, amount in had.drawn:
                        free[resource] = free.get(resource, 0.0) + amount
                for resource, amount in left.drawn:
                    free[resource] -= amount
                _open_again(solution, left)
                moved = True


def _kept(solution: Solution, left: _Left, resource: Resource) -> float:
    """What members of a workload that left something still draw on a resource: going back they leave that."""
    drawn = solution.claims.get(resource, {}) if len(left.w) > 1 else {}
    return sum(drawn.get(number, 0.0) for number in left.w)


def _choice(left: _Left) -> Choice:
    return Choice(*map(np.array, zip(*left.choice, strict=True)))


def _open_again(solution: Solution, left: _Left) -> None:
    """The workload is no longer kept from what it has got back."""
    for number, (offer, _, _) in zip(left.w, left.choice, strict=True):
        barred = solution.barred.pop(number, frozenset()) - {resource for resource, _ in left.drawn}
        if barred:
            solution.barred[number] = barred
        if solution.displaced_w[number] == offer:
            solution.displaced_w[number] = NONE


def keepers(
    claims: dict[int, float], losses: dict[int, float], limit: float, ids: list[str]
) -> tuple[set[int], Gap | None]:
    """Who keeps the resource: the set that fits and would together lose most by going elsewhere; its gap, if any.

    Workloads with nowhere else to go count for more than any sum of losses. Equal sums are decided by the order of ids.
    Losses whose weighed sums would be too large to count are counted in coarser units, which then is part of the gap.
    """
    order = sorted(claims, key=lambda w: (ids[w], w))
    size_x = np.array([claims[w] for w in order]).astype(np.int64)
    loss_x = np.array([losses[w] for w in order])
    nowhere_x = np.isinf(loss_x)
    value_x, unit = np.where(nowhere_x, 0.0, loss_x).astype(np.int64), 1
    weight = sum(value_x.tolist()) + 1
    while weight * (int(nowhere_x.sum()) + 1) >= MAX_VALUE:
        value_x, unit = value_x // 10, unit * 10
        weight = sum(value_x.tolist()) + 1
    value_x[nowhere_x] = weight
    kept_x, gap = most_valuable(size_x, value_x, int(limit))
    if unit > 1:
        gap += len(order)
    kept = {w for w, keeps in zip(order, kept_x.tolist(), strict=True) if keeps}
    return kept, Gap(min(gap, weight - 1) * unit, gap >= weight) if gap else None


def claims_on(problem: Problem, solution: Solution, w: Ints) -> Claims:
    """How much the workloads *w* draw on what, under the offers chosen."""
    mine = w[solution.offer_w[w] != NONE]
    claims: Claims = {}
    for number, resource, amount in claims_of(problem, mine, solution.offer_w[mine], solution.nodes_w[mine]):
        claims.setdefault(resource, {})[number] = amount
    return claims


def draws(problem: Problem, w: Ints, offer_w: Ints) -> Bools:
    """Whether the workloads *w* draw on something of finite size, under one offer each."""
    supply = problem.supply
    site_w = supply.site_o[offer_w]
    powered_w = ~np.isnan(problem.power_limit_kw_micro_s[site_w])
    draws_w = (supply.limit_nodes_o[offer_w] >= 0) | ((supply.bought_o[offer_w] >= 0) & powered_w)
    draws_w[[row for row, _, _ in problem.uplinks.drawn(w, site_w)]] = True
    return np.asarray(draws_w & (offer_w != NONE))


def _overdrawn(problem: Problem, claims: Claims) -> Resource | None:
    """The first resource that is drawn on beyond its limit."""
    return next((one for one in sorted(claims) if sum(claims[one].values()) > limit_of(problem, one)), None)


def _move(problem: Problem, solution: Solution, w: Ints, choice: Choice, lost_w: Bools) -> list[_Left]:
    """Give the workloads *w* other offers; what they had, and drew on, they leave: some of them have *lost* it."""
    drawn: dict[int, list[tuple[Resource, float]]] = {number: [] for number in w.tolist()}
    for resource, amounts in claims_on(problem, solution, w).items():
        claimed = solution.claims[resource]
        for number, amount in amounts.items():
            drawn[number].append((resource, amount))
            del claimed[number]
        if not claimed:
            del solution.claims[resource]
    had = zip(*(column[w].tolist() for column in (solution.offer_w, solution.cost_w, solution.nodes_w)), strict=True)
    left = [_Left((number,), (one,), tuple(drawn[number])) for number, one in zip(drawn, had, strict=True)]
    first = (solution.displaced_w[w] == NONE) & lost_w
    solution.displaced_w[w[first]] = solution.offer_w[w[first]]
    solution.offer_w[w], solution.cost_w[w], solution.nodes_w[w] = choice
    for resource, amounts in claims_on(problem, solution, w).items():
        solution.claims.setdefault(resource, {}).update(amounts)
    return left


def holders(problem: Problem, claims: Claims, w: int, offer: int) -> list[int]:
    """The other workloads that draw on what workload *w* would draw on under *offer*."""
    drawn = drawn_on(problem, w, offer)
    return sorted({number for resource in drawn for number in claims.get(resource, {}) if number != w})
