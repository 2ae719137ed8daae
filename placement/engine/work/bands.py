"""How sure it is what an accelerator does of work."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.measured import Measured
from placement.engine.work.capability import Known
from placement.engine.work.evidence import Calibration
from placement.engine.work.recipes import AT_ONCE, TRAINING, Block
from placement.inventory.recipe import Recipe
from placement.units import MICRO

STATED = "stated"


class Band(NamedTuple):
    """On what grounds a throughput stands, and its ends as parts of it."""

    basis: str
    low: float
    high: float
    source_id: str
    evidence: str


def band_of(known: Known, block: Block, recipe: Recipe, accelerator: int, count: int) -> Band:
    """Of a recipe on so many accelerators that work as one and are rated for it; by their number in the groups."""
    band = _of_speed(known, block, recipe, accelerator, count)
    if recipe.unit == AT_ONCE and not (recipe.ttft_ms or recipe.tpot_ms):
        return band._replace(low=1.0, high=1.0, evidence=f"room for requests in its memory; {band.evidence}")
    return band


def _of_speed(known: Known, block: Block, recipe: Recipe, accelerator: int, count: int) -> Band:
    name = known.groups.names[accelerator]
    for stated, many, per_second in recipe.throughput:
        if stated == name and (many == count or block.form == TRAINING):
            return Band(STATED, 1.0, 1.0, "inventory", f"{per_second:g} a second on {many} × {name}")
    rates = known.rates(block)
    if block.form == TRAINING or not block.model.is_llm or name in rates.items:
        item = rates.items[name]
        return Band(item.basis, item.low_ratio, item.high_ratio, item.source_id, item.what)
    calibration = rates.calibrated.get((accelerator, count))
    if calibration is not None:
        row = _nearest(calibration, recipe)
        if row is not None:
            kind = "serving_measured_moe" if block.model.idle_fraction else "serving_measured"
            low, high = (_figure(known, f"{kind}_{end}_ratio") for end in ("low", "high"))
            return Band("measured", low, high, row.source_id, _words(row))
    constants = rates.speed.constants[accelerator]
    if constants is None:
        raise AssertionError(f"{name} is not rated")
    low, high = constants.low_ratio, constants.high_ratio
    if block.model.idle_fraction:
        low = min(low, _figure(known, "roofline_moe_low_ratio"))
        high = max(high, _figure(known, "roofline_moe_high_ratio"))
    of = constants.accelerator if constants.accelerator != "*" else constants.vendor
    return Band("roofline", low, high, constants.source_id, f"roofline of {of}, {block.precision}")


def _nearest(calibration: Calibration, recipe: Recipe) -> Measured | None:
    lengths = (np.array([recipe.input_tokens]), np.array([recipe.output_tokens]))
    _, near_r, best_r = calibration.nearest(*lengths)
    return calibration.rows[int(best_r[0])] if near_r[0] else None


def _words(row: Measured) -> str:
    lengths = f"{row.input_tokens:g} → {row.output_tokens:g} tokens"
    return f"{row.benchmark}, {row.accelerators} × {row.accelerator}, {lengths}"


def _figure(known: Known, name: str) -> float:
    return known.catalog.assumption(name).micro / MICRO
