"""Whose doing a difference is, found by asking again: inputs are exchanged one by one and every plan is computed anew.

The groups of inputs that changed are players of a cooperative game: a coalition's worth is a workload's cost when just
those groups are new. A group's share is its Shapley value, the mean of what it adds over all orders of exchanging
them: shares add up to the difference, do not depend on any order, and are zero for what makes no difference
(L. S. Shapley, A value for n-person games, 1953).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from math import factorial
from typing import NamedTuple

from placement.catalog.tables import Catalog
from placement.diff.causes import subject_of
from placement.diff.compare import Attribution
from placement.diff.model import ADDED, REMOVED, Cause, Change
from placement.engine.advise import advise
from placement.inventory.check import first_finding
from placement.inventory.digests import DEMAND, RULES
from placement.inventory.guardrails import Guardrails
from placement.inventory.inventory import Inventory
from placement.inventory.place import Location
from placement.inventory.workload import Workload

MOST_PLACEMENTS = 40_000
"""Placements × combinations of changed inputs up to which plans are computed anew."""

Costs = dict[str, int | None]
"""Monthly cost of each placement in cents, by its id; None for a workload without a place."""

Group = frozenset[str]


class World(NamedTuple):
    """What one plan is made from."""

    inventory: Inventory
    catalog: Catalog


class Attributed(NamedTuple):
    """Whose doing differences are, or in one sentence why inputs could not be exchanged one by one."""

    causes: Attribution | None = None
    note: str = ""


def shapley_attribution(old: World, new: World, before: Costs, after: Costs) -> Attributed:
    """The causes of each workload's difference; none where there is nothing to exchange.

    *before* and *after* are the costs of the two plans, by placement. It cannot be done when the mixtures name things
    that the other side's catalog does not know, or would be too many to compute.
    """
    # A fleet is not read twice to learn which of its inputs changed.
    groups = changed_groups(old, new) if len(before) * 2 <= MOST_PLACEMENTS else ()
    if len(before) * 2 ** max(1, len(groups)) > MOST_PLACEMENTS:
        return Attributed(note=f"{_FROM_LINES}: these are too many workloads to compute every combination of changes")
    if not groups:
        return Attributed()
    worth: dict[Group, Costs] = {frozenset(): before, frozenset(groups): after}
    for size in range(1, len(groups)):
        for taken in map(frozenset, combinations(groups, size)):
            world = mixture(old, new, taken)
            wrong = first_finding(world.inventory, world.catalog)
            if wrong is not None:
                words = ", ".join(_WORDS[group] for group in groups if group in taken)
                return Attributed(note=f"{_FROM_LINES}: with the new {words} alone, {wrong.message}")
            worth[taken] = costs_of(world)
    return Attributed(_attribution(groups, worth))


_FROM_LINES = "causes are read from cost lines"
_WORDS = {
    "workloads": "list of workloads",
    "demand": "demand",
    "price": "catalog",
    "policy": "policies and rules",
    "own_sites": "own sites",
}


def costs_of(world: World) -> Costs:
    """What each placement costs when the plan is computed."""
    plan = advise(world.catalog, world.inventory, "")
    return {placement.workload: placement.monthly_cost_cents for placement in plan.placements}


def changed_groups(old: World, new: World) -> tuple[str, ...]:
    """The groups of inputs in which the two worlds differ, in a fixed order."""
    found = []
    for group, differs in _GROUPS.items():
        if differs(old, new):
            found.append(group)
    return tuple(found)


def _workloads_differ(old: World, new: World) -> bool:
    return {one.id for one in old.inventory.workloads} != {one.id for one in new.inventory.workloads}


def _demand_differs(old: World, new: World) -> bool:
    return _differ(
        old, new, lambda workload: [_moved(workload), *(getattr(workload, field) for field in DEMAND)]
    ) or any(
        _clash(before, after)
        for before, after in (
            (old.inventory.datasets, new.inventory.datasets),
            (old.inventory.models, new.inventory.models),
            (old.inventory.curves, new.inventory.curves),
        )
    )


def _moved(workload: Workload) -> tuple[str | None, float] | None:
    """What is to be moved from where it is today; today's cost decides nothing."""
    current = workload.current
    return (current.site, current.data_gb) if current is not None and current.data_gb else None


def _policy_differs(old: World, new: World) -> bool:
    one, other = old.inventory, new.inventory
    return (
        _differ(old, new, lambda workload: [getattr(workload, field) for field in RULES])
        or one.policies.deciding() != other.policies.deciding()
        or one.horizon_months != other.horizon_months
        or _clash(one.locations, other.locations)
    )


def _differ(old: World, new: World, said: Callable[[Workload], list[object]]) -> bool:
    """Whether *said* is not the same of every workload that is on both sides."""
    there = {workload.id: workload for workload in old.inventory.workloads}
    return any(
        said(workload) != said(there[workload.id]) for workload in new.inventory.workloads if workload.id in there
    )


def _clash(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    return any(name in new and new[name] != value for name, value in old.items())


def _held(inventory: Inventory) -> list[object]:
    """What is there already, or may be bought for it."""
    return [inventory.sites, inventory.commitments]


_GROUPS: dict[str, Callable[[World, World], bool]] = {
    "workloads": _workloads_differ,
    "demand": _demand_differs,
    "price": lambda old, new: old.catalog.digest != new.catalog.digest,
    "policy": _policy_differs,
    "own_sites": lambda old, new: _held(old.inventory) != _held(new.inventory),
}


def mixture(old: World, new: World, taken: Group) -> World:
    """The old world with the groups *taken* from the new one.

    Locations and datasets of either side are there in any case: one that nobody uses changes nothing. What only judges
    a plan is in none: guardrails and expectations may be about what one side alone has.
    """
    side = {group: new if group in taken else old for group in _GROUPS}
    one, other = old.inventory, new.inventory
    sites = side["own_sites"].inventory.sites
    locations = {**one.locations, **other.locations, **side["policy"].inventory.locations}
    for name, site in {**one.sites, **other.sites}.items():
        if name not in sites:
            # A flow may begin or end at a site of the other side: what remains of it is the place.
            locations.setdefault(name, locations.get(site.stands_at[0], Location.model_construct()))
    rules, demand = side["policy"].inventory, side["demand"].inventory
    inventory = rules.with_curves({**one.curves, **other.curves, **demand.curves}).model_copy(
        update={
            "policies": rules.policies.model_copy(update={"guardrails": Guardrails()}),
            "expect": [],
            "locations": locations,
            "sites": sites,
            "commitments": side["own_sites"].inventory.commitments,
            "datasets": {**one.datasets, **other.datasets, **demand.datasets},
            "models": {**one.models, **other.models, **demand.models},
            "loads": {**one.loads, **other.loads, **demand.loads},
            "workloads": _workloads(old, new, side),
        }
    )
    return World(inventory, side["price"].catalog)


def _workloads(old: World, new: World, side: dict[str, World]) -> list[object]:
    before = {workload.id: workload for workload in old.inventory.workloads}
    after = {workload.id: workload for workload in new.inventory.workloads}
    found: list[object] = []
    for workload in side["workloads"].inventory.workloads:
        name = workload.id
        if name not in before or name not in after:
            found.append(workload)
            continue
        demand = after[name] if side["demand"] is new else before[name]
        rules = after[name] if side["policy"] is new else before[name]
        values = {field: getattr(demand, field) for field in (*DEMAND, "current")}
        values |= {field: getattr(rules, field) for field in RULES}
        found.append(after[name].model_copy(update=values))
    return found


def _attribution(groups: tuple[str, ...], worth: dict[Group, Costs]) -> Attribution:
    def causes(change: Change) -> tuple[Cause, ...] | None:
        # A site that one side does not have costs nothing there; without a place it has no cost to share out.
        absent = 0 if change.sign in (ADDED, REMOVED) else None
        values = {taken: costs.get(change.workload, absent) for taken, costs in worth.items()}
        known = {taken: cost for taken, cost in values.items() if cost is not None}
        if len(known) < len(worth):
            return None
        shares = apportioned(shapley_values(groups, known), factorial(len(groups)), change.difference_cents)
        return tuple(
            Cause(group, subject_of(group, change, share), share)
            for group, share in zip(groups, shares, strict=True)
            if share
        )

    return causes


def shapley_values(groups: tuple[str, ...], worth: Mapping[Group, int]) -> list[int]:
    """Each group's Shapley value times the factorial of their number, so that it is a whole number."""
    count = len(groups)
    values = []
    for group in groups:
        others = [other for other in groups if other != group]
        total = 0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1)
            for chosen in map(frozenset, combinations(others, size)):
                total += weight * (worth[chosen | {group}] - worth[chosen])
        values.append(total)
    return values


def apportioned(parts: list[int], unit: int, total: int) -> list[int]:
    """*parts*, counted in fractions 1/*unit*, as whole numbers that add up to *total* (largest remainder)."""
    whole = [part // unit for part in parts]
    order = sorted(range(len(parts)), key=lambda number: (-(parts[number] % unit), number))
    for number in order[: total - sum(whole)]:
        whole[number] += 1
    return whole
