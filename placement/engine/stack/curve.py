"""How much of a month there is how much to do: the load-duration curve of one workload."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.work.hours import MONTH_MILLI
from placement.engine.work.loads import NO_CURVE, STEPS, Loads

_HELD = 1e-12
"""What a base holds may be rounded by this part of it: what is so little above is none of the rest."""


class Curve:
    """Levels as parts of the peak, the highest first, and how long a month each lasts [thousandths of an hour]."""

    def __init__(self, level_t: Floats, hours_milli_t: Floats) -> None:
        self.level_t = level_t
        self.hours_milli_t = hours_milli_t

    @cached_property
    def until_milli_t(self) -> Floats:
        """How long a month there is at least so much to do."""
        return np.asarray(np.cumsum(self.hours_milli_t))

    @cached_property
    def drop_t(self) -> Floats:
        """How far each level is above the next one; the last above none."""
        return np.asarray(self.level_t - np.append(self.level_t[1:], 0.0))

    @cached_property
    def above_t(self) -> Floats:
        """Work above each level, in parts of the peak × thousandths of an hour; one more than levels: all of it."""
        return np.asarray(np.append(0.0, np.cumsum(self.drop_t * self.until_milli_t)))

    def above(self, level: Floats) -> Floats:
        """Work above any levels."""
        return np.asarray(np.interp(-level, -np.append(self.level_t, 0.0), self.above_t))

    def beyond(self, level: float) -> Curve:
        """What is left to do where a base takes so much; levels stay parts of the whole peak."""
        some = self.level_t > level * (1 + _HELD)
        return Curve(self.level_t[some] - level, self.hours_milli_t[some])

    def levels_beyond(self, level: Floats) -> Floats:
        """The same with no level left out, 0 where nothing is left to do; *level* has a last axis of one."""
        return np.asarray(np.where(self.level_t > level * (1 + _HELD), self.level_t - level, 0.0))


def curve_of(loads: Loads, load: int) -> Curve:
    """The curve of a load."""
    number = int(loads.curve_l[load])
    if number != NO_CURVE:
        level_t, hours_milli_t = loads.curves[number]
        return _with_peak(level_t, hours_milli_t)
    if not loads.shaped_l[load]:
        return Curve(np.ones(1), np.full(1, MONTH_MILLI))
    return _with_peak(loads.levels(np.array([load]))[0], np.full(STEPS, MONTH_MILLI / STEPS))


def same_curves(loads: Loads, load_n: Ints) -> Ints:
    """A number for the curve of each of some loads: the same for those of the same curve."""
    shape_n = np.where(loads.shaped_l[load_n], NO_CURVE - 1 - load_n, NO_CURVE)
    return np.where(loads.curve_l[load_n] != NO_CURVE, loads.curve_l[load_n], shape_n)


def todays(loads: Loads, load: int) -> Curve | None:
    """The curve of the first month, as parts of the peak of all months; None of a load that stays what it is."""
    number = int(loads.curve_l[load])
    first = loads.today[number] if number != NO_CURVE else None
    return None if first is None else Curve(*first)


def _with_peak(level_t: Floats, hours_milli_t: Floats) -> Curve:
    """The peak is a level, too, that is held however short it lasts: steps are averages of what they stand for."""
    if level_t[0] == 1:
        return Curve(level_t, hours_milli_t)
    return Curve(np.append(1.0, level_t), np.append(0.0, hours_milli_t))
