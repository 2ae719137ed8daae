"""Replicas for a rate, units to pay for replicas, and the hours a month these are needed as demand goes up and down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.work.loads import NO_CURVE, STEPS, Loads
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
    curved = np.flatnonzero((loads.curve_l[load_w] != NO_CURVE) & (staffing.batch_w == 0))
    if len(batch):
        hours_wc[batch] = _batch_hours(staffing.of(batch), Chosen._make(of[batch] for of in chosen))
    pace = scaling_of(staffing, chosen, hardware)
    if len(shaped):
        every = len(shaped) == len(load_w)
        some, nodes = (
            (pace, chosen.nodes) if every else (Scaling._make(of[shaped] for of in pace), chosen.nodes[shaped])
        )
        total = _shaped(loads.levels(load_w[shaped]), some)
        hours_wc[shaped] = _per_node(total * MONTH_MILLI, nodes * STEPS)
    for w in curved.tolist():
        levels, milli = loads.curves[int(loads.curve_l[load_w[w]])]
        hours_wc[w] = _per_node(_curved(levels, milli, pace, chosen.nodes[w], w), chosen.nodes[w])
    return hours_wc


class Scaling(NamedTuple):
    """Replicas and units to pay for at a part x of the peak: ⌈(⌈x·linear + √x·root + one⌉ + spares) · up ÷ down⌉.

    *down* replicas take *up* units to pay for, both whole. On any axes; the same of all.
    """

    linear: Floats
    root: Floats
    one: Floats
    spares: Floats
    up: Floats
    down: Floats


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


def units_at(level_t: Floats, scaling: Scaling) -> Floats:
    """Units to pay for at each of some levels of one workload (parts of its peak), `ct`; none where it is idle.

    *scaling* is on axis `c`. Columns that scale alike are best asked for once.
    """
    linear, root, one, spares, up, down = (of[:, None] for of in scaling)
    needed = np.ceil(level_t * linear + np.sqrt(level_t) * root + one) + spares
    return np.asarray(np.where(level_t > 0, np.ceil(needed * up / np.maximum(down, 1.0)), 0.0))


def level_held(units: Floats, scaling: Scaling) -> Floats:
    """The highest level that so many units hold, below zero where they hold none; any axes that go together."""
    replicas = np.floor(units * scaling.down / np.maximum(scaling.up, 1.0)) - scaling.spares - scaling.one
    linear, some = np.maximum(scaling.linear, _LEAST), np.maximum(replicas, 0.0)
    root = np.sqrt(scaling.root * scaling.root + 4 * linear * some) - scaling.root
    held = np.where(scaling.root > 0, (root / (2 * linear)) ** 2, some / linear)
    return np.asarray(np.where(replicas >= 0, held, -1.0))


_LEAST = 1e-300


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


def _curved(level_x: Floats, hours_milli_x: Floats, pace: Scaling, nodes_c: Floats, w: int) -> Floats:
    """Node-hours a month [thousandths] of one workload; shapes on which it comes to the same are reckoned once."""
    number: dict[tuple[float, ...], int] = {}
    open_c = np.flatnonzero(nodes_c > 0)
    rows = np.stack([of[w, open_c] for of in pace], axis=1).tolist()
    which = [number.setdefault(tuple(row), len(number)) for row in rows]
    found = np.zeros(len(nodes_c))
    if number:
        one = Scaling._make(np.array(list(number)).T)
        most = np.ceil(one.linear + one.root + one.one)
        few = most.sum() < _DENSE * len(most) * len(level_x)
        total = _by_replicas(level_x, hours_milli_x, one, most) if few else _by_levels(level_x, hours_milli_x, one)
        found[open_c] = total[which]
    return found


_DENSE = 0.25
"""Replicas per level from which on levels are gone through one by one."""


def _by_levels(level_x: Floats, hours_milli_x: Floats, pace: Scaling) -> Floats:
    """Node-hours of some columns, level by level."""
    step = max(1, _CELLS // len(level_x))
    columns = (Scaling._make(of[start : start + step] for of in pace) for start in range(0, len(pace.up), step))
    return np.concatenate([(units_at(level_x, some) * hours_milli_x).sum(axis=1) for some in columns])


_CELLS = 1 << 15
"""Levels of columns gone through at once, so that they stay in the cache."""


def _by_replicas(level_x: Floats, hours_milli_x: Floats, pace: Scaling, most: Floats) -> Floats:
    """The same, replica by replica: the levels that so many hold are those up to one, which is found at once."""
    rising, until = level_x[::-1], np.concatenate([[0.0], np.cumsum(hours_milli_x[::-1])])
    root_x = np.sqrt(rising)
    count = most.astype(np.int64)
    c = np.repeat(np.arange(len(count)), count)
    replica = np.arange(len(c)) - np.repeat(np.cumsum(count) - count, count) + 1.0
    linear, root, one = pace.linear[c], pace.root[c], pace.one[c]
    held = (np.sqrt(root * root + 4 * linear * np.maximum(replica - one, 0.0)) - root) / (2 * linear)
    last = np.searchsorted(rising, held * held, side="right")
    # What the root rounds is set right by the levels on both sides.
    for step in (0, -1):
        at = np.clip(last + step, 0, len(rising) - 1)
        fits = np.ceil(rising[at] * linear + root_x[at] * root + one) <= replica
        inside = (last + step >= 0) & (last + step < len(rising))
        last = last + np.where(inside & fits, 1, 0) if step == 0 else last - np.where(inside & ~fits, 1, 0)
    idle = int(np.searchsorted(rising, 0.0, side="right"))
    hours = until[np.maximum(last, idle)]
    before = np.concatenate([[0.0], hours[:-1]])
    before[replica == 1] = until[idle]
    nodes = np.ceil((replica + pace.spares[c]) * pace.up[c] / pace.down[c])
    return np.asarray(np.bincount(c, weights=(hours - before) * nodes, minlength=len(count)), dtype=np.float64)


def _batch_hours(staffing: Staffing, chosen: Chosen) -> Floats:
    """All replicas work until the month's work is done."""
    at_work = replicas(staffing, staffing.peak_micro_w[:, None], chosen.held_micro, chosen.slots)
    done = np.maximum(chosen.held_micro, 1.0) * np.maximum(at_work - staffing.spares_w[:, None], 1.0)
    hours = np.ceil(staffing.amount_w[:, None] * MICRO / _SECONDS * MILLI / done)
    return np.where(chosen.nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)


def _per_node(node_hours_milli: Floats, nodes: Floats) -> Floats:
    hours = np.ceil(node_hours_milli / np.maximum(nodes, 1.0))
    return np.where(nodes > 0, np.minimum(hours, MONTH_MILLI), 0.0)
