"""Things that are the same in everything that counts, found once: what holds for one of a class holds for all of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.engine.arrays import Ints


class Alike(NamedTuple):
    """A division into classes. Axis `x` is what is divided, `k` the classes."""

    class_x: Ints
    first_k: Ints
    """One member of each class: the first; classes are in the order of these."""


def alike(count: int, columns: list[NDArray[Any]]) -> Alike:
    """Put those of *count* things into one class that agree in every column (its first axis is theirs); NaN is NaN.

    They are sorted once, by a mixture of all their values; where different things happen to be mixed to the same
    number, the columns in which they differ part them.
    """
    parts = [_whole(part) for column in columns for part in np.asarray(column).reshape(count, -1).T] if count else []
    mixed = np.zeros(count, dtype=np.uint64)
    for part in parts:
        mixed = (mixed ^ part.view(np.uint64)) * _ODD
        mixed ^= mixed >> _HALF
    found = _classes(mixed)
    for part in parts:
        if not np.array_equal(part, part[found.first_k[found.class_x]]):
            values, value_x = np.unique(part, return_inverse=True)
            found = _classes(found.class_x * len(values) + value_x)
    return found


_ODD, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
"""A multiplier with its bits spread evenly (2^64 ÷ the golden ratio), and a shift that brings high bits down."""


def _whole(values: NDArray[Any]) -> Ints:
    """The values as whole numbers, floats by their bits."""
    if values.dtype.kind == "f":
        return np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.ascontiguousarray(values, dtype=np.int64)


def _classes(values: NDArray[Any]) -> Alike:
    """Equal values are one class."""
    _, first, index_x = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Alike(rank[index_x], first[order])


def part_of(whole: Alike, x: Ints) -> Alike:
    """The division of the things *x* alone, numbered from 0."""
    return _classes(whole.class_x[x])


def distinct(class_x: Ints) -> tuple[Ints, Ints]:
    """Where each class occurs first, and which of these each element belongs to; the classes are few and from 0."""
    count = len(class_x)
    first_k = np.full(int(class_x.max(initial=-1)) + 1, count, dtype=np.int64)
    first_k[class_x[::-1]] = np.arange(count - 1, -1, -1)
    there = np.flatnonzero(first_k < count)
    rank_k = np.empty_like(first_k)
    rank_k[there] = np.arange(len(there))
    return first_k[there], rank_k[class_x]
