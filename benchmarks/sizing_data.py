"""What the fits of sizes read: published measurements, models and accelerators of `catalogs/`, as plain rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.work.roofline import Served, Silicon

CATALOGS = Path(__file__).resolve().parents[1] / "catalogs"

WEIGHT_BYTES = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "fp4": 0.5625}
"""Of a parameter; fp4 with its scales."""

CACHE_BYTES = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "fp4": 1.0}
"""Of an element of the cache of keys and values."""

OPEN_MEMORY = 0.90
"""Share of an accelerator's memory that serving may use."""

_PEAKS = {"fp16": "bf16_dense_tflops", "bf16": "bf16_dense_tflops", "fp8": "fp8_dense_tflops", "fp4": "fp4_dense_tflops"}


class Row(NamedTuple):
    """A measurement: what a system of `accelerators` did in a second."""

    model: str
    scenario: str
    accelerator: str
    accelerators: int
    precision: str
    input_tokens: float
    output_tokens: float
    concurrency: float
    units_per_second: float
    unit: str
    benchmark: str
    software: str

    @property
    def each(self) -> float:
        """Units per second and accelerator."""
        return self.units_per_second / self.accelerators


class Model(NamedTuple):
    """A model's size and, of a language model, its shape; parameters in units. 0 where it does not apply."""

    kind: str
    throughput_class: str
    parameters: float
    active: float
    shared: float
    layers: float
    hidden: float
    cached: float
    """Elements of keys and values that a token leaves behind in a layer."""
    idle_fraction: float
    """Share of the experts that one token leaves alone."""


class Chip(NamedTuple):
    """An accelerator's peaks; NaN where nothing is known."""

    vendor: str
    memory_bytes: float
    bytes_per_s: float
    flops: dict[str, float]
    """By precision."""
    link_bytes_per_s: float


class Constants(NamedTuple):
    """What the roofline is fitted to: shares of the peaks by precision, and times per layer."""

    read: dict[str, float]
    compute: dict[str, float]
    link: float
    layer_us: float
    reduce_us: float


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (CATALOGS / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _number(cell: str, empty: float = 0.0) -> float:
    return float(cell) if cell else empty


def read_measured() -> list[Row]:
    """`measured.csv`, in its order."""
    return [
        Row(
            row["model"],
            row["scenario"],
            row["accelerator"],
            int(row["accelerators"]),
            row["precision"],
            _number(row["input_tokens"]),
            _number(row["output_tokens"]),
            _number(row["concurrency"]),
            float(row["units_per_second"]),
            row["unit"],
            row["benchmark"],
            row["software"],
        )
        for row in _rows("measured.csv")
    ]


def read_models() -> dict[str, Model]:
    """`models.csv` by key."""
    return {row["model"]: _model(row) for row in _rows("models.csv")}


def _model(row: dict[str, str]) -> Model:
    parameters = _number(row["parameters_billion"]) * 1e9
    active = _number(row["active_parameters_billion"]) * 1e9 or parameters
    experts = _number(row["experts"])
    cached = _number(row["mla_width"]) or 2 * _number(row["kv_heads"]) * _number(row["head_dim"])
    return Model(
        row["kind"],
        row["throughput_class"],
        parameters,
        active,
        _number(row["shared_parameters_billion"]) * 1e9 or parameters,
        _number(row["layers"]),
        _number(row["hidden"]),
        cached,
        1 - _number(row["experts_per_token"]) / experts if experts else 0.0,
    )


def read_chips() -> dict[str, Chip]:
    """`accelerators.csv` by key."""
    return {row["accelerator"]: _chip(row) for row in _rows("accelerators.csv")}


def _chip(row: dict[str, str]) -> Chip:
    unknown = float("nan")
    return Chip(
        row["vendor"],
        _number(row["memory_gib"], unknown) * 2**30,
        _number(row["memory_bandwidth_gb_per_s"], unknown) * 1e9,
        {precision: _number(row[column], unknown) * 1e12 for precision, column in _PEAKS.items()},
        _number(row["link_gb_per_s"], unknown) * 1e9,
    )


def served(rows: list[Row], models: dict[str, Model]) -> Served:
    """The models of *rows* at their precisions, as the engine takes them."""
    every = [models[row.model] for row in rows]
    weight = np.array([WEIGHT_BYTES[row.precision] for row in rows])
    cache = np.array([CACHE_BYTES[row.precision] for row in rows])
    return Served(
        weight_bytes=_column(every, "parameters") * weight,
        shared_bytes=_column(every, "shared") * weight,
        idle_fraction=_column(every, "idle_fraction"),
        kv_bytes_per_token=_column(every, "layers") * _column(every, "cached") * cache,
        active_parameters=_column(every, "active"),
        layers=_column(every, "layers"),
        width=_column(every, "hidden"),
        input_tokens=_column(rows, "input_tokens"),
        output_tokens=_column(rows, "output_tokens"),
    )


def silicon(rows: list[Row], chips: dict[str, Chip], constants: Constants) -> Silicon:
    """The accelerators of *rows*, as fast as *constants* say."""
    every = [chips[row.accelerator] for row in rows]
    ones = np.ones(len(rows))
    return Silicon(
        memory_bytes=OPEN_MEMORY * _column(every, "memory_bytes"),
        read_bytes_per_s=_column(every, "bytes_per_s") * [constants.read[row.precision] for row in rows],
        flops=np.array(
            [
                chip.flops[row.precision] * constants.compute[row.precision]
                for chip, row in zip(every, rows, strict=True)
            ]
        ),
        link_bytes_per_s=_column(every, "link_bytes_per_s") * constants.link,
        layer_s=ones * constants.layer_us * 1e-6,
        reduce_s=ones * constants.reduce_us * 1e-6,
        speed=ones,
    )


def _column(rows: list[Row] | list[Model] | list[Chip], name: str) -> Floats:
    return np.array([float(getattr(row, name)) for row in rows])
