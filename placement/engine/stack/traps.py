"""Commitments that are right for today and wrong for the horizon, because demand grows or shrinks."""

from __future__ import annotations

import numpy as np

from placement.engine.search import NONE
from placement.engine.stack.curve import Curve
from placement.engine.stack.markets import Markets
from placement.engine.stack.mix import Mix, Trap
from placement.engine.stack.one_place import turning_at
from placement.engine.stack.peers import Needed
from placement.units import MILLI


def trap_of(markets: Markets, needed: Needed, mix: Mix, first: Curve) -> Trap | None:
    """What the quantile rule on the *first* month would commit to where the base of a mix is, and what that costs.

    The rest is by the hour there. None where the market sells in one way only or only so many units by the month, where
    the mix is at two places, or where the same base comes of it.
    """
    if len(mix.parts) > 1:
        return None
    base = mix.parts[0].bought[0].offer
    x = next((x for x, m in enumerate(needed.open_m.tolist()) if base in _sold(markets, m)), NONE)
    if x == NONE:
        return None
    m = int(needed.open_m[x])
    month, hour = float(markets.fixed_micro_m[m]), float(markets.hour_micro_m[m]) / MILLI
    if not np.isfinite(month) or not np.isfinite(hour) or markets.further_m[m]:
        return None
    committed = _committed(needed.units_at(x, first.level_t), first, month, hour)
    units_t, curve = needed.units_t(x), needed.curve
    right = _committed(units_t, curve, month, hour)

    def cost(units: int) -> float:
        above = float((np.maximum(units_t - units, 0.0) * curve.hours_milli_t).sum())
        return month * units + hour * above

    more = cost(committed) - cost(right)
    return Trap(int(markets.fixed_offer_m[m]), committed, right, more) if committed != right and more > 0 else None


def _sold(markets: Markets, m: int) -> tuple[int, int]:
    return int(markets.fixed_offer_m[m]), int(markets.hour_offer_m[m])


def _committed(units_t: np.ndarray, curve: Curve, month: float, hour: float) -> int:
    """The base by the quantile rule."""
    turn = int(turning_at(curve, np.array([month]), np.array([hour * MILLI]))[0])
    return int(np.append(units_t, 0.0)[turn])
