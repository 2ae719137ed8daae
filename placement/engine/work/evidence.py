"""On what grounds an accelerator is rated for a block of recipes: measurements, ratios, the roofline, or none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.measured import Measured
from placement.catalog.tables import Catalog
from placement.catalog.work import PRECISIONS, Mfu
from placement.engine.arrays import Bools, Floats
from placement.engine.work.groups import Groups, Speed
from placement.engine.work.recipes import BATCH, Block
from placement.engine.work.roofline import MOST_BATCH, Served, Silicon, replica_of, tokens_per_s
from placement.words import LORA

REFERENCE = "H100-SXM"
"""What ratios of throughput are relative to."""

LIKE = 4.0
"""A measurement speaks for requests whose lengths differ from its own by less than this factor, both together."""

_CLOSED_LOOP_LIMIT = 128
"""Requests at once beyond which closed-loop measurements are known to be mispredicted."""

_SCENARIOS = {True: ("server", "offline", "closed_loop"), False: ("offline", "closed_loop", "server")}
"""Which measurements of items speak first for work whose users wait, and for other work."""


class Calibration(NamedTuple):
    """Measurements of a model on an accelerator beside what the roofline says of them. Axis `x`."""

    rows: tuple[Measured, ...]
    input_x: Floats
    output_x: Floats
    ratio_x: Floats
    """Measured ÷ predicted."""

    def nearest(self, input_r: Floats, output_r: Floats) -> tuple[Floats, Bools, Floats]:
        """By recipe: the ratio of the measurement with the most similar lengths, whether it is similar, and which."""
        apart_rx = _apart(input_r, self.input_x) * _apart(output_r, self.output_x)
        best_r = apart_rx.argmin(axis=1)
        near_r = apart_rx[np.arange(len(best_r)), best_r] < LIKE
        return np.where(near_r, self.ratio_x[best_r], 1.0), near_r, best_r.astype(np.float64)


def _apart(asked_r: Floats, known_x: Floats) -> Floats:
    ratio_rx = np.maximum(asked_r, 1.0)[:, None] / np.maximum(known_x, 1.0)
    return np.maximum(ratio_rx, 1 / ratio_rx)


def calibrations(catalog: Catalog, groups: Groups, block: Block, speed: Speed) -> dict[tuple[int, int], Calibration]:
    """By accelerator and how many of them: measurements of a language model that serves at the block's precision.

    What so many do says little of what more of them do: how well they work together differs.
    """
    found: dict[tuple[int, int], list[tuple[Measured, float]]] = {}
    stages: dict[tuple[int, int], float] = {}
    for g in np.lexsort((groups.stages_g, groups.nodes_g))[::-1].tolist():  # of ways to join as many, the fewest nodes
        stages[int(groups.accelerator_g[g]), int(groups.count_g[g])] = float(groups.stages_g[g])
    number = {name: a for a, name in enumerate(groups.names)}
    for row in catalog.measured.of(block.model.measured):
        a = number.get(row.accelerator)
        if a is None or row.scenario not in ("offline", "closed_loop") or not _same(row.precision, block.precision):
            continue
        key = (a, row.accelerators)
        if key not in stages:
            continue
        if row.input_tokens is None or row.output_tokens is None or (row.concurrency or 0) > _CLOSED_LOOP_LIMIT:
            continue
        predicted = _predicted(block, speed, a, row, stages[key])
        if predicted > 0:
            found.setdefault(key, []).append((row, row.units_per_second / predicted))
    return {key: _calibration(rows) for key, rows in found.items()}


def _calibration(rows: list[tuple[Measured, float]]) -> Calibration:
    """Of the rows of the last layer that has any: what users measured goes before what was published."""
    last = max(row.layer for row, _ in rows)
    kept = [(row, ratio) for row, ratio in rows if row.layer == last]
    columns = [(row.input_tokens, row.output_tokens, ratio) for row, ratio in kept]
    inputs, outputs, ratios = np.array(columns, dtype=np.float64).T
    return Calibration(tuple(row for row, _ in kept), inputs, outputs, ratios)


def _same(measured: str, asked: str) -> bool:
    sixteen = ("fp16", "bf16")
    return measured == asked or (measured in sixteen and asked in sixteen)


def _predicted(block: Block, speed: Speed, a: int, row: Measured, stages: float) -> float:
    """What the roofline says of a measurement [tokens/s]; 0 where it has nothing to say."""
    model, precision = block.model, block.precision
    weight = model.weight_bytes(precision)
    one = Served(
        *(np.array(value) for value in (weight, weight * model.shared_parameters / model.parameters)),
        *(np.array(value) for value in (model.idle_fraction, model.cache_bytes_per_token(precision))),
        *(np.array(value) for value in (model.active_parameters, model.layers, model.width)),
        *(np.array(float(value or 0)) for value in (row.input_tokens, row.output_tokens)),
    )
    silicon = Silicon._make(column[a] for column in speed.silicon)
    replica = replica_of(one, silicon, np.array(row.accelerators / stages), stages)
    batch = np.minimum(replica.most_batch, np.ceil((row.concurrency or MOST_BATCH) / stages))
    value = float(replica.most_busy) * float(tokens_per_s(one, replica, silicon.speed, batch))
    return value if np.isfinite(value) else 0.0


class ItemRate(NamedTuple):
    """What one accelerator does of something that is counted in items, or of training."""

    basis: str
    """`measured`, `ratio`, `mfu`, or `same` as what the work is stated in."""
    per_second: float
    low_ratio: float
    high_ratio: float
    source_id: str
    what: str
    """The measurement, the class of the ratio, or what the MFU is of."""


class Base(NamedTuple):
    """What is known of the accelerator that others are compared with."""

    per_second: float
    low_ratio: float = 1.0
    high_ratio: float = 1.0


def _base(rate: ItemRate) -> Base:
    return Base(rate.per_second, rate.low_ratio, rate.high_ratio)


def item_rates(catalog: Catalog, names: tuple[str, ...], block: Block) -> dict[str, ItemRate]:
    """By accelerator, of a model that is counted in items."""
    waits = block.form != BATCH
    measured: dict[str, list[Measured]] = {}
    for row in catalog.measured.of(block.model.measured):
        asked = not block.asked or _same(row.precision, block.precision)
        if row.unit == block.unit and row.scenario in _SCENARIOS[waits] and asked:
            measured.setdefault(row.accelerator, []).append(row)
    found = {name: _of_rows(rows, waits) for name, rows in measured.items()}
    ratios = catalog.ratios.get(block.model.throughput_class, {})
    base = REFERENCE if REFERENCE in found else min((name for name in found if name in ratios), default="")
    if base:
        found = by_ratio(catalog, block.model.throughput_class, base, _base(found[base]), names) | found
    return {name: rate for name, rate in found.items() if name in names}


def by_ratio(catalog: Catalog, group: str, base: str, known: Base, names: tuple[str, ...]) -> dict[str, ItemRate]:
    """Of accelerators that a class compares with *base*; what is known of that varies, and so do both in the class."""
    ratios = catalog.ratios.get(group, {})
    one = ratios.get(base)
    if one is None or not one.milli:
        return {}
    return {
        name: ItemRate(
            "ratio",
            known.per_second * ratios[name].milli / one.milli,
            known.low_ratio * ratios[name].p10_milli * one.milli / (ratios[name].milli * one.p90_milli),
            known.high_ratio * ratios[name].p90_milli * one.milli / (ratios[name].milli * one.p10_milli),
            ratios[name].source_id,
            f"{group} relative to {base}",
        )
        for name in names
        if name in ratios and name != base
    }


def _of_rows(rows: list[Measured], waits: bool) -> ItemRate:
    """The median of the newest measurements of the best kind; the others are its band."""
    last = max(row.layer for row in rows)
    rows = [row for row in rows if row.layer == last]
    scenario = next(name for name in _SCENARIOS[waits] if any(row.scenario == name for row in rows))
    rows = [row for row in rows if row.scenario == scenario]
    newest = max(row.as_of for row in rows)
    newer = [row for row in rows if row.as_of == newest]
    ranked = sorted(newer, key=lambda row: (row.units_per_second / row.accelerators, row.source_id))
    middle = ranked[(len(ranked) - 1) // 2]
    every = [row.units_per_second / row.accelerators for row in rows]
    value = middle.units_per_second / middle.accelerators
    return ItemRate(
        "measured",
        value,
        min(every) / value,
        max(every) / value,
        middle.source_id,
        f"{middle.benchmark}, {scenario}, {middle.accelerators} × {middle.accelerator}",
    )


FLOPS_PER_PARAMETER = {True: 4.0, False: 6.0}
"""Per token: 2 forwards and 4 backwards; frozen weights need no gradient of their own (2 of the 4)."""


def training_rates(catalog: Catalog, names: tuple[str, ...], block: Block) -> dict[str, ItemRate]:
    """By accelerator, in tokens per second, or in hours of the block's reference per hour.

    Where no MFU is known, by the ratio to the reference of ratios, if its MFU is.
    """
    lora = block.method in LORA
    group = "finetune-lora" if lora else "training-llm"
    if block.reference:
        base = catalog.aliases.get(block.reference, block.reference)
        own = {base: ItemRate("same", 1.0, 1.0, 1.0, "", f"hours of {base}")} if base in names else {}
        return by_ratio(catalog, group, base, Base(1.0), names) | own
    found = _by_mfu(catalog, (*names, REFERENCE), block, lora)
    if REFERENCE in found and not block.asked:
        found = by_ratio(catalog, group, REFERENCE, _base(found[REFERENCE]), names) | found
    return {name: rate for name, rate in found.items() if name in names}


def _by_mfu(catalog: Catalog, names: tuple[str, ...], block: Block, lora: bool) -> dict[str, ItemRate]:
    kind = "lora" if lora else "moe" if block.model.idle_fraction else "dense"
    flops = FLOPS_PER_PARAMETER[lora] * block.model.active_parameters
    found = {}
    for name in names:
        known, mfu = catalog.accelerators.get(name), _mfu(catalog, name, block, kind)
        peak = known.tflops.get("bf16") if known is not None else None
        if mfu is None or peak is None:
            continue
        found[name] = ItemRate(
            "mfu",
            mfu.mfu_fraction * peak * 1e12 / flops,
            mfu.low_ratio,
            mfu.high_ratio,
            mfu.source_id,
            f"MFU {mfu.mfu_fraction:g} of the BF16 peak, {kind}, {mfu.precision}",
        )
    return found


def _mfu(catalog: Catalog, name: str, block: Block, kind: str) -> Mfu | None:
    """At the precision; where none is asked for and that of adapters is not known at it, at the only one that is."""
    found = catalog.training.get((name, block.precision, kind))
    if found is None and kind == "lora" and not block.asked:
        others = (catalog.training.get((name, other, kind)) for other in PRECISIONS)
        return next((mfu for mfu in others if mfu is not None), None)
    return found
