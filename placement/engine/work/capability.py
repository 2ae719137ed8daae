"""What every group of accelerators does of recipes: one number per recipe and group, and why some do nothing."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.work.evidence import (
    REFERENCE,
    Base,
    Calibration,
    ItemRate,
    by_ratio,
    calibrations,
    item_rates,
    training_rates,
)
from placement.engine.work.groups import Groups, Speed, speed_of
from placement.engine.work.recipes import AT_ONCE, BATCH, TRAINING, Block, Recipes, rows_by_block
from placement.engine.work.roofline import (
    OVERHEAD_BYTES,
    Replica,
    Silicon,
    batch_within,
    replica_of,
    step_s,
    tokens_per_s,
)
from placement.units import MICRO, MILLI

OVERHEAD_MILLI_GIB = OVERHEAD_BYTES / 2**30 * MILLI
"""What the program keeps of each accelerator's memory."""


class Rates(NamedTuple):
    """What is known of a block, by accelerator."""

    speed: Speed
    calibrated: dict[tuple[int, int], Calibration]
    """By accelerator and how many of them."""
    items: dict[str, ItemRate]
    """Of work that is no serving of a language model; of batches of one, of accelerators without a roofline."""


class Known:
    """What a catalog knows of blocks on some groups, found once each."""

    def __init__(self, catalog: Catalog, groups: Groups) -> None:
        self.catalog = catalog
        self.groups = groups
        self._speeds: dict[str, Speed] = {}
        self._rates: dict[Block, Rates] = {}

    def rates(self, block: Block) -> Rates:
        """What is known of a block."""
        if block not in self._rates:
            self._rates[block] = self._found(block)
        return self._rates[block]

    def _found(self, block: Block) -> Rates:
        if block.precision not in self._speeds:
            self._speeds[block.precision] = speed_of(self.catalog, self.groups, block.precision)
        speed, names = self._speeds[block.precision], self.groups.names
        if block.form == TRAINING:
            return Rates(speed, {}, training_rates(self.catalog, names, block))
        if not block.model.is_llm:
            return Rates(speed, {}, item_rates(self.catalog, names, block))
        items = _beyond_roofline(self.catalog, names, block, speed) if block.form == BATCH else {}
        return Rates(speed, calibrations(self.catalog, self.groups, block, speed), items)


def _beyond_roofline(catalog: Catalog, names: tuple[str, ...], block: Block, speed: Speed) -> dict[str, ItemRate]:
    """Accelerators that no roofline was fitted to, by their ratio in batches: per unit that the reference does."""
    if REFERENCE not in names:
        return {}
    constants = speed.constants[names.index(REFERENCE)]
    if constants is None:
        return {}
    base = Base(1.0, constants.low_ratio, constants.high_ratio)
    found = by_ratio(catalog, block.model.throughput_class, REFERENCE, base, names)
    return {name: rate for name, rate in found.items() if speed.constants[names.index(name)] is None}


class Capability(NamedTuple):
    """Axes recipe × group."""

    units_micro_rg: Floats
    """Millionths of units per second that a replica does, whole; 0 where it does none, or nobody knows."""
    slots_rg: Floats
    """Requests at once in a replica; 1 where nothing queues for them."""
    known_rg: Bools
    """Something is known of how fast it is."""
    native_rg: Bools
    """It calculates in the precision, or that does not matter."""
    fits_rg: Bools
    """A replica fits into its memory."""
    room_milli_gib_rg: Floats
    """Its memory without what the program keeps, where there may be such a replica; NaN elsewhere."""
    late_s_rg: Floats
    """By how much the SLOs on tokens are missed at best, where they are [s]; 0 where they are kept."""

    def of(self, r: Ints) -> Capability:
        """Some recipes, which may repeat; neighbours are not copied."""
        some = slice(int(r[0]), int(r[-1]) + 1) if len(r) and bool((np.diff(r) == 1).all()) else r
        return Capability._make(of_rg[some] for of_rg in self)


def capability(known: Known, recipes: Recipes, r: Ints) -> Capability:
    """Of the recipes *r*. Training is told by accelerator in `training.py`."""
    groups, count = known.groups, len(r)
    shape = (count, len(groups.within_g))
    found = Capability(
        np.zeros(shape),
        np.ones(shape),
        np.zeros(shape, dtype=np.bool_),
        np.zeros(shape, dtype=np.bool_),
        np.zeros(shape, dtype=np.bool_),
        _rooms(groups, recipes, r),
        np.zeros(shape),
    )
    for block, places in rows_by_block(recipes, r):
        rows, rates = r[places], known.rates(block)
        if block.form == TRAINING or not block.model.is_llm:
            part = _by_accelerator(groups, rates, block, len(rows))
        else:
            part = _served(known, rates, recipes, rows, block)
        for whole_rg, part_rg in zip(found, part, strict=True):
            if part_rg is not None:
                whole_rg[places] = part_rg
    found.fits_rg[:] = recipes.memory_milli_gib_r[r, None] <= found.room_milli_gib_rg
    _overridden(groups, recipes, r, found)
    np.maximum(found.slots_rg, 1.0, out=found.slots_rg)
    return found


def _rooms(groups: Groups, recipes: Recipes, r: Ints) -> Floats:
    room_g = groups.count_g * np.maximum(groups.usable_milli_gib_a - OVERHEAD_MILLI_GIB, 0.0)[groups.accelerator_g]
    asked_r = recipes.replica_r[r, None]
    return np.where(np.where(asked_r > 0, groups.count_g == asked_r, groups.usual_g), room_g, np.nan)


Parts = tuple[Floats, Floats | None, Bools, Bools, None, None, Floats | None]


def _by_accelerator(groups: Groups, rates: Rates, block: Block, count: int) -> Parts:
    """Work that accelerators do each for itself: a group does as many times as much."""
    rate_a = np.array([rates.items[name].per_second if name in rates.items else 0.0 for name in groups.names])
    micro_g = np.floor(rate_a[groups.accelerator_g] * groups.count_g * MICRO)
    known_g = rate_a[groups.accelerator_g] > 0
    # Without a precision that is asked for, a model that is no LLM runs in whatever it was measured in.
    native_a = rates.speed.native_a if block.asked or block.model.is_llm else np.ones(len(groups.names), np.bool_)
    native_g = native_a[groups.accelerator_g]
    shape = (count, len(micro_g))
    return (
        np.broadcast_to(micro_g, shape),
        None,
        np.broadcast_to(known_g, shape),
        np.broadcast_to(native_g, shape),
        None,
        None,
        None,
    )


def _served(known: Known, rates: Rates, recipes: Recipes, rows: Ints, block: Block) -> Parts:
    """Requests to a language model."""
    groups, model = known.groups, recipes.served(rows, block)
    a = groups.accelerator_g
    silicon = Silicon._make(column[a] for column in rates.speed.silicon)
    replica = replica_of(model, silicon, groups.within_g, groups.stages_g)
    speed_rg = silicon.speed * _calibrated(groups, rates, recipes, rows)
    ttft, tpot = recipes.ttft_s_r[rows, None], recipes.tpot_s_r[rows, None]
    # Where not even one request is quick enough, one alone tells what it would take, and by how much it is late.
    alone_rg = np.minimum(replica.most_batch, 1.0)
    batch_rg = np.maximum(batch_within(model, replica, speed_rg, ttft, tpot), np.maximum(alone_rg, 0.0))
    most_r = recipes.most_requests_r[rows, None]
    if np.isfinite(most_r).any():
        batch_rg = np.minimum(batch_rg, np.maximum(np.floor(most_r / groups.stages_g), 1.0))
    # Fewer requests than stages leave some of these idle.
    busy_rg = np.minimum(replica.most_busy, most_r)
    rate_rg = np.nan_to_num(busy_rg * tokens_per_s(model, replica, speed_rg, batch_rg))
    slots_rg = np.nan_to_num(np.maximum(batch_rg, 0.0) * busy_rg)
    known_rg = np.isfinite(speed_rg * replica.fixed_s * replica.request_s)
    at_once_r = np.array([recipes.said[row].unit == AT_ONCE for row in rows.tolist()])
    if at_once_r.any():
        # A replica of unknown speed may have room for requests, but nobody knows how they fare in it.
        rate_rg = np.where(at_once_r[:, None], np.where(known_rg, slots_rg, 0.0), rate_rg)
    rate_rg = np.where(known_rg, rate_rg, 0.0)
    if rates.items:
        by_ratio_rg = _by_reference(groups, rates, rate_rg)
        rate_rg, slots_rg = np.where(by_ratio_rg > 0, by_ratio_rg, rate_rg), np.where(by_ratio_rg > 0, 1.0, slots_rg)
        known_rg = known_rg | (by_ratio_rg > 0)
    return (
        np.floor(rate_rg * MICRO),
        slots_rg,
        known_rg,
        np.broadcast_to(rates.speed.native_a[a], known_rg.shape),
        None,
        None,
        _late_s(model.idle_fraction, model.output_tokens, replica, speed_rg, ttft, tpot),
    )


def _by_reference(groups: Groups, rates: Rates, rate_rg: Floats) -> Floats:
    """What accelerators do that are rated by their ratio to the reference, of which the best replica counts."""
    mine_g = (groups.accelerator_g == groups.names.index(REFERENCE)) & groups.usual_g
    each_r = (rate_rg[:, mine_g] / groups.count_g[mine_g]).max(axis=1)
    ratio_a = np.array([rates.items[name].per_second if name in rates.items else 0.0 for name in groups.names])
    return np.asarray(each_r[:, None] * (ratio_a[groups.accelerator_g] * groups.count_g))


def _calibrated(groups: Groups, rates: Rates, recipes: Recipes, rows: Ints) -> Floats:
    """Measured ÷ predicted, of the measurement that is most like each recipe; 1 where there is none like it."""
    if not rates.calibrated:
        return np.ones((len(rows), 1))
    ratio_rg = np.ones((len(rows), len(groups.count_g)))
    for (a, count), calibration in rates.calibrated.items():
        mine_g = (groups.accelerator_g == a) & (groups.count_g == count)
        ratio_r = calibration.nearest(recipes.input_tokens_r[rows], recipes.output_tokens_r[rows])[0]
        ratio_rg[:, mine_g] = ratio_r[:, None]
    return ratio_rg


def _late_s(
    idle: Floats, output_tokens: Floats, replica: Replica, speed: Floats, ttft: Floats, tpot: Floats
) -> Floats | None:
    """By how much one request alone misses what is asked [s]."""
    if not (np.isfinite(ttft).any() or np.isfinite(tpot).any()):
        return None
    step = step_s(replica, idle, np.array(1.0))
    first = (replica.prefill_s + step) / speed - ttft
    each = (step + replica.prefill_s / output_tokens) / speed - tpot
    return np.asarray(np.nan_to_num(np.maximum(np.maximum(first, each), 0.0)))


def _overridden(groups: Groups, recipes: Recipes, r: Ints, found: Capability) -> None:
    """What the inventory says groups do, of recipes that say so: other groups of these accelerators do nothing."""
    for row, number in enumerate(r.tolist()):
        block = recipes.blocks[recipes.block_r[number]]
        stated = [one for one in recipes.said[number].throughput if one[0] in groups.names]
        if not stated or block.form == TRAINING:
            continue
        if block.model.is_llm:
            told_g = found.known_rg[row] & (found.slots_rg[row] >= 1)
            few = min(recipes.unknown_slots, float(recipes.most_requests_r[number]))
            found.slots_rg[row] = np.where(told_g, found.slots_rg[row], few)
        of_g = np.isin(groups.accelerator_g, [groups.names.index(name) for name, _, _ in stated])
        found.known_rg[row, of_g] = found.native_rg[row, of_g] = True
        found.fits_rg[row, of_g] = False
        found.units_micro_rg[row, of_g] = found.late_s_rg[row, of_g] = 0.0
        for name, count, per_second in stated:
            mine_g = (groups.accelerator_g == groups.names.index(name)) & (groups.count_g == count)
            found.fits_rg[row, mine_g] = True
            found.units_micro_rg[row, mine_g] = math.floor(per_second * MICRO)
            found.room_milli_gib_rg[row, mine_g] = recipes.memory_milli_gib_r[number]


@lru_cache(8)
def staffing_beta(wait_milli: int) -> float:
    """β of the square-root rule: a + β·√a + 1 servers keep the share of requests that wait below *wait_milli* ‰.

    Halfin & Whitt, "Heavy-traffic limits for queues with many exponential servers", Operations Research 29 (1981):
    P(wait) = 1 / (1 + β·Φ(β)/φ(β)). To the thousandth, rounded up.
    """
    wait = wait_milli / MILLI
    low, high = 0.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        density = math.exp(-middle * middle / 2) / math.sqrt(2 * math.pi)
        below = (1 + math.erf(middle / math.sqrt(2))) / 2
        if 1 / (1 + middle * below / density) > wait:
            low = middle
        else:
            high = middle
    return math.ceil(high * MILLI) / MILLI
