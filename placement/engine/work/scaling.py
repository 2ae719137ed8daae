"""How replicas and units to pay for follow what there is to do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints


class Scaling(NamedTuple):
    """Replicas and units to pay for at a part x of the peak: ⌈(⌈x·linear + √x·root + one⌉ + spares) · up ÷ down⌉.

    *down* replicas take *up* units to pay for, both whole. On any axes; the same of all.
    """

    linear: Floats
    root: Floats
    one: Floats
    spares: Floats
    up: Floats
    down: Floats

    def of(self, rows: Ints | list[int]) -> Scaling:
        """Some of them, on the first axis."""
        return Scaling._make(of[rows] for of in self)


def units_at(level_t: Floats, scaling: Scaling) -> Floats:
    """Units to pay for at each of some levels (parts of the peak); none where a workload is idle.

    On the axes of *scaling*, with that of the levels as the last. What scales alike is best asked for once.
    """
    linear, root, one, spares, up, down = (of[..., None] for of in scaling)
    needed = np.ceil(level_t * linear + np.sqrt(level_t) * root + one) + spares
    return np.asarray(np.where(level_t > 0, np.ceil(needed * up / np.maximum(down, 1.0)), 0.0))


def level_held(units: Floats, scaling: Scaling) -> Floats:
    """The highest level that so many units hold, below zero where they hold none; any axes that go together."""
    replicas = np.floor(units * scaling.down / np.maximum(scaling.up, 1.0)) - scaling.spares - scaling.one
    linear, some = np.maximum(scaling.linear, _LEAST), np.maximum(replicas, 0.0)
    root = np.sqrt(scaling.root * scaling.root + 4 * linear * some) - scaling.root
    held = np.where(scaling.root > 0, (root / (2 * linear)) ** 2, some / linear)
    return np.asarray(np.where(replicas >= 0, held, -1.0))


_LEAST = 1e-300
