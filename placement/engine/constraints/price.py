"""An unknown price is unknown, never zero: such an offer is not eligible."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import UNKNOWN
from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, _chunk: Chunk) -> Floats:
    """0 where price (and power, for bought nodes) are known, −1 elsewhere, `o`."""
    return np.where(problem.supply.price_micro_o == UNKNOWN, BROKEN, 0.0)


PRICE_KNOWN = Constraint("price_known", "a known price", "", "o", _slack, "add the price in a `--catalog` layer")
