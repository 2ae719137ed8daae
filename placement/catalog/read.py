"""Catalog folders → validated entries, layer by layer; a later layer wins, key by key."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from placement.catalog.load import TIER_FOLDERS
from placement.catalog.model import (
    AssumptionEntry,
    AssumptionsFile,
    CatalogFile,
    CountriesFile,
    ElectricityEntry,
    GroupEntry,
    NodeEntry,
    NodesFile,
    ProviderFile,
    SiteEntry,
    Sourced,
)
from placement.diagnostics import Diagnostic, InputError, Where, did_you_mean
from placement.documents import load_csv, load_yaml
from placement.validation import validated

OFFER_COLUMNS = (
    "site", "sku", "accelerator", "accelerators", "node_accelerators", "purchase", "usd_per_hour", "hosting",
    "availability", "basis", "as_of", "source_id", "note",
)  # fmt: skip
ACCELERATOR_COLUMNS = (
    "accelerator", "vendor", "memory_gib", "memory_bandwidth_gb_per_s", "bf16_dense_tflops", "fp8_dense_tflops",
    "fp4_dense_tflops", "int8_dense_tops", "tdp_w", "max_per_node", "form", "year", "aliases", "unverified", "as_of",
    "source_id",
)  # fmt: skip
THROUGHPUT_COLUMNS = (
    "throughput_class", "accelerator", "ratio_to_h100_sxm", "ratio_p10", "ratio_p90", "n_sources", "as_of", "source_id",
)  # fmt: skip
SOURCE_COLUMNS = ("source_id", "source", "licence")
CITY_COLUMNS = ("city", "country", "latitude", "longitude", "source_id", "as_of")

_PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?$")

M = TypeVar("M", bound=BaseModel)
Row = dict[str, str]


@dataclass(slots=True)
class Provider:
    """One provider over all layers: identity, sites, and its lists in layer order (later entries win)."""

    id: str
    name: str
    tier: str
    sites: dict[str, SiteEntry] = field(default_factory=dict)
    files: list[ProviderFile] = field(default_factory=list)
    offers: dict[tuple[str, str, str], tuple[Row, Where]] = field(default_factory=dict)


@dataclass(slots=True)
class Entries:
    """Everything the layers say, validated one by one."""

    name: str = ""
    as_of: str = ""
    sources: dict[str, Row] = field(default_factory=dict)
    accelerators: dict[str, Row] = field(default_factory=dict)
    throughput: dict[tuple[str, str], Row] = field(default_factory=dict)
    nodes: dict[str, NodeEntry] = field(default_factory=dict)
    assumptions: dict[tuple[str, str], AssumptionEntry] = field(default_factory=dict)
    cities: dict[tuple[str, str], Row] = field(default_factory=dict)
    groups: dict[str, GroupEntry] = field(default_factory=dict)
    electricity: dict[tuple[str, str], ElectricityEntry] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_layers(folders: list[Path]) -> Entries:
    """Read all *folders* in order; raises `InputError` with everything that is wrong in any of them."""
    entries = Entries()
    for folder in folders:
        _read_layer(folder, entries)
    if not entries.providers and not entries.diagnostics:
        where = Where(str(folders[0]) if folders else "catalogs")
        entries.diagnostics.append(Diagnostic("catalog-empty", "this catalog has no providers", where))
    _check_references(entries)
    if entries.diagnostics:
        raise InputError(entries.diagnostics)
    return entries


def _read_layer(folder: Path, entries: Entries) -> None:
    catalog = _yaml(folder / "catalog.yaml", CatalogFile, entries)
    if catalog is not None:
        entries.name = catalog.name
        entries.as_of = max(entries.as_of, catalog.as_of)
    _table(folder / "sources.csv", SOURCE_COLUMNS, ("source_id",), entries.sources, entries)
    _table(folder / "accelerators.csv", ACCELERATOR_COLUMNS, ("accelerator",), entries.accelerators, entries)
    keys = ("throughput_class", "accelerator")
    _table(folder / "throughput.csv", THROUGHPUT_COLUMNS, keys, entries.throughput, entries)
    _table(folder / "cities.csv", CITY_COLUMNS, ("city", "country"), entries.cities, entries)
    nodes = _yaml(folder / "nodes.yaml", NodesFile, entries)
    if nodes is not None:
        entries.nodes |= {node.node: node for node in nodes.nodes}
    assumptions = _yaml(folder / "assumptions.yaml", AssumptionsFile, entries)
    if assumptions is not None:
        entries.assumptions |= {(entry.name, entry.tier or ""): entry for entry in assumptions.assumptions}
    countries = _yaml(folder / "countries.yaml", CountriesFile, entries)
    if countries is not None:
        entries.groups |= {entry.group: entry for entry in countries.groups}
        entries.electricity |= {(entry.country, entry.subdivision or ""): entry for entry in countries.electricity}
    for tier in TIER_FOLDERS:
        for path in sorted((folder / tier).glob("*.yaml")):
            _read_provider(path, tier, entries)
        for path in sorted((folder / tier).glob("*.offers.csv")):
            _read_offers(path, entries)


def _yaml(path: Path, model: type[M], entries: Entries) -> M | None:
    if not path.exists():
        return None
    try:
        return validated(load_yaml(path), model)
    except InputError as error:
        entries.diagnostics.extend(error.diagnostics)
        return None


def _table(path: Path, columns: tuple[str, ...], keys: tuple[str, ...], into: dict[Any, Row], entries: Entries) -> None:
    """Rows of one CSV by key; a key that stands twice in one file is an error."""
    if not path.exists():
        return
    seen: set[Any] = set()
    try:
        for line, row in load_csv(path, columns):
            key: Any = row[keys[0]] if len(keys) == 1 else tuple(row[name] for name in keys)
            if key in seen:
                message = f"{', '.join(str(row[name]) for name in keys)} stands here twice"
                entries.diagnostics.append(Diagnostic("catalog-repeated", message, Where(str(path), line, 1)))
            seen.add(key)
            into[key] = row
    except InputError as error:
        entries.diagnostics.extend(error.diagnostics)


def _read_provider(path: Path, tier: str, entries: Entries) -> None:
    read = _yaml(path, ProviderFile, entries)
    if read is None:
        return
    if read.provider != path.stem:
        message = f"the provider is called `{read.provider}` but the file `{path.name}`"
        entries.diagnostics.append(Diagnostic("catalog-provider-name", message, Where(str(path))))
    if read.tier != tier:
        message = f"the tier is `{read.tier}` but the folder `{tier}`"
        entries.diagnostics.append(Diagnostic("catalog-provider-tier", message, Where(str(path))))
    provider = entries.providers.setdefault(read.provider, Provider(read.provider, read.name, read.tier))
    provider.name, provider.tier = read.name, read.tier
    seen: set[str] = set()
    for site in read.sites:
        if site.site in seen:
            message = f"site `{site.site}` stands here twice"
            entries.diagnostics.append(Diagnostic("catalog-repeated", message, Where(str(path))))
        seen.add(site.site)
        provider.sites[site.site] = site
    provider.files.append(read)


def _read_offers(path: Path, entries: Entries) -> None:
    identity = path.name.removesuffix(".offers.csv")
    provider = entries.providers.get(identity)
    if provider is None:
        hint = did_you_mean(identity, entries.providers)
        message = f"offers of `{identity}`, but no `{identity}.yaml`"
        entries.diagnostics.append(Diagnostic("catalog-no-provider", message, Where(str(path)), hint))
        return
    seen: set[tuple[str, str, str]] = set()
    try:
        for line, row in load_csv(path, OFFER_COLUMNS):
            where = Where(str(path), line, 1)
            key = (row["site"], row["sku"], row["purchase"])
            if key in seen:
                message = f"offer {'/'.join(key)} stands here twice"
                entries.diagnostics.append(Diagnostic("catalog-repeated", message, where))
            seen.add(key)
            provider.offers[key] = (row, where)
            problem = _offer_problem(row, provider)
            if problem:
                entries.diagnostics.append(Diagnostic("catalog-offer", problem, where))
    except InputError as error:
        entries.diagnostics.extend(error.diagnostics)


def _offer_problem(row: Row, provider: Provider) -> str:
    """What is wrong with the row's own values; empty when nothing is."""
    from placement.catalog.tables import AVAILABILITIES, BASES, HOSTINGS, RENTED  # noqa: PLC0415 - numpy, when needed

    price = row["usd_per_hour"]
    checks = (
        (not row["accelerators"].isdecimal() or int(row["accelerators"]) < 1, "accelerators must be a whole number ≥ 1"),
        (not row["node_accelerators"].isdecimal() or int(row["node_accelerators"]) < 1,
         "node_accelerators must be a whole number ≥ 1"),
        (bool(price) and not _PLAIN_NUMBER.match(price), "usd_per_hour must be a plain decimal number or empty"),
        ("." in price and len(price.split(".")[1]) > 6, "usd_per_hour must have at most 6 decimals"),
        (row["purchase"] not in RENTED, f"unknown purchase model `{row['purchase']}`"),
        (row["hosting"] not in HOSTINGS, f"unknown hosting `{row['hosting']}`"),
        (row["availability"] not in AVAILABILITIES, f"unknown availability `{row['availability']}`"),
        (row["basis"] not in BASES, f"unknown basis `{row['basis']}`"),
        (row["site"] != "*" and row["site"] not in provider.sites, f"unknown site `{row['site']}`"),
        (not row["as_of"], "as_of is empty"),
    )  # fmt: skip
    return next((message for failed, message in checks if failed), "")


def _check_references(entries: Entries) -> None:
    """Sources and accelerators that are named must exist."""

    def source(identity: str, where: Where) -> None:
        if identity not in entries.sources:
            message = f"unknown source `{identity}`"
            entries.diagnostics.append(Diagnostic("catalog-source", message, where))

    def accelerator(name: str, where: Where) -> None:
        if name not in entries.accelerators:
            hint = did_you_mean(name, entries.accelerators)
            message = f"unknown accelerator `{name}`"
            entries.diagnostics.append(Diagnostic("catalog-accelerator", message, where, hint))

    for provider in entries.providers.values():
        here = Where(f"{provider.tier}/{provider.id}.yaml")
        for row, where in provider.offers.values():
            source(row["source_id"], where)
            accelerator(row["accelerator"], where)
        for read in provider.files:
            listed: list[Sourced] = [*read.sites, *read.certifications, *read.egress, *read.storage, *read.fabric]
            for entry in (*listed, *read.facility):
                source(entry.source_id, here)
            scoped = (*read.certifications, *read.egress, *read.storage, *read.facility)
            for site in sorted({site for entry in scoped for site in entry.sites} - set(provider.sites) - {"*"}):
                message = f"unknown site `{site}`"
                hint = did_you_mean(site, provider.sites)
                entries.diagnostics.append(Diagnostic("catalog-site", message, here, hint))
    for node in entries.nodes.values():
        accelerator(node.accelerator, Where("nodes.yaml"))
        for fact in node.facts:
            source(fact.source_id, Where("nodes.yaml"))
    for assumption in entries.assumptions.values():
        source(assumption.source_id, Where("assumptions.yaml"))
    for name, row in entries.accelerators.items():
        source(row["source_id"], Where("accelerators.csv"))
        if row["memory_gib"] and not _PLAIN_NUMBER.match(row["memory_gib"]):
            message = f"memory_gib of {name} must be a plain decimal number or empty"
            entries.diagnostics.append(Diagnostic("catalog-accelerator", message, Where("accelerators.csv")))
    for (_, name), row in entries.throughput.items():
        source(row["source_id"], Where("throughput.csv"))
        accelerator(name, Where("throughput.csv"))
