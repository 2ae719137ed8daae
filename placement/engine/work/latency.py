"""How long users of a language model wait for its tokens."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.work.capability import Known
from placement.engine.work.recipes import TRAINING, Recipes
from placement.engine.work.roofline import Silicon, replica_of, step_s


def token_times_s(known: Known, recipes: Recipes, recipe: int, group: int, at_once: float) -> tuple[float, float]:
    """Time to the first token and per further one [s] while so many requests are in a replica; NaN where unknown.

    *recipe* and *group* are numbers; the same times that SLOs are held against (see `roofline.batch_within`).
    """
    block = recipes.blocks[int(recipes.block_r[recipe])]
    if block.form == TRAINING or not block.model.is_llm:
        return math.nan, math.nan
    groups, rates, rows = known.groups, known.rates(block), np.array([recipe])
    accelerator = int(groups.accelerator_g[group])
    silicon = Silicon._make(column[accelerator] for column in rates.speed.silicon)
    model, nodes = recipes.served(rows, block), float(groups.stages_g[group])
    replica = replica_of(model, silicon, groups.within_g[group], nodes)
    speed = float(silicon.speed)
    calibration = rates.calibrated.get((accelerator, int(groups.count_g[group])))
    if calibration is not None:
        ratio_r, _, _ = calibration.nearest(recipes.input_tokens_r[rows], recipes.output_tokens_r[rows])
        speed *= float(ratio_r[0])
    batch = np.array(max(at_once / nodes, 1.0))
    step = float(step_s(replica, model.idle_fraction, batch)[0, 0])
    prefill = float(replica.prefill_s[0, 0])
    output = float(recipes.output_tokens_r[recipe])
    return (prefill + step) / speed, (step + float(batch) * prefill / output) / speed
