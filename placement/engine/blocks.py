"""Capacity blocks: whole days in one go, by the day up to some, beyond them by the week; paid for used or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats
from placement.units import HOURS_PER_MONTH, MICRO, MILLI

_DAY_MILLI = 24 * MILLI


class BlockTerms(NamedTuple):
    """Lengths of blocks, in days."""

    daily: int
    """Up to so many, any number."""
    step: int
    """Beyond them in steps of so many."""


def block_terms(catalog: Catalog) -> BlockTerms:
    """As the catalog has them."""
    daily, step = (catalog.assumption(name).micro // MICRO for name in ("block_daily_days", "block_step_days"))
    return BlockTerms(daily, step)


def charged_hours_milli(terms: BlockTerms, hours_milli: Floats) -> Floats:
    """Hours a month that are paid for so many hours of work in one go, no more than the month has [thousandths]."""
    days = np.ceil(hours_milli / _DAY_MILLI)
    days = np.where(days > terms.daily, np.ceil(days / terms.step) * terms.step, days)
    found: Floats = np.minimum(days * _DAY_MILLI, float(HOURS_PER_MONTH * MILLI))
    return found
