"""The catalog's YAML files as pydantic models; `docs/catalog.md` describes them."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from placement.inventory.base import Access, Country, Model, Name, PurchaseModel, Tier

Date = Annotated[str, Field(pattern=r"^(undated|\d{4}(-\d{2}(-\d{2})?)?)$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
"""A day, or a month as a whole."""
RentedModel = Literal["on_demand", "spot", "capacity_block", "reserved_1y", "reserved_3y", "lease"]
Note = Annotated[str, Field(max_length=2000)]
SiteList = Annotated[list[Name], Field(min_length=1)]
Price = Annotated[float, Field(ge=0, le=1e9)]
Evidence = Literal["audited", "claimed", "unknown", "not_held"]
Territory = Annotated[str, Field(pattern=r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?|[A-Z][A-Z_]{2,})$")]
"""A country, part of one (`CA-QC`), a group of countries, or `*` for all."""
Territories = Annotated[list[Territory], Field(min_length=1)]


class Sourced(Model):
    """Anything stated on somebody's authority."""

    as_of: Date
    source_id: Name
    note: Note | None = None


class CatalogFile(Model):
    """`catalog.yaml`."""

    schema_version: Literal[1]
    name: Name
    as_of: Date


class SiteEntry(Sourced):
    """A place where a provider can compute."""

    site: Name
    name: Name
    country: Country | None = None
    subdivision: Name | None = None
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    coordinates: Name | None = None
    access: Access = "general"
    tier: Tier | None = None
    parent: Name | None = None


class CertificationEntry(Sourced):
    """A certification a provider holds, or says it holds."""

    certification: Name
    evidence: Evidence
    scope: Note | None = None
    sites: SiteList = ["*"]


class EgressTier(Model):
    """Price of one GB from a volume upwards."""

    from_gb: Price
    usd_per_gb: Price


class EgressEntry(Sourced):
    """What the sender pays per GB."""

    sites: SiteList
    to: Literal["internet", "same_provider", "between_zones", "interconnect"]
    to_sites: SiteList | None = None
    to_countries: Annotated[list[Country] | None, Field(min_length=1)] = None
    to_continent: Literal["same", "other"] | None = None
    tiers: Annotated[list[EgressTier], Field(min_length=1)]


class PortEntry(Sourced):
    """A private port into a provider's network."""

    product: Name
    gbit_per_s: Annotated[float, Field(gt=0, le=10_000)]
    usd_per_hour: Price


class DeviceEntry(Sourced):
    """A device that carries data by post; a direction without a price is not known to be offered."""

    sites: SiteList
    product: Name
    usable_gb: Annotated[float, Field(ge=0.001, le=1e9)]
    usd_per_job: Price
    usd_per_gb_out: Price | None = None
    usd_per_gb_in: Price | None = None
    only_for: Name | None = None


class StorageTier(Model):
    """Price of one GB-month from a volume upwards."""

    from_gb: Price
    usd_per_gb_month: Price


class StorageEntry(Sourced):
    """What keeping a GB for a month costs."""

    sites: SiteList
    tiers: Annotated[list[StorageTier], Field(min_length=1)]


class FabricEntry(Sourced):
    """A network that joins nodes closely enough to work as one."""

    skus: Annotated[list[Name], Field(min_length=1)]
    name: Name
    gbit_per_s_per_node: Annotated[float | None, Field(gt=0)] = None


FacilityItem = Literal[
    "usd_per_kw_month", "pue", "usd_per_kwh", "cross_connect_usd_per_month", "max_power_kw", "visit_usd"
]
FACILITY_ITEMS: tuple[FacilityItem, ...] = get_args(FacilityItem)


class FacilityEntry(Sourced):
    """One tariff of a colocation site."""

    sites: SiteList
    item: FacilityItem
    value: Price


class OperatorEntry(Sourced):
    """Whose company it is in the end: the seat of the topmost company that operates it."""

    country: Country


class ProviderFile(Model):
    """`<tier>/<provider>.yaml`."""

    provider: Name
    name: Name
    tier: Tier
    operator: OperatorEntry | None = None
    sites: Annotated[list[SiteEntry], Field(min_length=1)]
    certifications: list[CertificationEntry] = []
    egress: list[EgressEntry] = []
    interconnect: list[PortEntry] = []
    transfer_devices: list[DeviceEntry] = []
    storage: list[StorageEntry] = []
    fabric: list[FabricEntry] = []
    facility: list[FacilityEntry] = []


class NodeFact(Sourced):
    """One figure of a node."""

    item: Literal[
        "capex_usd", "max_power_kw", "replacement_usd", "claimed_low_usd_per_hour", "claimed_high_usd_per_hour"
    ]
    value: Price
    low: Price | None = None
    high: Price | None = None


class NodeFabric(Sourced):
    """The network a node is bought with."""

    name: Name
    gbit_per_s_per_node: Annotated[float | None, Field(gt=0)] = None


class NodeEntry(Model):
    """A node one can buy or lease."""

    node: Name
    name: Name
    accelerator: Name
    accelerators: Annotated[int, Field(ge=1)]
    tiers: Annotated[list[Literal["colo", "on_prem", "edge"]], Field(min_length=1)]
    facts: list[NodeFact] = []
    fabric: NodeFabric | None = None


class NodesFile(Model):
    """`nodes.yaml`."""

    nodes: list[NodeEntry]


class DiscountEntry(Sourced):
    """A negotiated price of some of a provider's offers: so much off, or so much per hour. `*` stands for any text."""

    provider: Name
    sites: SiteList = ["*"]
    skus: Annotated[list[Name], Field(min_length=1)] = ["*"]
    purchases: Annotated[list[RentedModel] | None, Field(min_length=1)] = None
    discount_fraction: Annotated[float | None, Field(ge=0, lt=1)] = None
    usd_per_hour: Annotated[float | None, Field(ge=0, le=1e6)] = None
    valid_from: Day | None = None
    valid_until: Day | None = None


class DiscountsFile(Model):
    """`discounts.yaml`."""

    discounts: list[DiscountEntry]


class AssumptionEntry(Sourced):
    """A figure that stands in for an unknown, or a model constant."""

    name: Name
    tier: Tier | None = None
    value: float
    unit: Name


class AssumptionsFile(Model):
    """`assumptions.yaml`."""

    assumptions: list[AssumptionEntry]


class GroupEntry(Sourced):
    """A named group of countries."""

    group: Name
    countries: Annotated[list[Country], Field(min_length=1)]


class ContinentEntry(Sourced):
    """A continent, for tariffs that depend on it."""

    continent: Name
    countries: Annotated[list[Country], Field(min_length=1)]


class ElectricityEntry(Sourced):
    """Price of electricity for industry in a country or part of it."""

    country: Country
    subdivision: Name | None = None
    usd_per_kwh: Annotated[float, Field(gt=0, le=10)]


class CountriesFile(Model):
    """`countries.yaml`."""

    groups: list[GroupEntry] = []
    continents: list[ContinentEntry] = []
    electricity: list[ElectricityEntry] = []


class DataClassEntry(Sourced):
    """A kind of data that laws speak of."""

    data_class: Annotated[Name, Field(alias="class")]
    name: Name
    implies: list[Name] = []


class ConditionEntry(Model):
    """Territories a rule allows once something is signed or done."""

    countries: Territories
    sign: Annotated[str, Field(min_length=1, max_length=400)]
    own_sites: bool = True


class RuleEntry(Sourced):
    """What a law says of where data may be."""

    rule: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    jurisdictions: Territories
    instrument: Name
    classes: Annotated[list[Name], Field(min_length=1)]
    effect: Literal["hard", "soft", "none"]
    allowed: list[Territory] = []
    conditions: list[ConditionEntry] = []
    certifications: list[Name] = []
    access: list[Access] = []
    confidence: Literal["high", "medium", "low"]


class RulesFile(Model):
    """`rules.yaml`."""

    classes: list[DataClassEntry] = []
    rules: list[RuleEntry] = []


Figure = Annotated[float, Field(ge=-1e9, le=1e9)]


class ClaimEntry(Sourced):
    """A claim that an article makes, and how it is judged."""

    claim: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    says: Annotated[str, Field(min_length=1, max_length=400)]
    experiment: Name
    low: Figure | None = None
    high: Figure | None = None
    unit: Name
    tier: Tier | None = None
    purchase: PurchaseModel | None = None
    provider: Name | None = None
    accelerator: Name | None = None
    model: Name | None = None
    among: Annotated[list[Name] | None, Field(min_length=1)] = None
    count: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    hours_per_month: Annotated[float | None, Field(ge=1, le=730)] = None
    usd_per_month: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None
    gb_per_month: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None


class LeverEntry(Sourced):
    """A figure of the model, with the low and the high end that a source gives it."""

    lever: Name
    low: Figure
    high: Figure
    unit: Name


class ClaimsFile(Model):
    """`claims.yaml`."""

    claims: list[ClaimEntry] = []
    levers: list[LeverEntry] = []
