"""Sizing at every place of a workload's users: each holds what its part of the demand needs, at least one replica."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.sizing import Sizing, SizingInputs, size
from placement.units import MICRO, MILLI

CELLS = 1 << 16
"""Places sized at once, so that memory stays flat. It cannot change a result."""


def sized(inputs: SizingInputs) -> Sizing:
    """Size workloads on every shape: demand is pooled, but on shapes that stand at each place it is met place by place.

    Workloads that do not live at every place take nothing there.
    """
    pooled = size(inputs)
    each = np.flatnonzero(inputs.each_h)
    if not len(each):
        return pooled
    most_wh = pooled.nodes_wh.copy()
    for part_wh in (pooled.accelerators_wh, pooled.group_wh, pooled.nodes_wh, most_wh):
        part_wh[:, each] = 0
    sizing = pooled._replace(most_wh=most_wh)
    rows = np.flatnonzero(inputs.mix_w >= 0)
    step = max(1, CELLS // max(1, inputs.places_mu.shape[1] * len(each)))
    for start in range(0, len(rows), step):
        _size_some(inputs, rows[start : start + step], each, sizing)
    return sizing


def _size_some(inputs: SizingInputs, rows: Ints, each: Ints, sizing: Sizing) -> None:
    """Write down the sizing of some *rows* on the shapes *each*."""
    place_xh, places_x, row_x = at_place(inputs, rows, each)
    begins = np.flatnonzero(np.diff(row_x, prepend=-1))

    def over(values_xh: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values_xh * places_x[:, None], begins, axis=0))

    nodes_wh = over(place_xh.nodes_wh)
    spares_wh = np.ceil(nodes_wh * inputs.spares_milli_w[rows, None] / MILLI)
    cells = np.ix_(rows, each)
    sizing.accelerators_wh[cells] = over(place_xh.accelerators_wh)
    sizing.group_wh[cells] = np.maximum.reduceat(place_xh.group_wh, begins, axis=0)
    sizing.nodes_wh[cells] = nodes_wh + spares_wh
    sizing.most_wh[cells] = np.maximum.reduceat(place_xh.nodes_wh, begins, axis=0)
    if sizing.work is not None and place_xh.work is not None:
        work, there = sizing.work, place_xh.work
        # Spares stand by; of workloads that say accelerators the hours are no matter of sizing.
        node_hours_wh = over(place_xh.nodes_wh * np.where(place_xh.nodes_wh > 0, there.hours_milli_wh, 0.0))
        work.hours_milli_wh[cells] = np.ceil(node_hours_wh / np.maximum(nodes_wh, 1.0))
        for whole_wh, part_xh in ((work.late_ms_wh, there.late_ms_wh), (work.late_hours_wh, there.late_hours_wh)):
            whole_wh[cells] = np.maximum.reduceat(part_xh, begins, axis=0)


def at_place(inputs: SizingInputs, rows: Ints, each: Ints) -> tuple[Sizing, Floats, Ints]:
    """What one place of each location of the *rows* needs on the shapes *each*; how many such places; whose they are.

    Locations follow each other row by row, in the order of their names. A place has an equal part of its location's
    share of the demand.
    """
    places_mu = inputs.places_mu[inputs.mix_w[rows]]
    row_x, u_x = np.nonzero(places_mu)
    m_x, w_x, places_x = inputs.mix_w[rows][row_x], rows[row_x], places_mu[row_x, u_x]
    one = inputs._replace(
        count_w=inputs.count_w[w_x] * inputs.share_micro_mu[m_x, u_x],
        per_replica_w=inputs.per_replica_w[w_x],
        memory_milli_gib_w=inputs.memory_milli_gib_w[w_x],
        memory_stated_w=inputs.memory_stated_w[w_x],
        ratio_row_w=inputs.ratio_row_w[w_x],
        ratio_milli_rh=inputs.ratio_milli_rh[:, each],
        same_rh=inputs.same_rh[:, each],
        units_h=inputs.units_h[each],
        per_node_h=inputs.per_node_h[each],
        usable_milli_gib_h=inputs.usable_milli_gib_h[each],
        recipe_w=inputs.recipe_w[w_x],
        load_w=inputs.load_w[w_x],
        fraction_w=inputs.fraction_w[w_x],
        hardware=None if inputs.hardware is None else inputs.hardware.of(each),
        scale_wa=None if inputs.scale_wa is None else inputs.scale_wa[w_x],
    )
    return size(one, places_x * MICRO), places_x, row_x
