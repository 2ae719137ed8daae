"""What a plan consists of. Money is in whole cents; figures a reader checks are decimal text."""

from typing import Any, NamedTuple

SCHEMA_VERSION = 1


class Line(NamedTuple):
    """One cost line: quantity × unit price = cost, rounded half-up to the cent."""

    term: str
    label: str
    quantity: str
    unit: str
    unit_price_usd: str
    cost_cents: int
    source_id: str
    as_of: str
    assumed: bool
    """The price stands in for an unknown one, or is an estimate."""
    note: str = ""
    """What an assumed price is."""


class Layer(NamedTuple):
    """One offer × units inside a placement."""

    offer: str
    accelerator: str
    purchase: str
    nodes: int
    accelerators: int
    """Paid for."""
    accelerators_needed: int
    power_kw: str
    """Most power the nodes draw, where they are bought; empty for rented ones."""


class Alternative(NamedTuple):
    """Another feasible offer and its monthly cost."""

    tier: str
    offer: str
    purchase: str
    nodes: int
    monthly_cost_cents: int


class Miss(NamedTuple):
    """The nearest offer a rule with a measure forbids, and by how much it fails."""

    what: str
    margin: str
    unit: str


class Rejected(NamedTuple):
    """What one rule forbids a workload."""

    constraint: str
    offers: int
    nearest: Miss | None
    """None for yes-or-no rules, which have no near."""


class RejectedTier(NamedTuple):
    """A tier without a feasible offer: the rule that forbids the most of it, and the nearest miss of that rule."""

    tier: str
    offers: int
    constraint: str
    forbidden: int
    nearest: Miss | None


class Relaxation(NamedTuple):
    """A change of one rule (or of several together) that would make an offer feasible."""

    constraints: tuple[str, ...]
    change: str
    offer: str
    monthly_cost_cents: int


class Rating(NamedTuple):
    """How accelerators were compared: the ratio to today's, with its spread."""

    basis: str
    """`same` accelerator, or `ratio` of measured throughput."""
    ratio: str = ""
    low: str = ""
    high: str = ""
    source_id: str = ""
    one_measurement: bool = False
    """One of the two accelerators was measured once, so the spread does not show how far the ratio may be off."""


class Placement(NamedTuple):
    """What to do with one workload."""

    workload: str
    kind: str
    status: str
    """`placed` or `unplaced`."""
    reason: str
    tier: str = ""
    provider: str = ""
    site: str = ""
    country: str = ""
    availability: str = ""
    layers: tuple[Layer, ...] = ()
    lines: tuple[Line, ...] = ()
    monthly_cost_cents: int | None = None
    baseline_cents: int | None = None
    rtt_ms: str = ""
    rtt_at_risk: bool = False
    """The estimate keeps the SLO, its upper error bound does not."""
    rating: Rating | None = None
    alternatives: tuple[Alternative, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rejected_tiers: tuple[RejectedTier, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    close_call: str = ""
    """The offer that would be as cheap if the rating were at its low end; empty when none is."""


class Assumption(NamedTuple):
    """A figure that stands in for something unknown or uncertain, and the dollars that hang on it."""

    name: str
    text: str
    source_id: str
    as_of: str
    monthly_cost_cents: int | None = None
    workloads: int = 0


class Inputs(NamedTuple):
    """What the plan was computed from."""

    inventory_name: str
    inventory_sha256: str
    catalog_name: str
    catalog_sha256: str
    catalog_as_of: str
    engine_version: str
    horizon_months: int


class Share(NamedTuple):
    """Part of the total that falls to one tier, provider or purchase model."""

    name: str
    workloads: int
    monthly_cost_cents: int


class Summary(NamedTuple):
    """Totals; every one is the sum of the placements' own cents."""

    workloads: int
    placed: int
    monthly_cost_cents: int
    baseline_cents: int | None
    """Sum over the placed workloads that state a baseline; None when none does."""
    compared_cost_cents: int
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


Json = dict[str, Any]
