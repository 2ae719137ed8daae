"""Sizes for machines: as JSON and as CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from placement.engine.work.missed import Missed
from placement.engine.work_sizes import Size, Sizes
from placement.finance.cells import csv_row, guarded

Value = str | int | float | bool | None


def sizes_json(sizes: Sizes) -> str:
    """Everything; what is unknown is null."""
    facts = sizes.facts
    found = {
        "catalog_as_of": facts.catalog_as_of,
        "catalog_sha256": facts.catalog_sha256,
        "model": {
            "model": facts.model,
            "name": facts.title,
            "kind": facts.kind,
            "parameters": _figure(facts.parameters, 9),
            "active_parameters": _figure(facts.active_parameters, 9),
            "precision": facts.precision,
            "memory_gib": _figure(facts.memory_gib),
            "memory_of": facts.memory_of,
            "kv_bytes_per_token": _figure(facts.cache_bytes_per_token, 9),
            "source_id": facts.source_id,
        },
        "form": facts.form,
        "demand": dict(facts.demand),
        "assumptions": list(facts.assumptions),
        "throughput_unit": sizes.throughput_unit,
        "unit": sizes.unit,
        "units_per_month": _figure(sizes.units_per_month, 9),
        "sizes": [_size(row) for row in sizes.sizes],
        "missed": [_missed(one) for one in sizes.missed],
        "sources": dict(sizes.sources),
    }
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def sizes_csv(sizes: Sizes) -> Iterator[str]:
    """A line per accelerator, those that do the work first; what is unknown is an empty cell."""
    yield csv_row(COLUMNS)
    for row in (*map(_size, sizes.sizes), *map(_missed, sizes.missed)):
        yield csv_row(_cell(row.get(name)) for name in COLUMNS)


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else guarded(value) if isinstance(value, str) else str(value)


def _figure(value: float | None, digits: int = 6) -> float | int | None:
    """So many significant digits; whole numbers without a point; null where there is no end."""
    if value is None or not math.isfinite(value):
        return None
    kept = float(f"{value:.{digits}g}")
    return int(kept) if kept.is_integer() else kept


def _size(row: Size) -> dict[str, Value]:
    cost = row.cost
    return {
        "accelerator": row.accelerator,
        "does": True,
        "basis": row.basis,
        "evidence": row.evidence,
        "source_id": row.source_id,
        "replica_accelerators": row.replica,
        "replica_nodes": row.replica_nodes,
        "least_accelerators": row.least,
        "throughput_per_second": _figure(row.throughput),
        "throughput_low": _figure(row.low),
        "throughput_high": _figure(row.high),
        "requests_at_once": row.at_once or None,
        "ttft_ms": _figure(row.ttft_ms),
        "tpot_ms": _figure(row.tpot_ms),
        "needed_gib": _figure(row.needed_gib),
        "usable_gib": _figure(row.usable_gib),
        "replicas": row.replicas,
        "accelerators": row.accelerators,
        "accelerators_paid": row.paid,
        "hours_per_month": _figure(row.hours_per_month),
        "run_hours": _figure(row.run_hours),
        "utilization_fraction": _figure(row.utilization_fraction, 3),
        "offer": cost.offer if cost else None,
        "usd_per_accelerator_hour": _figure(cost.usd_per_hour) if cost else None,
        "price_as_of": cost.as_of if cost else None,
        "price_source_id": cost.source_id if cost else None,
        "usd_per_month": round(cost.usd_per_month, 2) if cost else None,
        "usd_per_unit": _figure(cost.usd_per_unit) if cost else None,
        "usd_per_unit_low": _figure(cost.low_usd_per_unit) if cost else None,
        "usd_per_unit_high": _figure(cost.high_usd_per_unit) if cost else None,
        "close_call": row.close,
        "measure": row.measure,
    }


_MISSED = ("rule", "margin", "margin_unit", "reason")


def _missed(one: Missed) -> dict[str, Value]:
    return {
        "accelerator": one.accelerator,
        "does": False,
        "rule": one.rule,
        "margin": _figure(one.margin),
        "margin_unit": one.unit,
        "reason": one.reason,
    }


_NONE = Size("", "", "", "", 0, 0, 0, 0.0, 0.0, 0.0, 0, None, None, 0.0, 0.0, 0, 0, 0, 0.0, None, 0.0, None)

COLUMNS = (*_size(_NONE), *_MISSED)
"""Of the CSV."""
