"""Training runs: as few accelerators as meet the deadline, with what larger jobs lose and what breaks on the way."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats, Ints
from placement.units import HOURS_PER_MONTH, MICRO

MOST_ACCELERATORS = 65_536
"""Of one job."""

UNSCALED = 512
"""Accelerators up to which nothing is lost by their number: what was fitted is of such jobs."""


class Pace(NamedTuple):
    """Figures of the catalog that large jobs depend on."""

    doubling_fraction: float
    """What an accelerator does in a job twice as large, beyond `UNSCALED`."""
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
    found, size, left = np.ones(np.shape(count)), float(UNSCALED), 1.0
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
    return _hours(work, rate, failed, count, scaling(pace, count), interrupted(pace, count))


def _hours(work: Floats, rate: Floats, failed: Floats, count: Floats, scaled: Floats, longer: Floats) -> Floats:
    busy = count * rate * scaled
    return np.asarray(work / busy * longer / (1 - failed))


class _Sizes(NamedTuple):
    """Jobs of 1, 2, 3, … nodes (`n`) up to those that are done first: with more, more breaks than is added."""

    count_n: Floats
    scaling_n: Floats
    interrupted_n: Floats
    below_n: Floats
    """The most work that any smaller job does in an hour, in hours of one undisturbed accelerator; one entry more."""
    above_n: Floats
    """The least that this or any larger one does; one entry more, infinite."""


@lru_cache(64)
def _sizes(pace: Pace, per_node: float, fabric: bool) -> _Sizes:
    count_n = np.arange(1.0, max(MOST_ACCELERATORS // int(per_node), 1) + 1) * per_node
    one = np.array(1.0)
    most = int(run_hours(pace, one, one, count_n, np.array(0.0)).argmin()) + 1 if fabric else 1
    count_n = count_n[:most]
    scaling_n, interrupted_n = scaling(pace, count_n), interrupted(pace, count_n)
    done_n = count_n * scaling_n / interrupted_n
    return _Sizes(
        count_n,
        scaling_n,
        interrupted_n,
        np.maximum.accumulate(np.append(-np.inf, done_n)),
        np.minimum.accumulate(np.append(done_n, np.inf)[::-1])[::-1],
    )


class Job(NamedTuple):
    """Runs of some workloads (`w`) on some shapes (`c`); the length of an axis may be 1 where all are alike."""

    work_wc: Floats
    """Of one run: tokens, or hours of the reference."""
    rate_wc: Floats
    """What an accelerator does of it in an hour; 0 where nobody knows. Both axes at full length."""
    memory_milli_gib_wc: Floats
    room_milli_gib_wc: Floats
    """What one accelerator has for it."""
    deadline_hours_wc: Floats
    failed_wc: Floats
    per_node_c: Floats
    single_c: Bools
    """Part of a node can be had."""
    fabric_c: Bools


class Fit(NamedTuple):
    """The smallest job that will do; where none does, the largest there may be."""

    accelerators: Floats
    """0 where none holds it."""
    hours: Floats
    """Of one run."""
    late_hours: Floats
    """By how much the deadline is missed; 0 where it is met."""


class _Pairs(NamedTuple):
    """Workloads and shapes, one by one (`x`)."""

    work_x: Floats
    rate_x: Floats
    deadline_hours_x: Floats
    failed_x: Floats
    least_x: Floats
    """Accelerators that hold it."""

    def of(self, x: Ints) -> _Pairs:
        """Some of them."""
        return _Pairs._make(of_x[x] for of_x in self)


def smallest(pace: Pace, job: Job) -> Fit:
    """More nodes are quicker, up to where failures eat what they add."""
    shape = job.rate_wc.shape
    fit = Fit._make(np.zeros(shape) for _ in Fit._fields)
    least_wc = np.ceil(job.memory_milli_gib_wc / np.maximum(job.room_milli_gib_wc, 1e-9))
    whole = (job.work_wc, job.rate_wc, job.deadline_hours_wc, job.failed_wc, least_wc)
    whole_wc = [np.broadcast_to(of_wc, shape) for of_wc in whole]
    kinds = list(zip(job.per_node_c.tolist(), job.single_c.tolist(), job.fabric_c.tolist(), strict=True))
    for kind in dict.fromkeys(kinds):
        per_node, single, fabric = kind
        sizes = _sizes(pace, per_node, fabric)
        columns = np.array([c for c, other in enumerate(kinds) if other == kind])
        w, place = np.nonzero((job.rate_wc[:, columns] > 0) & (whole_wc[-1][:, columns] <= sizes.count_n[-1]))
        c = columns[place]
        pairs = _Pairs._make(of_wc[w, c] for of_wc in whole_wc)
        for fit_wc, fit_x in zip(fit, _smallest(pace, sizes, pairs, per_node if single else 0.0), strict=True):
            fit_wc[w, c] = fit_x
    return fit


def _smallest(pace: Pace, sizes: _Sizes, pairs: _Pairs, divisible: float) -> Fit:
    """Of pairs that the most nodes hold; of a node, so many accelerators can be had one by one."""
    n, enough_x = _nodes(sizes, pairs)
    count_x, hours_x = sizes.count_n[n], _hours_of(sizes, pairs, n)
    x, part = np.flatnonzero(n == 0), 1.0
    while part < divisible and len(x):
        some = pairs.of(x)
        hours = run_hours(pace, some.work_x, some.rate_x, np.array(part), some.failed_x)
        does = (part >= some.least_x) & (hours <= some.deadline_hours_x)
        count_x[x[does]], hours_x[x[does]] = part, hours[does]
        x, part = x[~does], part * 2
    late_x = np.zeros(len(n))
    x = np.flatnonzero(~enough_x)
    late_x[x] = np.maximum(hours_x[x] - pairs.deadline_hours_x[x], 0.0)
    return Fit(count_x, hours_x, late_x)


def _hours_of(sizes: _Sizes, pairs: _Pairs, n: Ints) -> Floats:
    same = (sizes.count_n[n], sizes.scaling_n[n], sizes.interrupted_n[n])
    return _hours(pairs.work_x, pairs.rate_x, pairs.failed_x, *same)


_ROUNDING = 1e-12
"""More than what is lost in the digits of a few products."""


def _nodes(sizes: _Sizes, pairs: _Pairs) -> tuple[Ints, Bools]:
    """The smallest job of whole nodes that holds it in time, or else the largest, and whether it is in time."""
    wanted_x = pairs.work_x / (pairs.rate_x * (1 - pairs.failed_x) * pairs.deadline_hours_x)
    n = np.searchsorted(sizes.below_n[1:], wanted_x)
    sure_x = sizes.below_n[n] < wanted_x * (1 - _ROUNDING)
    sure_x &= sizes.above_n[n] > wanted_x * (1 + _ROUNDING)
    enough_x: Bools = n < len(sizes.count_n)
    holds_n = np.ceil(pairs.least_x / sizes.count_n[0]).astype(np.int64) - 1
    n = np.minimum(np.maximum(n, holds_n), len(sizes.count_n) - 1)
    x = np.flatnonzero(~sure_x)
    if len(x):
        n[x], enough_x[x] = _halved(sizes, pairs.of(x))
    return n, enough_x


def _halved(sizes: _Sizes, pairs: _Pairs) -> tuple[Ints, Bools]:
    """The same by halving, to the last digit of the hours."""

    def does(n: Ints) -> Bools:
        return np.asarray((sizes.count_n[n] >= pairs.least_x) & (_hours_of(sizes, pairs, n) <= pairs.deadline_hours_x))

    low, high = np.zeros(len(pairs.work_x), np.int64), np.full(len(pairs.work_x), len(sizes.count_n) - 1)
    enough = does(high)
    for _ in range(len(sizes.count_n).bit_length()):
        middle = (low + high) // 2
        kept = does(middle)
        high = np.where(enough & kept, middle, high)
        low = np.where(enough & ~kept, np.minimum(middle + 1, high), low)
    return high, enough


def deadline_of(runs: Floats, stated: Floats) -> Floats:
    """Hours one run may take: as stated (0: not), and so that all runs of a month fit into it."""
    every = HOURS_PER_MONTH / runs
    return np.where(stated > 0, np.minimum(stated, every), every)
