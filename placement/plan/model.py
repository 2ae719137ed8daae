"""What a plan consists of. Money is in whole cents; figures a reader checks are decimal text."""

import re
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

SCHEMA_VERSION = 2

_DOLLARS = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{2}\Z", re.ASCII)


def _cents(text: object) -> object:
    """Cents of a decimal string with two places, as the file writes them."""
    if text is None:
        return None
    if not isinstance(text, str) or not _DOLLARS.match(text):
        raise PydanticCustomError("plan-number", "must be a text with two decimal places, like `1234.50`")
    return int(text.replace(".", ""))


FROM_DOLLARS = BeforeValidator(_cents)
"""For the loader: `*_cents` fields are `*_usd` decimal strings in a file."""

_DECIMAL = r"^(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,%d})?$"
Quantity = Annotated[str, Field(pattern=_DECIMAL % 3)]
UnitPrice = Annotated[str, Field(pattern=_DECIMAL % 6)]
Cost = Annotated[int, Field(alias="cost_usd"), FROM_DOLLARS]
Amount = Annotated[int, Field(alias="amount_usd"), FROM_DOLLARS]
MonthlyCost = Annotated[int, Field(alias="monthly_cost_usd"), FROM_DOLLARS]
MaybeMonthlyCost = Annotated[int | None, Field(alias="monthly_cost_usd"), FROM_DOLLARS]
Baseline = Annotated[int | None, Field(alias="baseline_usd"), FROM_DOLLARS]


class Schedule(NamedTuple):
    """How money leaves the account for a line that is not paid month by month as it is used."""

    kind: Literal["term", "purchase", "held", "once"]
    """`term`: the amount every month of each term that begins within the horizon; `purchase`: the amount when bought
    and again after each life; `held`: bought before the plan begins, the amount is what it is worth then, and what its
    replacement costs after its life; `once`: the amount in month 1, borne evenly over the horizon."""
    months: Annotated[int, Field(ge=1)]
    """Of a term, of a life, or (`once`) of the horizon."""
    amount_cents: Amount
    residual_cents: Annotated[int, Field(alias="residual_usd"), FROM_DOLLARS] = 0
    """What is left of the amount at the end of a life."""


class Line(NamedTuple):
    """One cost line: quantity × unit price = cost, rounded half-up to the cent."""

    term: str
    label: str
    quantity: Quantity
    unit: str
    unit_price_usd: UnitPrice
    cost_cents: Cost
    source_id: str
    as_of: str
    layer: int = 0
    """The layer it belongs to, from 1; 0 for the placement as a whole."""
    assumed: bool = False
    """The price stands in for an unknown one, or is an estimate."""
    note: str = ""
    """What an assumed price is."""
    list_unit_price_usd: str = ""
    """The same thing on demand, where the price is a discounted one and the list price is known."""
    schedule: Schedule | None = None


class Layer(NamedTuple):
    """One offer × units inside a placement."""

    offer: str
    accelerator: str
    purchase: str
    nodes: int
    accelerators: int
    """Paid for."""
    accelerators_needed: int
    hours_per_month: Quantity
    """Hours a month in which the work needs them."""
    power_kw: str = ""
    """Most power the nodes draw, where they are bought; empty for rented ones."""


class Alternative(NamedTuple):
    """Another feasible offer and its monthly cost."""

    tier: str
    offer: str
    purchase: str
    nodes: int
    monthly_cost_cents: MonthlyCost


class Miss(NamedTuple):
    """The nearest offer a rule with a measure forbids, and by how much it fails."""

    what: str
    margin: str
    unit: str


class Rejected(NamedTuple):
    """What one rule forbids a workload."""

    constraint: str
    offers: int
    nearest: Miss | None = None
    """None for yes-or-no rules, which have no near."""


class RejectedTier(NamedTuple):
    """A tier without a feasible offer: the rule that forbids the most of it, and the nearest miss of that rule."""

    tier: str
    offers: int
    constraint: str
    forbidden: int
    nearest: Miss | None = None


class Relaxation(NamedTuple):
    """A change of one rule (or of several together) that would make an offer feasible."""

    constraints: tuple[str, ...]
    change: str
    offer: str
    monthly_cost_cents: MonthlyCost


class Rating(NamedTuple):
    """How accelerators were compared: the ratio to today's, with its spread."""

    basis: str
    """`same` accelerator, or `ratio` of measured throughput."""
    ratio: str = ""
    low: str = ""
    high: str = ""
    source_id: str = ""


class Digests(NamedTuple):
    """Fingerprints of what a workload asks for, so that a later plan can say what has changed."""

    demand: str
    """Of its quantities: accelerators, hours, bytes, and the datasets it reads."""
    rules: str
    """Of what binds it: users, latency, residency, certifications, interruptibility."""


class Placement(NamedTuple):
    """What to do with one workload."""

    workload: str
    kind: str
    status: str
    """`placed` or `unplaced`."""
    reason: str
    monthly_cost_cents: MaybeMonthlyCost
    """None for an unplaced workload."""
    digests: Digests
    cost_centre: str = ""
    tags: dict[str, str] = {}
    tier: str = ""
    provider: str = ""
    site: str = ""
    country: str = ""
    availability: str = ""
    layers: tuple[Layer, ...] = ()
    lines: tuple[Line, ...] = ()
    baseline_cents: Baseline = None
    rtt_ms: str = ""
    rtt_at_risk: bool = False
    """The estimate keeps the SLO, its upper error bound does not."""
    rating: Rating | None = None
    alternatives: tuple[Alternative, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rejected_tiers: tuple[RejectedTier, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()


class Assumption(NamedTuple):
    """A figure that stands in for something unknown or uncertain, and the dollars that hang on it."""

    name: str
    text: str
    source_id: str
    as_of: str
    monthly_cost_cents: MaybeMonthlyCost = None
    workloads: int = 0


class Inputs(NamedTuple):
    """What the plan was computed from."""

    inventory_name: str
    inventory_sha256: str
    catalog_name: str
    catalog_sha256: str
    catalog_as_of: str
    engine_version: str
    horizon_months: Annotated[int, Field(ge=1, le=1200)]
    discount_rate_fraction: UnitPrice
    """Yearly cost of capital."""
    policies_sha256: str
    """Of what binds every workload, and the rates the plan reckons with."""
    sites_sha256: str
    """Of the inventory's own sites and hardware."""
    currency: str = "USD"


class Share(NamedTuple):
    """Part of the total that falls to one tier, provider or purchase model."""

    name: str
    workloads: int
    monthly_cost_cents: MonthlyCost


class Summary(NamedTuple):
    """Totals; every one is the sum of the placements' own cents."""

    workloads: int
    placed: int
    monthly_cost_cents: MonthlyCost
    baseline_cents: Baseline
    """Sum over the placed workloads that state a baseline; None when none does."""
    compared_cost_cents: Annotated[int, Field(alias="compared_cost_usd"), FROM_DOLLARS]
    """Cost of those same workloads in the plan."""
    baseline_workloads: int
    offers: int
    by_tier: tuple[Share, ...] = ()
    by_provider: tuple[Share, ...] = ()
    by_purchase: tuple[Share, ...] = ()


class Plan(NamedTuple):
    """A plan."""

    inputs: Inputs
    summary: Summary
    placements: tuple[Placement, ...]
    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    """The sources the lines name, in full."""
