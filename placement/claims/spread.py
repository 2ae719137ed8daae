"""Quantiles of many figures, exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

TENTH, HALF, NINE_TENTHS = Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)

P10_TO_P90 = "10th to 90th percentile"


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """The value at *share* of the way through the sorted ones, in proportion between two of them."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[Fraction]) -> Fraction:
    """The middle one, or the mean of the two in the middle."""
    return quantile(values, HALF)
