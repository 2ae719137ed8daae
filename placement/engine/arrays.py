"""The array types of the engine; what the axes mean stands in the arrays' names."""

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def different(values: Ints) -> Ints:
    """The different ones of *values* in ascending order.

    `np.unique` gives the same, but loads masked arrays first, which takes longer than placing a few workloads.
    """
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


__all__ = ["Bools", "Floats", "Ints", "different"]
