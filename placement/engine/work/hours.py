"""Replicas for a rate, units to pay for replicas, and the hours a month these are needed as demand goes up and down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.work.loads import NO_CURVE, STEPS, Loads
from placement.engine.work.wanted import Chosen, Hardware, Wanted, Works
from placement.units import HOURS_PER_MONTH, MILLI

MONTH_MILLI = float(HOURS_PER_MONTH * MILLI)


class Staffing(NamedTuple):
    """How replicas are counted, `w`."""

    peak_milli_w: Floats
    """Thousandths of units per second."""
    mean_milli_w: Floats
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

    def rate(amount_l: Floats) -> Floats:
        return np.asarray(np.ceil(amount_l[wanted.load_w] * wanted.fraction_w / per_w * MILLI))

    return Staffing(
        peak_milli_w=rate(loads.peak_l),
        mean_milli_w=rate(loads.mean_l),
        share_w=recipes.utilization_r[wanted.recipe_w],
        spares_w=recipes.spares_r[wanted.recipe_w],
        batch_w=window_w,
        beta=works.beta,
    )


def replicas(staffing: Staffing, milli: Floats, held_milli: Floats, slots: Floats) -> Floats:
    """Replicas that hold a rate, spares among them; none where there is nothing to do. Workloads on the first axis.

    Where users wait for a language model, a + β·√a + 1 requests at once are to find room, of a offered (see
    `capability.staffing_beta`); otherwise a share of each replica's work is counted on.
    """
    share = staffing.share_w[:, None]
    waiting = np.isnan(share)
    held = np.maximum(held_milli, 1.0)
    found = np.ceil(milli / (held * np.where(waiting, 1.0, share)))
    if waiting.any():
        busy = milli / held * slots
        found = np.where(waiting, np.ceil((busy + staffing.beta * np.sqrt(busy) + 1) / slots), found)
    return np.asarray(np.where(milli > 0, found + staffing.spares_w[:, None], 0.0))


def units_to_pay(total: Floats, group: Floats, units: Floats, per_node: Floats) -> Floats:
    """Units to pay for so that every group finds its accelerators in one node, or in whole nodes of its own."""
    groups = np.ceil(total / group)
    fits = group <= per_node
    sold_whole = units >= per_node
    per_node_groups = np.maximum(np.floor(per_node / group), 1.0)
    nodes = np.where(fits, np.ceil(groups / per_node_groups), groups * np.ceil(group / per_node))
    return np.where(sold_whole, np.ceil(nodes * per_node / units), np.ceil(total / units))


def node_hours_milli(staffing: Staffing, loads: Loads, load_w: Ints, chosen: Chosen, hardware: Hardware) -> Floats:
    """Hours a month per node on average [thousandths], rounded up, if idle ones are given back, `wh`."""
    hours_wh = np.where(chosen.nodes > 0, MONTH_MILLI, 0.0)
    batch = np.flatnonzero(staffing.batch_w > 0)
    shaped = np.flatnonzero(loads.shaped_l[load_w] & (staffing.batch_w == 0))
    curved = np.flatnonzero((loads.curve_l[load_w] != NO_CURVE) & (staffing.batch_w == 0))
    columns = np.flatnonzero((chosen.nodes > 0).any(axis=0))
    if len(batch):
        hours_wh[batch] = _batch_hours(staffing.of(batch), _of(chosen, batch))
    if len(shaped) and len(columns):
        cells = np.ix_(shaped, columns)
        some, paid = Chosen(*(of[cells] for of in chosen)), _columns(hardware, columns)
        hours_wh[cells] = _shaped_hours(staffing.of(shaped), loads.levels(load_w[shaped]), some, paid)
    for w in curved.tolist():
        levels, milli = loads.curves[int(loads.curve_l[load_w[w]])]
        hours_wh[w] = _curve_hours(staffing.of(np.array([w])), levels, milli, _of(chosen, np.array([w])), hardware)
    return hours_wh


def _of(chosen: Chosen, rows: Ints) -> Chosen:
    return Chosen(*(of[rows] for of in chosen))


class _Paid(NamedTuple):
    units_h: Floats
    per_node_h: Floats


def _columns(hardware: Hardware, columns: Ints) -> _Paid:
    return _Paid(hardware.units_h[columns], hardware.per_node_h[columns])


def _batch_hours(staffing: Staffing, chosen: Chosen) -> Floats:
    """All replicas work until the month's work is done."""
    done = np.maximum(chosen.held_milli, 1.0) * np.maximum(_working(staffing, chosen), 1.0)
    hours = np.ceil(staffing.mean_milli_w[:, None] * staffing.batch_w[:, None] / 3600 * MILLI / done)
    return np.where(chosen.nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)


def _working(staffing: Staffing, chosen: Chosen) -> Floats:
    """Replicas at the peak but for spares."""
    return (
        replicas(staffing, staffing.peak_milli_w[:, None], chosen.held_milli, chosen.slots) - staffing.spares_w[:, None]
    )


def _shaped_hours(staffing: Staffing, level_wx: Floats, chosen: Chosen, paid: _Paid) -> Floats:
    """Levels of equal time, one after the other."""
    total = np.zeros(chosen.nodes.shape)
    for step in range(STEPS):
        milli = np.ceil(level_wx[:, step] * staffing.peak_milli_w)[:, None]
        total += _nodes(staffing, milli, chosen, paid)
    return _per_node(total * (MONTH_MILLI / STEPS), chosen)


def _nodes(staffing: Staffing, milli: Floats, chosen: Chosen, paid: _Paid) -> Floats:
    needed = replicas(staffing, milli, chosen.held_milli, chosen.slots) * chosen.accelerators
    return units_to_pay(needed, np.maximum(chosen.accelerators, 1.0), paid.units_h, paid.per_node_h)


def _per_node(node_hours_milli: Floats, chosen: Chosen) -> Floats:
    hours = np.ceil(node_hours_milli / np.maximum(chosen.nodes, 1.0))
    return np.where(chosen.nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)


def _curve_hours(
    staffing: Staffing, level_x: Floats, hours_milli_x: Floats, chosen: Chosen, hardware: Hardware
) -> Floats:
    """Of one workload; shapes on which it comes to the same are reckoned once."""
    of = (chosen.held_milli[0], chosen.slots[0], chosen.accelerators[0], hardware.units_h, hardware.per_node_h)
    milli_x = np.ceil(level_x * staffing.peak_milli_w[0])
    known: dict[tuple[float, ...], float] = {}
    found = np.zeros(len(hardware.units_h))
    for h in np.flatnonzero(chosen.nodes[0] > 0).tolist():
        column = tuple(float(values[h]) for values in of)
        if column not in known:
            known[column] = _node_hours(staffing, milli_x, hours_milli_x, *column)
        found[h] = known[column]
    return np.asarray(_per_node(found, chosen)[0])


def _node_hours(
    staffing: Staffing,
    milli_x: Floats,
    hours_milli_x: Floats,
    held: float,
    slots: float,
    count: float,
    units: float,
    per_node: float,
) -> float:
    """Node-hours a month [thousandths]: hours by number of replicas, times the units these take."""
    needed_x = replicas(staffing, milli_x[None, :], np.array([[held]]), np.array([[slots]]))[0]
    begins = np.flatnonzero(np.diff(needed_x, prepend=np.inf))
    hours = np.add.reduceat(hours_milli_x, begins)
    nodes = units_to_pay(needed_x[begins] * count, np.array(count), np.array(units), np.array(per_node))
    return float((hours * nodes).sum())
