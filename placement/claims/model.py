"""What comes of judging claims, as plain data. Figures are exact fractions in the claim's unit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal, NamedTuple

from placement.catalog.claims import Claim

Verdict = Literal["holds", "holds partly", "does not hold", "unknown"]

Side = Literal["below", "within", "above"]
"""Where a single figure lies of a claim's range."""


class Figure(NamedTuple):
    """What a claim is about, as the catalog or an inventory has it."""

    value: Fraction
    """The figure itself: the best way or the median, as `spread` says."""
    low: Fraction
    high: Fraction
    spread: str
    """What lies between the two."""
    sample: int = 1
    """How many prices, sites or workloads it is made of."""


class Case(NamedTuple):
    """One way that was priced, and the inventory that `advise` gives the same monthly cost for."""

    label: str
    offer: str
    cost_micro: int
    source_id: str
    as_of: str
    inventory: dict[str, Any]
    """Empty where it is the inventory that was given."""


class Number(NamedTuple):
    """A figure that the claim's rests on."""

    label: str
    value: Fraction
    unit: str
    source_id: str
    as_of: str


class Swing(NamedTuple):
    """What becomes of the figure where one assumption alone is set to its low and to its high end."""

    lever: str
    unit: str
    low: Fraction | str
    """The setting: a figure, or a name of something that was chosen instead."""
    high: Fraction | str
    at_low: Fraction
    at_high: Fraction
    source_id: str
    as_of: str

    @property
    def width(self) -> Fraction:
        """By how much it moves the figure."""
        return abs(self.at_high - self.at_low)


class Flip(NamedTuple):
    """Where the figure leaves or enters the claim's range, to the thousandth of the month, or to the unit named."""

    at: Fraction
    unit: str
    before: Side
    after: Side


class Found(NamedTuple):
    """What an experiment gives."""

    figure: Figure | None
    """None where there is nothing to judge."""
    why: str = ""
    """What is missing then."""
    cases: tuple[Case, ...] = ()
    numbers: tuple[Number, ...] = ()
    swings: tuple[Swing, ...] = ()
    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    """Of figures that many sources were summed up for."""

    @property
    def hinge(self) -> Swing | None:
        """The assumption that moves the figure most; of equal ones the first. None where none moves it."""
        best = max(self.swings, key=lambda swing: swing.width, default=None)
        return best if best is not None and best.width else None


class Judged(NamedTuple):
    """A claim with what the catalog says, and the inventory where one was given."""

    claim: Claim
    catalog: Found
    verdict: Verdict
    lies: Side | None = None
    """Where the figure itself lies, if it is outside."""
    yours: Found | None = None
    your_verdict: Verdict | None = None
    yours_lies: Side | None = None


class Judgement(NamedTuple):
    """All claims."""

    judged: tuple[Judged, ...]
    catalog_as_of: str
    catalog_sha256: str
    inventory: str
    """Its name; empty without one."""
    inventory_sha256: str
    notes: tuple[str, ...]
    sources: dict[str, str]
