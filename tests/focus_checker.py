"""What FOCUS Cost and Usage asks of a file, written from the specification's facts and not from the exporter's table.

`problems` lists what is wrong with the text of a CSV file.
"""

import csv
import io
import json
import re
from collections import defaultdict
from decimal import Context, Decimal

EXACT = Context(prec=100)


def words(text: str) -> list[str]:
    return text.split()


COMMON = words("""
BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory
ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost
PricingQuantity PricingUnit ServiceCategory ServiceName
""")
MANDATORY = {
    "1.2": [*COMMON, "ProviderName", "PublisherName"],
    "1.4": [*COMMON, "ServiceProviderName", "HostProviderName"],
}
REMOVED = {"1.2": ["ServiceProviderName", "HostProviderName"], "1.4": ["ProviderName", "PublisherName"]}
OTHERS = words("""
AvailabilityZone BillingAccountType CapacityReservationId CapacityReservationStatus ChargeFrequency
CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity
CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedUnitPrice
InvoiceId ListUnitPrice PricingCategory RegionId RegionName ResourceId ResourceName ResourceType ServiceSubcategory
SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags
""")
DECIMALS = words("""
BilledCost CommitmentDiscountQuantity ConsumedQuantity ContractedCost ContractedUnitPrice EffectiveCost ListCost
ListUnitPrice PricingQuantity x_CashCost x_AccrualCost
""")
DATES = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"]
NEVER_NULL = words("""
BilledCost BillingAccountId BillingCurrency BillingPeriodStart BillingPeriodEnd ChargeCategory ChargeFrequency
ChargePeriodStart ChargePeriodEnd ContractedCost ContractedUnitPrice EffectiveCost InvoiceIssuerName ListCost
ListUnitPrice PricingCategory PricingQuantity PricingUnit ServiceCategory ServiceName ServiceSubcategory SkuId
SkuPriceId x_Forecast
""")
ALLOWED = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {""},
    "InvoiceId": {""},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "PricingCategory": {"Standard", "Dynamic", "Committed", "Other"},
    "CommitmentDiscountStatus": {"", "Used", "Unused"},
    "CommitmentDiscountCategory": {"", "Spend", "Usage"},
    "x_Forecast": {"true"},
}
SUBCATEGORIES = {
    "Compute": {"Virtual Machines", "Containers", "Other (Compute)"},
    "Networking": {"Network Connectivity", "Other (Networking)"},
    "Storage": {"Object Storage", "Block Storage", "Other (Storage)"},
    "Other": {"Other (Other)"},
}
TOGETHER = [
    ("CommitmentDiscountId", "CommitmentDiscountCategory"), ("CommitmentDiscountId", "CommitmentDiscountType"),
    ("CommitmentDiscountQuantity", "CommitmentDiscountUnit"), ("CommitmentDiscountId", "CommitmentDiscountQuantity"),
    ("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit"), ("RegionId", "RegionName"),
    ("ResourceId", "ResourceType"), ("SubAccountId", "SubAccountName"), ("SubAccountId", "SubAccountType"),
]  # fmt: skip
KEYS = {"CoreCount": int, "GpuCount": int, "InstanceType": str, "InstanceSeries": str, "MemorySize": int}
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
UNIT = re.compile(r"(?:GB|[A-Z][a-z]+s|(?:GB|[A-Z][a-z]+)-(?:Hours|Months))\Z")


def problems(text: str, version: str, units: bool = True) -> list[str]:
    """Everything that is wrong; *units*: also where a unit is not in the recommended form."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = next(csv.reader(io.StringIO(text, newline="")))
    found = [f"no column {name}" for name in (*MANDATORY[version], *OTHERS) if name not in names]
    found += [f"column {name} is not of {version}" for name in REMOVED[version] if name in names]
    if found:
        return found
    ours = [name.startswith("x_") for name in names]
    if ours != sorted(ours) or len(set(names)) != len(names):
        found.append("our own columns have to come last, and names once")
    for number, row in enumerate(rows):
        found += [f"row {number}: {problem}" for problem in _row(row, version, units)]
    return found + (_across(rows) if not found else [])


def _row(row: dict[str, str], version: str, units: bool):
    for name in NEVER_NULL:
        if not row[name]:
            yield f"{name} is null"
    for name in DECIMALS:
        if row[name] and not DECIMAL.match(row[name]):
            yield f"{name} is no decimal with a point: {row[name]}"
    for name in DATES:
        if not DATE.match(row[name]):
            yield f"{name} is no moment"
    for name, allowed in ALLOWED.items():
        if row[name] not in allowed:
            yield f"{name} may not be {row[name]}"
    for one, other in TOGETHER:
        if bool(row[one]) != bool(row[other]):
            yield f"{one} and {other} have to be null together"
    if not re.fullmatch("[A-Z]{3}", row["BillingCurrency"]):
        yield "BillingCurrency"
    if row["ServiceSubcategory"] not in SUBCATEGORIES.get(row["ServiceCategory"], ()):
        yield f"{row['ServiceSubcategory']} is not in {row['ServiceCategory']}"
    if units and not UNIT.match(row["PricingUnit"]):
        yield f"unit {row['PricingUnit']}"
    for name in ("Tags", "SkuPriceDetails"):
        if row[name]:
            yield from _json(name, row[name])
    if not row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]:
        yield "periods"
    provider = row["ProviderName" if version == "1.2" else "ServiceProviderName"]
    if provider != row["InvoiceIssuerName"] or not provider:
        yield "only who sells may invoice"
    yield from _money(row)


def _json(name: str, text: str):
    value = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    if len({key for key, _ in value}) != len(value):
        yield f"{name}: a key is there twice"
    if any(isinstance(inner, list | dict) for _, inner in value):
        yield f"{name}: nested"
    for key, inner in value:
        if name == "SkuPriceDetails" and not key.startswith("x_") and type(inner) is not KEYS.get(key):
            yield f"{name}: {key} is {inner!r}"


def _money(row: dict[str, str]):
    number = {name: Decimal(row[name]) if row[name] else None for name in DECIMALS}
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        if number[price] < 0 or number[cost] != EXACT.multiply(number[price], number["PricingQuantity"]):
            yield f"{cost} is not price × quantity"
    committed, status = bool(row["CommitmentDiscountId"]), row["CommitmentDiscountStatus"]
    if row["ChargeCategory"] == "Purchase":
        expected = {"EffectiveCost": "0.00", "PricingCategory": "Standard", "CommitmentDiscountStatus": ""}
        expected |= {"ConsumedQuantity": "", "ResourceId": row["CommitmentDiscountId"], "ChargeFrequency": "Recurring"}
        for name, value in expected.items():
            if row[name] != value and not (name == "EffectiveCost" and number[name] == 0):
                yield f"Purchase: {name} is {row[name]}"
        return
    if committed != bool(status) or committed != (row["PricingCategory"] == "Committed"):
        yield "a covered charge has a status and the category Committed"
    if committed and number["BilledCost"] != 0:
        yield "covered usage is not billed again"
    if not committed and number["BilledCost"] != number["EffectiveCost"]:
        yield "uncovered usage costs what is billed"
    if (status == "Unused" or row["x_Term"] == "price_change") != (not row["ConsumedQuantity"]):
        yield "what is not used is not consumed, all else is"
    if status == "Unused" and row["ResourceId"] != row["CommitmentDiscountId"]:
        yield "Unused: ResourceId"


def _across(rows: list[dict[str, str]]) -> list[str]:
    found = []
    for one, other in (("SkuPriceId", "SkuId"), ("ServiceName", "ServiceCategory"), ("SkuPriceId", "SkuPriceDetails")):
        partners = defaultdict(set)
        for row in rows:
            partners[row[one]].add(row[other])
        found += [f"{one} {key} has several {other}" for key, values in partners.items() if len(values) > 1]
    paid, borne, bought, used = (defaultdict(Decimal) for _ in range(4))
    for row in rows:
        if row["CommitmentDiscountId"]:
            key = (row["CommitmentDiscountId"], row["ChargePeriodStart"])
            purchase = row["ChargeCategory"] == "Purchase"
            paid[key] += Decimal(row["BilledCost"])
            borne[key] += Decimal(row["EffectiveCost"])
            (bought if purchase else used)[key] += Decimal(row["CommitmentDiscountQuantity"])
    found += [f"{key}: {paid[key]} billed, {borne[key]} effective" for key in paid if paid[key] != borne[key]]
    found += [f"{key}: {bought[key]} bought, {used[key]} used and unused" for key in bought if bought[key] != used[key]]
    return found
