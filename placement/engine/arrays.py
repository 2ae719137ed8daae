"""The array types of the engine; what the axes mean stands in the arrays' names."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from placement.catalog.offers import Ints
from placement.units import DIGITS, MICRO, MICRO_PER_CENT, MILLI, to_milli

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
"""Small whole numbers to be multiplied as matrices, no more than their sums."""
Bools = NDArray[np.bool_]


def different(values: Ints) -> Ints:
    """The different ones of *values* in ascending order.

    `np.unique` gives the same, but loads masked arrays first, which takes longer than placing a few workloads.
    """
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


def numbered(values: Ints) -> tuple[Ints, Ints]:
    """The different ones of *values* in ascending order, and which of them each is."""
    found = different(values)
    return found, np.searchsorted(found, values)


def counted(count: Ints) -> Ints:
    """0, 1, … for each of some counts, one after the other."""
    return np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)


def by_value(values: Ints) -> list[Ints]:
    """The places of *values* that are equal, those of each value in ascending order."""
    order = np.argsort(values, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(values[order])) + 1) if len(order) else []


_WORD = 64


def words(flags: Bools) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]":
    """The rows of *flags* as bits of whole words."""
    padded = np.zeros((len(flags), -(-flags.shape[1] // _WORD) * _WORD), dtype=np.bool_)
    padded[:, : flags.shape[1]] = flags
    return np.packbits(padded, axis=1).view(np.uint64)


def to_milli_x(values: Sequence[float]) -> Floats:
    """`units.to_milli` of all *values*; NaN stays what it is."""
    value_x = np.array(values, dtype=np.float64)
    milli_x = np.rint(value_x * MILLI)
    plain_x = (milli_x / MILLI == value_x) & (np.abs(milli_x) < DIGITS) | np.isnan(value_x)
    for x in np.flatnonzero(~plain_x).tolist():
        milli_x[x] = to_milli(float(value_x[x]))
    return milli_x


def part_of(amount_x: Floats, share_micro_x: Floats | Ints) -> Floats:
    """So many millionths of whole amounts, which may have more digits than a product of both could keep."""
    millions_x, rest_x = np.divmod(amount_x, MICRO)
    return np.asarray(millions_x * share_micro_x + rest_x * share_micro_x / MICRO)


def cents_x(micro_x: Floats) -> Ints:
    """`units.cents` of all *micro_x*, which are whole and below 2^53."""
    return (2 * micro_x.astype(np.int64) + MICRO_PER_CENT) // (2 * MICRO_PER_CENT)


__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "Singles",
    "by_value",
    "cents_x",
    "counted",
    "different",
    "numbered",
    "part_of",
    "to_milli_x",
    "words",
]
