"""Training runs: as few accelerators as meet the deadline, with what larger jobs lose and what breaks on the way."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Bools, Floats, Ints, numbered
from placement.engine.spot import SpotTerms, checkpoint_milli
from placement.engine.spot_runs import course_of, fallback, p90_hours
from placement.units import HOURS_PER_MONTH, MICRO, MILLI

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
    restart_hours: float
    write_micro: float
    """What a node writes of a checkpoint [millionths of GB/s]."""


def pace_of(catalog: Catalog) -> Pace:
    """The figures as the catalog has them."""
    names = ("scaling_fraction_per_doubling", "mtbf_accelerator_hours", "training_restart_hours")
    doubling, mtbf, restart = (catalog.assumption(name).micro / MICRO for name in names)
    return Pace(doubling, mtbf, restart, float(catalog.assumption("checkpoint_gb_per_s").micro))


def written_hours(pace: Pace, size_milli_gb: Floats, nodes: Floats) -> Floats:
    """Hours that writing a checkpoint of such a size takes from so many nodes."""
    return checkpoint_milli(size_milli_gb, nodes, pace.write_micro) / MILLI


def scaling(pace: Pace, count: Floats) -> Floats:
    """What an accelerator does in a job of *count*, of what it does in one of up to 512; a line between doublings."""
    found, size, left = np.ones(np.shape(count)), float(UNSCALED), 1.0
    while size < MOST_ACCELERATORS:
        part = np.clip((count - size) / size, 0.0, 1.0)
        found = np.where(count > size, left * (1 - part * (1 - pace.doubling_fraction)), found)
        size, left = size * 2, left * pace.doubling_fraction
    return np.asarray(found)


def interrupted(pace: Pace, count: Floats, written: Floats) -> Floats:
    """Hours a job of *count* accelerators takes per hour of work, with checkpoints and restarts; infinite if too many.

    *written*: hours that a checkpoint takes.
    The first-order form of Daly's model (see `engine.spot`): √(2δ/M) for checkpoints every √(2δM) and the work lost,
    and R/M for restarts, with M the mean time to a failure of any of them.
    """
    mean_hours = pace.mtbf_hours / count
    lost = np.sqrt(2 * written / mean_hours) + pace.restart_hours / mean_hours
    return np.where(lost < 1, 1 / np.maximum(1 - lost, 1e-9), np.inf)


def run_hours(pace: Pace, work: Floats, rate: Floats, count: Floats, failed: Floats, written: Floats) -> Floats:
    """Hours of one run of *work* units on *count* accelerators that do *rate* units an hour each, if undisturbed.

    *failed*: of all runs those that are begun in vain; each is taken to fail at its end. *written*: hours that a
    checkpoint takes.
    """
    return _hours(work, rate, failed, count, scaling(pace, count), interrupted(pace, count, written))


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


@lru_cache(256)
def _sizes(pace: Pace, per_node: float, fabric: bool, size_milli_gb: float) -> _Sizes:
    nodes_n = np.arange(1.0, max(MOST_ACCELERATORS // int(per_node), 1) + 1)
    count_n, written_n = nodes_n * per_node, written_hours(pace, np.array(size_milli_gb), nodes_n)
    one = np.array(1.0)
    most = int(run_hours(pace, one, one, count_n, np.array(0.0), written_n).argmin()) + 1 if fabric else 1
    count_n = count_n[:most]
    scaling_n, interrupted_n = scaling(pace, count_n), interrupted(pace, count_n, written_n[:most])
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
    checkpoint_milli_gb_wc: Floats
    """Of the size of a checkpoint; its second axis has a length of 1."""
    per_node_c: Floats
    single_c: Bools
    """Part of a node can be had."""
    fabric_c: Bools
    spot_c: Bools
    """It may be taken away at any time."""


class Fit(NamedTuple):
    """The smallest job that will do; where none does, the largest there may be."""

    accelerators: Floats
    """0 where none holds it."""
    hours: Floats
    """Of one run."""
    late_hours: Floats
    """By how much the deadline is missed; 0 where it is met."""
    moved_hours: Floats
    """On spot: of the hours of a run those that are done on demand, on average, so that it is in time."""
    after_hours: Floats
    """On spot: what is paid for these, restarts among them."""


class _Pairs(NamedTuple):
    """Workloads and shapes, one by one (`x`)."""

    work_x: Floats
    rate_x: Floats
    deadline_hours_x: Floats
    failed_x: Floats
    least_x: Floats
    """Accelerators that hold it."""
    size_milli_gb_x: Floats
    """Of a checkpoint."""

    def of(self, x: Ints) -> _Pairs:
        """Some of them."""
        return _Pairs._make(of_x[x] for of_x in self)


def smallest(pace: Pace, spot: SpotTerms, job: Job) -> Fit:
    """More nodes are quicker, up to where failures eat what they add; on spot nine runs of ten must be in time.

    What it takes is found apart for each kind of shape and size of checkpoint.
    """
    shape = job.rate_wc.shape
    fit = Fit._make(np.zeros(shape) for _ in Fit._fields)
    least_wc = np.ceil(job.memory_milli_gib_wc / np.maximum(job.room_milli_gib_wc, 1e-9))
    whole = (job.work_wc, job.rate_wc, job.deadline_hours_wc, job.failed_wc, least_wc, job.checkpoint_milli_gb_wc)
    whole_wc = [np.broadcast_to(of_wc, shape) for of_wc in whole]
    columns = (job.per_node_c, job.single_c, job.fabric_c, job.spot_c)
    kinds = list(zip(*(column.tolist() for column in columns), strict=True))
    for kind in dict.fromkeys(kinds):
        mine = np.array([c for c, other in enumerate(kinds) if other == kind])
        w, place = np.nonzero(job.rate_wc[:, mine] > 0)
        c = mine[place]
        pairs = _Pairs._make(of_wc[w, c] for of_wc in whole_wc)
        size_y, size_x = numbered(pairs.size_milli_gb_x.astype(np.int64))
        for y, size in enumerate(size_y.tolist()):
            x = np.flatnonzero(size_x == y)
            for fit_wc, fit_x in zip(fit, _of_kind(pace, spot, kind, float(size), pairs.of(x)), strict=True):
                fit_wc[w[x], c[x]] = fit_x
    return fit


def _of_kind(pace: Pace, spot: SpotTerms, kind: tuple[float, bool, bool, bool], size: float, pairs: _Pairs) -> Fit:
    """Of pairs on shapes of one kind, with checkpoints of one size."""
    per_node, single, fabric, on_spot = kind
    sizes, divisible = _sizes(pace, per_node, fabric, size), per_node if single else 0.0
    found = Fit._make(np.zeros(len(pairs.work_x)) for _ in Fit._fields)
    holds = np.flatnonzero(pairs.least_x <= sizes.count_n[-1])
    held = pairs.of(holds)
    fit = _on_spot(pace, spot, sizes, held, divisible) if on_spot else _smallest(pace, sizes, held, divisible)
    for found_x, fit_x in zip(found, fit, strict=True):
        found_x[holds] = fit_x
    return found


def _smallest(pace: Pace, sizes: _Sizes, pairs: _Pairs, divisible: float) -> Fit:
    """Of pairs that the most nodes hold; of a node, so many accelerators can be had one by one."""
    n, enough_x = _nodes(sizes, pairs)
    count_x, hours_x = sizes.count_n[n], _hours_of(sizes, pairs, n)
    x, part = np.flatnonzero(n == 0), 1.0
    while part < divisible and len(x):
        some = pairs.of(x)
        hours = _part_hours(pace, some, part)
        does = (part >= some.least_x) & (hours <= some.deadline_hours_x)
        count_x[x[does]], hours_x[x[does]] = part, hours[does]
        x, part = x[~does], part * 2
    late_x = np.zeros(len(n))
    x = np.flatnonzero(~enough_x)
    late_x[x] = np.maximum(hours_x[x] - pairs.deadline_hours_x[x], 0.0)
    return Fit(count_x, hours_x, late_x, np.zeros(len(n)), np.zeros(len(n)))


def _part_hours(pace: Pace, pairs: _Pairs, part: float) -> Floats:
    """Hours of a run on part of a node."""
    written = written_hours(pace, pairs.size_milli_gb_x, np.array(1.0))
    return run_hours(pace, pairs.work_x, pairs.rate_x, np.array(part), pairs.failed_x, written)


MOST_ON_SPOT = 64
"""Nodes of a job on spot: how long gangs last is known of sixteen, and nobody knows what becomes of many more."""

_AT_ONCE = 1 << 20
"""Sizes of pairs looked at together, so that memory stays flat. It cannot change a result."""


def _on_spot(pace: Pace, spot: SpotTerms, sizes: _Sizes, pairs: _Pairs, divisible: float) -> Fit:
    """The same of jobs on spot: the smallest that is in time nine times of ten; else the least late, or the largest."""
    fit = Fit._make(np.zeros(len(pairs.work_x)) for _ in Fit._fields)
    step = max(1, _AT_ONCE // MOST_ON_SPOT)
    for start in range(0, len(pairs.work_x), step):
        x = np.arange(start, min(start + step, len(pairs.work_x)))
        for fit_x, part_x in zip(fit, _some_on_spot(pace, spot, sizes, pairs.of(x), divisible), strict=True):
            fit_x[x] = part_x
    return fit


def _some_on_spot(pace: Pace, spot: SpotTerms, sizes: _Sizes, pairs: _Pairs, divisible: float) -> Fit:
    part_k = [1 << power for power in range(16) if 1 << power < divisible]
    count_n = sizes.count_n[:MOST_ON_SPOT]
    nodes_j = np.append(np.ones(len(part_k)), np.arange(1.0, len(count_n) + 1))
    count_j = np.append(np.array(part_k, dtype=np.float64), count_n)
    n = np.arange(len(count_n))[None, :]
    column = _Pairs._make(of_x[:, None] for of_x in pairs)
    parts_xk = [_part_hours(pace, pairs, float(part))[:, None] for part in part_k]
    hours_xj = np.concatenate([*parts_xk, _hours_of(sizes, column, n)], axis=1)
    # All pairs have checkpoints of one size.
    written_j = checkpoint_milli(pairs.size_milli_gb_x[:1], nodes_j, pace.write_micro) if len(nodes_j) else nodes_j
    course = course_of(spot, nodes_j, written_j)
    p90_xj = np.where(column.least_x <= count_j, p90_hours(course, hours_xj), np.inf)
    in_time_xj = p90_xj <= column.deadline_hours_x
    enough_x = np.asarray(in_time_xj.any(axis=1))
    least_late_x = np.where(np.isfinite(p90_xj).any(axis=1), p90_xj.argmin(axis=1), len(count_j) - 1)
    j = np.where(enough_x, in_time_xj.argmax(axis=1), least_late_x)
    x = np.arange(len(j))
    mine = type(course)._make(of_j[j] for of_j in course)
    hours_x, deadline_x = hours_xj[x, j], pairs.deadline_hours_x
    moved, paid = fallback(mine, hours_x, deadline_x, spot.restart_hours)
    late_x = np.where(enough_x, 0.0, np.maximum(p90_xj[x, j] - deadline_x, 0.0))
    kept = (np.where(enough_x, of_x, 0.0) for of_x in (moved, paid))
    return Fit(count_j[j], hours_x, late_x, *kept)


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
