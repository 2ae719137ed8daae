"""What a mix is: units of several offers, each for its part of a load-duration curve."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.stack.curve import Curve
from placement.engine.work.hours import MONTH_MILLI
from placement.units import MILLI

_ROUNDED = 1e-6
"""Sums of hours may be wrong by less [thousandths of an hour]."""


class Stretch(NamedTuple):
    """Units that stand one on the other and are all needed for the same time."""

    units: int
    hours_milli: float
    """A month."""


class Bought(NamedTuple):
    """Units of one offer in a mix."""

    offer: int
    units: int
    node_hours_milli: float
    """How long they are needed a month, all together [thousandths]."""
    least_milli: float
    """How long the one is needed that is needed least, and most."""
    most_milli: float
    break_even_milli: float = -1.0
    """Needed longer a month, a unit is cheaper by the month, shorter, by the hour; below zero if all are paid alike."""

    @property
    def hours_milli(self) -> float:
        """How long a unit is needed a month on average: whole thousandths of an hour, rounded up."""
        return min(float(ceil(self.node_hours_milli / self.units - _ROUNDED)), MONTH_MILLI)


class Part(NamedTuple):
    """What of a mix is at one site."""

    share_micro: int
    """Of the work, in millionths."""
    bought: tuple[Bought, ...]
    """The base first."""


class Trap(NamedTuple):
    """What a commitment to what is needed today would come to, over all months."""

    offer: int
    units_today: int
    units: int
    """That the plan commits to."""
    more_micro: float
    """A month."""


class Mix(NamedTuple):
    """Who holds which part of a workload's load."""

    parts: tuple[Part, ...]
    cost_micro: float
    """A month; bytes that are divided between two sites are reckoned at their average price."""
    trap: Trap | None = None
    """None where demand stays what it is, or today's would lead to the same."""

    @property
    def is_one_offer(self) -> bool:
        """Whether it mixes nothing."""
        return sum(len(part.bought) for part in self.parts) == 1


class Fixed(NamedTuple):
    """Units by the month: what one costs, and how many there are."""

    offer: int
    micro: float
    limit: float
    hour_micro: float = 0.0
    """What an hour of work on one costs beside it, after a commitment has ended."""


class Hourly(NamedTuple):
    """Units by the hour: what an hour of one costs."""

    offer: int
    micro: float


def stretches(units_t: Floats, curve: Curve) -> list[Stretch]:
    """The units of a curve from the base up: *units_t* are needed at each of its levels."""
    width_t = units_t - np.append(units_t[1:], 0.0)
    some = np.flatnonzero(width_t > 0)[::-1]
    until_t = curve.until_milli_t
    return [Stretch(int(width_t[t]), float(until_t[t])) for t in some.tolist()]


def cheapest_mix(stack: list[Stretch], fixed: list[Fixed], hourly: Hourly | None) -> list[Bought]:
    """Who holds which of the units, so that all together cost the least; nobody where there are too few.

    Screening curves in whole units: a unit that is needed h hours costs its price by the month, or h times its price by
    the hour. From the base up units are needed less, and those by the month cost more, so that the first one that is
    cheaper by the hour ends the base. *fixed* are the cheapest first, and an hour on them costs nothing beside (else
    `mix_with_ended`).
    """
    found: list[Bought] = []
    offers = iter(fixed)
    offer, left = next(offers, None), 0.0
    left = offer.limit if offer else 0.0
    for units, hours_milli in stack:
        open_units = units
        while open_units and offer and not (hourly and hourly.micro * hours_milli <= offer.micro * MILLI):
            count = int(min(open_units, left))
            if count:
                found.append(Bought(offer.offer, count, count * hours_milli, hours_milli, hours_milli))
            open_units, left = open_units - count, left - count
            if left < 1:
                offer = next(offers, None)
                left = offer.limit if offer else 0.0
        if open_units and hourly is None:
            return []
        if open_units and hourly:
            offer = None
            found.append(Bought(hourly.offer, open_units, open_units * hours_milli, hours_milli, hours_milli))
    return joined(found)


def joined(parts: list[Bought]) -> list[Bought]:
    """The same with the units of each offer in one, in the order they come first."""
    found: dict[int, Bought] = {}
    for one in parts:
        had = found.get(one.offer)
        if had is None:
            found[one.offer] = one
            continue
        found[one.offer] = Bought(
            one.offer,
            had.units + one.units,
            had.node_hours_milli + one.node_hours_milli,
            min(had.least_milli, one.least_milli),
            max(had.most_milli, one.most_milli),
        )
    return list(found.values())


def cost_of(mix: list[Bought], fixed: list[Fixed], hourly: Hourly | None) -> float:
    """What the units of a mix cost a month [micro-USD]."""
    price = {one.offer: one for one in fixed}
    total = 0.0
    for one in mix:
        if hourly and one.offer == hourly.offer:
            total += hourly.micro * one.node_hours_milli / MILLI
        else:
            total += price[one.offer].micro * one.units + price[one.offer].hour_micro * one.node_hours_milli / MILLI
    return total
