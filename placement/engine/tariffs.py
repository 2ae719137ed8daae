"""Tiered prices of bytes and of storage, numbered as they are met."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Tariff
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.product import product_micro

FREE = 0
"""Tariff 0: within one place nobody charges for bytes."""


class Tariffs(NamedTuple):
    """Tiered prices as rectangles: tariff × tier."""

    values: list[Tariff]
    start_milli_tk: Floats
    width_milli_tk: Floats
    price_micro_tk: Floats
    pooled_t: Bools
    """Whether the tiers count what all workloads send together: those of a provider with several tiers."""


class TariffBook:
    """Tariffs numbered as they are met; number 0 is free."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._values: list[Tariff] = [Tariff(((0, 0),), "", "", "within one place")]
        self._pooled: list[bool] = [False]
        self._index: dict[tuple[Tariff, str], int] = {}
        self._known: dict[tuple[int | str, str], int] = {}

    def add(self, tariff: Tariff | None, assumption: str, tier: str, payee: str = "") -> int:
        """Number of *tariff*, or of the catalog's assumption for the tier where it is unknown.

        With a *payee*, its tiers count everything that is sent under this tariff of this provider in a month.
        """
        # Sites share tariffs: looking at their identity first saves hashing all their tiers again and again.
        key = (id(tariff) if tariff is not None else f"{assumption} {tier}", payee)
        if key not in self._known:
            self._known[key] = self._number(tariff, assumption, tier, payee)
        return self._known[key]

    def _number(self, tariff: Tariff | None, assumption: str, tier: str, payee: str) -> int:
        if tariff is None:
            fact = self._catalog.assumption(assumption, tier)
            tariff = Tariff(((0, fact.micro),), fact.as_of, fact.source_id, fact.note, assumed=True)
        return self._numbered(tariff, payee)

    def alone(self, number: int) -> int:
        """Number of the same tariff with tiers that count one flow alone; `FREE` stays what it is."""
        return self._numbered(self._values[number], "") if self._pooled[number] else number

    def _numbered(self, tariff: Tariff, payee: str) -> int:
        pooled = bool(payee) and len(tariff.tiers) > 1
        known = (tariff, payee if pooled else "")
        if known not in self._index:
            self._index[known] = len(self._values)
            self._values.append(tariff)
            self._pooled.append(pooled)
        return self._index[known]

    def table(self) -> Tariffs:
        """All tariffs met so far."""
        tiers = max(len(tariff.tiers) for tariff in self._values)
        start, width, price = (np.zeros((len(self._values), tiers)) for _ in range(3))
        for row, tariff in enumerate(self._values):
            for column, (begin, micro) in enumerate(tariff.tiers):
                end = tariff.tiers[column + 1][0] if column + 1 < len(tariff.tiers) else np.inf
                start[row, column], width[row, column], price[row, column] = begin, end - begin, micro
        return Tariffs(list(self._values), start, width, price, np.array(self._pooled))


def within(volume_milli: Floats, start_milli: Floats, width_milli: Floats) -> Floats:
    """How much of a volume lies within a tier."""
    reached = volume_milli - start_milli
    return np.asarray(np.minimum(np.maximum(reached, 0.0, out=reached), width_milli, out=reached))


def stretch_micro(tariffs: Tariffs, tariff_e: Ints, begin_milli_e: Floats, volume_milli_e: Floats) -> Floats:
    """What stretches of pools cost [micro-USD]: each tier's part at its price, as lines have it."""
    total_e = np.zeros(len(tariff_e))
    for tier in range(tariffs.price_micro_tk.shape[1]):
        start_e, width_e = tariffs.start_milli_tk[tariff_e, tier], tariffs.width_milli_tk[tariff_e, tier]
        part_e = within(begin_milli_e + volume_milli_e, start_e, width_e) - within(begin_milli_e, start_e, width_e)
        total_e += product_micro(part_e, tariffs.price_micro_tk[tariff_e, tier])
    return total_e


def volumes_micro(tariffs: Tariffs, tariff: Ints | int, volume_milli_e: Floats) -> Floats:
    """What monthly volumes cost from their first byte on [micro-USD], under one tariff or each under its own."""
    tariff_e = np.broadcast_to(tariff, volume_milli_e.shape)
    return stretch_micro(tariffs, tariff_e, np.zeros(len(volume_milli_e)), volume_milli_e)
