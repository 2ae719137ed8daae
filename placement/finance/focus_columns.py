"""The columns of FOCUS Cost and Usage as data: name, type, level, whether it may be null, and how a charge fills it.

Levels: M mandatory, C conditional, R recommended, X our own. The four `PricingCurrency…` columns are left out: nothing
is converted. Null is None.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, NamedTuple

from placement.finance import focus_values as values
from placement.finance.cash import charge_class
from placement.finance.charges import Charge, product

Value = str | Decimal | dict[str, str | int] | None
Type = Literal["String", "Decimal", "DateTime", "JSON"]


class Column(NamedTuple):
    """One column."""

    name: str
    type: Type
    level: Literal["M", "C", "R", "X"]
    nullable: bool
    fill: Callable[[Charge], Value]
    versions: tuple[str, ...] = ("1.2", "1.4")


def _null(_charge: Charge) -> None:
    return None


def _usd(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _flag(value: bool) -> str:
    return "true" if value else "false"


FOCUS: tuple[Column, ...] = (
    Column("AvailabilityZone", "String", "R", True, _null),
    Column("BilledCost", "Decimal", "M", False, lambda row: _usd(row.billed)),
    Column("BillingAccountId", "String", "M", False, values.account_id),
    Column("BillingAccountName", "String", "M", True, lambda row: row.about.inputs.inventory_name or None),
    Column("BillingAccountType", "String", "C", True, lambda _row: "Inventory"),
    Column("BillingCurrency", "String", "M", False, lambda row: row.about.inputs.currency),
    Column("BillingPeriodEnd", "DateTime", "M", False, lambda row: row.period.later(1).begin()),
    Column("BillingPeriodStart", "DateTime", "M", False, lambda row: row.period.begin()),
    Column("CapacityReservationId", "String", "C", True, _null),
    Column("CapacityReservationStatus", "String", "C", True, _null),
    Column("ChargeCategory", "String", "M", False, lambda row: "Purchase" if row.part == "Purchase" else "Usage"),
    Column("ChargeClass", "String", "M", True, _null),
    Column("ChargeDescription", "String", "M", True, values.description),
    Column("ChargeFrequency", "String", "R", False, values.frequency),
    Column("ChargePeriodEnd", "DateTime", "M", False, lambda row: row.period.later(1).begin()),
    Column("ChargePeriodStart", "DateTime", "M", False, lambda row: row.period.begin()),
    Column("CommitmentDiscountCategory", "String", "C", True, lambda row: "Usage" if row.part else None),
    Column("CommitmentDiscountId", "String", "C", True, values.commitment_id),
    Column("CommitmentDiscountName", "String", "C", True, values.commitment_name),
    Column("CommitmentDiscountQuantity", "Decimal", "C", True, lambda row: row.quantity if row.part else None),
    Column("CommitmentDiscountStatus", "String", "C", True, values.commitment_status),
    Column("CommitmentDiscountType", "String", "C", True, values.commitment_type),
    Column("CommitmentDiscountUnit", "String", "C", True, lambda row: values.unit(row) if row.part else None),
    Column("ConsumedQuantity", "Decimal", "C", True, lambda row: row.quantity if values.consumed(row) else None),
    Column("ConsumedUnit", "String", "C", True, lambda row: values.unit(row) if values.consumed(row) else None),
    Column("ContractedCost", "Decimal", "M", False, lambda row: product(row.contracted_price, row.quantity)),
    Column("ContractedUnitPrice", "Decimal", "C", True, lambda row: row.contracted_price),
    Column("EffectiveCost", "Decimal", "M", False, lambda row: _usd(row.effective)),
    Column("HostProviderName", "String", "M", True, values.host, ("1.4",)),
    Column("InvoiceId", "String", "R", True, _null),
    Column("InvoiceIssuerName", "String", "M", False, lambda row: row.provider),
    Column("ListCost", "Decimal", "M", False, lambda row: product(row.list_price, row.quantity)),
    Column("ListUnitPrice", "Decimal", "C", True, lambda row: row.list_price),
    Column("PricingCategory", "String", "C", True, values.pricing_category),
    Column("PricingQuantity", "Decimal", "M", True, lambda row: row.quantity),
    Column("PricingUnit", "String", "M", True, values.unit),
    Column("ProviderName", "String", "M", False, lambda row: row.provider, ("1.2",)),
    Column("PublisherName", "String", "M", False, lambda row: row.provider, ("1.2",)),
    Column("RegionId", "String", "C", True, lambda row: row.region or None),
    Column("RegionName", "String", "C", True, lambda row: row.region or None),
    Column("ResourceId", "String", "C", True, values.resource_id),
    Column("ResourceName", "String", "C", True, values.resource_name),
    Column("ResourceType", "String", "C", True, values.resource_type),
    Column("ServiceCategory", "String", "M", False, lambda row: values.service(row).category),
    Column("ServiceName", "String", "M", False, lambda row: values.service(row).name),
    Column("ServiceProviderName", "String", "M", False, lambda row: row.provider, ("1.4",)),
    Column("ServiceSubcategory", "String", "R", False, lambda row: values.service(row).subcategory),
    Column("SkuId", "String", "C", True, values.sku_id),
    Column("SkuMeter", "String", "C", True, values.sku_meter),
    Column("SkuPriceDetails", "JSON", "C", True, values.sku_price_details),
    Column("SkuPriceId", "String", "C", True, values.sku_price_id),
    Column("SubAccountId", "String", "C", True, values.sub_account_id),
    Column("SubAccountName", "String", "C", True, lambda row: row.placement.cost_centre or None),
    Column("SubAccountType", "String", "C", True, lambda row: "Cost centre" if row.placement.cost_centre else None),
    Column("Tags", "JSON", "C", True, values.tags),
)
"""Columns of the specification, alphabetically."""

OURS: tuple[Column, ...] = (
    Column("x_Forecast", "String", "X", False, lambda _row: "true"),
    Column("x_InventorySha256", "String", "X", False, lambda row: row.about.inputs.inventory_sha256),
    Column("x_CatalogSha256", "String", "X", False, lambda row: row.about.inputs.catalog_sha256),
    Column("x_CatalogDate", "String", "X", False, lambda row: row.about.inputs.catalog_as_of),
    Column("x_EngineVersion", "String", "X", False, lambda row: row.about.inputs.engine_version),
    Column("x_HorizonMonth", "Decimal", "X", False, lambda row: Decimal(row.month)),
    Column("x_Workload", "String", "X", False, lambda row: row.placement.workload),
    Column("x_WorkloadKind", "String", "X", False, lambda row: row.placement.kind),
    Column("x_Tier", "String", "X", True, lambda row: row.stand.tier or None),
    Column("x_Country", "String", "X", True, lambda row: row.stand.country or None),
    Column("x_Purchase", "String", "X", True, lambda row: row.layer.purchase if row.layer else None),
    Column("x_Layer", "Decimal", "X", False, lambda row: Decimal(row.line.layer)),
    Column("x_LineNumber", "Decimal", "X", False, lambda row: Decimal(row.number)),
    Column("x_Term", "String", "X", False, lambda row: row.line.term),
    Column("x_Line", "String", "X", False, lambda row: row.line.label),
    Column("x_ChargeClass", "String", "X", False, lambda row: charge_class(row.line)),
    Column("x_CashCost", "Decimal", "X", False, lambda row: _usd(row.cash)),
    Column("x_AccrualCost", "Decimal", "X", False, lambda row: _usd(row.accrual)),
    Column("x_PriceSource", "String", "X", True, lambda row: row.line.source_id or None),
    Column("x_PriceSourceText", "String", "X", True, lambda row: row.about.sources.get(row.line.source_id) or None),
    Column("x_PriceDate", "String", "X", True, lambda row: row.line.as_of or None),
    Column("x_Assumed", "String", "X", False, lambda row: _flag(row.line.assumed)),
    Column("x_AssumedNote", "String", "X", True, lambda row: row.line.note or None),
)
"""What a plan knows and a bill does not."""

VERSIONS = ("1.2", "1.4")


def columns_of(version: str) -> tuple[Column, ...]:
    """The columns of one of `VERSIONS`: those of the specification, then ours."""
    return tuple(column for column in (*FOCUS, *OURS) if version in column.versions)
