"""Replicas for a rate, units to pay for replicas, and the hours a month these are needed as demand goes up and down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, by_value
from placement.engine.work.curved import curved
from placement.engine.work.loads import NO_CURVE, STEPS, Loads
from placement.engine.work.scaling import Scaling
from placement.engine.work.wanted import Chosen, Hardware, Wanted, Works
from placement.units import HOURS_PER_MONTH, MICRO, MILLI

MONTH_MILLI = float(HOURS_PER_MONTH * MILLI)
_SECONDS = 3600


class Staffing(NamedTuple):
    """How replicas are counted, `w`."""

    peak_micro_w: Floats
    """Millionths of units per second."""
    amount_w: Floats
    """Units a month of a batch, on average over the horizon."""
    share_w: Floats
    """Of a replica's work to count on; NaN where waiting decides."""
    spares_w: Floats
    batch_w: Floats
    """Seconds of the window in which a month's batch must be done; 0 for other work."""
    beta: float

    def of(self, rows: Ints) -> Staffing:
        """Some rows."""
        return Staffing._make([*(column[rows] for column in self[:-1]), self.beta])


def staffing_of(works: Works, wanted: Wanted) -> Staffing:
    """Of workloads; what is to be done of a batch in a month is spread over its window."""
    recipes, loads = works.recipes, works.loads
    window_w = recipes.window_s_r[wanted.recipe_w]
    per_w = np.where(window_w > 0, window_w, 1.0)

    return Staffing(
        peak_micro_w=np.ceil(loads.peak_l[wanted.load_w] * wanted.fraction_w / per_w * MICRO),
        amount_w=loads.mean_l[wanted.load_w] * wanted.fraction_w,
        share_w=recipes.utilization_r[wanted.recipe_w],
        spares_w=recipes.spares_r[wanted.recipe_w],
        batch_w=window_w,
        beta=works.beta,
    )


def replicas(staffing: Staffing, micro: Floats, held_micro: Floats, slots: Floats) -> Floats:
    """Replicas that hold a rate, spares among them; none where there is nothing to do. Workloads on the first axis.

    Where users wait for a language model, a + β·√a + 1 requests at once are to find room, of a offered (see
    `capability.staffing_beta`); otherwise a share of each replica's work is counted on.
    """
    share = staffing.share_w[:, None]
    waiting = np.isnan(share)
    held = np.maximum(held_micro, 1.0)
    found = np.ceil(_offered(micro, held, np.where(waiting, 1.0, share)))
    if waiting.any():
        busy = micro / held * slots
        found = np.where(waiting, np.ceil((busy + staffing.beta * np.sqrt(busy) + 1) / slots), found)
    return np.asarray(np.where(micro > 0, found + staffing.spares_w[:, None], 0.0))


def _offered(micro: Floats, held_micro: Floats, share: Floats) -> Floats:
    """Replicas' worth of a rate: whole numbers are divided, so that what is exactly so many is so many."""
    return np.asarray(micro * MICRO / (held_micro * np.rint(share * MICRO)))


def units_to_pay(total: Floats, group: Floats, units: Floats, per_node: Floats, spans: Floats | None = None) -> Floats:
    """Units to pay for so that every group finds its accelerators in one node, or in whole nodes of its own.

    *spans*: how many nodes that are, where groups do not fill theirs.
    """
    groups = np.ceil(total / group)
    fits = group <= per_node
    sold_whole = units >= per_node
    per_node_groups = np.maximum(np.floor(per_node / group), 1.0)
    own = np.ceil(group / per_node) if spans is None else spans
    nodes = np.where(fits, np.ceil(groups / per_node_groups), groups * own)
    return np.where(sold_whole, np.ceil(nodes * per_node / units), np.ceil(total / units))


def node_hours_milli(staffing: Staffing, loads: Loads, load_w: Ints, chosen: Chosen, hardware: Hardware) -> Floats:
    """Hours a month per node on average [thousandths], rounded up, if idle ones are given back, `wc`."""
    hours_wc = np.where(chosen.nodes > 0, MONTH_MILLI, 0.0)
    batch = np.flatnonzero(staffing.batch_w > 0)
    shaped = np.flatnonzero(loads.shaped_l[load_w] & (staffing.batch_w == 0))
    curves = np.flatnonzero((loads.curve_l[load_w] != NO_CURVE) & (staffing.batch_w == 0))
    if len(batch):
        hours_wc[batch] = _batch_hours(staffing.of(batch), Chosen._make(of[batch] for of in chosen))
    pace = scaling_of(staffing, chosen, hardware)
    if len(shaped):
        total = _shaped(loads.levels(load_w[shaped]), pace.of(shaped))
        hours_wc[shaped] = _per_node(total * MONTH_MILLI, chosen.nodes[shaped] * STEPS)
    curve_w = loads.curve_l[load_w]
    for rows in (curves[some] for some in by_value(curve_w[curves])):
        curve = loads.curves[int(curve_w[rows[0]])]
        total = curved(curve, pace.of(rows), chosen.nodes[rows] > 0)
        hours_wc[rows] = _per_node(total, chosen.nodes[rows])
    return hours_wc


def scaling_of(staffing: Staffing, chosen: Chosen, hardware: Hardware) -> Scaling:
    """See `replicas` and `units_to_pay`, which say the same of the peak."""
    share = staffing.share_w[:, None]
    waiting = np.isnan(share)
    held = np.maximum(chosen.held_micro, 1.0)
    offered = staffing.peak_micro_w[:, None] / held
    group, units, per_node = np.maximum(chosen.accelerators, 1.0), hardware.units_c, hardware.per_node_c
    whole = units >= per_node
    shared = group <= per_node
    nodes = np.where(shared, 1.0, np.maximum(chosen.spans, 1.0))
    in_node = np.where(shared, np.floor(per_node / group), 1.0)
    return Scaling(
        linear=_offered(staffing.peak_micro_w[:, None], held, np.where(waiting, 1.0, share)),
        root=np.where(waiting, staffing.beta * np.sqrt(offered / chosen.slots), 0.0),
        one=np.where(waiting, 1 / chosen.slots, 0.0),
        spares=np.broadcast_to(staffing.spares_w[:, None], held.shape),
        up=np.where(whole, nodes * per_node, group),
        down=np.where(whole, in_node * units, units),
    )


def _shaped(level_wx: Floats, pace: Scaling) -> Floats:
    """Units to pay for, summed over levels of equal time."""
    total, part, root = (np.zeros(pace.linear.shape) for _ in range(3))
    root_wx = np.sqrt(level_wx)
    for x in range(STEPS):
        np.multiply(pace.linear, level_wx[:, x, None], out=part)
        np.multiply(pace.root, root_wx[:, x, None], out=root)
        part += root
        part += pace.one
        np.ceil(part, out=part)
        part += pace.spares
        part *= pace.up
        part /= pace.down
        np.ceil(part, out=part)
        total += part
    return total


def _batch_hours(staffing: Staffing, chosen: Chosen) -> Floats:
    """All replicas work until the month's work is done."""
    at_work = replicas(staffing, staffing.peak_micro_w[:, None], chosen.held_micro, chosen.slots)
    done = np.maximum(chosen.held_micro, 1.0) * np.maximum(at_work - staffing.spares_w[:, None], 1.0)
    hours = np.ceil(staffing.amount_w[:, None] * MICRO / _SECONDS * MILLI / done)
    return np.where(chosen.nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)


def _per_node(node_hours_milli: Floats, nodes: Floats) -> Floats:
    hours = np.ceil(node_hours_milli / np.maximum(nodes, 1.0))
    return np.where(nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)
