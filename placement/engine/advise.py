"""Inventory + catalog → plan. Pure: the same arguments give the same plan, byte for byte."""

from __future__ import annotations

import numpy as np

from placement import __version__
from placement.catalog.tables import Catalog
from placement.engine.close_calls import close_calls
from placement.engine.placing import Placing
from placement.engine.problem import build_problem
from placement.engine.reasons import offer_weights, rejections
from placement.engine.rejecting import rejecting
from placement.engine.solution import Prepared, Solution, chunks, prepare, work
from placement.engine.solve import Progress, solve
from placement.engine.stating import assumptions, notes
from placement.inventory.digests import parts_digests
from placement.inventory.inventory import Inventory
from placement.plan.model import Inputs, Placement, Plan
from placement.plan.summary import summarise
from placement.units import from_micro


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
    known, parts = problem.catalog.sources, parts_digests(problem.inventory)
    return Plan(
        inputs=Inputs(
            inventory_name=problem.inventory.name,
            inventory_sha256=inventory_sha256,
            catalog_name=problem.catalog.name,
            catalog_sha256=problem.catalog.digest,
            catalog_as_of=problem.catalog.as_of,
            engine_version=__version__,
            horizon_months=problem.horizon_months,
            discount_rate_fraction=str(from_micro(problem.discount_rate_micro)),
            policies_sha256=parts.policies,
            sites_sha256=parts.sites,
        ),
        summary=summarise(placements, int(np.size(problem.supply.site_o))),
        placements=placements,
        assumptions=stated,
        notes=notes(problem, solution, placements),
        sources={key: known[key][0] for key in sorted(used) if key in known},
    )


def place_all(prepared: Prepared, solution: Solution, progress: Progress | None = None) -> list[Placement]:
    """The placement of every workload, in the inventory's order."""
    problem = prepared.problem
    weights = offer_weights(problem, prepared.rules)
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
