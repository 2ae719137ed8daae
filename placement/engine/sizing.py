"""What each workload needs on each hardware shape: accelerators, groups that work as one, and units to pay for."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Catalog, Shape
from placement.engine.arrays import Floats, Ints, to_milli_x
from placement.engine.spread import Mixes
from placement.engine.work.build import NO_WORK, Asked, hardware_of, works_of
from placement.engine.work.hours import units_to_pay
from placement.engine.work.needs import needs
from placement.engine.work.wanted import Hardware, Needs, Wanted, Works, nothing_wanted
from placement.inventory.asks import Asks
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI, to_milli

_ALONE = np.ones(1)

UNRATED = 0
"""Throughput ratio of an accelerator with no measured row for the workload's class."""


class SizingInputs(NamedTuple):
    """Per workload and per shape, the whole numbers sizing works on."""

    count_w: Floats
    per_replica_w: Floats
    memory_milli_gib_w: Floats
    """What one replica needs; NaN when neither the workload nor the catalog says."""
    memory_stated_w: NDArray[np.bool_]
    """Whether that is the workload's own figure; otherwise it is what today's accelerators have."""
    ratio_row_w: Ints
    """Row of `ratio_milli_rh`."""
    ratio_milli_rh: Floats
    """Work per hour of one accelerator of the shape, in thousandths of the reference's; `UNRATED` if unknown."""
    same_rh: NDArray[np.bool_]
    """Whether the shape's accelerator is the very one in use today."""
    units_h: Floats
    per_node_h: Floats
    fabric_h: NDArray[np.bool_]
    usable_milli_gib_h: Floats
    """Memory of one accelerator open to weights and cache; NaN if unknown."""
    each_h: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
    """Shapes that stand at each of several places."""
    mix_w: Ints = np.zeros(0, dtype=np.int64)
    """Row of the next three: where a workload lives that lives at every place of its users; −1 for others."""
    location_mu: Ints = np.zeros((0, 0), dtype=np.int64)
    share_micro_mu: Floats = np.zeros((0, 0))
    places_mu: Floats = np.zeros((0, 0))
    """How many places each of its locations stands for (see `spread.Mixes`)."""
    spares_milli_w: Floats = np.zeros(0)
    """Spare nodes there per thousand."""
    recipe_w: Ints = np.zeros(0, dtype=np.int64)
    """How the work of a workload is done that says what work it does; `NO_WORK` for those that say accelerators."""
    load_w: Ints = np.zeros(0, dtype=np.int64)
    """How much of it there is."""
    fraction_w: Floats = np.zeros(0)
    """The part of it that the workload carries."""
    works: Works | None = None
    """None where all workloads say accelerators."""
    hardware: Hardware | None = None
    scale_wa: Floats | None = None
    """What accelerators do of the work that is known of them, where it is not all of it."""
    checkpoint_milli_gb_w: Floats = np.zeros(0)
    """What is written down to begin again from after an interruption; NaN where nobody says."""


class Sizing(NamedTuple):
    """Sizing of one chunk of workloads on every shape."""

    accelerators_wh: Floats
    """Accelerators needed; 0 where not sized."""
    group_wh: Floats
    """Accelerators of one group that must work as one."""
    nodes_wh: Floats
    """Units to pay for (nodes, instances or the smallest order)."""
    rated_wh: NDArray[np.bool_]
    """The throughput ratio is known."""
    sized_wh: NDArray[np.bool_]
    """Rated, and known to hold a replica; nothing else can be placed."""
    most_wh: Floats
    """Units at the place that needs most, which is what limits are about; all of them where there is one place."""
    work: Needs | None = None
    """Of workloads that say what work they do; None where none of them does."""

    @property
    def hours_milli_wh(self) -> Floats:
        """Hours a month in which a unit is needed of those that say their work; raises where none does."""
        if self.work is None:
            raise AssertionError("no workload says its work")
        return self.work.hours_milli_wh

    def with_units(self, nodes_wh: Floats, hours_milli_wh: Floats) -> "Sizing":
        """The same with other units to pay for, and hours in which one is needed."""
        if self.work is None:
            raise AssertionError("no workload says its work")
        work = self.work._replace(nodes_wh=nodes_wh, hours_milli_wh=hours_milli_wh)
        return self._replace(nodes_wh=nodes_wh, most_wh=nodes_wh, work=work)

    def of(self, rows: Ints) -> "Sizing":
        """Some rows."""
        nodes_wh = self.nodes_wh[rows]
        return Sizing(
            self.accelerators_wh[rows],
            self.group_wh[rows],
            nodes_wh,
            self.rated_wh[rows],
            self.sized_wh[rows],
            nodes_wh if self.most_wh is self.nodes_wh else self.most_wh[rows],
            None if self.work is None else self.work.of(rows),
        )


def sizing_inputs(
    catalog: Catalog, inventory: Inventory, shapes: list[Shape], asks: Asks, mixes: Mixes
) -> SizingInputs:
    """Quantise demand and shapes once; everything after this is exact integer arithmetic in float64."""
    numbers = asks.numbers
    rows = [(canonical(catalog, model), group) for model, group in asks.rated.number]
    ratios = [
        [_ratio_milli(catalog, reference, group, shape.accelerator) for shape in shapes] for reference, group in rows
    ]
    same = [[shape.accelerator == reference for shape in shapes] for reference, _ in rows]
    row_w = np.array(asks.rated.row)
    replica_w, stated_w = np.array(numbers["per_replica"]), to_milli_x(numbers["memory_gib"])
    today_w = _usable_nano(catalog, [reference for reference, _ in rows])[row_w]
    unstated_w = np.isnan(stated_w)
    inputs = SizingInputs(
        count_w=np.array(numbers["count"]),
        per_replica_w=replica_w,
        # What a replica has today is all that its accelerators have open to it.
        memory_milli_gib_w=np.where(unstated_w, _known_milli(today_w * replica_w.astype(np.int64)), stated_w),
        memory_stated_w=~unstated_w,
        ratio_row_w=row_w,
        ratio_milli_rh=np.array(ratios, dtype=np.float64).reshape(len(rows), len(shapes)),
        same_rh=np.array(same, dtype=np.bool_).reshape(len(rows), len(shapes)),
        units_h=np.array([shape.units for shape in shapes], dtype=np.float64),
        per_node_h=np.array([shape.per_node for shape in shapes], dtype=np.float64),
        fabric_h=np.array([bool(shape.fabric) for shape in shapes], dtype=np.bool_),
        usable_milli_gib_h=usable_milli_gib(catalog, shapes),
        each_h=np.array([shape.each for shape in shapes], dtype=np.bool_),
        mix_w=mixes.row_w,
        location_mu=mixes.location_mu,
        share_micro_mu=mixes.share_micro_mu,
        places_mu=mixes.places_mu,
        spares_milli_w=to_milli_x(numbers["spares_fraction"]),
        recipe_w=np.full(len(row_w), NO_WORK, dtype=np.int64),
        load_w=np.full(len(row_w), NO_WORK, dtype=np.int64),
        fraction_w=np.array(numbers["work_fraction"]),
        checkpoint_milli_gb_w=to_milli_x(numbers["checkpoint_gb"]),
    )
    asked = works_of(catalog, inventory, asks, shapes, inputs.usable_milli_gib_h)
    return inputs if asked is None else _with_work(inputs, asked, shapes)


def _with_work(inputs: SizingInputs, asked: Asked, shapes: list[Shape]) -> SizingInputs:
    """With what workloads ask for that say what work they do."""
    recipes = asked.works.recipes
    least_w, written_w = (of_r[asked.recipe_w] for of_r in (recipes.memory_milli_gib_r, recipes.checkpoint_milli_gb_r))
    return inputs._replace(
        memory_milli_gib_w=np.where(asked.recipe_w == NO_WORK, inputs.memory_milli_gib_w, least_w),
        checkpoint_milli_gb_w=np.where(
            (asked.recipe_w == NO_WORK) | (written_w == 0), inputs.checkpoint_milli_gb_w, written_w
        ),
        recipe_w=asked.recipe_w,
        load_w=asked.load_w,
        works=asked.works,
        hardware=hardware_of(asked.works.known.groups, shapes, inputs.units_h, inputs.per_node_h),
    )


def usable_milli_gib(catalog: Catalog, shapes: list[Shape]) -> Floats:
    """Memory of one accelerator of each shape that is open to weights and cache; NaN if unknown."""
    return _known_milli(_usable_nano(catalog, [shape.accelerator for shape in shapes]))


def _usable_nano(catalog: Catalog, names: list[str]) -> Ints:
    """The same of accelerators by name, in thousandths of millionths; below zero if unknown."""
    usable = catalog.assumption("memory_usable_fraction").micro
    known = {name: one.memory_gib for name, one in catalog.accelerators.items() if one.memory_gib is not None}
    return np.array([to_milli(known[name]) * usable if name in known else -1 for name in names], dtype=np.int64)


def _known_milli(nano: Ints) -> Floats:
    """Whole thousandths of so many thousandths of millionths; NaN where it is unknown, which is below zero."""
    return np.where(nano < 0, np.nan, nano // MICRO)


def canonical(catalog: Catalog, name: str) -> str:
    """The catalog's own name of an accelerator that may be given by an alias."""
    return name if name in catalog.accelerators else catalog.aliases.get(name, name)


def _ratio_milli(catalog: Catalog, reference: str, group: str | None, accelerator: str) -> float:
    """Work per hour of *accelerator* in thousandths of *reference*'s, rounded down (never flattering)."""
    if accelerator == reference:
        return float(MILLI)
    rows = catalog.ratios.get(group or "", {})
    if reference not in rows or accelerator not in rows or rows[reference].milli == 0:
        return UNRATED
    return float(rows[accelerator].milli * MILLI // rows[reference].milli)


def size(inputs: SizingInputs, among_w: Floats = _ALONE) -> Sizing:
    """Size the workloads of *inputs* on every shape, or the part of each that falls to one of so many (*among_w*)."""
    found = _of_accelerators(inputs, among_w)
    rows = np.flatnonzero(inputs.recipe_w != NO_WORK)
    if inputs.works is None or inputs.hardware is None:
        return found
    part_w = inputs.fraction_w[rows] * (inputs.count_w / among_w)[rows]
    scale_wa = None if inputs.scale_wa is None else inputs.scale_wa[rows]
    mine = needs(inputs.works, Wanted(inputs.recipe_w[rows], inputs.load_w[rows], part_w, scale_wa), inputs.hardware)
    memory_w = inputs.memory_milli_gib_w[rows, None]
    sized_wh = (mine.nodes_wh > 0) & (memory_w <= mine.room_milli_gib_wh)
    for whole_wh, part_wh in (
        (found.accelerators_wh, np.where(sized_wh, mine.accelerators_wh, 0)),
        (found.group_wh, mine.group_wh),
        (found.nodes_wh, np.where(sized_wh, mine.nodes_wh, 0)),
        (found.rated_wh, mine.rated_wh),
        (found.sized_wh, sized_wh),
    ):
        whole_wh[rows] = part_wh
    return found._replace(most_wh=found.nodes_wh, work=_laid_out(mine, rows, found.nodes_wh.shape))


def _laid_out(mine: Needs, rows: Ints, shape: tuple[int, ...]) -> Needs:
    """What is known of some rows; for the others it says nothing that forbids anything."""
    whole = nothing_wanted(shape)
    for whole_wh, part_wh in zip(whole, mine, strict=True):
        whole_wh[rows] = part_wh
    return whole


def _of_accelerators(inputs: SizingInputs, among_w: Floats) -> Sizing:
    """Size the workloads of *inputs* on every shape, or the part of each that falls to one of so many (*among_w*).

    A replica takes the smallest power of two of accelerators that holds its memory. The total keeps the work of
    today's accelerators at the measured ratio, in whole replicas. A job of one replica is one group. Groups share
    a node when they fit into one, and span whole nodes otherwise (allowed only on a fabric: see the constraints).
    """
    ratio_wh = inputs.ratio_milli_rh[inputs.ratio_row_w]
    rated_wh = ratio_wh > 0
    count_w, among_w = inputs.count_w[:, None], among_w[:, None]
    work_wh = np.ceil(count_w * MILLI / (np.where(rated_wh, ratio_wh, MILLI) * among_w))
    memory_w = inputs.memory_milli_gib_w[:, None]
    same_wh = inputs.same_rh[inputs.ratio_row_w]
    needed_wh = np.ceil(memory_w / inputs.usable_milli_gib_h[None, :])
    # Unknown memory on either side: only the accelerator in use today is known to hold the replica.
    unknown_wh = np.isnan(needed_wh)
    replica_w = inputs.per_replica_w[:, None]
    needed_wh = np.where(unknown_wh, np.where(same_wh, replica_w, 1.0), needed_wh)
    sized_wh = rated_wh & (same_wh | ~unknown_wh)
    holds_wh = _power_of_two_at_least(np.maximum(needed_wh, 1.0))
    # What works today on so many of the same accelerator needs no rounding up.
    as_today_wh = same_wh & ~inputs.memory_stated_w[:, None]
    holds_wh = np.where(as_today_wh, replica_w, holds_wh)
    single_w = np.ceil(count_w / (replica_w * among_w)) == 1
    whole_wh = np.maximum(work_wh, holds_wh)
    total_wh = np.where(single_w, whole_wh, np.ceil(whole_wh / holds_wh) * holds_wh)
    group_wh = np.where(single_w, total_wh, holds_wh)
    nodes_wh = units_to_pay(total_wh, group_wh, inputs.units_h[None, :], inputs.per_node_h[None, :])
    total_wh[~sized_wh] = 0
    nodes_wh[~sized_wh] = 0
    return Sizing(total_wh, group_wh, nodes_wh, rated_wh, sized_wh, nodes_wh)


def _power_of_two_at_least(value: Floats) -> Floats:
    """The smallest power of two ≥ value, by doubling (no logarithm, which could be off by one)."""
    result = np.ones_like(value)
    while True:
        small = result < value
        if not small.any():
            return result
        result = np.where(small, result * 2, result)
