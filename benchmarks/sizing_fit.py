"""How much language models are served: the shares of the peaks and the times per layer, fitted to measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from sizing_data import Chip, Facts, Model, Row

from placement.engine.arrays import Floats
from placement.engine.work.roofline import MOST_BATCH, Served, Silicon, replica_of, tokens_per_s

PRECISIONS = ("fp16", "fp8", "fp4")
"""Each has shares of its own; bf16 takes those of fp16."""

WEIGHT_BYTES = {"fp16": 2.0, "fp8": 1.0, "fp4": 0.5625}
"""Of a parameter; fp4 with its scales."""

CACHE_BYTES = {"fp16": 2.0, "fp8": 1.0, "fp4": 1.0}
"""Of an element of the cache of keys and values."""

OPEN_MEMORY, OPEN_MEMORY_TABLES = 0.90, 0.95
"""Share of the memory that serving may use: what plans count with, and what TensorRT-LLM's tables were run with."""

TABLES, LOOPS = "TensorRT-LLM performance overview", "NVIDIA NIM"
"""Benchmarks that the constants are fitted to: offline runs, and closed loops."""

MOST_CONCURRENCY = 128
"""Requests at once, at most, of a closed loop that is fitted: of more, some queue."""

NAMES = ("read fp16", "read fp8", "read fp4", "compute fp16", "compute fp8", "compute fp4", "link", "layer", "reduce")
_TIMES = np.array([False] * 7 + [True] * 2)
_UNIT = np.where(_TIMES, 0.1, 0.001)
_START = np.array([800, 800, 800, 600, 600, 600, 500, 500, 500])
_LEAST, _MOST = np.where(_TIMES, 0, 1), np.where(_TIMES, 2000, 1000)
_FIRST_STEP = 128
_WAYS = np.array(
    [*np.eye(9), [0] * 7 + [1, -1], [1, 1, 1, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 0, 0, 0, 1]], dtype=np.int64
)
"""Of the search: every constant by itself, and those together that can stand in for each other."""

Constants = Floats
"""In the order of `NAMES`: shares of peaks, and times per layer [µs]."""


class Runs(NamedTuple):
    """Measured runs of language models, axis `m`, and what the engine's roofline takes them apart to."""

    rows: list[Row]
    batch_m: Floats
    """Requests at once: the loop's, or what fits into memory; of a pipeline, in each of its stages."""
    stages_m: Floats
    """Of the pipeline that the accelerators are; 1 if they work as one."""
    parts_mc: Floats
    """Seconds that a batch takes at the full peaks, by constant; of the last two with a second per layer."""
    seconds_m: Floats
    """That a batch took."""

    def of(self, keep: Callable[[Row], bool]) -> Runs:
        """Some of the runs."""
        chosen = np.array([keep(row) for row in self.rows], dtype=np.bool_)
        rows = [row for row, kept in zip(self.rows, chosen, strict=True) if kept]
        return Runs(rows, self.batch_m[chosen], self.stages_m[chosen], self.parts_mc[chosen], self.seconds_m[chosen])


def runs_of(facts: Facts, rows: list[Row]) -> Runs:
    """Runs with lengths and a precision, as the engine's roofline sees them: each part of the time by itself."""
    stages = np.array([float(row.accelerators) if pipelined(row) else 1.0 for row in rows])
    model = _served(rows, [facts.models[row.model] for row in rows])
    chips = [facts.chips[row.accelerator] for row in rows]
    room = replica_of(model, _silicon(rows, chips, "read", ""), _column(rows, "accelerators") / stages, stages)
    asked = np.array([row.concurrency or MOST_BATCH for row in rows])
    batch = np.minimum(np.maximum(room.most_batch, 0.0), asked)
    columns = [_part(rows, chips, model, batch, stages, *name.split(" ")) for name in NAMES]
    seconds = stages * batch * model.output_tokens / _column(rows, "units_per_second")
    return Runs(rows, batch, stages, np.stack(columns, axis=1), seconds)


def as_planned(facts: Facts, runs: Runs) -> Runs:
    """The same runs with as much memory as plans count with."""
    planned = runs_of(facts, [row._replace(benchmark="") for row in runs.rows])
    return planned._replace(rows=runs.rows)


def tokens(runs: Runs, constants: Constants) -> Floats:
    """Generated tokens per second of each run, as predicted."""
    generated = runs.stages_m * runs.batch_m * _column(runs.rows, "output_tokens")
    return np.asarray(generated / _seconds(runs, constants))


def measured(runs: Runs) -> Floats:
    """Generated tokens per second of each run."""
    return _column(runs.rows, "units_per_second")


def _seconds(runs: Runs, constants: Constants) -> Floats:
    return np.asarray((runs.parts_mc * np.where(_TIMES, constants * 1e-6, 1 / np.maximum(constants, 1e-9))).sum(axis=1))


def fitted(runs: Runs) -> Constants:
    """Constants with the least sum of |predicted − measured| ÷ (predicted + measured), on a grid of 0.001 and 0.1 µs.

    A pattern search with halving steps: nothing but arithmetic, so that every machine finds the same.
    """
    at, step = _START.copy(), _FIRST_STEP
    best = _cost(runs, at)
    while step:
        before = at.copy()
        for way in _WAYS:
            for move in (step * way, -step * way):
                at, best = _better(runs, at, best, move)
        if (at == before).all():
            step //= 2
        else:
            at, best = _better(runs, at, best, at - before)
    return np.asarray(np.round(at * _UNIT, 4))


def _better(runs: Runs, at: Floats, best: float, move: Floats) -> tuple[Floats, float]:
    tried = np.clip(at + move, _LEAST, _MOST)
    cost = _cost(runs, tried)
    return (tried, cost) if cost < best else (at, best)


def _cost(runs: Runs, at: Floats) -> float:
    seconds = _seconds(runs, at * _UNIT)
    return round(float((np.abs(seconds - runs.seconds_m) / (seconds + runs.seconds_m)).sum()), 9)


def _part(
    rows: list[Row], chips: list[Chip], model: Served, batch: Floats, stages: Floats, name: str, precision: str = ""
) -> Floats:
    """Seconds of one part of the time that a batch takes, everything else at infinite speed."""
    silicon = _silicon(rows, chips, name, precision)
    with np.errstate(divide="ignore", invalid="ignore"):
        replica = replica_of(model, silicon, _column(rows, "accelerators") / stages, stages)
        rate = tokens_per_s(model, replica, silicon.speed, batch)
        return np.where(np.isfinite(rate) & (rate > 0), batch * model.output_tokens / rate, 0.0)


def _served(rows: list[Row], models: list[Model]) -> Served:
    weight = np.array([WEIGHT_BYTES[row.precision] for row in rows])
    cache = np.array([CACHE_BYTES[row.precision] for row in rows])
    return Served(
        weight_bytes=_column(models, "parameters") * weight,
        shared_bytes=_column(models, "shared") * weight,
        idle_fraction=_column(models, "idle_fraction"),
        kv_bytes_per_token=_column(models, "layers") * _column(models, "cached") * cache,
        active_parameters=_column(models, "active"),
        layers=_column(models, "layers"),
        width=_column(models, "hidden"),
        input_tokens=_column(rows, "input_tokens"),
        output_tokens=_column(rows, "output_tokens"),
    )


def _silicon(rows: list[Row], chips: list[Chip], name: str, precision: str) -> Silicon:
    """The accelerators with one part of finite speed, where the row is of *precision* (if any is given)."""
    of = np.array([precision in ("", row.precision) for row in rows])
    ones = np.ones(len(rows))
    share = [OPEN_MEMORY_TABLES if row.benchmark.startswith(TABLES) else OPEN_MEMORY for row in rows]
    flops = np.array([chip.flops[row.precision] for chip, row in zip(chips, rows, strict=True)])
    return Silicon(
        memory_bytes=share * _column(chips, "memory_bytes"),
        read_bytes_per_s=np.where(of & (name == "read"), _column(chips, "bytes_per_s"), np.inf),
        flops=np.where(of & (name == "compute"), flops, np.inf),
        link_bytes_per_s=_column(chips, "link_bytes_per_s") if name == "link" else ones * np.inf,
        layer_s=ones * (name == "layer"),
        reduce_s=ones * (name == "reduce"),
        speed=ones,
    )


def _column(rows: Iterable[Row] | Iterable[Model] | Iterable[Chip], name: str) -> Floats:
    return np.array([float(getattr(row, name)) for row in rows])


def language_runs(facts: Facts) -> Runs:
    """All measured runs of language models whose lengths and precision are known, and whose accelerator's peaks are."""
    rows = [
        row
        for row in facts.rows
        if row.scenario in ("offline", "closed_loop") and row.output_tokens and row.precision in PRECISIONS
    ]
    return runs_of(facts, [row for row in rows if row.input_tokens and _known(facts, row)])


def _known(facts: Facts, row: Row) -> bool:
    chip = facts.chips[row.accelerator]
    needed = [chip.bytes_per_s, chip.flops[row.precision], chip.link_bytes_per_s if row.accelerators > 1 else 1.0]
    return not np.isnan(needed).any()


def pipelined(row: Row) -> bool:
    """Whether every accelerator had layers of its own: TensorRT-LLM's tables of this card say so of dense models."""
    return row.accelerator == "RTX-PRO-6000" and row.accelerators > 1


def fit_runs(facts: Facts, runs: Runs) -> Runs:
    """The runs that the constants are fitted to: dense models on NVIDIA's accelerators."""
    return runs.of(
        lambda row: (
            facts.chips[row.accelerator].vendor == "NVIDIA"
            and row.benchmark.startswith((TABLES, LOOPS))
            and not facts.experts(row)
            and not pipelined(row)
            and row.concurrency <= MOST_CONCURRENCY
        )
    )
