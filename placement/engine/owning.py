"""What a plan leaves open about hardware that is owned: nodes nobody uses, and capital not yet written off."""

from collections import Counter

import numpy as np

from placement.engine.annuity import remaining_micro
from placement.engine.problem import Problem
from placement.engine.solution import Resource, Solution
from placement.engine.supply import Purchase
from placement.engine.terms.hardware import life_months, owned_payment_micro
from placement.plan.model import Placement
from placement.units import cents

_NAMED = 6


def owning_notes(problem: Problem, solution: Solution, placements: tuple[Placement, ...]) -> list[str]:
    """The notes on bought and existing nodes."""
    return [*_outliving(problem, solution, placements), *_unused(problem, solution)]


def _outliving(problem: Problem, solution: Solution, placements: tuple[Placement, ...]) -> list[str]:
    """What is still to be written off at the horizon's end, and who would rather rent if it were charged."""
    supply, horizon = problem.supply, problem.horizon_months
    total, dearer = 0, []
    for placement, offer in zip(placements, solution.chosen_w.tolist(), strict=True):
        if not placement.layers or placement.layers[0].purchase != "owned":
            continue
        purchase = supply.purchases[int(supply.bought_o[offer])]
        left = placement.layers[0].nodes * _left_micro(problem, purchase)
        total += left
        rented = [other.monthly_cost_cents for other in placement.alternatives if other.purchase != "owned"]
        charged = (placement.monthly_cost_cents or 0) + cents(left // horizon)
        if not purchase.existing and rented and charged > min(rented):
            dearer.append(placement.workload)
    if not total:
        return []
    text = f"bought nodes outlive the {horizon}-month horizon: {_money(total)} is still to be written off at its end"
    if dearer:
        more = f" and {len(dearer) - _NAMED} more" if len(dearer) > _NAMED else ""
        names = ", ".join(sorted(dearer)[:_NAMED]) + more
        text += f"; used no longer than that, they would cost more than leased or rented ones: {names}"
    return [text]


def _left_micro(problem: Problem, purchase: Purchase) -> int:
    """What of one node's price is still to be paid off at the horizon's end [micro-USD]."""
    months = life_months(problem, purchase) - problem.horizon_months
    payment = owned_payment_micro(problem, purchase)
    return remaining_micro(payment, problem.discount_rate_micro, months) if months > 0 else 0


def _unused(problem: Problem, solution: Solution) -> list[str]:
    """Existing nodes that no workload uses, by site and node, with their level payment."""
    supply = problem.supply
    there: Counter[tuple[str, str]] = Counter()
    idle: Counter[tuple[str, str]] = Counter()
    idle_micro: Counter[tuple[str, str]] = Counter()
    for offer in np.flatnonzero(supply.limit_nodes_o >= 0).tolist():
        purchase = supply.purchases[int(supply.bought_o[offer])]
        key = (supply.sites[int(supply.site_o[offer])].name, purchase.node.id)
        nodes = int(supply.limit_nodes_o[offer])
        unused = nodes - int(sum(solution.claims.get(Resource("nodes", offer), {}).values()))
        there[key] += nodes
        idle[key] += unused
        idle_micro[key] += unused * owned_payment_micro(problem, purchase)
    found = []
    for key in sorted(key for key, unused in idle.items() if unused):
        site, node = key
        stay, their = ("stays", "its") if idle[key] == 1 else ("stay", "their")
        cost = f"; {their} {_money(idle_micro[key])} a month is in no total" if idle_micro[key] else ""
        found.append(f"{idle[key]:,} of {there[key]:,} existing {node} at {site} {stay} unused{cost}")
    more = len(found) - _NAMED
    return [*found[:_NAMED], f"existing nodes stay unused at {more} more places"] if more > 0 else found


def _money(micro: int) -> str:
    return f"${(cents(micro) + 50) // 100:,}"
