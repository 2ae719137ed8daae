"""What rentals cost on average over the horizon if their prices change evenly from year to year.

In month t of H (from 0) an hour costs today's price × (1 + c)^(t/12). The level price with the same present value is
today's × Σ (1 + c)^(t/12)·v^t ÷ Σ v^t, v = (1 + r)^(−1/12) at the plan's discount rate r. A commitment keeps its price
for its term of T months and is renewed at the price of its first month: the same sums over t = 0, T, 2T, … below H.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.units import MICRO


class PricePath(NamedTuple):
    """How rental prices are taken to change."""

    change_micro: int
    """A year [millionths]; 0: they stay what they are."""
    discount_micro: int
    """The plan's discount rate [millionths]."""
    horizon_months: int

    def elastic(self) -> float:
        """The average change of what is paid by the hour, as a fraction of today's price."""
        return average_change(self.change_micro, self.discount_micro, self.horizon_months, 1)

    def renewed(self, term_months: int) -> float:
        """The same of commitments for so many months."""
        return average_change(self.change_micro, self.discount_micro, self.horizon_months, term_months)


@lru_cache(1 << 13)
def average_change(change_micro: int, discount_micro: int, horizon_months: int, term_months: int) -> float:
    """The level price of the same present value ÷ today's price, less 1."""
    if not change_micro:
        return 0.0
    with localcontext() as context:
        context.prec = 40
        years = Decimal(term_months) / 12
        worth = (1 + Decimal(discount_micro) / MICRO) ** -years
        grown = worth * (1 + Decimal(change_micro) / MICRO) ** years
        terms = -(-horizon_months // term_months)
        return float(_sum(grown, terms) / _sum(worth, terms) - 1)


def _sum(ratio: Decimal, count: int) -> Decimal:
    """1 + ratio + ratio² + …"""
    return Decimal(count) if ratio == 1 else (1 - ratio**count) / (1 - ratio)


def changed_by(price_micro: Floats, change: float) -> Floats:
    """What prices change by on average [micro-USD], half-even."""
    return np.rint(price_micro * change)
