"""Training runs: as few accelerators as meet the deadline, with what larger jobs lose and what breaks on the way."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats
from placement.units import HOURS_PER_MONTH, MICRO

MOST_ACCELERATORS = 65_536
"""Of one job."""

_UNSCALED = 512
"""Accelerators up to which nothing is lost by their number: what was fitted is of such jobs."""


class Pace(NamedTuple):
    """Figures of the catalog that large jobs depend on."""

    doubling_fraction: float
    """What an accelerator does in a job twice as large, beyond `_UNSCALED`."""
    mtbf_hours: float
    """Mean time to a failure, of one accelerator."""
    checkpoint_hours: float
    restart_hours: float


def pace_of(catalog: Catalog) -> Pace:
    """The figures as the catalog has them."""
    names = (
        "scaling_fraction_per_doubling",
        "mtbf_accelerator_hours",
        "training_checkpoint_hours",
        "training_restart_hours",
    )
    return Pace(*(catalog.assumption(name).micro / MICRO for name in names))


def scaling(pace: Pace, count: Floats) -> Floats:
    """What an accelerator does in a job of *count*, of what it does in one of up to 512; a line between doublings."""
    found, size, left = np.ones(np.shape(count)), float(_UNSCALED), 1.0
    while size < MOST_ACCELERATORS:
        part = np.clip((count - size) / size, 0.0, 1.0)
        found = np.where(count > size, left * (1 - part * (1 - pace.doubling_fraction)), found)
        size, left = size * 2, left * pace.doubling_fraction
    return np.asarray(found)


def interrupted(pace: Pace, count: Floats) -> Floats:
    """Hours a job of *count* accelerators takes per hour of work, with checkpoints and restarts; infinite if too many.

    The first-order form of Daly's model (see `engine.spot`): √(2δ/M) for checkpoints every √(2δM) and the work lost,
    and R/M for restarts, with M the mean time to a failure of any of them.
    """
    mean_hours = pace.mtbf_hours / count
    lost = np.sqrt(2 * pace.checkpoint_hours / mean_hours) + pace.restart_hours / mean_hours
    return np.where(lost < 1, 1 / np.maximum(1 - lost, 1e-9), np.inf)


def run_hours(pace: Pace, work: Floats, rate: Floats, count: Floats, failed: Floats) -> Floats:
    """Hours of one run of *work* units on *count* accelerators that do *rate* units an hour each, if undisturbed.

    *failed*: of all runs those that are begun in vain; each is taken to fail at its end.
    """
    busy = count * rate * scaling(pace, count)
    return np.asarray(work / busy * interrupted(pace, count) / (1 - failed))


def _quickest_nodes(pace: Pace, per_node: Floats) -> Floats:
    """Nodes of so many accelerators that are done first: with more, more breaks than is added."""
    sizes, place = np.unique(per_node, return_inverse=True)
    return np.array([_quickest(pace, int(size)) for size in sizes.tolist()])[place].reshape(per_node.shape)


@lru_cache(64)
def _quickest(pace: Pace, per_node: int) -> float:
    nodes = np.arange(1.0, max(MOST_ACCELERATORS // per_node, 1) + 1)
    one = np.array(1.0)
    return float(nodes[run_hours(pace, one, one, nodes * per_node, np.array(0.0)).argmin()])


class Job(NamedTuple):
    """Runs of some workloads (rows) on some shapes (columns); arrays that fit each other."""

    work: Floats
    """Of one run: tokens, or hours of the reference."""
    rate: Floats
    """What an accelerator does of it in an hour; 0 where nobody knows."""
    memory_milli_gib: Floats
    room_milli_gib: Floats
    """What one accelerator has for it."""
    deadline_hours: Floats
    failed: Floats
    per_node: Floats
    single: Bools
    """Part of a node can be had."""
    fabric: Bools


class Fit(NamedTuple):
    """The smallest job that will do; where none does, the largest there may be."""

    accelerators: Floats
    """0 where none holds it."""
    hours: Floats
    """Of one run."""
    late_hours: Floats
    """By how much the deadline is missed; 0 where it is met."""


def smallest(pace: Pace, job: Job) -> Fit:
    """By halving: more nodes are quicker, up to where failures eat what they add."""
    known = job.rate > 0
    least = np.ceil(job.memory_milli_gib / np.maximum(job.room_milli_gib, 1e-9))
    most_nodes = np.where(job.fabric, _quickest_nodes(pace, job.per_node), 1.0)
    low, high = np.ones(np.shape(known)), most_nodes + 0 * least

    def does(count: Floats) -> Bools:
        hours = run_hours(pace, job.work, np.where(known, job.rate, 1.0), count, job.failed)
        return np.asarray((count >= least) & (hours <= job.deadline_hours))

    enough = does(high * job.per_node)
    for _ in range(int(MOST_ACCELERATORS).bit_length()):
        middle = np.floor((low + high) / 2)
        kept = does(middle * job.per_node)
        high = np.where(enough & kept, middle, high)
        low = np.where(enough & ~kept, np.minimum(middle + 1, high), low)
    count = high * job.per_node
    part = np.array(1.0)
    for _ in range(int(job.per_node.max(initial=1)).bit_length()):
        smaller = (part < job.per_node) & job.single & (high == 1) & (count == job.per_node) & does(part)
        count = np.where(smaller, part, count)
        part = part * 2
    hours = run_hours(pace, job.work, np.where(known, job.rate, 1.0), count, job.failed)
    holds = known & (count >= least)
    late = np.where(holds & ~enough, hours - job.deadline_hours, 0.0)
    return Fit(np.where(holds, count, 0.0), np.where(holds, hours, 0.0), np.maximum(late, 0.0))


def deadline_of(runs: Floats, stated: Floats) -> Floats:
    """Hours one run may take: as stated (0: not), and so that all runs of a month fit into it."""
    every = HOURS_PER_MONTH / runs
    return np.where(stated > 0, np.minimum(stated, every), every)
