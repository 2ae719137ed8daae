"""What the fits of sizes read: published measurements, models and accelerators of `catalogs/`, as plain rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CATALOGS = Path(__file__).resolve().parents[1] / "catalogs"

_PEAKS = {
    "fp16": "bf16_dense_tflops",
    "bf16": "bf16_dense_tflops",
    "fp8": "fp8_dense_tflops",
    "fp4": "fp4_dense_tflops",
}


class Row(NamedTuple):
    """A measurement: what a system of `accelerators` did in a second. 0 where nothing is said."""

    model: str
    scenario: str
    accelerator: str
    accelerators: int
    precision: str
    input_tokens: float
    output_tokens: float
    concurrency: float
    units_per_second: float
    benchmark: str

    @property
    def each(self) -> float:
        """Units per second and accelerator."""
        return self.units_per_second / self.accelerators


class Model(NamedTuple):
    """A model's size and, of a language model, its shape. 0 where it does not apply."""

    throughput_class: str
    parameters: float
    active: float
    """Parameters that a token is computed with."""
    shared: float
    """Parameters that are read for every token, whoever asks."""
    layers: float
    hidden: float
    cached: float
    """Elements of keys and values that a token leaves behind in a layer."""
    idle_fraction: float
    """Share of the experts that one token leaves alone; 0 where there are none."""


class Chip(NamedTuple):
    """An accelerator's peaks; NaN where nothing is known."""

    vendor: str
    memory_bytes: float
    bytes_per_s: float
    flops: dict[str, float]
    """By precision."""
    link_bytes_per_s: float


class Facts(NamedTuple):
    """Everything that is read."""

    rows: list[Row]
    models: dict[str, Model]
    chips: dict[str, Chip]
    ratios: dict[tuple[str, str], tuple[float, float, float]]
    """`throughput.csv`: by class and accelerator, relative to one H100 SXM, with its P10 and P90."""

    def experts(self, row: Row) -> bool:
        """Whether the row's model is a mixture of experts."""
        return self.models[row.model].idle_fraction > 0


def read() -> Facts:
    """`measured.csv` in its order, and what its rows name."""
    return Facts(
        [_measured(row) for row in _rows("measured.csv")],
        {row["model"]: _model(row) for row in _rows("models.csv")},
        {row["accelerator"]: _chip(row) for row in _rows("accelerators.csv")},
        {
            (row["throughput_class"], row["accelerator"]): (
                float(row["ratio_to_h100_sxm"]),
                float(row["ratio_p10"]),
                float(row["ratio_p90"]),
            )
            for row in _rows("throughput.csv")
        },
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (CATALOGS / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _number(cell: str, empty: float = 0.0) -> float:
    return float(cell) if cell else empty


def _measured(row: dict[str, str]) -> Row:
    return Row(
        row["model"],
        row["scenario"],
        row["accelerator"],
        int(row["accelerators"]),
        row["precision"],
        _number(row["input_tokens"]),
        _number(row["output_tokens"]),
        _number(row["concurrency"]),
        float(row["units_per_second"]),
        row["benchmark"],
    )


def _model(row: dict[str, str]) -> Model:
    parameters = _number(row["parameters_billion"]) * 1e9
    experts = _number(row["experts"])
    return Model(
        row["throughput_class"],
        parameters,
        _number(row["active_parameters_billion"]) * 1e9 or parameters,
        _number(row["shared_parameters_billion"]) * 1e9 or parameters,
        _number(row["layers"]),
        _number(row["hidden"]),
        _number(row["mla_width"]) or 2 * _number(row["kv_heads"]) * _number(row["head_dim"]),
        1 - _number(row["experts_per_token"]) / experts if experts else 0.0,
    )


def _chip(row: dict[str, str]) -> Chip:
    unknown = float("nan")
    return Chip(
        row["vendor"],
        _number(row["memory_gib"], unknown) * 2**30,
        _number(row["memory_bandwidth_gb_per_s"], unknown) * 1e9,
        {precision: _number(row[column], unknown) * 1e12 for precision, column in _PEAKS.items()},
        _number(row["link_gb_per_s"], unknown) * 1e9,
    )
