"""The best mix at one place: what every market would cost a workload if it bought all units there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.stack.curve import Curve
from placement.engine.stack.ended import mix_with_ended
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.mix import Bought, Fixed, Hourly, cheapest_mix, cost_of, stretches
from placement.engine.work.scaling import Scaling, units_at
from placement.units import HOURS_PER_MONTH, MILLI


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


def needed_of(
    curve: Curve,
    scaling: Scaling,
    class_x: Ints,
    open_m: Ints,
    money: tuple[Floats, Floats],
    left: Left,
) -> Needed:
    """*scaling* is on classes of shapes, *class_x* are those of the open markets.

    *money* is what sites cost, and what of it is for bytes.
    """
    used_c = np.flatnonzero(np.bincount(class_x, minlength=len(scaling.up)))
    rows: dict[tuple[float, ...], int] = {}
    columns = np.stack([of[used_c] for of in scaling], axis=1)
    row_c = np.zeros(len(scaling.up), dtype=np.int64)
    row_c[used_c] = [rows.setdefault(tuple(values), len(rows)) for values in columns.tolist()]
    few = Scaling._make(np.array(list(rows)).reshape(len(rows), len(scaling)).T)
    return Needed(curve, few, units_at(curve.level_t, few), open_m, row_c[class_x], *money, left)


def turning(markets: Markets, needed: Needed) -> Ints:
    """Of each open market, the first level whose units are cheaper by the month; one more than levels where none is."""
    return turning_at(needed.curve, markets.fixed_micro_m[needed.open_m], markets.hour_micro_m[needed.open_m])


def turning_at(curve: Curve, fixed: Floats, hour: Floats) -> Ints:
    """The same at some prices by the month and by the hour."""
    with np.errstate(invalid="ignore", divide="ignore"):
        worth_x = np.where(np.isinf(fixed), np.inf, np.where(np.isinf(hour), -1.0, fixed * MILLI / hour))
    return np.searchsorted(curve.until_milli_t, np.where(np.isnan(worth_x), np.inf, worth_x), side="right")


class Costs(NamedTuple):
    """What all units cost a month at some markets, their sites apart, if those by the month do not run out."""

    micro_x: Floats
    base_x: Floats
    """Units by the month."""


def place_costs(markets: Markets, needed: Needed, turn_x: Ints) -> Costs:
    """At the best mix of each open market."""
    prices = markets.fixed_micro_m[needed.open_m], markets.hour_micro_m[needed.open_m]
    return costs_at(needed.units_ct, needed.curve, needed.row_x, turn_x, prices)


def costs_at(units_ct: Floats, curve: Curve, row_x: Ints, turn_x: Ints, prices: tuple[Floats, Floats]) -> Costs:
    """At the prices by the month and by the hour of some markets, whose units by level are rows of *units_ct*."""
    units_ct = np.hstack([units_ct, np.zeros((len(units_ct), 1))])
    width_ct = units_ct[:, :-1] - units_ct[:, 1:]
    hours_ct = np.zeros(units_ct.shape)
    np.cumsum(width_ct * (curve.until_milli_t / MILLI), axis=1, out=hours_ct[:, 1:])
    base_x, hours_x = units_ct[row_x, turn_x], hours_ct[row_x, turn_x]
    fixed_x, hour_x = prices
    return Costs(np.where(base_x > 0, fixed_x, 0.0) * base_x + np.where(hours_x > 0, hour_x, 0.0) * hours_x, base_x)


def limits(markets: Markets, needed: Needed) -> Floats:
    """Up to how many units all by the month cost the same at each open market: as many as there are of the cheapest.

    None where commitments have ended and an hour costs something, too.
    """
    offer_x = markets.fixed_offer_m[needed.open_m]
    limit_x = np.where(offer_x >= 0, needed.left.limit_o[offer_x], np.inf)
    return np.where(markets.ended_m[needed.open_m], -1.0, limit_x)


def offers_at(markets: Markets, left: Left, m: int) -> tuple[list[Fixed], Hourly | None]:
    """What is sold at a market: by the month, the cheapest first, and by the hour.

    Of what draws on the same power each has what those before it leave.
    """
    monthly = markets.further_m[m] or (int(markets.fixed_offer_m[m]),)
    power = float(left.power_s[markets.site_m[m]])
    fixed = []
    for one in monthly:
        if one < 0:
            continue
        limit, each = float(left.limit_o[one]), float(markets.power_o[one])
        if each and np.isfinite(power):
            limit = min(limit, power // each)
            power -= limit * each
        hour = float(markets.ended_micro_o[one])
        fixed.append(Fixed(one, float(markets.month_micro_o[one]) - hour * HOURS_PER_MONTH, limit, hour))
    hour = int(markets.hour_offer_m[m])
    return fixed, Hourly(hour, float(markets.hour_micro_m[m])) if hour >= 0 else None


def mix_at(markets: Markets, left: Left, m: int, units_t: Floats, curve: Curve) -> tuple[list[Bought], float]:
    """The best mix at one market and its cost, that of the site apart; nothing and infinite where there are too few."""
    fixed, hourly = offers_at(markets, left, m)
    cheapest = mix_with_ended if any(one.hour_micro for one in fixed) else cheapest_mix
    mix = cheapest(stretches(units_t, curve), fixed, hourly)
    return mix, cost_of(mix, fixed, hourly) if mix else np.inf
