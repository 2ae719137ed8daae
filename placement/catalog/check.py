"""What the entries of a catalog say about each other: sources, accelerators and sites exist, constants are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from pydantic import BaseModel

from placement.catalog.cells import date_problem
from placement.catalog.check_claims import wrong_claims
from placement.catalog.check_discounts import wrong_discounts
from placement.catalog.check_network import wrong_in_network
from placement.catalog.check_offers import wrong_offers
from placement.catalog.check_rules import wrong_rules
from placement.catalog.check_work import wrong_in_work
from placement.catalog.model import (
    AssumptionsFile,
    CatalogFile,
    ClaimsFile,
    DiscountsFile,
    NodeEntry,
    NodesFile,
    ProviderFile,
    RulesFile,
)
from placement.catalog.read import Entries
from placement.catalog.routes import wrong_routes
from placement.catalog.work import ANY
from placement.csv_tables import CsvTable
from placement.dates import latest_day
from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, did_you_mean, has_unprintable
from placement.documents import Finding, KeyPath
from placement.words import TIERS

EVERYWHERE = ("",)
OFFERS = ".offers.csv"
"""How the names of files with offers end."""
_NAMED = 5


class Constant(NamedTuple):
    """A figure the engine cannot do without: the tiers it must be known for, and where it lies."""

    tiers: tuple[str, ...]
    low: float
    high: float


CONSTANTS = {
    "discount_rate_fraction_per_year": Constant(EVERYWHERE, 0, 1),
    "owned_life_months": Constant(EVERYWHERE, 1, 240),
    "owned_residual_fraction": Constant(EVERYWHERE, 0, 0.99),
    "rental_price_change_fraction_per_year": Constant(EVERYWHERE, -0.9, 1),
    "lease_term_months": Constant(EVERYWHERE, 1, 240),
    "lease_rate_fraction_per_year": Constant(EVERYWHERE, 0, 1),
    "accelerator_failures_per_year": Constant(EVERYWHERE, 0, 100),
    "power_load_fraction": Constant(EVERYWHERE, 0, 1),
    "pue": Constant(("colo", "on_prem", "edge"), 1, 5),
    "egress_usd_per_gb": Constant(TIERS, 0, 1000),
    "egress_same_provider_usd_per_gb": Constant(TIERS, 0, 1000),
    "storage_usd_per_gb_month": Constant(TIERS, 0, 1000),
    "energy_usd_per_kwh": Constant(EVERYWHERE, 0, 10),
    "facility_usd_per_kw_month": Constant(("colo",), 0, 100_000),
    "cross_connect_usd_per_month": Constant(("colo",), 0, 1_000_000),
    "max_power_kw": Constant(("colo",), 0, 1_000_000),
    "link_usable_fraction": Constant(EVERYWHERE, 0.01, 1),
    "visit_usd": Constant(("on_prem", "edge", "colo"), 0, 100_000),
    "maintenance_fraction_per_year": Constant(EVERYWHERE, 0, 1),
    "fabric_usd_per_gbit_per_s": Constant(EVERYWHERE, 0, 10_000),
    "fabric_gbit_per_s_per_accelerator": Constant(EVERYWHERE, 0, 100_000),
    "staff_usd_per_engineer_year": Constant(EVERYWHERE, 0, 10_000_000),
    "staff_accelerators_per_engineer": Constant(("colo", "on_prem", "edge"), 1, 1_000_000),
    "procurement_lead_time_weeks": Constant(("colo", "on_prem", "edge"), 0, 520),
    "spot_mean_up_hours": Constant(EVERYWHERE, 1, 100_000),
    "spot_gang_mean_up_hours": Constant(EVERYWHERE, 1, 100_000),
    "spot_restart_hours": Constant(EVERYWHERE, 0, 24),
    "spot_gang_nodes": Constant(EVERYWHERE, 2, 10_000),
    "spot_available_fraction": Constant(EVERYWHERE, 0.01, 1),
    "spot_gang_available_fraction": Constant(EVERYWHERE, 0.01, 1),
    "spot_checkpoint_hours": Constant(EVERYWHERE, 0.0001, 1),
    "checkpoint_gb_per_s": Constant(EVERYWHERE, 0.001, 10_000),
    "block_daily_days": Constant(EVERYWHERE, 1, 365),
    "block_step_days": Constant(EVERYWHERE, 1, 365),
    "memory_usable_fraction": Constant(EVERYWHERE, 0.01, 1),
    "rtt_intercept_ms": Constant(EVERYWHERE, 0, 10_000),
    "rtt_ms_per_km": Constant(EVERYWHERE, 0, 10),
    "rtt_floor_ms_per_km": Constant(EVERYWHERE, 0, 10),
    "rtt_same_place_ms": Constant(EVERYWHERE, 0, 10_000),
    "rtt_p95_over_p50_ratio": Constant(EVERYWHERE, 1, 1000),
    "rtt_measured_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "rtt_measured_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "rtt_proxy_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "rtt_proxy_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "rtt_proxy_far_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "rtt_proxy_far_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "rtt_proxy_far_km": Constant(EVERYWHERE, 0, 21_000),
    "rtt_pooled_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "rtt_pooled_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "rtt_proxy_near_km": Constant(EVERYWHERE, 0, 5000),
    "rtt_proxy_fraction": Constant(EVERYWHERE, 0, 1),
    "rtt_proxy_most_km": Constant(EVERYWHERE, 0, 5000),
    "last_mile_fibre_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_fibre_p95_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_5g_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_5g_p95_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_wifi_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_wifi_p95_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_leased_line_ms": Constant(EVERYWHERE, 0, 10_000),
    "last_mile_leased_line_p95_ms": Constant(EVERYWHERE, 0, 10_000),
    "stale_price_days": Constant(EVERYWHERE, 0, 36_500),
    "dual_running_months": Constant(EVERYWHERE, 0, 24),
    "slow_move_days": Constant(EVERYWHERE, 0, 36_500),
    "serving_wait_fraction": Constant(EVERYWHERE, 0.001, 0.999),
    "roofline_moe_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "roofline_moe_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "scaling_fraction_per_doubling": Constant(EVERYWHERE, 0.5, 1),
    "mtbf_accelerator_hours": Constant(EVERYWHERE, 1, 1_000_000_000),
    "training_restart_hours": Constant(EVERYWHERE, 0, 24),
    "lora_trainable_fraction": Constant(EVERYWHERE, 0.000001, 1),
    "serving_utilization_fraction": Constant(EVERYWHERE, 0.01, 1),
    "tight_memory_fraction": Constant(EVERYWHERE, 0, 1),
    "serving_requests_at_once": Constant(EVERYWHERE, 1, 100_000),
    "serving_measured_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "serving_measured_high_ratio": Constant(EVERYWHERE, 1, 1000),
    "serving_measured_moe_low_ratio": Constant(EVERYWHERE, 0.001, 1),
    "serving_measured_moe_high_ratio": Constant(EVERYWHERE, 1, 1000),
}


def check_entries(entries: Entries, where: Where) -> None:
    """Raise `InputError` with everything that does not fit; *where* stands for the catalog as a whole."""
    found = list(islice(_all(entries, where), MAX_REPORTED + 1))
    if found:
        raise InputError(found[:MAX_REPORTED], more=len(found) > MAX_REPORTED)


def _all(entries: Entries, where: Where) -> Iterator[Diagnostic]:
    for document, value in entries.documents:
        yield from document.diagnostics(islice(_wrong(entries, value), MAX_REPORTED + 1))
    for table in entries.tables:
        yield from _unknown(entries, table)
        if table.path.endswith(OFFERS):
            yield from wrong_offers(table)
        yield from wrong_in_network(entries, table)
        yield from wrong_in_work(entries, table)
    yield from _missing(entries, where)


def _missing(entries: Entries, where: Where) -> Iterator[Diagnostic]:
    hint = "lay it over the shipped catalog, or complete it"
    if not entries.name:
        yield Diagnostic("catalog-incomplete", "this catalog has no `catalog.yaml`", where, hint)
    if not entries.providers:
        yield Diagnostic("catalog-incomplete", "this catalog has no providers", where, hint)
    known = entries.assumptions
    missing = [
        f"`{name}`" + (f" for {tier}" if tier else "")
        for name, constant in CONSTANTS.items()
        for tier in constant.tiers
        if (name, tier) not in known and (name, "") not in known
    ]
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        message = f"this catalog lacks assumptions: {', '.join(missing[:_NAMED])}{more}"
        yield Diagnostic("catalog-incomplete", message, where, hint)


def _wrong(entries: Entries, value: BaseModel) -> Iterator[Finding]:
    yield from _sourced(entries, value, ())
    if isinstance(value, CatalogFile):
        if date_problem(value.as_of):
            yield Finding("catalog-value", f"`as_of` {date_problem(value.as_of)}", ("as_of",))
        elif latest_day(value.as_of) is None:
            hint = "write the day up to which its prices were looked at: old ones are counted from it"
            yield Finding("catalog-undated", "a catalog needs a date of its own", ("as_of",), hint)
    elif isinstance(value, ProviderFile):
        yield from _scopes(entries, value)
        yield from wrong_routes(value)
        yield from _wrong_devices(value)
    elif isinstance(value, NodesFile):
        for index, node in enumerate(value.nodes):
            if node.accelerator not in entries.accelerators:
                yield _accelerator(entries, node.accelerator, ("nodes", index, "accelerator"))
            yield from _wrong_claims(node, ("nodes", index))
    elif isinstance(value, AssumptionsFile):
        yield from _constants(value)
    elif isinstance(value, DiscountsFile):
        yield from wrong_discounts(entries, value)
    elif isinstance(value, RulesFile):
        yield from wrong_rules(entries, value)
    elif isinstance(value, ClaimsFile):
        yield from wrong_claims(entries, value, {name: (one.low, one.high) for name, one in CONSTANTS.items()})


def _sourced(entries: Entries, value: BaseModel, path: KeyPath) -> Iterator[Finding]:
    """Sources, dates and notes of everything below *value*."""
    for name, part in value:
        here = (*path, name)
        if name == "source_id" and part not in entries.sources:
            yield _source(entries, part, here)
        elif name == "as_of" and path and date_problem(part):
            yield Finding("catalog-value", f"`as_of` {date_problem(part)}, not `{part}`", here)
        elif name in {"note", "scope"} and part and has_unprintable(part):
            yield Finding("catalog-value", f"`{name}` must not hold control characters", here)
        elif isinstance(part, BaseModel):
            yield from _sourced(entries, part, here)
        elif isinstance(part, list):
            for index, entry in enumerate(part):
                if isinstance(entry, BaseModel):
                    yield from _sourced(entries, entry, (*here, index))


def _scopes(entries: Entries, read: ProviderFile) -> Iterator[Finding]:
    """Sites a provider's tariffs and certificates name must be its own."""
    sites = entries.providers[read.provider].sites
    for name in ("certifications", "egress", "storage", "facility", "transfer_devices"):
        for index, entry in enumerate(getattr(read, name)):
            for number, site in enumerate(entry.sites):
                if site != "*" and site not in sites:
                    yield _site(site, sites, (name, index, "sites", number))
    for index, egress in enumerate(read.egress):
        for number, site in enumerate(egress.to_sites or ()):
            if site not in sites:
                yield _site(site, sites, ("egress", index, "to_sites", number))


def _wrong_devices(read: ProviderFile) -> Iterator[Finding]:
    """Devices that could never carry anything."""
    for index, device in enumerate(read.transfer_devices):
        path: KeyPath = ("transfer_devices", index)
        if read.tier == "colo":
            hint = "give it to the cloud that sends or receives the data"
            yield Finding("catalog-value", "rented space in a data centre sends no devices", path, hint)
        elif device.usd_per_gb_out is None and device.usd_per_gb_in is None:
            hint = "give a price for each direction that is offered; 0 is a price"
            yield Finding("catalog-value", "neither `usd_per_gb_out` nor `usd_per_gb_in` is given", path, hint)


def _wrong_claims(node: NodeEntry, path: KeyPath) -> Iterator[Finding]:
    """What others say an hour costs goes from one price to another."""
    ends = ("claimed_low_usd_per_hour", "claimed_high_usd_per_hour")
    found: dict[str, float] = {fact.item: fact.value for fact in node.facts if fact.item in ends}
    if len(found) == 1:
        hint = "where only one price is claimed, give it twice"
        yield Finding("catalog-value", f"`{ends[0]}` and `{ends[1]}` go together", (*path, "facts"), hint)
    elif found and found[ends[0]] > found[ends[1]]:
        yield Finding("catalog-value", f"`{ends[0]}` is above `{ends[1]}`", (*path, "facts"))


def _constants(value: AssumptionsFile) -> Iterator[Finding]:
    for index, entry in enumerate(value.assumptions):
        constant = CONSTANTS.get(entry.name)
        if constant is None:
            hint = did_you_mean(entry.name, CONSTANTS)
            yield Finding(
                "catalog-assumption", f"unknown assumption `{entry.name}`", ("assumptions", index, "name"), hint
            )
        elif not constant.low <= entry.value <= constant.high:
            message = f"`{entry.name}` must be from {constant.low:,} to {constant.high:,}, not {entry.value!r}"
            yield Finding("catalog-value", message, ("assumptions", index, "value"))


def _unknown(entries: Entries, table: CsvTable) -> Iterator[Diagnostic]:
    """Cells that name a source, an accelerator or a site nobody knows."""
    own: Collection[str] = ()
    if table.path.endswith(OFFERS):
        own = entries.providers[_stem(table.path)].sites
    accelerators = {*entries.accelerators, *((ANY,) if "read_fraction" in table.columns else ())}
    for line, row in table.rows:
        found: list[Finding] = []
        if "source_id" in row and row["source_id"] not in entries.sources:
            found.append(_source(entries, row["source_id"], ("source_id",)))
        if "accelerator" in row and row["accelerator"] not in accelerators:
            found.append(_accelerator(entries, row["accelerator"], ("accelerator",)))
        if "site" in row and row["site"] != "*" and row["site"] not in own:
            found.append(_site(row["site"], own, ("site",)))
        for code, message, path, hint in found:
            yield table.diagnostic(code, message, line, str(path[0]), hint)


def _stem(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(OFFERS)


def _source(entries: Entries, name: str, path: KeyPath) -> Finding:
    hint = "add it to `sources.csv`; " + did_you_mean(name, entries.sources)
    return Finding("catalog-source", f"unknown source `{name}`", path, hint)


def _accelerator(entries: Entries, name: str, path: KeyPath) -> Finding:
    return Finding(
        "catalog-accelerator", f"unknown accelerator `{name}`", path, did_you_mean(name, entries.accelerators)
    )


def _site(name: str, sites: Iterable[str], path: KeyPath) -> Finding:
    return Finding("catalog-site", f"unknown site `{name}`", path, did_you_mean(name, sites))
