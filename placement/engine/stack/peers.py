"""What workloads with the same load need, to which the same markets are open: they are reckoned together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Left
from placement.engine.work.scaling import Scaling, units_at


class Needed(NamedTuple):
    """What one workload needs on the shapes that can do its work. Axis `c`: those that scale alike."""

    curve: Curve
    scaling: Scaling
    """On axis `c`."""
    units_ct: Floats
    """At each level of the curve."""
    open_m: Ints
    """Markets that rules and sizing leave to it."""
    row_x: Ints
    """Of the open markets, axis `x`: which row of `units_ct` holds for them."""
    site_micro_x: Floats
    """What is paid at the site whatever is bought, with all bytes of the workload [micro-USD]."""
    bytes_micro_x: Floats
    """The part of it that is paid for bytes that come and go."""
    left: Left
    """What others leave to it."""

    def units_t(self, x: int) -> Floats:
        """At each level, at an open market."""
        return np.asarray(self.units_ct[self.row_x[x]])

    def units_at(self, x: int, level_t: Floats) -> Floats:
        """The same at other levels."""
        return np.asarray(units_at(level_t, self.scaling.of([int(self.row_x[x])]))[0])


class Peers(NamedTuple):
    """The same of several, axis `w`; *left* is the same for all of them."""

    curve: Curve
    scaling_wc: Scaling
    units_wct: Floats
    open_m: Ints
    row_x: Ints
    site_micro_wx: Floats
    bytes_micro_wx: Floats
    left: Left

    def one(self, w: int) -> Needed:
        """What one of them needs."""
        scaling = Scaling._make(of[w] for of in self.scaling_wc)
        money = self.site_micro_wx[w], self.bytes_micro_wx[w]
        return Needed(self.curve, scaling, self.units_wct[w], self.open_m, self.row_x, *money, self.left)


def peers_of(
    curve: Curve,
    scaling_wc: Scaling,
    class_x: Ints,
    open_m: Ints,
    money: tuple[Floats, Floats],
    left: Left,
) -> Peers:
    """*scaling_wc* is on classes of shapes, *class_x* are those of the open markets.

    *money* is what sites cost, and what of it is for bytes, `wx`.
    """
    used_c = np.flatnonzero(np.bincount(class_x, minlength=scaling_wc.up.shape[1]))
    columns_cw = np.ascontiguousarray(np.stack([of[:, used_c].T for of in scaling_wc], axis=1))
    rows: dict[bytes, int] = {}
    first: list[int] = []
    row_c = np.zeros(scaling_wc.up.shape[1], dtype=np.int64)
    for c, column in zip(used_c.tolist(), columns_cw, strict=True):
        key = column.tobytes()
        if key not in rows:
            rows[key] = len(first)
            first.append(c)
        row_c[c] = rows[key]
    few = Scaling._make(of[:, first] for of in scaling_wc)
    return Peers(curve, few, units_at(curve.level_t, few), open_m, row_c[class_x], *money, left)
