"""The array types of the engine; what the axes mean stands in the arrays' names."""

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

__all__ = ["Bools", "Floats", "Ints"]
