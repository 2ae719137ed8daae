"""Validated entries → the payload of accelerators, models and fitted figures, and the columns of measurements."""

from __future__ import annotations

from typing import Any

from placement.catalog.measured import Measured, MeasuredColumns, Measurements
from placement.catalog.read import Entries
from placement.csv_tables import Row

_FITTED = ("as_of", "source_id", "note")


def work_payload(entries: Entries) -> tuple[dict[str, Any], MeasuredColumns]:
    """Everything ordered by its key; measurements in the order of `MeasuredColumns`."""
    measured = Measurements.made_of([_measured(row) for row in entries.measured.values()])
    payload = {
        "models": [_model(entries.models[name]) for name in sorted(entries.models)],
        "roofline": [_roofline(entries.roofline[key]) for key in sorted(entries.roofline)],
        "training": [_mfu(entries.training[key]) for key in sorted(entries.training)],
        "measured_texts": measured.texts,
    }
    return payload, measured.columns


def accelerator_row(row: Row) -> list[Any]:
    """As `tables.Accelerator` has it."""
    return [
        row["accelerator"],
        _float(row["memory_gib"]),
        row["as_of"],
        row["source_id"],
        row["vendor"],
        _float(row["memory_bandwidth_gb_per_s"]),
        _peaks(row),
        _float(row["link_gb_per_s"]),
        row["precisions"].split(";") if row["precisions"] else [],
        _int(row["max_per_node"]),
        _float(row["tdp_w"]),
        row["form"],
        row["year"],
        row["unverified"],
    ]


def _peaks(row: Row) -> dict[str, float]:
    """Dense peaks by precision: what is known of BF16 holds for FP16, and for it alone where BF16 is not native."""
    native = row["precisions"].split(";")
    columns = {"fp16": "bf16_dense_tflops", "bf16": "bf16_dense_tflops", "fp8": "fp8_dense_tflops",
               "fp4": "fp4_dense_tflops", "int8": "int8_dense_tops"}  # fmt: skip
    if "fp16" in native and "bf16" not in native:
        del columns["bf16"]
    return {name: float(row[column]) for name, column in columns.items() if row[column]}


def _model(row: Row) -> list[Any]:
    total = float(row["parameters_billion"])
    counts = ("layers", "hidden", "kv_heads", "head_dim", "mla_width", "experts", "experts_per_token")
    return [
        row["model"],
        row["name"],
        row["kind"],
        row["throughput_class"],
        total,
        float(row["active_parameters_billion"] or total),
        float(row["shared_parameters_billion"] or total),
        *(_int(row[name]) for name in counts),
        row["precision"],
        _int(row["context_tokens"]),
        [alias for alias in row["aliases"].split(";") if alias],
        row["as_of"],
        row["source_id"],
        row["note"],
    ]


def _roofline(row: Row) -> list[Any]:
    figures = ("read_fraction", "compute_fraction", "link_fraction", "layer_us", "reduce_us", "speed", "low_ratio",
               "high_ratio")  # fmt: skip
    known = [row["vendor"], row["accelerator"], row["precision"]]
    return [*known, *(float(row[name]) for name in figures), int(row["rows"]), *(row[name] for name in _FITTED)]


def _mfu(row: Row) -> list[Any]:
    known = [row["accelerator"], row["precision"], row["kind"]]
    figures = [float(row[name]) for name in ("mfu_fraction", "low_ratio", "high_ratio")]
    return [*known, *figures, int(row["rows"]), *(row[name] for name in _FITTED)]


def _measured(row: Row) -> Measured:
    return Measured(
        row["model"],
        row["scenario"],
        row["accelerator"],
        int(row["accelerators"]),
        row["precision"],
        _float(row["input_tokens"]),
        _float(row["output_tokens"]),
        _int(row["concurrency"]),
        float(row["units_per_second"]),
        row["unit"],
        row["benchmark"],
        row["software"],
        row["as_of"],
        row["source_id"],
        int(row["layer"]),
    )


def _float(cell: str) -> float | None:
    return float(cell) if cell else None


def _int(cell: str) -> int | None:
    return int(cell) if cell else None
