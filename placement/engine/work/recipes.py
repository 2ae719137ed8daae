"""How units of work are done, as arrays: recipes in blocks of one model at one precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats, Ints
from placement.engine.work.models import Architecture, architecture_of
from placement.engine.work.roofline import Served
from placement.inventory.inventory import Inventory
from placement.inventory.recipe import Recipe
from placement.units import MICRO, MILLI
from placement.words import LORA

SERVING, VIDEO, BATCH, TRAINING = "serving", "video", "batch", "training"
TRAINING_PRECISION = "bf16"
"""Unless another is asked for: code that trains in fewer bits is not taken for granted."""

AT_ONCE = "requests"
"""Unit of work that is stated as so many requests at once."""

_GIB = 2**30
_SECONDS = 3600

STATE_BYTES = 16.0
"""Per parameter that is trained: weights, gradients and Adam's moments in mixed precision (Rajbhandari 2020, ZeRO)."""
FROZEN_BYTES = {"lora": 2.0, "qlora": 0.53}
"""Per parameter that is not (Dettmers 2023, QLoRA: 4 bits and the constants of their quantisation)."""


class Block(NamedTuple):
    """What the recipes of a block have in common."""

    form: str
    model: Architecture
    precision: str
    asked: bool
    """The precision is asked for; otherwise it is the model's own."""
    method: str
    reference: str
    """The accelerator whose hours are stated, of training by these; else empty."""
    unit: str = ""
    """What is counted of models that are no language models; empty for these and for training."""


class Recipes(NamedTuple):
    """Axis `r`."""

    said: Sequence[Recipe]
    blocks: tuple[Block, ...]
    block_r: Ints
    weight_bytes_r: Floats
    """What a replica, or a whole training job, keeps in memory whatever is asked of it."""
    cache_bytes_r: Floats
    """Of one request, which must fit beside it."""
    input_tokens_r: Floats
    output_tokens_r: Floats
    ttft_s_r: Floats
    """Infinite where nothing is asked; so are the next two."""
    tpot_s_r: Floats
    most_requests_r: Floats
    """At once in a replica."""
    utilization_r: Floats
    """Share of a replica's work to count on at the peak; NaN: as Erlang's formula has it."""
    spares_r: Floats
    replica_r: Floats
    """Accelerators of one that the workload asks for; 0 where it does not."""
    window_s_r: Floats
    """Of a month, in which a batch must be done; 0 for work that is not."""
    checkpoint_milli_gb_r: Floats
    """Of what a training job writes down to begin again from; 0 for other work."""
    unknown_slots: float
    """Requests at once in a replica of which nothing but its throughput is known."""

    @property
    def memory_milli_gib_r(self) -> Floats:
        """The least a replica needs, without what every accelerator keeps for the program."""
        return np.ceil((self.weight_bytes_r + self.cache_bytes_r) / _GIB * MILLI)

    def of(self, r: Ints) -> Recipes:
        """Some of them, which may repeat."""
        arrays = {name: column[r] for name, column in self._asdict().items() if name.endswith("_r")}
        return self._replace(said=[self.said[number] for number in r.tolist()], **arrays)

    def served(self, rows: Ints, block: Block) -> Served:
        """The requests of some rows of one block of a language model, as a column over groups."""
        model, precision = block.model, block.precision
        shared = model.shared_parameters / model.parameters
        weight = self.weight_bytes_r[rows, None]
        return Served(
            weight_bytes=weight,
            shared_bytes=weight * shared,
            idle_fraction=np.array(model.idle_fraction),
            kv_bytes_per_token=np.array(model.cache_bytes_per_token(precision)),
            active_parameters=np.array(model.active_parameters),
            layers=np.array(model.layers),
            width=np.array(model.width),
            input_tokens=self.input_tokens_r[rows, None],
            output_tokens=self.output_tokens_r[rows, None],
        )


def recipes_of(catalog: Catalog, inventory: Inventory, said: Sequence[Recipe]) -> Recipes:
    """The arrays of some recipes, whose names have been checked."""
    usual = catalog.assumption("serving_utilization_fraction").micro / MICRO
    adapters = catalog.assumption("lora_trainable_fraction").micro / MICRO
    slots = catalog.assumption("serving_requests_at_once").micro / MICRO
    models: dict[str, Architecture] = {}
    blocks: dict[Block, int] = {}
    keys: dict[tuple[str, ...], int] = {}
    block_r = []
    for one in said:
        key = (one.form, one.model, one.precision, one.method, one.reference, one.unit)
        if key not in keys:
            if one.model not in models:
                models[one.model] = architecture_of(catalog, inventory, one.model)
            keys[key] = blocks.setdefault(_block(one, models[one.model]), len(blocks))
        block_r.append(keys[key])
    arrays = _arrays(said, tuple(blocks), np.array(block_r, dtype=np.int64), usual, adapters)
    return arrays._replace(unknown_slots=slots)


def _block(one: Recipe, model: Architecture) -> Block:
    own = TRAINING_PRECISION if one.form == TRAINING else model.precision
    unit = "" if model.is_llm or one.form == TRAINING else one.unit
    return Block(one.form, model, one.precision or own, bool(one.precision), one.method, one.reference, unit)


def _arrays(said: Sequence[Recipe], blocks: tuple[Block, ...], block_r: Ints, usual: float, adapters: float) -> Recipes:
    """*usual*: share of a replica's work to count on; *adapters*: of the parameters; both where nobody says them."""

    def column(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)

    def limit(values: list[float]) -> Floats:
        """0 says nothing."""
        value_r = column(values)
        return np.where(value_r > 0, value_r, math.inf)

    bytes_b = column([_weight_bytes(block) for block in blocks])
    token_b = column([_token_bytes(block) for block in blocks])
    trained_b = column([STATE_BYTES * block.model.parameters if block.method in LORA else 0.0 for block in blocks])
    inputs, outputs = column([one.input_tokens for one in said]), column([one.output_tokens for one in said])
    stated_r = column([one.target_utilization_fraction or _utilization(one, blocks[b], usual)
                       for one, b in zip(said, block_r.tolist(), strict=True)])  # fmt: skip
    adapted_r = trained_b[block_r] * column([one.trainable_fraction or adapters for one in said])
    state_b = column([_state_bytes(block) for block in blocks])
    return Recipes(
        said=said,
        blocks=blocks,
        block_r=block_r,
        weight_bytes_r=bytes_b[block_r] + adapted_r,
        cache_bytes_r=(inputs + outputs) * token_b[block_r],
        input_tokens_r=inputs,
        output_tokens_r=outputs,
        ttft_s_r=limit([one.ttft_ms / 1000 for one in said]),
        tpot_s_r=limit([one.tpot_ms / 1000 for one in said]),
        most_requests_r=limit([one.max_concurrency for one in said]),
        utilization_r=stated_r,
        spares_r=column([one.spare_replicas for one in said]),
        replica_r=column([one.accelerators_per_replica for one in said]),
        window_s_r=column([one.window_hours * _SECONDS for one in said]),
        checkpoint_milli_gb_r=np.ceil((state_b[block_r] + adapted_r) / MICRO),
        unknown_slots=1.0,
    )


def _utilization(recipe: Recipe, block: Block, usual: float) -> float:
    """Share of a replica's work to count on at the peak where nobody says; NaN: as many as keep users from waiting."""
    if block.form in (BATCH, TRAINING) or recipe.unit == AT_ONCE:
        return 1.0
    return math.nan if block.form == SERVING and block.model.is_llm else usual


def _weight_bytes(block: Block) -> float:
    model = block.model
    if block.form != TRAINING:
        return model.weight_bytes(block.precision)
    return model.parameters * FROZEN_BYTES.get(block.method, STATE_BYTES)


def _state_bytes(block: Block) -> float:
    """Of a checkpoint of training that changes the whole model; adapters alone are written of the others."""
    if block.form != TRAINING or block.method in LORA:
        return 0.0
    return block.model.parameters * STATE_BYTES


def _token_bytes(block: Block) -> float:
    if block.form == TRAINING or not block.model.is_llm:
        return 0.0
    return block.model.cache_bytes_per_token(block.precision)


def rows_by_block(recipes: Recipes, r: Ints) -> list[tuple[Block, Ints]]:
    """The different blocks of some recipes *r*, and the places in *r* of those of each."""
    block_x = recipes.block_r[r]
    order = np.argsort(block_x, kind="stable")
    begins = np.flatnonzero(np.diff(block_x[order], prepend=-1))
    return [(recipes.blocks[int(block_x[rows[0]])], rows) for rows in np.split(order, begins[1:]) if len(rows)]
