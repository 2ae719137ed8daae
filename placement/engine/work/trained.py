"""What training takes on every shape."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Bools, Floats, numbered
from placement.engine.work.capability import OVERHEAD_MILLI_GIB
from placement.engine.work.hours import MONTH_MILLI, units_to_pay
from placement.engine.work.recipes import rows_by_block
from placement.engine.work.training import MOST_ACCELERATORS, Fit, Job, deadline_of, smallest
from placement.engine.work.wanted import Hardware, Needs, Wanted, Works
from placement.units import MILLI
from placement.words import LORA

_SECONDS = 3600


def trained(works: Works, wanted: Wanted, hardware: Hardware) -> Needs:
    """Jobs of as few accelerators as meet their deadline; between runs their nodes are given back."""
    recipes, groups = works.recipes, works.known.groups
    said = [recipes.said[r] for r in wanted.recipe_w.tolist()]

    def column(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)[:, None]

    runs = works.loads.peak_l[wanted.load_w][:, None] * wanted.fraction_w[:, None]
    rate_wa, native_wa = rates(works, wanted)
    room_a = groups.usable_milli_gib_a - OVERHEAD_MILLI_GIB
    a = hardware.accelerator_c
    job = Job(
        work_wc=column([one.tokens or one.accelerator_hours for one in said]),
        rate_wc=np.where(native_wa, rate_wa, 0.0)[:, a],
        memory_milli_gib_wc=recipes.memory_milli_gib_r[wanted.recipe_w][:, None],
        room_milli_gib_wc=np.maximum(np.nan_to_num(room_a), 0.0)[None, a],
        deadline_hours_wc=deadline_of(runs, column([one.deadline_hours for one in said])),
        failed_wc=column([one.failed_run_fraction for one in said]),
        checkpoint_milli_gb_wc=recipes.checkpoint_milli_gb_r[wanted.recipe_w][:, None],
        per_node_c=hardware.per_node_c,
        single_c=hardware.units_c < hardware.per_node_c,
        fabric_c=hardware.fabric_c,
        spot_c=hardware.spot_c,
    )
    fit = smallest(works.pace, works.spot, job)
    return _needs(works, wanted, hardware, job, fit, (rate_wa > 0)[:, a] | ~native_wa[:, a], native_wa[:, a])


def _needs(
    works: Works, wanted: Wanted, hardware: Hardware, job: Job, fit: Fit, rated_wh: Bools, native_wh: Bools
) -> Needs:
    count = fit.accelerators
    groups = works.known.groups
    room_c = np.maximum(groups.usable_milli_gib_a - OVERHEAD_MILLI_GIB, 0.0)[hardware.accelerator_c]
    most_c = np.where(job.fabric_c, MOST_ACCELERATORS, job.per_node_c)
    nodes = units_to_pay(count, np.maximum(count, 1.0), hardware.units_c, hardware.per_node_c)
    mean_runs = works.loads.mean_l[wanted.load_w][:, None] * wanted.fraction_w[:, None]
    hours = np.ceil(np.minimum(fit.hours * mean_runs * MILLI, MONTH_MILLI))
    return Needs(
        accelerators_wh=count,
        group_wh=count,
        nodes_wh=np.where(count > 0, nodes, 0.0),
        hours_milli_wh=np.where(count > 0, hours, 0.0),
        rated_wh=rated_wh,
        native_wh=native_wh,
        room_milli_gib_wh=np.broadcast_to(room_c, count.shape) * most_c,
        late_ms_wh=np.zeros(count.shape),
        late_hours_wh=np.ceil(fit.late_hours * MILLI) / MILLI,
        moved_milli_wh=np.minimum(np.rint(fit.moved_hours * mean_runs * MILLI), hours),
        after_milli_wh=np.rint(fit.after_hours * mean_runs * MILLI),
    )


def rates(works: Works, wanted: Wanted) -> tuple[Floats, Bools]:
    """What an accelerator does of every workload in an hour, and whether it calculates in the precision, `wa`."""
    recipes, known = works.recipes, works.known
    names = known.groups.names
    r, row_w = numbered(wanted.recipe_w)
    rate_ra = np.zeros((len(r), len(names)))
    native_ra = np.zeros((len(r), len(names)), dtype=np.bool_)
    for block, places in rows_by_block(recipes, r):
        items = known.rates(block).items
        per_second = np.array([items[name].per_second if name in items else 0.0 for name in names])
        rate_ra[places] = per_second * (1 if block.reference else _SECONDS)
        # Hours of a reference, and adapters in whatever precision they were measured in, ask for none.
        free = block.reference or (block.method in LORA and not block.asked)
        native_ra[places] = True if free else known.rates(block).speed.native_a
    for place, number in enumerate(r.tolist()):
        _override(recipes.said[number].throughput, names, rate_ra[place], native_ra[place])
    rate_wa = rate_ra[row_w]
    return rate_wa if wanted.scale_wa is None else rate_wa * wanted.scale_wa, native_ra[row_w]


def _override(
    measured: tuple[tuple[str, int, float], ...], names: tuple[str, ...], rate_a: Floats, native_a: Bools
) -> None:
    """What the inventory says of tokens per second: of several rows of an accelerator, the first."""
    for name, count, per_second in reversed(measured):
        if name in names:
            rate_a[names.index(name)] = per_second / count * _SECONDS
            native_a[names.index(name)] = True
