"""Accelerators and models of a catalog for machines: as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from placement.catalog.listing import AcceleratorFacts, ModelFacts
from placement.finance.cells import csv_row, guarded

Value = str | int | float | None | tuple[str, ...]

Facts = Sequence[AcceleratorFacts | ModelFacts]


def listing_json(of: str, facts: Facts, as_of: str, digest: str) -> str:
    """Every row under its kind; what is unknown is null."""
    rows = [_row(one) for one in facts]
    found = {"catalog_as_of": as_of, "catalog_sha256": digest, of: rows}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def listing_csv(facts: Facts) -> Iterator[str]:
    """One line per row; what is unknown is an empty cell, lists are divided by `;`."""
    rows = [_row(one) for one in facts]
    if rows:
        yield csv_row(rows[0])
    for row in rows:
        yield csv_row(map(_cell, row.values()))


def _cell(value: Value) -> str:
    if isinstance(value, str | tuple):
        return guarded(value if isinstance(value, str) else ";".join(value))
    return "" if value is None else str(value)


def _row(one: AcceleratorFacts | ModelFacts) -> dict[str, Value]:
    return _accelerator(one) if isinstance(one, AcceleratorFacts) else _model(one)


def _accelerator(one: AcceleratorFacts) -> dict[str, Value]:
    known, offered = one.accelerator, one.offered
    peaks = {f"{name}_dense_tflops": known.tflops.get(name) for name in ("fp16", "bf16", "fp8", "fp4")}
    return {
        "accelerator": known.name,
        "vendor": known.vendor,
        "memory_gib": known.memory_gib,
        "memory_bandwidth_gb_per_s": known.bandwidth_gb_per_s,
        **peaks,
        "int8_dense_tops": known.tflops.get("int8"),
        "link_gb_per_s": known.link_gb_per_s,
        "precisions": known.precisions,
        "tdp_w": known.tdp_w,
        "max_per_node": known.max_per_node,
        "form": known.form,
        "year": known.year,
        "aliases": one.aliases,
        "rated_by_roofline": one.roofline,
        "rated_by_classes": one.classes,
        "rated_by_mfu": one.mfu,
        "offers": offered.offers,
        "on_demand_usd_per_hour": str(offered.usd_per_hour) if offered.usd_per_hour is not None else None,
        "cheapest_offer": offered.cheapest,
        "unverified": known.unverified,
        "as_of": known.as_of,
        "source_id": known.source_id,
        "source": one.source,
    }


def _model(one: ModelFacts) -> dict[str, Value]:
    model = one.model
    return {
        "model": model.id,
        "name": model.name,
        "kind": model.kind,
        "throughput_class": model.throughput_class,
        "parameters_billion": model.parameters_billion,
        "active_parameters_billion": model.active_parameters_billion,
        "shared_parameters_billion": model.shared_parameters_billion,
        "layers": model.layers,
        "hidden": model.hidden,
        "kv_heads": model.kv_heads,
        "head_dim": model.head_dim,
        "mla_width": model.mla_width,
        "experts": model.experts,
        "experts_per_token": model.experts_per_token,
        "precision": model.precision,
        "kv_bytes_per_token": one.kv_bytes_per_token,
        "weights_gib": round(one.weights_gib, 3),
        "context_tokens": model.context_tokens,
        "measured_rows": one.measured,
        "aliases": model.aliases,
        "note": model.note,
        "as_of": model.as_of,
        "source_id": model.source_id,
        "source": one.source,
    }
