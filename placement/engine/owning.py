"""What a plan leaves open about hardware that is owned: nodes nobody uses, and capital not yet written off."""

from collections import Counter

import numpy as np

from placement.engine.problem import Problem
from placement.engine.resources import name_of, resources_of
from placement.engine.solution import Solution
from placement.engine.stated import NAMED, Stated
from placement.engine.terms.hardware import owned_payment_micro
from placement.units import cents


def outliving_note(problem: Problem, stated: Stated) -> list[str]:
    """What is still to be written off at the horizon's end, and who would rather rent if it were charged."""
    if not stated.left_micro:
        return []
    text = (
        f"bought nodes outlive the {problem.horizon_months}-month horizon: {_money(stated.left_micro)} is still to be "
        "written off at its end"
    )
    if "dearer" in stated.names:
        text += f"; used no longer than that, they would cost more than leased or rented ones: {stated.names['dearer']}"
    return [text]


def unused_notes(problem: Problem, solution: Solution) -> list[str]:
    """Existing nodes that no workload uses, by site and node, with their level payment."""
    supply = problem.supply
    there: Counter[tuple[str, str]] = Counter()
    idle: Counter[tuple[str, str]] = Counter()
    idle_micro: Counter[tuple[str, str]] = Counter()
    for offer in np.flatnonzero((supply.limit_nodes_o >= 0) & (supply.bought_o >= 0)).tolist():
        purchase, s = supply.purchases[int(supply.bought_o[offer])], int(supply.site_o[offer])
        if problem.whole.site_s[s] != s:
            continue
        site = supply.sites[s]
        key, nodes = (site.name, purchase.node.id), int(supply.limit_nodes_o[offer])
        stocks = [resource for resource in resources_of(problem, offer) if resource.kind == "nodes"]
        for places, stock in zip([stand.places for stand in site.stands], stocks, strict=True):
            unused = places * (nodes - int(sum(solution.claims.get(stock, {}).values())))
            there[key] += places * nodes
            idle[key] += unused
            idle_micro[key] += unused * owned_payment_micro(problem, purchase)
    found = []
    for key in sorted(key for key, unused in idle.items() if unused):
        where, node = key
        stay, their = ("stays", "its") if idle[key] == 1 else ("stay", "their")
        cost = f"; {their} {_money(idle_micro[key])} a month is in no total" if idle_micro[key] else ""
        found.append(f"{idle[key]:,} of {there[key]:,} existing {node} at {where} {stay} unused{cost}")
    more = len(found) - NAMED
    return [*found[:NAMED], f"existing nodes stay unused at {more:,} more places"] if more > 0 else found


def split_notes(problem: Problem, solution: Solution) -> list[str]:
    """Where it was too much to prove who should have what others want too, and what may be lost by that."""
    found = []
    for resource, gap in sorted(solution.gaps.items()):
        if not gap.places and cents(gap.micro) == 0:
            continue
        placed = ", or place one more workload" if gap.places else ""
        found.append(
            f"too many workloads want {name_of(problem, resource)} to prove who should have it: "
            f"another split might save up to {_money(gap.micro)} a month{placed}"
        )
    more = len(found) - NAMED
    return [*found[:NAMED], f"the same holds for {more:,} more resources"] if more > 0 else found


def trap_notes(problem: Problem, solution: Solution) -> list[str]:
    """Where a commitment to what is needed today would be wrong over the horizon, and what it would cost more."""
    traps = sorted(solution.traps.items(), key=lambda pair: (-pair[1].more_micro, problem.ids[pair[0]]))
    traps = [(w, trap) for w, trap in traps if cents(int(trap.more_micro))]
    found = [
        f"{problem.ids[w]}: demand changes over the {problem.horizon_months} months; by what it is today "
        f"{trap.units_today:,} × {problem.supply.offer_id(trap.offer)} would be committed to; over all months "
        f"{trap.units:,} are right, and {trap.units_today:,} cost {_money(int(trap.more_micro))} a month more"
        for w, trap in traps[:NAMED]
    ]
    more = len(traps) - NAMED
    return [*found, f"the same holds for {more:,} more workloads"] if more > 0 else found


def _money(micro: int) -> str:
    return f"${(cents(micro) + 50) // 100:,}"
