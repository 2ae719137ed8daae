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
    """Put those of *count* things into one class that agree in every column (its first axis is theirs); NaN is NaN."""
    class_x = np.zeros(count, dtype=np.int64)
    if not count:
        return Alike(class_x, class_x)
    classes = 1
    for column in columns:
        for part in np.asarray(column).reshape(count, -1).T:
            values = np.ascontiguousarray(part, dtype=np.float64).view(np.int64) if part.dtype.kind == "f" else part
            found, value_x = np.unique(values, return_inverse=True)
            if len(found) > 1:
                _, class_x = np.unique(class_x * len(found) + value_x, return_inverse=True)
                classes = int(class_x.max()) + 1
    first_k = np.full(classes, count, dtype=np.int64)
    np.minimum.at(first_k, class_x, np.arange(count))
    order = np.argsort(first_k)
    rank = np.empty_like(order)
    rank[order] = np.arange(classes)
    return Alike(rank[class_x], first_k[order])


def part_of(whole: Alike, x: Ints) -> Alike:
    """The division of the things *x* alone, numbered from 0."""
    _, first, index_x = np.unique(whole.class_x[x], return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Alike(rank[index_x], first[order])


def distinct(class_x: Ints) -> tuple[Ints, Ints]:
    """Where each class occurs first, and which of these each element belongs to."""
    _, first, index_x = np.unique(class_x, return_index=True, return_inverse=True)
    return first, index_x
