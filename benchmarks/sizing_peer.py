"""The named peer of sizing by work: plain numpy, workload by workload, on every shape and at every level of demand.

It tells no shapes apart that work cannot tell apart, and it joins no workloads.
"""

import numpy as np
from numpy.typing import NDArray

from placement.engine.work.capability import Capability, capability
from placement.engine.work.groups import NO_GROUP
from placement.engine.work.hours import MONTH_MILLI
from placement.engine.work.loads import NO_CURVE
from placement.engine.work.wanted import Hardware, Wanted, Works
from placement.units import MICRO

Numbers = NDArray[np.float64]


def sized(works: Works, wanted: Wanted, hardware: Hardware) -> Numbers:
    """Units to pay for, accelerators of a replica and thousandths of hours a month, `(3, w, h)`."""
    found = [_one(works, hardware, int(r), int(load)) for r, load in zip(wanted.recipe_w, wanted.load_w, strict=True)]
    return np.array(found).transpose(1, 0, 2)


def _one(works: Works, hardware: Hardware, r: int, load: int) -> Numbers:
    groups, recipes = works.known.groups, works.recipes
    able = Capability._make(of_rg[0] for of_rg in capability(works.known, recipes, np.array([r])))
    option_hk = hardware.option_ck[hardware.class_h]
    there_hk = option_hk != NO_GROUP
    g_hk = np.where(there_hk, option_hk, 0)
    open_hk = there_hk & (able.fits_rg & able.native_rg & (able.units_micro_rg > 0) & (able.late_s_rg <= 0))[g_hk]
    held_hk, slots_hk = np.maximum(able.units_micro_rg[g_hk], 1.0), able.slots_rg[g_hk]
    count_hk, nodes_hk = groups.count_g[g_hk], groups.nodes_g[g_hk]
    units_h, per_node_h = hardware.units_c[hardware.class_h], hardware.per_node_c[hardware.class_h]
    units_hk, per_node_hk = (np.broadcast_to(of_h[:, None], g_hk.shape) for of_h in (units_h, per_node_h))
    peak = np.ceil(works.loads.peak_l[load] * MICRO)
    busy_hk = peak / held_hk * slots_hk
    needed_hk = np.ceil((busy_hk + works.beta * np.sqrt(busy_hk) + 1) / slots_hk)
    paid_hk = _paid(needed_hk, count_hk, nodes_hk, units_hk, per_node_hk)
    paid_hk = np.where(open_hk, paid_hk, np.inf)
    best_h = paid_hk.argmin(axis=1)  # the smallest group is the first

    def of_best(of_hk: Numbers) -> Numbers:
        return np.take_along_axis(of_hk, best_h[:, None], axis=1)

    paid_h = of_best(paid_hk)[:, 0]
    level_x, milli_x, parts = _levels(works, load)
    offered, slots = peak / of_best(held_hk), of_best(slots_hk)
    root = np.sqrt(level_x) * (works.beta * np.sqrt(offered / slots))
    needed_hx = np.where(level_x > 0, np.ceil(level_x * offered + root + 1 / slots), 0.0)
    at_hx = _paid(needed_hx, *(of_best(of_hk) for of_hk in (count_hk, nodes_hk, units_hk, per_node_hk)))
    hours_h = np.minimum(np.ceil((at_hx * milli_x).sum(axis=1) / (paid_h * parts)), MONTH_MILLI)
    if level_x.size == 1:
        hours_h = np.full(len(paid_h), MONTH_MILLI)
    placed_h = np.isfinite(paid_h)
    return np.where(placed_h, np.array([paid_h, of_best(count_hk)[:, 0], hours_h]), 0.0)


def _levels(works: Works, load: int) -> tuple[Numbers, Numbers, int]:
    """Parts of the peak, thousandths of hours a month at each, and by what these are to be divided."""
    loads, curve = works.loads, int(works.loads.curve_l[load])
    if curve != NO_CURVE:
        return *loads.curves[curve], 1
    if not loads.shaped_l[load]:
        return np.ones(1), np.array([MONTH_MILLI]), 1
    level_x = loads.levels(np.array([load]))[0]
    return level_x, np.full(len(level_x), MONTH_MILLI), len(level_x)


def _paid(replicas: Numbers, count: Numbers, spans: Numbers, units: Numbers, per_node: Numbers) -> Numbers:
    fits = count <= per_node
    nodes = np.where(fits, np.ceil(replicas / np.maximum(np.floor(per_node / count), 1.0)), replicas * spans)
    return np.where(units >= per_node, np.ceil(nodes * per_node / units), np.ceil(replicas * count / units))
