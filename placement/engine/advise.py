"""Inventory + catalog → plan. Pure: the same arguments give the same plan, byte for byte."""

from __future__ import annotations

import numpy as np

from placement import __version__
from placement.catalog.tables import TIERS, Catalog
from placement.engine.close_calls import close_calls
from placement.engine.placing import Placing
from placement.engine.problem import Problem, build_problem
from placement.engine.reasons import offer_weights, rejections
from placement.engine.rejecting import rejecting
from placement.engine.solution import Prepared, Solution, chunks, prepare, work
from placement.engine.solve import Progress, solve
from placement.engine.stating import assumptions, notes
from placement.inventory.inventory import Inventory
from placement.plan.model import Inputs, Placement, Plan, Share, Summary


def advise(catalog: Catalog, inventory: Inventory, inventory_sha256: str, progress: Progress | None = None) -> Plan:
    """Place every workload of *inventory* at the least monthly cost its rules allow.

    The inventory must have passed `inventory.check.check_names`. *progress* is told how far it is.
    """
    prepared = prepare(build_problem(catalog, inventory))
    return plan_of(prepared, solve(prepared, progress=progress), inventory_sha256, progress)


def plan_of(prepared: Prepared, solution: Solution, inventory_sha256: str, progress: Progress | None = None) -> Plan:
    """Write a solution down."""
    problem = prepared.problem
    placements = tuple(place_all(prepared, solution, progress))
    used = {line.source_id for placement in placements for line in placement.lines}
    stated = assumptions(problem, placements)
    used |= {assumption.source_id for assumption in stated}
    known = problem.catalog.sources
    return Plan(
        inputs=Inputs(
            inventory_name=problem.inventory.name,
            inventory_sha256=inventory_sha256,
            catalog_name=problem.catalog.name,
            catalog_sha256=problem.catalog.digest,
            catalog_as_of=problem.catalog.as_of,
            engine_version=__version__,
            horizon_months=problem.horizon_months,
        ),
        summary=summarise(problem, placements),
        placements=placements,
        assumptions=stated,
        notes=notes(problem, solution, placements),
        sources={key: known[key][0] for key in sorted(used) if key in known},
    )


def place_all(prepared: Prepared, solution: Solution, progress: Progress | None = None) -> list[Placement]:
    """The placement of every workload, in the inventory's order."""
    problem = prepared.problem
    weights = offer_weights(problem)
    placements: list[Placement] = []
    kept = solution.worked
    for worked in [kept] if kept is not None else (work(prepared, w) for w in chunks(len(problem.workloads))):
        rejected = rejections(problem, prepared.rules, weights, worked.chunk)
        made = rejecting(problem.supply, rejected, weights)
        placing = Placing(prepared, solution, worked, made, close_calls(prepared, solution, worked.chunk.w))
        placements += [placing.placement(row) for row in range(len(worked.chunk.w))]
        if progress:
            count = len(problem.workloads)
            progress(count + len(placements), 2 * count)
    return placements


def summarise(problem: Problem, placements: tuple[Placement, ...]) -> Summary:
    """Totals as sums of the placements' cents."""
    placed = [placement for placement in placements if placement.monthly_cost_cents is not None]
    compared = [placement for placement in placed if placement.baseline_cents is not None]

    def shares(names: list[str], order: tuple[str, ...] = ()) -> tuple[Share, ...]:
        totals: dict[str, list[int]] = {}
        for name, placement in zip(names, placed, strict=True):
            entry = totals.setdefault(name, [0, 0])
            entry[0] += 1
            entry[1] += placement.monthly_cost_cents or 0
        key = order.index if order else lambda name: (-totals[name][1], name)
        return tuple(Share(name, *totals[name]) for name in sorted(totals, key=key))

    return Summary(
        workloads=len(placements),
        placed=len(placed),
        monthly_cost_cents=sum(placement.monthly_cost_cents or 0 for placement in placed),
        baseline_cents=sum(placement.baseline_cents or 0 for placement in compared) if compared else None,
        compared_cost_cents=sum(placement.monthly_cost_cents or 0 for placement in compared),
        baseline_workloads=len(compared),
        offers=int(np.size(problem.supply.site_o)),
        by_tier=shares([placement.tier for placement in placed], TIERS),
        by_provider=shares([placement.provider for placement in placed]),
        by_purchase=shares([placement.layers[0].purchase for placement in placed]),
    )
