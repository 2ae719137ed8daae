"""Work → accelerators: what workloads that say what they do take on every shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.work.capability import capability
from placement.engine.work.groups import NO_GROUP
from placement.engine.work.hours import node_hours_milli, replicas, staffing_of, units_to_pay
from placement.engine.work.recipes import TRAINING
from placement.engine.work.trained import trained
from placement.engine.work.wanted import NEEDS_KINDS, Chosen, Hardware, Needs, Wanted, Works
from placement.units import MILLI


def needs(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    """What workloads take on every shape: as few units to pay for as hold the peak, then as small a replica as does."""
    blocks = works.recipes.blocks
    trains_b = np.array([block.form == TRAINING for block in blocks], dtype=np.bool_)
    trains_w = trains_b[works.recipes.block_r[wanted.recipe_w]]
    if trains_w.all():
        return trained(works, wanted, hardware)
    if not trains_w.any():
        return _served(works, wanted, hardware)
    shape = (len(trains_w), len(hardware.units_h))
    whole = Needs._make(np.zeros(shape, dtype=kind) for kind in NEEDS_KINDS)
    for rows, made in ((np.flatnonzero(trains_w), trained), (np.flatnonzero(~trains_w), _served)):
        for all_wh, some_wh in zip(whole, made(works, wanted.of(rows), hardware), strict=True):
            all_wh[rows] = some_wh
    return whole


class _Best(NamedTuple):
    """What was found so far, `wh`."""

    nodes: Floats
    total: Floats
    group: Ints
    prompt: Bools
    """It keeps its SLOs."""


def _served(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    """Everything but training."""
    groups = works.known.groups
    r, row_w = numbered(wanted.recipe_w)
    able = capability(works.known, works.recipes, r)
    units_wg = able.units_milli_rg[row_w]
    if wanted.scale_wa is not None:
        units_wg = np.floor(units_wg * wanted.scale_wa[:, groups.accelerator_g])
    staffing = staffing_of(works, wanted)
    replicas_wg = replicas(staffing, staffing.peak_milli_w[:, None], units_wg, able.slots_rg[row_w])
    open_rg = able.fits_rg & able.native_rg & (able.units_milli_rg > 0)
    best = _best(groups.count_g, replicas_wg, open_rg[row_w], (able.late_s_rg <= 0)[row_w], hardware)
    chosen = best.group != NO_GROUP
    group_wh = np.where(chosen, best.group, 0)
    nodes_wh = np.where(chosen, best.nodes, 0.0)
    row = np.arange(len(row_w))[:, None]
    held, slots = units_wg[row, group_wh], able.slots_rg[row_w[:, None], group_wh]
    some = _anywhere(hardware.option_hk)
    fits_rh = some(able.fits_rg)
    # Of what fits, something must be known; where nothing fits, that is what stands in the way.
    rated_rh = some(able.known_rg & able.fits_rg) | (~fits_rh & some(able.known_rg))
    return Needs(
        accelerators_wh=np.where(chosen, best.total, 0.0),
        group_wh=np.where(chosen, groups.count_g[group_wh], 0.0),
        nodes_wh=nodes_wh,
        hours_milli_wh=node_hours_milli(
            staffing, works.loads, wanted.load_w, Chosen(held, slots, groups.count_g[group_wh], nodes_wh), hardware
        ),
        rated_wh=rated_rh[row_w],
        native_wh=some(able.native_rg)[row_w],
        room_milli_gib_wh=_most(able.room_milli_gib_rg, hardware.option_hk)[row_w],
        late_ms_wh=np.ceil(np.where(chosen, able.late_s_rg[row_w[:, None], group_wh], 0.0) * MILLI),
        late_hours_wh=np.zeros(nodes_wh.shape),
    )


def _anywhere(option_hk: Ints) -> Callable[[Bools], Bools]:
    """Whether something holds of any group of a shape."""
    filled_hk = np.where(option_hk == NO_GROUP, option_hk[:, :1], option_hk)

    def any_of(flag_rg: Bools) -> Bools:
        found = flag_rg[:, filled_hk[:, 0]]
        for k in range(1, filled_hk.shape[1]):
            found = found | flag_rg[:, filled_hk[:, k]]
        return np.asarray(found)

    return any_of


def _most(room_rg: Floats, option_hk: Ints) -> Floats:
    """The most of any group of a shape."""
    filled_hk = np.where(option_hk == NO_GROUP, option_hk[:, :1], option_hk)
    found = room_rg[:, filled_hk[:, 0]]
    for k in range(1, filled_hk.shape[1]):
        found = np.fmax(found, room_rg[:, filled_hk[:, k]])
    return np.asarray(found)


def _best(count_g: Floats, replicas_wg: Floats, open_wg: Bools, prompt_wg: Bools, hardware: Hardware) -> _Best:
    """The replica of each pair: one that keeps its SLOs before one that does not, then the fewest units, then small."""
    shape = (len(replicas_wg), len(hardware.units_h))
    best = _Best(
        np.full(shape, np.inf), np.zeros(shape), np.full(shape, NO_GROUP, dtype=np.int64), np.zeros(shape, np.bool_)
    )
    some_g: Bools = np.asarray(open_wg.any(axis=0))
    for k in range(hardware.option_hk.shape[1]):
        g_h = hardware.option_hk[:, k]
        columns = np.flatnonzero((g_h != NO_GROUP) & some_g[g_h])
        if not len(columns):
            continue
        g = g_h[columns]
        total = replicas_wg[:, g] * count_g[g]
        nodes = units_to_pay(total, count_g[g], hardware.units_h[columns], hardware.per_node_h[columns])
        prompt, had, was = prompt_wg[:, g], best.prompt[:, columns], best.nodes[:, columns]
        fewer: Bools = np.asarray(nodes < was)
        better: Bools = open_wg[:, g] & ((prompt & ~had) | (~(prompt ^ had) & fewer))
        for whole, part in zip(best, (nodes, total, np.broadcast_to(g, nodes.shape), prompt), strict=True):
            whole[:, columns] = np.where(better, part, whole[:, columns])
    return best
