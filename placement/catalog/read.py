"""Catalog folders → validated entries, layer by layer; a later layer wins, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from placement.catalog.cells import (
    ACCELERATOR_CELLS,
    ACCELERATOR_OPTIONAL,
    CITY_CELLS,
    CONTINENT_CELLS,
    LINE_CELLS,
    MEASURED_CELLS,
    MODEL_CELLS,
    OFFER_CELLS,
    OFFER_OPTIONAL,
    PAIR_CELLS,
    POINT_CELLS,
    ROOFLINE_CELLS,
    SOURCE_CELLS,
    THROUGHPUT_CELLS,
    TRAINING_CELLS,
    Cells,
    date_problem,
    wrong_cells,
)
from placement.catalog.model import (
    AssumptionEntry,
    AssumptionsFile,
    CatalogFile,
    ClaimEntry,
    ClaimsFile,
    ContinentEntry,
    CountriesFile,
    DataClassEntry,
    DiscountEntry,
    DiscountsFile,
    ElectricityEntry,
    GroupEntry,
    LeverEntry,
    NodeEntry,
    NodesFile,
    ProviderFile,
    RuleEntry,
    RulesFile,
    SiteEntry,
)
from placement.catalog.tables import NETWORK_FOLDER, TIER_FOLDERS
from placement.csv_tables import CsvTable, Row, load_csv
from placement.dates import latest_day
from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, did_you_mean
from placement.documents import Document, Finding, load_yaml
from placement.validation import validated
from placement.words import OWN

M = TypeVar("M", bound=BaseModel)
Identity = tuple[str, ...]

MEASURED_KEY = tuple(name for name in MEASURED_CELLS if name not in ("units_per_second", "as_of", "source_id"))
"""Under the same circumstances a later layer's measurement takes the place of an earlier one's."""


@dataclass(slots=True)
class Provider:
    """One provider over all layers: identity, sites, and its lists in layer order (later entries win)."""

    id: str
    name: str
    tier: str
    sites: dict[str, SiteEntry] = field(default_factory=dict)
    files: list[ProviderFile] = field(default_factory=list)
    offers: dict[Identity, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Entries:
    """Everything the layers say, validated one by one, and the files it stands in."""

    name: str = ""
    as_of: str = ""
    layer: int = 0
    """The number of the layer being read."""
    sources: dict[str, Row] = field(default_factory=dict)
    accelerators: dict[str, Row] = field(default_factory=dict)
    throughput: dict[Identity, Row] = field(default_factory=dict)
    models: dict[str, Row] = field(default_factory=dict)
    measured: dict[Identity, Row] = field(default_factory=dict)
    roofline: dict[Identity, Row] = field(default_factory=dict)
    training: dict[Identity, Row] = field(default_factory=dict)
    nodes: dict[str, NodeEntry] = field(default_factory=dict)
    assumptions: dict[tuple[str, str], AssumptionEntry] = field(default_factory=dict)
    cities: dict[Identity, Row] = field(default_factory=dict)
    groups: dict[str, GroupEntry] = field(default_factory=dict)
    continents: dict[str, ContinentEntry] = field(default_factory=dict)
    electricity: dict[tuple[str, str], ElectricityEntry] = field(default_factory=dict)
    points: dict[str, Row] = field(default_factory=dict)
    rtt_continents: dict[str, Row] = field(default_factory=dict)
    pairs: dict[Identity, Row] = field(default_factory=dict)
    lines: dict[Identity, Row] = field(default_factory=dict)
    classes: dict[str, DataClassEntry] = field(default_factory=dict)
    rules: dict[str, RuleEntry] = field(default_factory=dict)
    claims: dict[str, ClaimEntry] = field(default_factory=dict)
    levers: dict[str, LeverEntry] = field(default_factory=dict)
    discounts: list[DiscountEntry] = field(default_factory=list)
    """In the order of the layers."""
    providers: dict[str, Provider] = field(default_factory=dict)
    documents: list[tuple[Document, BaseModel]] = field(default_factory=list)
    tables: list[CsvTable] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_layers(folders: list[Path]) -> Entries:
    """Read all *folders* in order; raises `InputError` with everything that is wrong in any of them.

    Whether the entries fit each other is left to `check.check_entries`.
    """
    entries = Entries()
    for number, folder in enumerate(folders):
        entries.layer = number
        _read_layer(folder, entries)
    if entries.diagnostics:
        raise InputError(entries.diagnostics[:MAX_REPORTED], more=len(entries.diagnostics) > MAX_REPORTED)
    return entries


def _read_layer(folder: Path, entries: Entries) -> None:
    catalog = _yaml(folder / "catalog.yaml", CatalogFile, entries)
    if catalog is not None:
        entries.name = catalog.name
        entries.as_of = _later(entries.as_of, catalog.as_of)
    _table(folder / "sources.csv", SOURCE_CELLS, ("source_id",), entries.sources, entries)
    path = folder / "accelerators.csv"
    _table(path, ACCELERATOR_CELLS, ("accelerator",), entries.accelerators, entries, optional=ACCELERATOR_OPTIONAL)
    keys = ("throughput_class", "accelerator")
    _table(folder / "throughput.csv", THROUGHPUT_CELLS, keys, entries.throughput, entries)
    _table(folder / "cities.csv", CITY_CELLS, ("city", "country"), entries.cities, entries)
    nodes = _yaml(folder / "nodes.yaml", NodesFile, entries)
    if nodes is not None:
        entries.nodes |= {node.node: node for node in nodes.nodes}
    assumptions = _yaml(folder / "assumptions.yaml", AssumptionsFile, entries)
    if assumptions is not None:
        entries.assumptions |= {(entry.name, entry.tier or ""): entry for entry in assumptions.assumptions}
    countries = _yaml(folder / "countries.yaml", CountriesFile, entries)
    if countries is not None:
        entries.groups |= {entry.group: entry for entry in countries.groups}
        entries.continents |= {entry.continent: entry for entry in countries.continents}
        entries.electricity |= {(entry.country, entry.subdivision or ""): entry for entry in countries.electricity}
    discounts = _yaml(folder / "discounts.yaml", DiscountsFile, entries)
    if discounts is not None:
        entries.discounts += discounts.discounts
    rules = _yaml(folder / "rules.yaml", RulesFile, entries)
    if rules is not None:
        entries.classes |= {entry.data_class: entry for entry in rules.classes}
        entries.rules |= {entry.rule: entry for entry in rules.rules}
    claims = _yaml(folder / "claims.yaml", ClaimsFile, entries)
    if claims is not None:
        entries.claims |= {entry.claim: entry for entry in claims.claims}
        entries.levers |= {entry.lever: entry for entry in claims.levers}
    for tier in TIER_FOLDERS:
        for path in sorted((folder / tier).glob("*.yaml")):
            _read_provider(path, tier, entries)
        for path in sorted((folder / tier).glob("*.offers.csv")):
            _read_offers(path, entries)
    _read_network(folder / NETWORK_FOLDER, entries)
    _read_work(folder, entries)


def _read_work(folder: Path, entries: Entries) -> None:
    """Models and how much work is done; measurements remember which layer they are of."""
    _table(folder / "models.csv", MODEL_CELLS, ("model",), entries.models, entries)
    measured: dict[Identity, Row] = {}
    _table(folder / "measured.csv", MEASURED_CELLS, MEASURED_KEY, measured, entries)
    entries.measured |= {key: row | {"layer": str(entries.layer)} for key, row in measured.items()}
    _table(folder / "roofline.csv", ROOFLINE_CELLS, ("vendor", "accelerator", "precision"), entries.roofline, entries)
    _table(folder / "training.csv", TRAINING_CELLS, ("accelerator", "precision", "kind"), entries.training, entries)


def _read_network(folder: Path, entries: Entries) -> None:
    _table(folder / "points.csv", POINT_CELLS, ("point",), entries.points, entries)
    _table(folder / "continents.csv", CONTINENT_CELLS, ("country",), entries.rtt_continents, entries)
    _table(folder / "pairs.csv", PAIR_CELLS, ("point_a", "point_b"), entries.pairs, entries, either_way=True)
    _table(folder / "lines.csv", LINE_CELLS, ("continent_a", "continent_b"), entries.lines, entries, either_way=True)


def _later(known: str, other: str) -> str:
    """The later of two dates by the last day they can mean; `check` refuses those that mean none."""
    first, second = (latest_day(text) if not date_problem(text) else None for text in (known, other))
    return other if first is None or (second is not None and second > first) else known


def _yaml(path: Path, model: type[M], entries: Entries) -> M | None:
    if not path.exists():
        return None
    try:
        document = load_yaml(path)
        value = validated(document, model)
    except InputError as error:
        entries.diagnostics.extend(error.diagnostics)
        return None
    entries.documents.append((document, value))
    repeated = document.diagnostics(_repeated(value))
    entries.diagnostics.extend(repeated[:MAX_REPORTED])
    return value


def _repeated(value: BaseModel) -> Iterator[Finding]:
    """Entries of one file with the same key."""
    keys = {
        "sites": ("site",),
        "nodes": ("node",),
        "assumptions": ("name", "tier"),
        "groups": ("group",),
        "continents": ("continent",),
        "interconnect": ("product", "gbit_per_s"),
        "electricity": ("country", "subdivision"),
        "classes": ("data_class",),
        "rules": ("rule",),
        "claims": ("claim",),
        "levers": ("lever",),
    }
    for name, parts in keys.items():
        seen: set[Identity] = set()
        for index, entry in enumerate(getattr(value, name, ())):
            key = tuple(str(getattr(entry, part) or "") for part in parts)
            if key in seen:
                shown = "/".join(part for part in key if part)
                yield Finding("catalog-repeated", f"`{shown}` stands here twice", (name, index, parts[0]))
            seen.add(key)


def _table(
    path: Path,
    cells: Cells,
    keys: Identity,
    into: dict[Any, Row],
    entries: Entries,
    either_way: bool = False,
    optional: frozenset[str] = frozenset(),
) -> None:
    """Rows of one CSV by key; a key that stands twice in one file is an error, also the other way round if that is it.

    Of such keys the parts are put in order.
    """
    if not path.exists():
        return
    try:
        table = load_csv(path, tuple(cells), optional)
    except InputError as error:
        entries.diagnostics.extend(error.diagnostics)
        return
    entries.tables.append(table)
    seen: set[Any] = set()
    for line, row in table.rows:
        key: Any = row[keys[0]] if len(keys) == 1 else tuple(row[name] for name in keys)
        key = tuple(sorted(key)) if either_way else key
        if key in seen:
            message = f"`{'/'.join(row[name] for name in keys if row[name])}` stands here twice"
            entries.diagnostics.append(table.diagnostic("catalog-repeated", message, line, keys[0]))
        seen.add(key)
        into[key] = row
    entries.diagnostics.extend(wrong_cells(table, cells))


def _read_provider(path: Path, tier: str, entries: Entries) -> None:
    read = _yaml(path, ProviderFile, entries)
    if read is None:
        return
    findings = []
    if read.provider != path.stem:
        message = f"the provider is called `{read.provider}` but the file `{path.name}`"
        findings.append(Finding("catalog-provider-name", message, ("provider",), "give both the same name"))
    if read.provider == OWN:
        message = f"`{OWN}` stands for the inventory's own sites"
        findings.append(Finding("catalog-provider-name", message, ("provider",), "give the provider another name"))
    if read.tier != tier:
        message = f"the tier is `{read.tier}` but the folder `{tier}`"
        findings.append(Finding("catalog-provider-tier", message, ("tier",), "move the file, or correct the tier"))
    if findings:
        entries.diagnostics.extend(entries.documents[-1][0].diagnostics(findings))
    provider = entries.providers.setdefault(read.provider, Provider(read.provider, read.name, read.tier))
    provider.name, provider.tier = read.name, read.tier
    provider.sites |= {site.site: site for site in read.sites}
    provider.files.append(read)


def _read_offers(path: Path, entries: Entries) -> None:
    identity = path.name.removesuffix(".offers.csv")
    provider = entries.providers.get(identity)
    if provider is None:
        if not path.with_name(f"{identity}.yaml").exists():
            hint = did_you_mean(identity, entries.providers)
            message = f"offers of `{identity}`, but no `{identity}.yaml`"
            entries.diagnostics.append(Diagnostic("catalog-no-provider", message, Where(str(path)), hint))
        return
    keys = ("site", "sku", "purchase", "payment", "term_months")
    _table(path, OFFER_CELLS, keys, provider.offers, entries, optional=OFFER_OPTIONAL)
