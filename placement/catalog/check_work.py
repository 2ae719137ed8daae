"""What models, measurements and fitted figures say about each other, about accelerators and about classes of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from placement.catalog.read import Entries
from placement.catalog.work import ANY
from placement.csv_tables import CsvTable, Row
from placement.diagnostics import Diagnostic, did_you_mean
from placement.documents import Finding

_LENGTHS = ("layers", "hidden", "kv_heads", "head_dim")
_EXPERTS = ("experts", "experts_per_token", "shared_parameters_billion", "active_parameters_billion")


def wrong_in_work(entries: Entries, table: CsvTable) -> Iterator[Diagnostic]:
    """What does not fit in one of the files of models and work."""
    if "shared_parameters_billion" in table.columns:
        classes, names = {group for group, _ in entries.throughput}, _names(entries)
        findings = [(line, _model(row, classes, names)) for line, row in table.rows]
    elif "units_per_second" in table.columns:
        findings = [(line, _measured(row, entries.models)) for line, row in table.rows]
    elif "read_fraction" in table.columns:
        findings = [(line, _roofline(row, entries)) for line, row in table.rows]
    else:
        return
    for line, found in findings:
        for code, message, path, hint in found:
            yield table.diagnostic(code, message, line, str(path[0]), hint)


def _names(entries: Entries) -> Counter[str]:
    """How many models are called what, by key or alias."""
    return Counter(name for row in entries.models.values() for name in {row["model"], *_aliases(row)})


def _aliases(row: Row) -> list[str]:
    return [alias for alias in row["aliases"].split(";") if alias]


def _model(row: Row, classes: set[str], names: Counter[str]) -> Iterator[Finding]:
    group = row["throughput_class"]
    if group and group not in classes:
        hint = did_you_mean(group, classes)
        yield Finding("catalog-class", f"unknown throughput class `{group}`", ("throughput_class",), hint)
    for name in _aliases(row):
        if names[name] > 1:
            hint = "leave this alias out, or take it away from the other model"
            yield Finding("catalog-model", f"`{name}` is the name of another model, too", ("aliases",), hint)
    yield from _parameters(row)
    missing = [name for name in _LENGTHS if not row[name] and not (row["mla_width"] and name in _LENGTHS[2:])]
    if row["kind"] == "llm" and missing:
        message = f"a language model needs `{missing[0]}`"
        hint = "they stand in its `config.json`; with latent attention give `mla_width` instead of heads"
        yield Finding("catalog-parameters", message, (missing[0],), hint)


def _parameters(row: Row) -> Iterator[Finding]:
    """Shared ones are part of the active ones, and these of all; experts come with all that is asked of them."""
    total = float(row["parameters_billion"])
    active = float(row["active_parameters_billion"] or total)
    shared = float(row["shared_parameters_billion"] or 0)
    if active > total:
        message = f"{active:g} bn active parameters of {total:g} bn in all"
        yield Finding("catalog-parameters", message, ("active_parameters_billion",), "exchange the two, or correct one")
    elif shared > active:
        message = f"{shared:g} bn shared parameters of {active:g} bn active ones"
        hint = "shared are those that every token needs, whichever experts it is sent to"
        yield Finding("catalog-parameters", message, ("shared_parameters_billion",), hint)
    experts, chosen = int(row["experts"] or 0), int(row["experts_per_token"] or 0)
    if chosen > experts:
        message = f"{chosen} experts for each token of {experts} in all"
        yield Finding("catalog-parameters", message, ("experts_per_token",), "exchange the two, or correct one")
    missing = [name for name in _EXPERTS if not row[name]]
    if experts and missing:
        message = f"a mixture of experts needs `{missing[0]}`"
        yield Finding("catalog-parameters", message, (missing[0],), "or leave `experts` empty")


def _measured(row: Row, models: dict[str, Row]) -> Iterator[Finding]:
    if row["model"] not in models:
        hint, near = "name a key of `models.csv`, or add the model to it", did_you_mean(row["model"], models)
        yield Finding(
            "catalog-model", f"unknown model `{row['model']}`", ("model",), f"{hint}; {near}" if near else hint
        )


def _roofline(row: Row, entries: Entries) -> Iterator[Finding]:
    """Figures are of a vendor that makes accelerators, and of one of its own."""
    made = [name for name, known in entries.accelerators.items() if known["vendor"] == row["vendor"]]
    if not made:
        vendors = {known["vendor"] for known in entries.accelerators.values()}
        hint = did_you_mean(row["vendor"], vendors)
        yield Finding("catalog-vendor", f"no accelerator is made by `{row['vendor']}`", ("vendor",), hint)
    elif row["accelerator"] in entries.accelerators and row["accelerator"] not in made:
        message = f"`{row['accelerator']}` is not made by `{row['vendor']}`"
        hint = f"write `{entries.accelerators[row['accelerator']]['vendor']}`, or `{ANY}` for all of the vendor"
        yield Finding("catalog-vendor", message, ("vendor",), hint)
