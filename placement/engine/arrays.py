"""The array types of the engine; what the axes mean stands in the arrays' names."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Ints
from placement.units import DIGITS, MILLI, to_milli

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def different(values: Ints) -> Ints:
    """The different ones of *values* in ascending order.

    `np.unique` gives the same, but loads masked arrays first, which takes longer than placing a few workloads.
    """
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


def to_milli_x(values: Sequence[float]) -> Floats:
    """`units.to_milli` of all *values*; NaN stays what it is."""
    value_x = np.array(values, dtype=np.float64)
    milli_x = np.rint(value_x * MILLI)
    plain_x = (milli_x / MILLI == value_x) & (np.abs(milli_x) < DIGITS) | np.isnan(value_x)
    for x in np.flatnonzero(~plain_x).tolist():
        milli_x[x] = to_milli(float(value_x[x]))
    return milli_x


__all__ = ["Bools", "Floats", "Ints", "different", "to_milli_x"]
