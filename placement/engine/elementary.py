"""Exponential, logarithm and the normal distribution from + − × ÷ √ alone, so that every machine gets the same digits.

NumPy's own differ in the last digit from one processor to another; these are right to about 14 digits.
"""

from __future__ import annotations

import math

import numpy as np

from placement.engine.arrays import Floats

_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
"""Both together are ln 2; the first has so few digits that small multiples of it are exact."""

_MOST_EXPONENT = 700.0
"""Beyond it e^x is taken to be infinite."""

_TERMS = 14
_NORMAL_TERMS = 120
_NORMAL_END = 8.0
"""Beyond so many standard deviations there is less than 10^-15."""


def exp(x: Floats) -> Floats:
    """e^x, infinite beyond 700 and 0 below −700."""
    inside = np.clip(x, -_MOST_EXPONENT, _MOST_EXPONENT)
    twos = np.rint(inside / math.log(2))
    rest = (inside - twos * _LN2_HIGH) - twos * _LN2_LOW
    total = np.ones_like(rest)
    for k in range(_TERMS, 0, -1):
        total = 1.0 + total * rest / k
    found = np.ldexp(total, twos.astype(np.int64))
    return np.where(x > _MOST_EXPONENT, np.inf, np.where(x < -_MOST_EXPONENT, 0.0, found))


def ln(x: Floats) -> Floats:
    """The natural logarithm of positive finite numbers."""
    part, twos = np.frexp(x)
    small = part < math.sqrt(0.5)
    part, twos = np.where(small, part * 2, part), np.where(small, twos - 1, twos)
    ratio = (part - 1) / (part + 1)
    square, total = ratio * ratio, np.zeros_like(ratio)
    for k in range(_TERMS, -1, -1):
        total = total * square + 1 / (2 * k + 1)
    return np.asarray(2 * ratio * total + twos * _LN2_LOW + twos * _LN2_HIGH)


def cube_root(x: Floats) -> Floats:
    """Of numbers from 0."""
    positive = np.maximum(x, 1e-300)
    return np.where(x > 0, exp(ln(positive) / 3), 0.0)


def above(z: Floats) -> Floats:
    """The share of a standard normal distribution above *z*: ½ − φ(z)·(z + z³/3 + z⁵/15 + …)."""
    inside = np.clip(z, -_NORMAL_END, _NORMAL_END)
    term = total = inside
    square = inside * inside
    for k in range(1, _NORMAL_TERMS):
        term = term * square / (2 * k + 1)
        total = total + term
    below = exp(-square / 2) / math.sqrt(2 * math.pi) * total
    found = np.clip(0.5 - below, 0.0, 1.0)
    return np.where(z > _NORMAL_END, 0.0, np.where(z < -_NORMAL_END, 1.0, found))
