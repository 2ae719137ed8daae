"""Quantity × price: the ledger's arithmetic, and that of terms which must know a cost to choose the cheaper way."""

import numpy as np

from placement.engine.arrays import Floats
from placement.units import EXACT_LIMIT, MILLI


def product_micro(quantity_milli: Floats, price_micro: Floats) -> Floats:
    """Quantity × price in whole micro-dollars, half up, up to 9 bn dollars.

    Every step is a whole number below 2^53. Where the products might not be, whole units and the rest are multiplied
    apart.
    """
    if quantity_milli.max(initial=0.0) * np.abs(price_micro).max(initial=0.0) < EXACT_LIMIT // 2:
        return _rounded(quantity_milli * price_micro)
    whole = np.floor(quantity_milli / MILLI)
    rest = quantity_milli - whole * MILLI
    return np.asarray(whole * price_micro + _rounded(rest * price_micro))


def _rounded(product: Floats) -> Floats:
    """Thousandths as whole numbers, half up, in the array given."""
    product += MILLI // 2
    product /= MILLI
    return np.floor(product, out=product)


def exact_micro(quantity_milli: int, price_micro: int) -> int:
    """Quantity × price in whole micro-dollars, half up, in Python integers."""
    return (quantity_milli * price_micro + MILLI // 2) // MILLI
