"""Other ways for bytes than the internet: what carries them, how many of it are needed, and which way is the cheapest.

Ports (`engine.interconnect`) and devices (`engine.devices`) are such carriers. Each has a capacity and a price of its
own, and a price per GB besides; a flow takes one kind of them, or none, for its whole volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Fact
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.flows import Flows
from placement.engine.product import product_micro
from placement.engine.senders import Senders
from placement.engine.tariffs import FREE, Tariffs, volumes_micro

NO_WAY = 0


class Carrier(NamedTuple):
    """What carries bytes; so many of it are paid for as the volume needs."""

    words: str
    """What it is, for the brackets of the line about it."""
    by: str
    """How bytes go with it, for the brackets of the lines about them."""
    unit: str
    unit_milli: int
    """How much of the unit is paid for each of them [thousandths]."""
    capacity_milli_gb: int
    price: Fact
    """Of the unit."""
    tariff: int
    """Of the bytes."""
    provider: str = ""
    """Whose devices these are."""
    only_for: str = ""
    """Who may order them; empty: anybody."""


Way = tuple[Carrier, ...]
"""The carriers that a flow may choose from."""


class Doors(NamedTuple):
    """Where flows could take another way. Axes `e` and `s` as those of the flows."""

    way_es: Ints
    """Number of the way, `NO_WAY` where there is none."""
    tariff_es: Ints
    """What the internet costs there; `FREE` where there is no way."""


class WayBook:
    """Ways, numbered as they are met; number 0 is none."""

    def __init__(self) -> None:
        self.ways: list[Way] = [()]
        self._number: dict[Way, int] = {(): NO_WAY}

    def add(self, way: Way) -> int:
        """The number of a way; `NO_WAY` for one without carriers."""
        if way not in self._number:
            self._number[way] = len(self.ways)
            self.ways.append(way)
        return self._number[way]


def set_apart(flows: Flows, senders: Senders, way_es: Ints) -> tuple[Doors, Flows]:
    """The doors of these ways, and what is left of the flows: priced at their doors, they are free among the others.

    Tiers there count one flow alone, whichever way it takes.
    """
    apart_es = way_es != NO_WAY
    alone_es = senders.alone(flows.tariff_es.ravel()).reshape(flows.tariff_es.shape)
    doors = Doors(way_es, np.where(apart_es, alone_es, FREE))
    return doors, flows._replace(tariff_es=np.where(apart_es, FREE, flows.tariff_es))


class Best(NamedTuple):
    """The cheapest carrier of a way for some volumes; of equal ones the first."""

    carrier_w: Ints
    count_w: Floats
    """How many of it are needed."""
    cost_micro_w: Floats
    """Of all that is paid for it, bytes included."""


def best_of(way: Way, tariffs: Tariffs, volume_milli_w: Floats) -> Best:
    """Compare the whole costs of a way's carriers, exactly."""
    count_pw = np.array([-np.floor_divide(-volume_milli_w, float(one.capacity_milli_gb)) for one in way])
    cost_pw = np.array([carried_micro(one, tariffs, count_pw[p], volume_milli_w) for p, one in enumerate(way)])
    best_w, rows = np.argmin(cost_pw, axis=0), np.arange(len(volume_milli_w))
    return Best(best_w, count_pw[best_w, rows], cost_pw[best_w, rows])


def carried_micro(carrier: Carrier, tariffs: Tariffs, count_w: Floats, volume_milli_w: Floats) -> Floats:
    """What so many of a carrier and the volumes that they carry cost."""
    price = np.array([float(carrier.price.micro)])
    return product_micro(count_w * carrier.unit_milli, price) + volumes_micro(tariffs, carrier.tariff, volume_milli_w)


class Cheaper(NamedTuple):
    """Which flows take the other way. Axis `x`: pairs of a tariff and a way that are met."""

    taken_wx: Bools
    carrier_wx: Ints
    """Number of the carrier, of those of the way."""
    count_wx: Floats
    """How many of it."""


def cheaper(ways: Sequence[Way], tariffs: Tariffs, tariff_x: Ints, way_x: Ints, volume_milli_w: Floats) -> Cheaper:
    """Compare the whole cost of the internet and of the cheapest carriers, exactly; equal costs stay public."""
    shape = (len(volume_milli_w), len(tariff_x))
    found = Cheaper(np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int64), np.zeros(shape))
    for x in np.flatnonzero(way_x != NO_WAY).tolist():
        best = best_of(ways[int(way_x[x])], tariffs, volume_milli_w)
        public_w = volumes_micro(tariffs, int(tariff_x[x]), volume_milli_w)
        found.taken_wx[:, x] = best.cost_micro_w < public_w
        found.carrier_wx[:, x], found.count_wx[:, x] = best.carrier_w, best.count_w
    return found
