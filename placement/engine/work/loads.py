"""How much work there is over time, as arrays: what it is at most, and how long a month at which level."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.inventory.curves import scale_of
from placement.inventory.inventory import Inventory
from placement.inventory.recipe import Amount, Recipe
from placement.units import HOURS_PER_MONTH, MILLI

STEPS = 12
"""Levels of the assumed shape, of equal time."""

_FINE = 16
"""The shape is found exactly where peak ÷ mean is a whole number of such parts; between them it is interpolated."""

_PERIODS = 12
"""Growth is counted in at most so many periods, each by its average; the peak is of the largest month."""

NO_CURVE = -1


class Loads(NamedTuple):
    """Axis `l`."""

    peak_l: Floats
    """Units per second at most, in the horizon's largest month; of batches units a month, of training runs a month."""
    mean_l: Floats
    """On average over the horizon."""
    shaped_l: Bools
    """Only mean and peak are known, so that a shape is assumed."""
    curve_l: Ints
    """Of `curves`, for those that have one."""
    curves: tuple[tuple[Floats, Floats], ...]
    """Levels as parts of the peak, the highest first, and hours a month at each in thousandths."""
    notes: tuple[str, ...]
    """What was assumed, by number of the curve."""
    today: tuple[tuple[Floats, Floats] | None, ...] = ()
    """Of curves that grow or shrink, what the first month of them is, as parts of the same peak."""

    def levels(self, rows: Ints) -> Floats:
        """Of rows whose shape is assumed: `STEPS` levels of equal time, as parts of the peak, the highest first."""
        ratio_r = self.peak_l[rows] / self.mean_l[rows]
        return np.minimum(shapes(ratio_r) / ratio_r[:, None], 1.0)


def loads_of(inventory: Inventory, pairs: Sequence[tuple[Recipe, Amount]]) -> tuple[Loads, list[int]]:
    """The loads of some pairs, and which each of them has."""
    number: dict[tuple[object, ...], int] = {}
    found: list[_Load] = []
    curves = _Curves(inventory)
    which = []
    for recipe, amount in pairs:
        growth = recipe.growth_fraction_per_month
        key = (amount, growth, *((recipe.unit, recipe.output_tokens) if amount.load else ()))
        if key not in number:
            number[key] = len(found)
            found.append(_load(curves, recipe, amount))
        which.append(number[key])
    columns = np.array(found, dtype=np.float64).reshape(len(found), 4).T
    peak_l, mean_l, shaped_l, curve_l = columns
    made = tuple(curves.made)
    numbers = curve_l.astype(np.int64)
    return Loads(peak_l, mean_l, shaped_l > 0, numbers, made, tuple(curves.notes), tuple(curves.today)), which


class _Load(NamedTuple):
    peak: float
    mean: float
    shaped: bool = False
    curve: int = NO_CURVE


def _load(curves: _Curves, recipe: Recipe, amount: Amount) -> _Load:
    growth = recipe.growth_fraction_per_month
    peak, mean = amount.peak or amount.mean, amount.mean
    if not amount.load:
        return curves.grown(peak, mean, growth) if growth else _Load(peak, mean, peak > mean)
    base = curves.base(amount.load, growth)
    to, of = scale_of(recipe, amount, curves.known[amount.load])
    return base._replace(peak=base.peak / of * to, mean=base.mean / of * to)


class _Curves:
    """Curves as parts of their peak, each made once."""

    def __init__(self, inventory: Inventory) -> None:
        self.known = inventory.curves
        self.made: list[tuple[Floats, Floats]] = []
        self.notes: list[str] = []
        self.today: list[tuple[Floats, Floats] | None] = []
        self._months = inventory.horizon_months
        self._bases: dict[tuple[str, float], _Load] = {}

    def base(self, name: str, growth: float) -> _Load:
        """A load of the inventory as it stands there, grown over the horizon."""
        if (name, growth) not in self._bases:
            curve = self.known[name]
            levels, hours = np.array(curve.levels), np.array(curve.hours)
            self._bases[name, growth] = self._add(levels, hours, _Load(curve.peak, curve.mean), growth, curve.note)
        return self._bases[name, growth]

    def grown(self, peak: float, mean: float, growth: float) -> _Load:
        """Demand of which only mean and peak are known, or that is the same all month, as it grows."""
        steps = STEPS if peak > mean else 1
        levels = np.minimum(shapes(np.array([peak / mean]))[0, :steps] * mean, peak)
        return self._add(levels, np.full(steps, HOURS_PER_MONTH / steps), _Load(peak, mean), growth, "")

    def _add(self, levels: Floats, hours: Floats, load: _Load, growth: float, note: str) -> _Load:
        peak, mean = load.peak, load.mean
        first = (levels, hours)
        if growth:
            factors = growth_factors(growth, self._months)
            levels = np.concatenate([levels * factor for factor, _ in factors])
            hours = np.concatenate([hours * share for _, share in factors])
            mean = mean * sum(factor * share for factor, share in factors)
            peak = peak * max(1.0, _compound(growth, self._months - 1))
        self.made.append(_ordered(levels, hours, peak))
        self.notes.append(note)
        self.today.append(_ordered(*first, peak) if growth else None)
        return _Load(peak, mean, False, len(self.made) - 1)


def _ordered(levels: Floats, hours: Floats, peak: float) -> tuple[Floats, Floats]:
    """Parts of the peak in falling order, and thousandths of hours: whole ones, of which a month has as many."""
    order = np.argsort(-levels, kind="stable")
    until = np.rint(np.cumsum(hours[order]) * MILLI)
    until[-1] = HOURS_PER_MONTH * MILLI
    return np.minimum(levels[order] / peak, 1.0), np.diff(until, prepend=0.0)


def growth_factors(growth: float, months: int) -> list[tuple[float, float]]:
    """By period of the horizon: the average of what demand has grown to, and the share of the horizon it is."""
    if not growth:
        return [(1.0, 1.0)]
    step = -(-months // _PERIODS)
    found = []
    for begin in range(0, months, step):
        end = min(begin + step, months)
        factors = [_compound(growth, month) for month in range(begin, end)]
        found.append((sum(factors) / len(factors), (end - begin) / months))
    return found


@lru_cache(4096)
def _compound(growth: float, months: int) -> float:
    context = Context(prec=20)
    return float(context.power(context.add(1, Decimal(str(growth))), months))


def shapes(ratio_l: Floats) -> Floats:
    """The assumed load-duration curve of every peak ÷ mean ≥ 1, over `STEPS` steps of a month, as parts of the mean.

    peak · (1 − u)^(r − 1) over the share u of the month has the mean it should have, r = peak ÷ mean. A step has the
    exact average over it; between whole sixteenths of r it is interpolated, so that only + − × ÷ are used here.
    """
    fine_l = np.maximum(ratio_l, 1.0) * _FINE
    below_l = np.minimum(np.floor(fine_l), 1e6)
    part_l = (fine_l - below_l)[:, None]
    rows = sorted({int(row) for row in np.concatenate([below_l, below_l + 1]).tolist()})
    table = np.array([_shape(row) for row in rows], dtype=np.float64).reshape(len(rows), STEPS)
    index = np.array(rows)
    low_lx, high_lx = (table[np.searchsorted(index, of_l)] for of_l in (below_l, below_l + 1))
    return np.asarray(low_lx + (high_lx - low_lx) * np.clip(part_l, 0.0, 1.0))


@lru_cache(4096)
def _shape(sixteenths: int) -> tuple[float, ...]:
    context = Context(prec=30)
    ratio = context.divide(Decimal(sixteenths), _FINE)
    left = [
        context.power(context.divide(Decimal(STEPS - step), STEPS), ratio) if step < STEPS else Decimal(0)
        for step in range(STEPS + 1)
    ]
    return tuple(float(context.multiply(context.subtract(left[step], left[step + 1]), STEPS)) for step in range(STEPS))
