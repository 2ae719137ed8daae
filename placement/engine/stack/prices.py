"""What the markets that are open to peers charge them, so that pairs of two can be compared without reckoning each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.stack.markets import Markets
from placement.engine.stack.one_place import limits, turning_at
from placement.engine.stack.peers import Peers
from placement.units import MILLI


class Prices(NamedTuple):
    """Axes `w`: peers, `x`: open markets."""

    fixed_x: Floats
    """By the month, and by the hour: for a unit."""
    hour_x: Floats
    base_level_wx: Floats
    """By the month, for as many, also parts of units, as hold the whole peak."""
    fixed_level_wx: Floats
    """The same of what is beyond a base, as far as it is cheaper by the month, and by the hour, as far as that is.

    Never more than it costs, also on nodes of commitments that end.
    """
    hour_level_wx: Floats
    turn_x: Floats
    """The level from which down units are cheaper by the month, 0 where none is."""
    above_x: Floats
    """Work above that level."""
    rest_wx: Floats
    """What the site costs without bytes, and with all of them what these cost."""
    bytes_wx: Floats
    ample_wx: Bools
    """There are as many of the cheapest units by the month as the peak takes."""
    limit_x: Floats
    ended_x: Bools
    """Some of what is by the month are nodes of a commitment that ends, which are by the hour after it."""
    site_x: Ints
    accelerator_x: Ints


def prices_of(markets: Markets, peers: Peers) -> Prices:
    """What they are for all of the open markets."""
    scaling, curve = peers.scaling_wc, peers.curve
    units_wx = (scaling.linear * scaling.up / np.maximum(scaling.down, 1.0))[:, peers.row_x]
    fixed_x, hour_x = markets.fixed_micro_m[peers.open_m], markets.hour_micro_m[peers.open_m]
    least_x = np.minimum(hour_x, _after_the_end(markets, peers.open_m))
    turn_x = turning_at(curve, fixed_x, least_x)
    level_x, above_x = np.append(curve.level_t, 0.0)[turn_x], curve.above_t[turn_x]
    limit_x = limits(markets, peers.open_m, peers.left)
    return Prices(
        fixed_x=fixed_x,
        hour_x=hour_x,
        base_level_wx=np.where(np.isfinite(fixed_x), fixed_x, 0.0) * units_wx,
        fixed_level_wx=np.where(level_x > 0, fixed_x, 0.0) * units_wx,
        hour_level_wx=np.where(above_x > 0, least_x, 0.0) * units_wx / MILLI,
        turn_x=level_x,
        above_x=above_x,
        rest_wx=peers.site_micro_wx - peers.bytes_micro_wx,
        bytes_wx=peers.bytes_micro_wx,
        ample_wx=limit_x >= peers.units_wct[:, peers.row_x, 0],
        limit_x=limit_x,
        ended_x=markets.ended_m[peers.open_m],
        site_x=markets.site_m[peers.open_m],
        accelerator_x=markets.accelerator_m[peers.open_m],
    )


def _after_the_end(markets: Markets, open_m: Ints) -> Floats:
    """The least that an hour of work costs on nodes of a commitment that ends; infinite where there are none."""
    found_x = np.full(len(open_m), np.inf)
    for x in np.flatnonzero(markets.ended_m[open_m]).tolist():
        m = int(open_m[x])
        hours = [float(markets.ended_micro_o[one]) for one in markets.further_m[m] or (int(markets.fixed_offer_m[m]),)]
        found_x[x] = min((hour for hour in hours if hour > 0), default=np.inf)
    return found_x
