"""Work → accelerators: what workloads that say what they do take on every shape."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.work.capability import Capability, capability
from placement.engine.work.groups import NO_GROUP, Groups
from placement.engine.work.hours import (
    MONTH_MILLI,
    Staffing,
    node_hours_milli,
    replicas,
    scaling_of,
    staffing_of,
    units_to_pay,
)
from placement.engine.work.recipes import TRAINING
from placement.engine.work.scaling import Scaling
from placement.engine.work.trained import trained
from placement.engine.work.wanted import NEEDS_KINDS, Chosen, Hardware, Needs, Wanted, Works
from placement.units import MILLI


def needs(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    """What workloads take on every shape: as few units to pay for as hold the peak, then as small a replica as does."""
    return _on_classes(works, wanted, hardware).columns(hardware.class_h)


def _on_classes(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    blocks = works.recipes.blocks
    trains_b = np.array([block.form == TRAINING for block in blocks], dtype=np.bool_)
    trains_w = trains_b[works.recipes.block_r[wanted.recipe_w]]
    if trains_w.all():
        return trained(works, wanted, hardware)
    if not trains_w.any():
        return _served(works, wanted, hardware)
    shape = (len(trains_w), len(hardware.units_c))
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
    late: Floats
    """By how much it misses its SLOs; 0 where it keeps them."""


_ROWS = 256
"""Workloads sized together once it is known what replicas do: few enough for a processor to have them at hand."""


def _served(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    """Everything but training."""
    r, row_w = numbered(wanted.recipe_w)
    able = capability(works.known, works.recipes, r)
    whole = Needs._make(np.zeros((len(row_w), len(hardware.units_c)), dtype=kind) for kind in NEEDS_KINDS)
    for start in range(0, len(row_w), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(row_w)))
        part = Needs._make(of_wc[start : start + _ROWS] for of_wc in whole)
        _serve_some(works, wanted.of(rows), hardware, able.of(row_w[rows]), part)
    return whole


def _serve_some(works: Works, wanted: Wanted, hardware: Hardware, able: Capability, found: Needs) -> None:
    """Write down workloads of which it is known what replicas do, row by row; *found* holds zeros."""
    staffing, picks = _picks(works, wanted, hardware, able)
    columns, chosen, group_wx = picks.columns, picks.chosen, picks.group
    first_c = hardware.option_ck[:, 0]
    found.native_wh[:] = able.native_rg[:, first_c]
    found.room_milli_gib_wh[:] = _rooms(able.room_milli_gib_rg, hardware.option_ck)
    memory_w = works.recipes.memory_milli_gib_r[wanted.recipe_w]
    found.rated_wh[:] = _rated(able, found.room_milli_gib_wh, memory_w, hardware.option_ck)
    found.accelerators_wh[:, columns] = picks.total
    found.group_wh[:, columns] = np.where(group_wx != NO_GROUP, chosen.accelerators, 0.0)
    found.nodes_wh[:, columns] = chosen.nodes
    some = hardware.classes(columns)
    if works.timed:
        found.hours_milli_wh[:, columns] = node_hours_milli(staffing, works.loads, wanted.load_w, chosen, some)
    else:
        found.hours_milli_wh[:, columns] = np.where(chosen.nodes > 0, MONTH_MILLI, 0.0)
    if able.late_s_rg.any():
        row = np.arange(len(group_wx))[:, None]
        late_wx = np.where(group_wx != NO_GROUP, able.late_s_rg[row, np.maximum(group_wx, 0)], 0.0)
        found.late_ms_wh[:, columns] = np.ceil(late_wx * MILLI)


class _Picks(NamedTuple):
    """The replica of each pair that may have one, `wx`; *columns* are the classes of shapes on axis `x`."""

    columns: Ints
    group: Ints
    total: Floats
    """Accelerators, at the peak."""
    chosen: Chosen


def _picks(works: Works, wanted: Wanted, hardware: Hardware, able: Capability) -> tuple[Staffing, _Picks]:
    groups, units_wg = works.known.groups, able.units_micro_rg
    if wanted.scale_wa is not None:
        units_wg = np.floor(units_wg * wanted.scale_wa[:, groups.accelerator_g])
    staffing = staffing_of(works, wanted)
    open_wg = able.fits_rg & able.native_rg & (able.units_micro_rg > 0)
    columns = _with_any(open_wg, hardware.option_ck)
    replicas_wg = replicas(staffing, staffing.peak_micro_w[:, None], units_wg, able.slots_rg)
    best = _best(groups, replicas_wg, open_wg, able.late_s_rg, hardware.classes(columns))
    picked = best.group != NO_GROUP
    group_wx = np.where(picked, best.group, 0)
    row = np.arange(len(group_wx))[:, None]
    chosen = Chosen(
        units_wg[row, group_wx],
        able.slots_rg[row, group_wx],
        groups.count_g[group_wx],
        np.where(picked, best.nodes, 0.0),
        groups.nodes_g[group_wx],
    )
    return staffing, _Picks(columns, best.group, best.total, chosen)


def scalings(works: Works, wanted: Wanted, hardware: Hardware) -> tuple[Scaling, Floats]:
    """How the units to pay for grow with the load, and how many they are at its peak, `wc`; 0 without a replica.

    Of workloads that serve; the replicas are those of `needs`.
    """
    r, row_w = numbered(wanted.recipe_w)
    able = capability(works.known, works.recipes, r)
    shape = (len(row_w), len(hardware.units_c))
    whole, nodes_wc = Scaling._make(np.zeros(shape) for _ in Scaling._fields), np.zeros(shape)
    for start in range(0, len(row_w), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(row_w)))
        staffing, picks = _picks(works, wanted.of(rows), hardware, able.of(row_w[rows]))
        for all_wc, some_wx in zip(
            whole, scaling_of(staffing, picks.chosen, hardware.classes(picks.columns)), strict=True
        ):
            all_wc[start : start + _ROWS, picks.columns] = some_wx
        nodes_wc[start : start + _ROWS, picks.columns] = picks.chosen.nodes
    return whole, nodes_wc


def _with_any(open_wg: Bools, option_ck: Ints) -> Ints:
    """The classes of shapes on which anything is open to anybody."""
    some_g = np.append(np.asarray(open_wg.any(axis=0)), False)  # the last stands for no group
    return np.flatnonzero(some_g[option_ck].any(axis=1))


def _rated(able: Capability, room_wc: Floats, memory_w: Floats, option_ck: Ints) -> Bools:
    """Of what fits, something must be known, and so much that it counts; where nothing fits, that stands in the way."""
    nothing_wc: Bools = ~(memory_w[:, None] <= room_wc)
    found = np.zeros(room_wc.shape, dtype=np.bool_)
    does_wg = able.fits_rg & (able.units_micro_rg > 0)
    for g_c in _filled(option_ck).T:
        found |= able.known_rg[:, g_c] & (does_wg[:, g_c] | nothing_wc)
    return found


def _filled(option_ck: Ints) -> Ints:
    """With the first group of a class where it has fewer than others."""
    return np.where(option_ck == NO_GROUP, option_ck[:, :1], option_ck)


def _rooms(room_wg: Floats, option_ck: Ints) -> Floats:
    """The most of any group of a class; most rows may take any group, and have the same."""
    same_w = np.asarray(((room_wg == room_wg[:1]) | np.isnan(room_wg)).all(axis=1))
    own_w = np.isnan(room_wg).sum(axis=1) != np.isnan(room_wg[:1]).sum()
    found = np.repeat(_most(room_wg[:1], option_ck), len(room_wg), axis=0)
    others = np.flatnonzero(~same_w | own_w)
    if len(others):
        found[others] = _most(room_wg[others], option_ck)
    return found


def _most(room_rg: Floats, option_ck: Ints) -> Floats:
    """The most of any group of a class."""
    found = np.full((len(room_rg), len(option_ck)), np.nan)
    for g_c in _filled(option_ck).T:
        np.fmax(found, room_rg[:, g_c], out=found)
    return found


def _best(groups: Groups, replicas_wg: Floats, open_wg: Bools, late_wg: Floats, hardware: Hardware) -> _Best:
    """The replica of each pair: the one that misses its SLOs least, then the fewest units, then small."""
    shape, count_g = (len(replicas_wg), len(hardware.units_c)), groups.count_g
    best = _Best(
        np.full(shape, np.inf), np.zeros(shape), np.full(shape, NO_GROUP, dtype=np.int64), np.full(shape, np.inf)
    )
    some_g, prompt = np.append(np.asarray(open_wg.any(axis=0)), False), not late_wg.any()
    for k in range(hardware.option_ck.shape[1]):
        columns = np.flatnonzero(some_g[hardware.option_ck[:, k]])
        if not len(columns):
            continue
        g = hardware.option_ck[columns, k]
        total = replicas_wg[:, g] * count_g[g]
        units, per_node = hardware.units_c[columns], hardware.per_node_c[columns]
        nodes = units_to_pay(total, count_g[g], units, per_node, groups.nodes_g[g])
        was = best.nodes[:, columns]
        better: Bools = open_wg[:, g] & (nodes < was)
        parts: tuple[Floats | Ints, ...] = (nodes, total, np.broadcast_to(g, nodes.shape))
        if not prompt:
            late, had = late_wg[:, g], best.late[:, columns]
            better = open_wg[:, g] & ((late < had) | ((late == had) & (nodes < was)))
            parts = (*parts, late)
        for whole, part in zip(best, parts, strict=False):
            whole[:, columns] = np.where(better, part, whole[:, columns])
    return best
