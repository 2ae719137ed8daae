"""What is asked of which hardware: the shapes of the arrays that sizing by work takes and gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.spot import SpotTerms
from placement.engine.work.capability import Known
from placement.engine.work.loads import Loads
from placement.engine.work.recipes import Recipes
from placement.engine.work.training import Pace


class Works(NamedTuple):
    """All there is to say about work, whoever does it."""

    recipes: Recipes
    loads: Loads
    known: Known
    pace: Pace
    beta: float
    """Of the square-root rule of staffing."""
    spot: SpotTerms
    timed: bool = True
    """Whether hours are asked for, which take longest; else all are of the whole month."""


class Wanted(NamedTuple):
    """Whose work: axis `w`, workloads or parts of them at places."""

    recipe_w: Ints
    load_w: Ints
    fraction_w: Floats
    """Of the load."""
    scale_wa: Floats | None = None
    """By accelerator of the groups: what it does of what is known of it; None: all of it."""

    def of(self, rows: Ints) -> Wanted:
        """Some rows."""
        scale_wa = None if self.scale_wa is None else self.scale_wa[rows]
        return Wanted(self.recipe_w[rows], self.load_w[rows], self.fraction_w[rows], scale_wa)


class Hardware(NamedTuple):
    """The shapes it may run on. Axis `c`: those that work cannot tell apart."""

    class_h: Ints
    units_c: Floats
    per_node_c: Floats
    fabric_c: Bools
    option_ck: Ints
    accelerator_c: Ints
    """Number among the groups' names."""
    spot_c: Bools
    """It may be taken away at any time."""

    @property
    def accelerator_h(self) -> Ints:
        """Of every shape; so are the next three."""
        return np.asarray(self.accelerator_c[self.class_h])

    @property
    def option_hk(self) -> Ints:
        """The groups that may be on it."""
        return np.asarray(self.option_ck[self.class_h])

    @property
    def units_h(self) -> Floats:
        """Accelerators that are sold together."""
        return np.asarray(self.units_c[self.class_h])

    @property
    def per_node_h(self) -> Floats:
        """Accelerators in a node."""
        return np.asarray(self.per_node_c[self.class_h])

    def of(self, h: Ints) -> Hardware:
        """Some shapes, and the classes they are of."""
        c, class_h = numbered(self.class_h[h])
        return self.classes(c)._replace(class_h=class_h)

    def classes(self, c: Ints) -> Hardware:
        """Some classes, of no shape."""
        none_h = np.zeros(0, dtype=np.int64)
        return Hardware(none_h, *(column[c] for column in self[1:]))  # type: ignore[arg-type]


class Needs(NamedTuple):
    """Axes `wh`, or `wc` before it is told for every shape."""

    accelerators_wh: Floats
    """0 where it cannot be known."""
    group_wh: Floats
    nodes_wh: Floats
    hours_milli_wh: Floats
    """A month per node, on average."""
    rated_wh: Bools
    native_wh: Bools
    room_milli_gib_wh: Floats
    """Memory of the largest replica there may be, without what the program keeps; NaN where it is unknown."""
    late_ms_wh: Floats
    """By how much SLOs on tokens are missed by a request alone."""
    late_hours_wh: Floats
    """By how much the deadline of a run is missed by the largest job there may be."""
    moved_milli_wh: Floats
    """Of training on spot: of the hours a month those that are done on demand, so that runs are in time; and the next,
    what is paid for these."""
    after_milli_wh: Floats

    def of(self, rows: Ints) -> Needs:
        """Some rows."""
        return Needs._make(of_wh[rows] for of_wh in self)

    def columns(self, x: Ints) -> Needs:
        """Some columns, which may repeat."""
        shape = (len(self.nodes_wh), len(x))
        late = self[self._fields.index("late_ms_wh") :]
        told = [of_wx.take(x, axis=1) if of_wx.any() else np.zeros(shape) for of_wx in late]
        return Needs._make([*(of_wx.take(x, axis=1) for of_wx in self[: -len(late)]), *told])


class Chosen(NamedTuple):
    """The replica of each pair, `wc`."""

    held_micro: Floats
    """What it does, in millionths of units per second."""
    slots: Floats
    accelerators: Floats
    nodes: Floats
    """Units to pay for at the peak; 0 where there is no replica."""
    spans: Floats
    """Nodes it takes; 1 where several may share one."""


def nothing_wanted(shape: tuple[int, ...]) -> Needs:
    """Of workloads that say accelerators: nothing here forbids them anything, and their hours are known elsewhere."""
    return Needs(
        accelerators_wh=np.zeros(shape),
        group_wh=np.zeros(shape),
        nodes_wh=np.zeros(shape),
        hours_milli_wh=np.full(shape, np.inf),
        rated_wh=np.ones(shape, dtype=np.bool_),
        native_wh=np.ones(shape, dtype=np.bool_),
        room_milli_gib_wh=np.full(shape, np.inf),
        late_ms_wh=np.zeros(shape),
        late_hours_wh=np.zeros(shape),
        moved_milli_wh=np.zeros(shape),
        after_milli_wh=np.zeros(shape),
    )


NEEDS_KINDS = (*(np.float64,) * 4, np.bool_, np.bool_, *(np.float64,) * 5)
"""Of the fields of `Needs`."""
