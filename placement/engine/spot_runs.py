"""How long a run on spot takes on the clock, and what of it runs on demand so that it is in time.

Capacity is up for exponential times of mean M and gone for exponential times of mean D = M·(1 − A)/A, so that it can
be had a share A of the time. A run does a segment of τ + δ after the other; who is interrupted waits for capacity,
restarts for R and begins the segment again. Mean and variance of a segment have closed forms, and what a run takes
beyond its least is taken for a gamma distribution of that mean and variance (its tail by Wilson and Hilferty's cube
root).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.elementary import above, cube_root, exp
from placement.engine.spot import (
    MOST_MILLI,
    SpotTerms,
    available_fraction,
    interval_hours,
    mean_up_hours,
    paid_hours_milli,
)
from placement.units import MILLI

_NINE_IN_TEN = 1.2815515655446004
"""Standard deviations above the mean below which 90 % of a normal distribution lie."""


class Course(NamedTuple):
    """Hours on the clock of gangs: the first three for each hour of work, the next two for the wait at its begin."""

    least: Floats
    """Never interrupted."""
    mean: Floats
    variance: Floats
    wait_mean: Floats
    wait_variance: Floats
    paid_milli: Floats
    """Paid hours of each hour of work."""


def course_of(terms: SpotTerms, nodes: Floats, written_milli: Floats) -> Course:
    """Of gangs of so many nodes, whose checkpoints take so long to write [thousandths of an hour]."""
    up, share, written = mean_up_hours(terms, nodes), available_fraction(terms, nodes), written_milli / MILLI
    gone = up * (1 - share) / share
    interval = interval_hours(up, written)
    paid = paid_hours_milli(up, written, terms.restart_hours)
    return Course(
        least=1 + written / interval,
        mean=paid / MILLI / share,
        variance=_segment_variance(up, gone, interval + written, terms.restart_hours) / interval,
        wait_mean=(1 - share) * gone,
        wait_variance=(1 - share) * (1 + share) * gone * gone,
        paid_milli=paid,
    )


def _segment_variance(up: Floats, gone: Floats, first: Floats, restart: float) -> Floats:
    """Of the time one segment takes: *first* at once, or an interruption, a wait, and tries of R + *first* each."""
    again = first + restart
    cut_mean, cut_variance = _cut_short(up, again)
    failing = 1 - exp(-again / up)
    tries, tries_variance = failing / (1 - failing), failing / (1 - failing) ** 2
    each = cut_mean + gone
    rest_mean = again + tries * each
    rest_variance = tries * (cut_variance + gone * gone) + tries_variance * each * each
    lost_mean, lost_variance = _cut_short(up, first)
    fails = 1 - exp(-first / up)
    broken_mean = lost_mean + gone + rest_mean
    broken_variance = lost_variance + gone * gone + rest_variance
    return np.asarray(fails * broken_variance + fails * (1 - fails) * (broken_mean - first) ** 2)


def _cut_short(up: Floats, length: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the time to an interruption that comes within *length*."""
    odds = exp(-length / up) / (1 - exp(-length / up))
    mean = up - length * odds
    second = 2 * up * up - (length * length + 2 * up * length) * odds
    return np.asarray(mean), np.maximum(second - mean * mean, 0.0)


class Excess(NamedTuple):
    """What runs take beyond their least: a gamma distribution."""

    least: Floats
    shape: Floats
    scale: Floats


def excess_of(course: Course, work: Floats) -> Excess:
    """Of runs of so many hours of work."""
    least = work * course.least
    mean = np.maximum(work * course.mean + course.wait_mean - least, 1e-9)
    variance = np.maximum(work * course.variance + course.wait_variance, 1e-12)
    return Excess(least, mean * mean / variance, variance / mean)


def mean_hours(course: Course, work: Floats) -> Floats:
    """Expected time on the clock."""
    return np.asarray(work * course.mean + course.wait_mean)


def p90_hours(course: Course, work: Floats) -> Floats:
    """The time on the clock within which nine runs of ten are done; infinite where they get nowhere."""
    excess = excess_of(course, work)
    ninth = 1 / (9 * excess.shape)
    root = np.maximum(1 - ninth + _NINE_IN_TEN * np.sqrt(ninth), 0.0)
    found = excess.least + excess.shape * root**3 * excess.scale
    return np.where(course.paid_milli < MOST_MILLI, found, np.inf)


class Fallback(NamedTuple):
    """What of runs is done on demand, on average [hours]."""

    work: Floats
    """Of the run's own hours, those that are."""
    paid: Floats
    """With the restart of those runs that change over."""


def fallback(course: Course, work: Floats, deadline: Floats, restart: float) -> Fallback:
    """If each run changes over as soon as the rest would be late otherwise.

    It changes over if and only if it would be done after d = deadline − R on spot alone; what is then left, r, would
    take r/ρ on spot at ρ hours of work per hour, so E[r]·(1/ρ − 1) is what runs are late on average, E[(V − d)⁺].
    """
    excess = excess_of(course, work)
    beyond = np.maximum(deadline - restart - excess.least, 0.0)
    late = np.maximum(
        excess.shape * excess.scale * _tail(excess.shape + 1, beyond / excess.scale)
        - beyond * _tail(excess.shape, beyond / excess.scale),
        0.0,
    )
    moved = np.minimum(late / np.maximum(course.mean - 1, 1e-9), work)
    return Fallback(moved, moved + restart * _tail(excess.shape, beyond / excess.scale))


def _tail(shape: Floats, x: Floats) -> Floats:
    """The share of a gamma distribution of scale 1 above *x*."""
    ninth = 1 / (9 * shape)
    return above((cube_root(x / shape) - (1 - ninth)) / np.sqrt(ninth))
