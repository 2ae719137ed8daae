"""The best mix at one place: what every market would cost a workload if it bought all units there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.stack.curve import Curve
from placement.engine.stack.ended import mix_with_ended
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.mix import Bought, Fixed, Hourly, cheapest_mix, cost_of, stretches
from placement.engine.stack.peers import Peers
from placement.units import HOURS_PER_MONTH, MILLI


def turning(markets: Markets, peers: Peers) -> Ints:
    """Of each open market, the first level whose units are cheaper by the month; one more than levels where none is."""
    return turning_at(peers.curve, markets.fixed_micro_m[peers.open_m], markets.hour_micro_m[peers.open_m])


def turning_at(curve: Curve, fixed: Floats, hour: Floats) -> Ints:
    """The same at some prices by the month and by the hour."""
    with np.errstate(invalid="ignore", divide="ignore"):
        worth_x = np.where(np.isinf(fixed), np.inf, np.where(np.isinf(hour), -1.0, fixed * MILLI / hour))
    return np.searchsorted(curve.until_milli_t, np.where(np.isnan(worth_x), np.inf, worth_x), side="right")


class Costs(NamedTuple):
    """What all units cost a month at some markets, their sites apart, if those by the month do not run out."""

    micro: Floats
    base: Floats
    """Units by the month."""


def place_costs(markets: Markets, peers: Peers, turn_x: Ints) -> Costs:
    """At the best mix of each open market, `wx`."""
    prices = markets.fixed_micro_m[peers.open_m], markets.hour_micro_m[peers.open_m]
    return costs_at(peers.units_wct, peers.curve, peers.row_x, turn_x, prices)


def costs_at(units_ct: Floats, curve: Curve, row_x: Ints, turn_x: Ints, prices: tuple[Floats, Floats]) -> Costs:
    """At the prices by the month and by the hour of some markets, whose units by level are rows of *units_ct*.

    Axes before `c` stay in front of `x`.
    """
    none = np.zeros((*units_ct.shape[:-1], 1))
    units_ct = np.concatenate([units_ct, none], axis=-1)
    hours_ct = np.zeros(units_ct.shape)
    width_ct = units_ct[..., :-1] - units_ct[..., 1:]
    width_ct *= curve.until_milli_t / MILLI
    np.cumsum(width_ct, axis=-1, out=hours_ct[..., 1:])
    base, hours = units_ct[..., row_x, turn_x], hours_ct[..., row_x, turn_x]
    fixed_x, hour_x = prices
    return Costs(np.where(base > 0, fixed_x, 0.0) * base + np.where(hours > 0, hour_x, 0.0) * hours, base)


def limits(markets: Markets, open_m: Ints, left: Left) -> Floats:
    """Up to how many units all by the month cost the same at some markets: as many as there are of the cheapest.

    None where commitments have ended and an hour costs something, too.
    """
    offer_x = markets.fixed_offer_m[open_m]
    limit_x = np.where(offer_x >= 0, left.limit_o[offer_x], np.inf)
    return np.where(markets.ended_m[open_m], -1.0, limit_x)


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
