"""From which use on a unit of a mix is cheaper by the month than by the hour."""

from __future__ import annotations

import numpy as np

from placement.engine.stack.markets import Markets
from placement.engine.stack.mix import Bought, Mix, Part
from placement.engine.stack.one_place import offers_at
from placement.engine.stack.peers import Needed
from placement.engine.stack.two_places import Pair
from placement.units import MICRO, MILLI


def mix_of_pair(markets: Markets, needed: Needed, pair: Pair) -> Mix:
    """The parts of a pair: one where both stand at the same site."""
    rest = float(needed.curve.above(np.array([pair.level]))[0]) / float(needed.curve.above_t[-1])
    bought = [*_base_turns(markets, needed, pair), *_burst_turns(markets, needed, pair)]
    sites = markets.site_m[needed.open_m[[pair.base_x, pair.burst_x]]]
    if sites[0] == sites[1]:
        return Mix((Part(MICRO, tuple(bought)),), pair.cost)
    base, burst = tuple(bought[: len(pair.base)]), tuple(bought[len(pair.base) :])
    share = round(rest * MICRO)
    return Mix((Part(MICRO - share, base), Part(share, burst)), pair.cost)


def with_turns(markets: Markets, needed: Needed, bought: list[Bought], x: int) -> list[Bought]:
    """With the use from which a unit by the month is cheaper than one by the hour of the same market."""
    m = int(needed.open_m[x])
    hourly, hour = int(markets.hour_offer_m[m]), float(markets.hour_micro_m[m]) / MILLI
    monthly = [one for one in bought if one.offer != hourly]
    if not monthly or len(monthly) == len(bought) or not hour:
        return bought
    turn = {one.offer: (one.micro / hour, one.limit) for one in offers_at(markets, needed.left, m)[0]}
    # Of what is by the hour, where there are more of those by the month that cost the most.
    last = monthly[-1]
    turn[hourly] = (turn[last.offer][0] if last.units < turn[last.offer][1] else -1.0, np.inf)
    return [one._replace(break_even_milli=turn[one.offer][0]) for one in bought]


def _base_turns(markets: Markets, needed: Needed, pair: Pair) -> list[Bought]:
    """A base against as many units by the hour of the other market as would hold what it holds."""
    hour = _by_hour(markets, needed, pair)
    if hour is None:
        return pair.base
    instead = float(needed.units_at(pair.burst_x, np.array([pair.level]))[0])
    units = sum(one.units for one in pair.base)
    return [
        one._replace(break_even_milli=float(markets.month_micro_o[one.offer]) * units / (hour * instead))
        for one in pair.base
    ]


def _burst_turns(markets: Markets, needed: Needed, pair: Pair) -> list[Bought]:
    """What is beyond a base against as many more units of the base as would hold the peak."""
    burst = with_turns(markets, needed, pair.burst, pair.burst_x)
    hour = _by_hour(markets, needed, pair)
    if hour is None or len(burst) > 1:
        return burst
    units = sum(one.units for one in pair.base)
    more = float(needed.units_t(pair.base_x)[0]) - units
    month = float(markets.month_micro_o[pair.base[-1].offer])
    return [one._replace(break_even_milli=month * more / (hour * one.units)) for one in burst]


def _by_hour(markets: Markets, needed: Needed, pair: Pair) -> float | None:
    """What an hour costs [micro-USD per thousandth] of the units beyond a base; None by the month, and for nothing."""
    m = int(needed.open_m[pair.burst_x])
    if pair.burst[-1].offer != markets.hour_offer_m[m]:
        return None
    return float(markets.hour_micro_m[m]) / MILLI or None
