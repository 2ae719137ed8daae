"""What a roadmap consists of. Money is in whole cents; months count from 1, the first of the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from placement.finance.cash import Months
from placement.finance.months import Month
from placement.plan.model import Inputs, Placement

Kind = Literal["moves", "bought otherwise", "stays"]
"""To another site; at the same site, bought in another way; neither."""


class Figure(NamedTuple):
    """A figure that is assumed, and on whose authority; the source is empty where the user states it."""

    value: int
    text: str
    unit: str
    source_id: str = ""
    as_of: str = ""
    note: str = ""


class Settings(NamedTuple):
    """What the roadmap keeps to."""

    start: Month
    dual_months: Figure
    """Months in which the old place and the new one are both paid."""
    lead_months: Mapping[str, Figure]
    """By tier: months after which nodes are there that are bought or leased; a tier that is missing has none."""
    most_per_wave: int | None = None
    """How many workloads may be moving at the same time."""
    every_months: int = 1
    """Waves begin in month 1, and then every so many months."""


class Today(NamedTuple):
    """Where a workload runs today, what binds it there, and what leaving costs."""

    site: str = ""
    """As the plan writes it; empty where that is unknown."""
    purchase: str = ""
    committed_until: str = ""
    committed_months: int = 0
    """How many months of the horizon are committed."""
    committed_cents: int = 0
    """What is paid in these months, used or not."""
    migration_cents: int | None = None
    """People's work; None where nobody says."""
    resale_cents: int | None = None
    """What the nodes it leaves fetch."""
    is_critical: bool = False
    """Regulated, or with an SLO."""
    dual_months: int | None = None
    """Months in which it runs here and at its new place; None: as all others."""


class Move(NamedTuple):
    """A workload on its way: all its sites together."""

    workload: str
    placements: tuple[Placement, ...]
    today: Today
    kind: Kind
    baseline_cents: int | None
    """What it costs a month today; None for a new one."""
    cost_cents: int
    """What it costs a month in the plan."""
    lead_months: int
    """Until what it needs is there."""
    dual_months: int
    needs_nodes_at: tuple[str, ...] = ()
    """Own sites whose existing nodes it takes, where it is not today."""

    @property
    def saving_cents(self) -> int:
        """A month, once it has moved; less than 0 where the plan costs more."""
        return (self.baseline_cents or 0) - self.cost_cents


class Stream(NamedTuple):
    """The money of some workloads by month [cents], moved or not, beside what they cost where they are."""

    baseline: Months
    """What they would cost if nothing moved."""
    today: Months
    """What is still paid of that."""
    dual: Months
    """The part of `today` that is paid beside the new place, until the old one is given up."""
    idle: Months
    """The part of `today` that is paid for commitments to what has been left."""
    capex: Months
    """Of the plan's lines, as in the cash-flow statement."""
    opex: Months
    migration: Months
    resale: Months
    """Income from nodes that are left."""
    at_begin: Months
    """The part of all payments that is due at the first moment of a month."""
    invested: Months
    """Book value of nodes that are there already, in the month in which they are taken into use."""
    cost: Months
    """Levelised: what is still paid of today's cost, and the plan's monthly cost."""
    book: int
    """Book value after the horizon of what was bought."""
    owed: int
    """Still to be paid after the horizon on terms that have begun."""

    @property
    def paid(self) -> Months:
        """All payments less what nodes fetch that are left."""
        parts = (self.today, self.capex, self.opex, self.migration, self.resale)
        return tuple(old + new + other + work - sold for old, new, other, work, sold in zip(*parts, strict=True))

    @property
    def saving(self) -> Months:
        """Against staying."""
        return tuple(before - now for before, now in zip(self.baseline, self.paid, strict=True))


class Worth(NamedTuple):
    """What a stream is worth against staying [cents]."""

    cumulative: Months
    payback_month: int | None
    """First month from whose end on the cumulative saving is never below 0; None when it ends below."""
    trough: int
    """Lowest cumulative saving at the end of a month; 0 when it is never below."""
    trough_month: int | None
    present_value: int
    """Of the savings within the horizon."""
    present_value_with_book: int
    """With the closing book value less what is owed as income at the end, and what is there already as outlay."""


class Wait(NamedTuple):
    """Why something does not begin at once."""

    why: Literal["procurement", "commitment", "nodes", "wave"]
    until_month: int
    """In which it can begin as far as this goes."""
    detail: str = ""
    """The end of a commitment; the sites whose nodes others leave first."""


class Choice(NamedTuple):
    """Whether to wait for the end of a commitment: both present values, with book value [cents]."""

    early_month: int
    early: int
    late_month: int
    late: int
    """0, as if it stayed, where the commitment outlasts the horizon."""

    @property
    def waits(self) -> bool:
        """Moving early has to be worth more to be done."""
        return self.early <= self.late


class Step(NamedTuple):
    """A move in its month."""

    move: Move
    first: int
    """The first month in which the new place is paid."""
    stream: Stream
    one_off_cents: int
    """Paid once when it moves: lines of that kind in the plan, and people's work."""
    waits: tuple[Wait, ...] = ()
    """What holds it longest comes last."""
    choice: Choice | None = None


class Wave(NamedTuple):
    """What begins in the same month."""

    number: int
    first: int
    steps: tuple[Step, ...]
    stream: Stream
    """Of this wave alone."""
    alone: Worth
    stopped: Worth
    """If nothing more moves after it."""
    cost_cents: int
    """Levelised monthly cost of all that are compared, once this wave is over and if nothing more moves."""
    book: int
    """If nothing more moves: book value after the horizon of what was bought, and what is owed on terms."""
    owed: int


class Stay(NamedTuple):
    """A workload with a place in the plan that does not get there within the horizon."""

    move: Move
    waits: tuple[Wait, ...]
    choice: Choice | None = None


class Roadmap(NamedTuple):
    """The way from today to the plan."""

    inputs: Inputs
    settings: Settings
    waves: tuple[Wave, ...]
    new: tuple[Step, ...]
    """Workloads that run nowhere today, or do not say what they cost there: in no saving."""
    staying: tuple[Stay, ...]
    unplaced: tuple[tuple[str, int | None], ...]
    """Workloads without a place, and what they cost today; in no figure here."""
    compared: Stream
    """Of all waves and of those that stay."""
    worth: Worth
    new_stream: Stream
    plan_cost_cents: int
    """The plan's monthly cost."""

    @property
    def horizon(self) -> int:
        """Months."""
        return self.inputs.horizon_months
