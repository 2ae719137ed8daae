"""Mixes in the whole plan: whoever saves by one has it, as long as there is room in what workloads share.

Each workload's mix is the best of what the others leave, found as if it were alone. They are given out in the order of
what they save; where the room is gone by then, the workload is asked again. What workloads leave is open to others,
also to those that had to go elsewhere because of it: they go back where that saves. Then nodes that are there are
divided anew where others would save more by some of them (`divided`). Every step makes the plan cheaper, so this ends;
rounds beyond `ROUNDS` are not made.
"""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.chunk import CHUNK
from placement.engine.ledger import each_micro
from placement.engine.parts import rows_of
from placement.engine.problem import Problem
from placement.engine.resources import claims_of
from placement.engine.running import Runner, in_process, shares
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Solution, chunks, work
from placement.engine.stack.choose import by_curve, stackable
from placement.engine.stack.divided import divided
from placement.engine.stack.free import Drawn, Free, drawn_by
from placement.engine.stack.mix import Trap
from placement.engine.stack.offered import Offered, choose_mixes, part_of_asked, saving
from placement.words import BY_THE_HOUR, PURCHASES

ROUNDS = 4
"""How often all are asked at most."""


def with_mixes(prepared: Prepared, solution: Solution, size: int = CHUNK, runner: Runner = in_process) -> Solution:
    """The solution with mixes where these cost less; *prepared* prices what it adds to pools."""
    problem = prepared.problem
    rows = _mixable(problem, solution)
    if not len(rows):
        return solution
    free = Free(problem, prepared.rules.limit_nodes_o, solution.claims)
    plan = solution._replace(
        offer_w=solution.offer_w.copy(),
        cost_w=solution.cost_w.copy(),
        nodes_w=solution.nodes_w.copy(),
        displaced_w=solution.displaced_w.copy(),
        barred=dict(solution.barred),
        mixes=dict(solution.mixes),
        traps={},
    )
    for number in range(ROUNDS):
        shared = bool(free.claims())
        changed = _give_out(prepared, plan, free, _offered(prepared, plan, free, rows, size, runner))
        if shared:
            changed |= _return(prepared, plan, free)
            changed |= divided(prepared, plan, free, rows)
        if not changed or not shared or number + 1 == ROUNDS:
            break
    traps = {w: trap for w, trap in plan.traps.items() if _is_avoided(problem, plan, w, trap)}
    return plan._replace(claims=free.claims(), searched=None if plan.mixes else plan.searched, traps=traps)


def may_mix(problem: Problem, solution: Solution) -> bool:
    """Whether somebody in a solution is, or could be, on a mix."""
    return len(_mixable(problem, solution)) > 0


def _mixable(problem: Problem, solution: Solution) -> Ints:
    """Workloads that have a place and may be mixed."""
    if problem.inventory.policies.mixing == "none":
        return np.zeros(0, dtype=np.int64)
    return stackable(problem, np.flatnonzero(solution.offer_w != NONE))


def _is_avoided(problem: Problem, plan: Solution, w: int, trap: Trap) -> bool:
    """Whether the plan buys as many by the month as is right, where the trap is, and nothing elsewhere."""
    supply, mix = problem.supply, plan.mixes.get(w)
    bought = {int(plan.offer_w[w]): int(plan.nodes_w[w])}
    if mix is not None:
        bought = {one.offer: one.units for part in mix.parts for one in part.bought}
    there = (supply.site_o[trap.offer], supply.shape_o[trap.offer])
    if any((supply.site_o[offer], supply.shape_o[offer]) != there for offer in bought):
        return False
    by_month = (PURCHASES[int(supply.purchase_o[offer])] not in BY_THE_HOUR for offer in bought)
    return sum(units for units, monthly in zip(bought.values(), by_month, strict=True) if monthly) == trap.units


def _offered(prepared: Prepared, plan: Solution, free: Free, rows: Ints, size: int, runner: Runner) -> list[Offered]:
    """What each of the workloads *rows* could save by, what saves most first; those that are alike are asked once."""
    problem = prepared.problem
    limits: dict[tuple[object, ...], int] = {}
    first: list[int] = []
    which = []
    for w in rows.tolist():
        key = (int(problem.twins.class_x[w]), *sorted(free.drawn(w).items()))
        if key not in limits:
            limits[key] = len(first)
            first.append(w)
        which.append(limits[key])
    asked = np.array(first, dtype=np.int64)
    # Those of the same load are reckoned together: they are kept in one part.
    order = by_curve(problem, asked)
    parts = (part_of_asked(problem, free, asked[order[run]]) for run in chunks(len(asked), size, shares(runner)))
    found = dict(
        zip(order.tolist(), (mix for part in runner(choose_mixes, prepared, parts) for mix in part), strict=True)
    )
    mixes = [found[number] for number in which]
    told = zip(rows.tolist(), mixes, strict=True)
    plan.traps.update({w: mix.trap for w, found in told for mix in found if mix.trap is not None})
    return saving(prepared, plan, rows, mixes)


def _give_out(prepared: Prepared, plan: Solution, free: Free, offered: list[Offered]) -> bool:
    """Give mixes to those that save by them; whether any was."""
    changed = False
    for one in offered:
        wanted, found = drawn_by(prepared.problem, one.w, one.mix), one
        if not free.fits(one.w, wanted):
            w = np.array([one.w])
            again = choose_mixes(prepared, (rows_of(prepared.problem, w), (free.left_to(one.w), {})))
            better = saving(prepared, plan, w, again)
            if not better:
                continue
            found = better[0]
            wanted = drawn_by(prepared.problem, one.w, found.mix)
            if not free.fits(one.w, wanted):
                continue
        found.into(plan)
        free.take(one.w, wanted)
        changed = True
    return changed


def _return(prepared: Prepared, plan: Solution, free: Free) -> bool:
    """Let workloads go back to what they had to leave, where there is room now and it saves; whether any did."""
    problem = prepared.problem
    several = problem.several is not None
    w = np.flatnonzero((plan.displaced_w != NONE) & (plan.offer_w != NONE))
    w = np.array([row for row in w.tolist() if row not in plan.mixes and not several], dtype=np.int64)
    if not len(w):
        return False
    worked = work(prepared, w)
    offers = plan.displaced_w[w]
    nodes = worked.chunk.sizing.nodes_wh[np.arange(len(w)), problem.supply.shape_o[offers]]
    cost = each_micro(problem, prepared.fixed, worked.costs, offers, nodes)
    wants: dict[int, Drawn] = {}
    for number, resource, amount in claims_of(problem, w, offers, nodes):
        wants.setdefault(number, {})[resource] = amount
    changed = False
    gains = (plan.cost_w[w] - cost).tolist()
    order = sorted(range(len(w)), key=lambda row: (-gains[row], problem.ids[int(w[row])]))
    for row in order:
        number = int(w[row])
        if gains[row] > 0 and free.fits(number, wants.get(number, {})):
            free.take(number, wants.get(number, {}))
            plan.offer_w[number], plan.cost_w[number], plan.nodes_w[number] = offers[row], cost[row], nodes[row]
            plan.displaced_w[number] = NONE
            plan.barred.pop(number, None)
            changed = True
    return changed
