"""Inventory + catalog → plan. Pure: the same arguments give the same plan, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from placement import __version__
from placement.catalog.tables import Catalog
from placement.engine.commitments import commitments_of
from placement.engine.copies import solve_with_copies
from placement.engine.negotiated import count_negotiated
from placement.engine.parts import PART
from placement.engine.placements import Placed, place, settled
from placement.engine.problem import Problem
from placement.engine.solution import Prepared, Solution
from placement.engine.solve import Progress
from placement.engine.stated import Counting, Stated, count, counting
from placement.engine.stated_work import count_work
from placement.engine.stating import aging, assumptions, notes
from placement.inventory.digests import parts_digests
from placement.inventory.inventory import Inventory
from placement.plan.model import Inputs, Placement, Plan
from placement.plan.summary import Tally
from placement.units import from_micro


def advise(catalog: Catalog, inventory: Inventory, inventory_sha256: str, progress: Progress | None = None) -> Plan:
    """Place every workload of *inventory* at the least monthly cost its rules allow.

    The inventory must have passed `inventory.check.check_names`. *progress* is told how far it is.
    """
    prepared, solution = solve_with_copies(catalog, inventory, progress=progress)
    return plan_of(prepared, solution, inventory_sha256, progress)


def plan_of(
    prepared: Prepared,
    solution: Solution,
    inventory_sha256: str,
    progress: Progress | None = None,
    size: int = PART,
) -> Plan:
    """Write a solution down, in the inventory's order."""
    counted, placements, total = Counted(), dict[int, Placement](), len(solution.offer_w)
    prepared = solution.as_chosen(prepared)
    for part in settled(prepared.problem, solution, size):
        placed = place(prepared, part)
        counted.add(placed)
        placements.update(zip(placed.numbers.tolist(), placed.placements, strict=True))
        if progress:
            progress(total + len(placements), 2 * total)
    return frame(prepared, solution, inventory_sha256, counted, [placements[number] for number in range(total)])


@dataclass
class Counted:
    """What a plan says of all its placements together; they may be forgotten once they are counted."""

    tally: Tally = field(default_factory=Tally)
    stated: Stated = field(default_factory=Stated)

    def add(self, placed: Placed) -> None:
        """Count the placements of one part."""
        about: Counting = counting(placed.problem, aging(placed.problem.catalog))
        for w, (offer, placement) in enumerate(zip(placed.offer_w.tolist(), placed.placements, strict=True)):
            self.tally.add(placement)
            mixed = placed.mixed.get(w)
            offers = [offer] if mixed is None else [one.bought.offer for one in mixed.layers]
            count(self.stated, about, w, offers if placement.layers else [], placement)
            count_negotiated(self.stated, placed.problem, offers, placement)
            count_work(self.stated, placed.problem, w, placement)

    def merge(self, other: Counted) -> None:
        """Count what another has counted of other workloads."""
        self.tally.merge(other.tally)
        self.stated.merge(other.stated)


def frame(
    prepared: Prepared, solution: Solution, inventory_sha256: str, counted: Counted, placements: Iterable[Placement]
) -> Plan:
    """The plan of which *counted* knows the sums, with the *placements* that are to stand in it."""
    problem = prepared.problem
    stated = assumptions(problem, counted.stated)
    used = counted.stated.words.get("sources", set()) | {assumption.source_id for assumption in stated}
    known = problem.catalog.sources
    return Plan(
        inputs=_inputs(problem, inventory_sha256),
        summary=counted.tally.summary(int(np.size(problem.supply.site_o))),
        placements=tuple(placements),
        assumptions=stated,
        notes=notes(problem, solution, counted.stated),
        sources={key: known[key][0] for key in sorted(used) if key in known},
        commitments=commitments_of(problem, solution),
    )


def _inputs(problem: Problem, inventory_sha256: str) -> Inputs:
    parts = parts_digests(problem.inventory)
    return Inputs(
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
    )
