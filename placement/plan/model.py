"""What a plan consists of. Money is in whole cents; figures a reader checks are decimal text."""

from typing import Literal, NamedTuple

from placement.plan.commitment import Commitment
from placement.plan.ruled import Conflict, Proof, Rejected, RejectedTier, Relaxation
from placement.plan.turn import PriceTurn

SCHEMA_VERSION = 2

BORDER = "+"
"""Between the countries of a placement at places in several of them."""


def countries_of(country: str) -> tuple[str, ...]:
    """The countries of a placement, from its `country`."""
    return tuple(country.split(BORDER))


class Schedule(NamedTuple):
    """How money leaves the account for a line that is not paid month by month as it is used."""

    kind: Literal["term", "upfront", "purchase", "held", "once"]
    """`term`: the amount every month of each term that begins within the horizon; `upfront`: the amount at the begin of
    each of these terms; `purchase`: the amount when bought and again after each life; `held`: bought before the plan
    begins, the amount is what it is worth then, and what its replacement costs after its life; `once`: the amount in
    month 1, borne evenly over the horizon."""
    months: int
    """Of a term, of a life, or (`once`) of the horizon; at least 1."""
    amount_cents: int
    residual_cents: int = 0
    """What is left of the amount at the end of a life."""
    after: int = 0
    """Months of the horizon before the first term begins."""


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
    layer: int = 0
    """The layer it belongs to, from 1; 0 for the placement as a whole."""
    assumed: bool = False
    """The price stands in for an unknown one, or is an estimate."""
    note: str = ""
    """What an assumed price is."""
    list_unit_price_usd: str = ""
    """The same thing on demand, where the price is a discounted one and the list price is known."""
    schedule: Schedule | None = None
    sender: str = ""
    """Where bytes that come in are sent from, which is where they are charged: the id of a site of the catalog, or
    `own/` and a place of the organisation's. Empty for everything that is charged where the work is placed."""
    contracted_unit_price_usd: str = ""
    """The same thing on demand at a negotiated price, without what a commitment takes off; empty where none is."""
    published_unit_price_usd: str = ""
    """What is listed for the very thing, where its own price is negotiated."""


class Rating(NamedTuple):
    """How much of the work an accelerator does, and how surely that is known."""

    basis: str
    """Of accelerators: the `same` as today's, or by the `ratio` of measured throughput. Of work also `measured` (this
    model on this accelerator), `roofline`, `mfu` or `stated` (by the inventory)."""
    ratio: str = ""
    """To today's accelerator."""
    low: str = ""
    """Ends of the band: of the ratio, or of the throughput."""
    high: str = ""
    source_id: str = ""
    one_measurement: bool = False
    """One of the two accelerators was measured once, so the spread does not show how far the ratio may be off."""
    throughput: str = ""
    """Units per second of a replica; of training those of the whole job."""
    unit: str = ""
    """Of the throughput."""
    evidence: str = ""
    """What the basis is: the measurement, the class of the ratio, the constants."""


class Layer(NamedTuple):
    """One offer × units inside a placement."""

    offer: str
    accelerator: str
    purchase: str
    nodes: int
    accelerators: int
    """Paid for."""
    accelerators_needed: int
    hours_per_month: str
    """Hours a month in which the work needs them."""
    power_kw: str = ""
    """Most power the nodes draw, where they are bought, which is what is contracted; empty for rented ones."""
    used_kw: str = ""
    """What they draw while they work."""
    grid_kw: str = ""
    """The most they and their cooling take from the grid: times the PUE."""
    least_fraction: str = ""
    """Of a month, how much that node is needed which is needed least; only of placements with several layers, as are
    all fields from here on."""
    most_fraction: str = ""
    """The same of the node that is needed most."""
    break_even_fraction: str = ""
    """Of a month: a node that is needed longer costs no more if it is paid by the month, shorter, by the hour. Empty
    where the layers are all paid in one of these ways."""
    site: str = ""
    """Where it is, of layers at several sites; so are the next three."""
    tier: str = ""
    country: str = ""
    work_fraction: str = ""
    """Of the work, what is done there: of a site with several layers, that of all of them."""
    rating: Rating | None = None
    """Of layers of another accelerator, or another replica, than that of the first one; so is the next."""
    replica_accelerators: int = 0
    """Of a replica of the work."""


class Alternative(NamedTuple):
    """Another feasible offer and its monthly cost."""

    tier: str
    offer: str
    purchase: str
    nodes: int
    monthly_cost_cents: int


class Work(NamedTuple):
    """What the work costs by its own unit, and how well the accelerators are used."""

    unit: str
    """Of which the cost is told: `million output tokens`, `1,000 images`, `camera-month`, `training run`."""
    units_per_month: str
    """Over the horizon on average."""
    usd_per_unit: str
    """Monthly cost ÷ units a month, to six decimals."""
    replicas: int
    """At the peak, spares among them; of training one: the job."""
    replica_accelerators: int
    utilization_fraction: str
    """Of what the accelerators could do in the time that is paid for, what they do."""
    run_hours: str = ""
    """Of one training run, checkpoints and interruptions among them: the time on the clock that is expected."""
    run_p90_hours: str = ""
    """Within which nine runs of ten are done; on spot both are those of runs that are done there alone."""
    measure: str = ""
    """Of a close call: what measurement would decide it."""


class BreakEven(NamedTuple):
    """The best offer that is paid for in another way, and how much use makes both cost the same."""

    offer: str
    purchase: str
    in_use_fraction: str
    """Of the month, in which the nodes of the one paid by the hour are needed."""
    at_fraction: str
    """Below it paying by the hour is cheaper; above 1, it always is."""


class Crossover(NamedTuple):
    """Nodes at every place of a workload's users against the best place that serves all of them, and what turns it."""

    places: int
    edge_offer: str
    edge_cost_cents: int
    edge_bytes_cents: int
    """The part of the cost that is paid for bytes."""
    region_offer: str
    region_cost_cents: int
    region_bytes_cents: int
    gb_per_month: str
    """Bytes the workload moves, in and out, over all places."""
    edge_pays: Literal["above", "below", "always", "never"]
    """Above or below the factor; without one always or never."""
    factor: str = ""
    """On these bytes, at which both cost the same; empty where no volume of bytes turns it."""


class Digests(NamedTuple):
    """Fingerprints of what a workload asks for, so that a later plan can say what has changed."""

    demand: str
    """Of its quantities: accelerators, hours, bytes, and the datasets it reads."""
    rules: str
    """Of what binds it: users, latency, residency, data and whose law, operators, certifications, interruptibility."""


class Tag(NamedTuple):
    """A label of the inventory's."""

    key: str
    value: str


class Member(NamedTuple):
    """What a placement is to a workload at several sites."""

    of: str
    """The workload."""
    role: Literal["active", "standby"]
    sites: int
    """How many members there are."""
    nearest_km: str = ""
    """How far the nearest of its other sites is; empty where that is unknown, or none was found."""
    beyond_cents: int | None = None
    """What of the cost goes beyond the cheapest placement at a single site: all of it but for the first member.
    None where no single site could take the workload, or none was found."""
    single: Alternative | None = None
    """That placement, on what other workloads leave; stated once, at the first member."""


class Placement(NamedTuple):
    """What to do with one workload, or with a member of one."""

    workload: str
    kind: str
    status: str
    """`placed` or `unplaced`."""
    reason: str
    monthly_cost_cents: int | None
    """None for an unplaced workload."""
    digests: Digests
    cost_centre: str = ""
    tags: tuple[Tag, ...] = ()
    tier: str = ""
    provider: str = ""
    site: str = ""
    country: str = ""
    availability: str = ""
    layers: tuple[Layer, ...] = ()
    lines: tuple[Line, ...] = ()
    baseline_cents: int | None = None
    rtt_ms: str = ""
    """Round trip to the users at the percentile that counts; empty if unknown, and so are the next three."""
    rtt_step: str = ""
    """How it was come by: `same_place`, `measured`, `proxy`, `continent` or `pooled`."""
    rtt_low_ms: str = ""
    """80 % of what was measured lies from here to, next, there."""
    rtt_high_ms: str = ""
    rtt_at_risk: bool = False
    """The estimate keeps the SLO, the high end of its band does not."""
    rating: Rating | None = None
    work: Work | None = None
    """Of workloads that say what work they do."""
    break_even: BreakEven | None = None
    price_turn: PriceTurn | None = None
    """Of bought nodes; None where no shown alternative would be cheaper at any change of rental prices."""
    member: Member | None = None
    """None for a workload at a single site."""
    to_sign: tuple[str, ...] = ()
    """What must be signed or done before data may be where the plan puts it."""
    proofs: tuple[Proof, ...] = ()
    """Every copy × every rule, of workloads that have rules."""
    places: int = 0
    """At how many places there are nodes, where the site stands at several."""
    crossover: Crossover | None = None
    """Of workloads that may live at every place, where both ways are open to them, whoever else wants them."""
    no_edge: str = ""
    """Why none may stand at their users' places, of workloads that may live there; empty where one may."""
    alternatives: tuple[Alternative, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rejected_tiers: tuple[RejectedTier, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    conflict: tuple[Conflict, ...] = ()
    """Why there is no offer: as few rules as forbid all of them together."""
    close_call: str = ""
    """The offer that would be as cheap if the rating were at its low end; empty when none is."""

    @property
    def whole(self) -> str:
        """The workload's id; of one of its sites, that of the workload all of them are."""
        return self.workload if self.member is None else self.member.of

    @property
    def is_further(self) -> bool:
        """Whether it is one more site of a workload whose first is counted as the workload."""
        return self.member is not None and not self.workload.endswith("/1")


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
    discount_rate_fraction: str
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
    """How many have a site there: one at several sites counts wherever one of them is."""
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
    redundancy_cents: int | None = None
    """What workloads at several sites cost beyond a single one each, of those that one site could take; None without
    any."""
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
    commitments: tuple[Commitment, ...] = ()
    """What is signed already, by the month in which it ends."""
