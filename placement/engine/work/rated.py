"""What is said of work that was placed: on what grounds it is rated, what it costs by its unit, how well it is used."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, numbered
from placement.engine.work.bands import Band, band_of
from placement.engine.work.capability import capability
from placement.engine.work.groups import NO_GROUP, Groups
from placement.engine.work.recipes import AT_ONCE, BATCH, TRAINING, Block
from placement.engine.work.trained import rates
from placement.engine.work.wanted import Wanted, Works
from placement.units import HOURS_PER_MONTH, MICRO
from placement.words import REQUESTS_AT_ONCE

_SECONDS = 3600
_MONTH_SECONDS = HOURS_PER_MONTH * _SECONDS


class Placed(NamedTuple):
    """Workloads and what was chosen for them, axis `x`."""

    wanted: Wanted
    accelerator_x: Ints
    """Number among the names of the groups."""
    option_xk: Ints
    """The groups that may be on the shape that was chosen; of one accelerator several may be as large."""
    group_x: Floats
    """Accelerators of a replica."""
    needed_x: Floats
    """Accelerators of all replicas."""

    def groups(self, known: Groups) -> Ints:
        """The group of each, for work other than training."""
        same_xk = (self.option_xk != NO_GROUP) & (known.count_g[self.option_xk] == self.group_x[:, None])
        return np.asarray(self.option_xk[np.arange(len(same_xk)), same_xk.argmax(axis=1)])


class Told(NamedTuple):
    """Of one workload."""

    band: Band
    per_second: float
    """What a replica does, or a training job while nothing breaks."""
    throughput_unit: str
    unit: str
    units_per_month: float
    done_per_second: float
    """On average over the month."""


def told_of(works: Works, placed: Placed) -> list[Told]:
    """What is to be said, workload by workload."""
    wanted, recipes, loads = placed.wanted, works.recipes, works.loads
    r, row_x = numbered(wanted.recipe_w)
    per_second_x = _per_second(works, placed, r, row_x)
    mean_x = loads.mean_l[wanted.load_w] * wanted.fraction_w
    found = []
    for x, number in enumerate(wanted.recipe_w.tolist()):
        recipe, block = recipes.said[number], recipes.blocks[int(recipes.block_r[number])]
        band = band_of(works.known, block, recipe, int(placed.accelerator_x[x]), int(placed.group_x[x]))
        mean, held = float(mean_x[x]), float(per_second_x[x])
        units, unit, per_month = _counted(block, recipe.unit, mean)
        done = mean / _MONTH_SECONDS if block.form == BATCH else mean
        if block.form == TRAINING:
            done = mean * (recipe.tokens or recipe.accelerator_hours * _SECONDS) / _MONTH_SECONDS
        found.append(Told(band, held, units, unit, per_month, done))
    return found


def _per_second(works: Works, placed: Placed, r: Ints, row_x: Ints) -> Floats:
    """Units per second of the replica that was chosen for each."""
    blocks = works.recipes.blocks
    trains_x = np.array([block.form == TRAINING for block in blocks])[works.recipes.block_r[placed.wanted.recipe_w]]
    able = capability(works.known, works.recipes, r)
    found = able.units_micro_rg[row_x, placed.groups(works.known.groups)] / MICRO
    if trains_x.any():
        rows = np.flatnonzero(trains_x)
        rate_wa, _ = rates(works, placed.wanted.of(rows))
        hourly = rate_wa[np.arange(len(rows)), placed.accelerator_x[rows]] * placed.group_x[rows]
        found[rows] = hourly / _SECONDS
    return np.asarray(found)


OUTPUT_TOKENS = "million output tokens"
"""What language models are paid by: those of the requests are in its cost."""

_ITEMS = {"image": "images", "speech": "samples", "encoder": "items", "vision": "frames", "llm": "requests"}


def _counted(block: Block, unit: str, mean: float) -> tuple[str, str, float]:
    """Unit of the throughput, unit of the cost, and how many of these a month."""
    month = mean if block.form == BATCH else mean * _MONTH_SECONDS
    if block.form == TRAINING:
        return ("accelerator-hours" if block.reference else "tokens"), "training run", mean
    if unit == AT_ONCE:
        return REQUESTS_AT_ONCE, "request at once and month", mean
    if unit == "tokens":
        return "tokens", OUTPUT_TOKENS if block.model.is_llm else "million tokens", month / 1e6
    items = _ITEMS[block.model.kind]
    return items, f"1,000 {items}", month / 1000
