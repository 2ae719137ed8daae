"""What a comparison of two plans consists of. Money is in whole cents; a difference is new less old."""

from typing import NamedTuple

from placement.plan.model import Inputs

ADDED, REMOVED, CHANGED, MOVED = "+", "-", "~", "→"
"""The legend: a workload (or a site of one) that is new, is gone, costs something else at the same home, has another
home."""

CAUSES = {
    "added": "new workload",
    "removed": "removed workload",
    "unplaced": "no place any more for",
    "placed": "a place again for",
    "demand": "demand of",
    "price": "prices of",
    "policy": "policies and rules of",
    "own_sites": "own sites and hardware of",
    "workloads": "workloads that came or went, on",
    "switch": "placement switch of",
    "engine": "engine version, on",
}
"""Kinds of cause in the order they are listed, and how they are said before their subject."""


class Home(NamedTuple):
    """Where a workload lives and how that is bought."""

    tier: str
    provider: str
    site: str
    country: str
    offer: str
    purchase: str
    hardware: str
    """`16 × H100-SXM`."""


class Cause(NamedTuple):
    """A part of a difference and what brought it about."""

    kind: str
    """A key of `CAUSES`."""
    subject: str
    """A provider for prices, a workload for everything else."""
    monthly_cost_cents: int


class Change(NamedTuple):
    """One workload that is not what it was, or one site of it. None for a home or a cost: not there, or no place."""

    workload: str
    sign: str
    old: Home | None
    new: Home | None
    old_cost_cents: int | None
    new_cost_cents: int | None
    causes: tuple[Cause, ...]
    """Their parts add up to the difference."""
    reason: str = ""
    """Why it is where it is now."""
    member_of: str = ""
    """The workload that it is one site of; empty for a workload at a single site."""

    @property
    def whole(self) -> str:
        """The workload that changed, or of which a site did."""
        return self.member_of or self.workload

    @property
    def difference_cents(self) -> int:
        """New cost less old; what is not there or has no place costs nothing."""
        return (self.new_cost_cents or 0) - (self.old_cost_cents or 0)


class Stayed(NamedTuple):
    """A site that is what it was, of a workload of which another site is not."""

    workload: str
    member_of: str
    home: Home | None
    cost_cents: int | None


class Side(NamedTuple):
    """One of the two plans, as a whole."""

    name: str
    inputs: Inputs | None
    """None where there was no plan at all."""
    workloads: int
    """One at several sites counts once; and so it does among those that are placed."""
    placed: int
    monthly_cost_cents: int
    providers: frozenset[str]
    countries: frozenset[str]
    price_dates: dict[str, str]
    """Dates of the prices that cost something, each with the first workload that rests on one."""


class PlanDiff(NamedTuple):
    """Everything that is different between two plans."""

    old: Side
    new: Side
    changes: tuple[Change, ...]
    """By workload id."""
    causes: tuple[Cause, ...]
    """Of the total difference, one per kind and subject, in the order of `CAUSES` and by size."""
    method: str
    """`recomputed`: inputs were exchanged one by one; `lines`: read from the two plans' cost lines."""
    notes: tuple[str, ...] = ()
    stayed: tuple[Stayed, ...] = ()
    """By workload id."""

    @property
    def difference_cents(self) -> int:
        """New total less old."""
        return self.new.monthly_cost_cents - self.old.monthly_cost_cents

    @property
    def unchanged(self) -> int:
        """Workloads of the new plan that are what they were, at all of their sites."""
        there = {change.whole for change in self.changes if change.sign != REMOVED}
        there |= {site.member_of for site in self.stayed}
        return self.new.workloads - len(there)
