"""The placements that a table shows of a plan of any size."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from placement.plan.model import Placement, Plan

MOST_ROWS = 50
"""Placements shown at most; a fleet's table shows the most expensive ones and says where the rest is."""

MOST_UNPLACED = 20
"""Unplaced workloads whose ways out are shown at most."""

_Numbered = tuple[int, Placement]
"""A placement with the number of its workload in the inventory."""


def _dearest_first(entry: _Numbered) -> tuple[int, int]:
    return -(entry[1].monthly_cost_cents or 0), entry[0]


@dataclass
class Shown:
    """The most expensive placements and the first unplaced ones; the rest may be forgotten."""

    dearest: list[_Numbered] = field(default_factory=list)
    unplaced: list[_Numbered] = field(default_factory=list)

    def add(self, placements: Iterable[_Numbered]) -> None:
        """See more of them."""
        listed = list(placements)
        self.dearest = heapq.nsmallest(MOST_ROWS, [*self.dearest, *listed], key=_dearest_first)
        unplaced = [*self.unplaced, *(entry for entry in listed if _has_no_place(entry[1]))]
        self.unplaced = heapq.nsmallest(MOST_UNPLACED, unplaced, key=lambda entry: entry[0])

    def merge(self, other: Shown) -> None:
        """See what another has seen of other placements."""
        self.add({**dict(other.dearest), **dict(other.unplaced)}.items())

    def placements(self) -> list[Placement]:
        """All that are shown, in the inventory's order."""
        return [placement for _, placement in sorted({**dict(self.dearest), **dict(self.unplaced)}.items())]


def shown_rows(plan: Plan) -> tuple[list[Placement], int]:
    """The placements for the main table, in the inventory's order, and how many others there are."""
    rows = heapq.nsmallest(MOST_ROWS, enumerate(plan.placements), key=_dearest_first)
    return [placement for _, placement in sorted(rows)], plan.summary.workloads - _workloads(one for _, one in rows)


def shown_unplaced(plan: Plan) -> tuple[list[Placement], int]:
    """The unplaced workloads whose ways out are shown, and how many others there are."""
    found = [placement for placement in plan.placements if _has_no_place(placement)][:MOST_UNPLACED]
    return found, plan.summary.workloads - plan.summary.placed - _workloads(found)


def _has_no_place(placement: Placement) -> bool:
    """Whether it is to be said of it: of several sites that are not there, the first one says so."""
    return placement.status == "unplaced" and bool(not placement.is_further or placement.relaxations)


def _workloads(placements: Iterable[Placement]) -> int:
    """How many workloads they are: the further sites of one are counted with its first."""
    return sum(not placement.is_further for placement in placements)
