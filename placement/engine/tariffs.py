"""Tiered prices of bytes and of storage, numbered as they are met."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Tariff
from placement.engine.arrays import Floats

FREE = 0
"""Tariff 0: within one place nobody charges for bytes."""


class Tariffs(NamedTuple):
    """Tiered prices as rectangles: tariff × tier."""

    values: list[Tariff]
    start_milli_tk: Floats
    width_milli_tk: Floats
    price_micro_tk: Floats


class TariffBook:
    """Tariffs numbered as they are met; number 0 is free."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._values: list[Tariff] = [Tariff(((0, 0),), "", "", "within one place")]
        self._index: dict[Tariff, int] = {}
        self._known: dict[int | str, int] = {}

    def add(self, tariff: Tariff | None, assumption: str, tier: str) -> int:
        """Number of *tariff*, or of the catalog's assumption for the tier where it is unknown."""
        # Sites share tariffs: looking at their identity first saves hashing all their tiers again and again.
        key = id(tariff) if tariff is not None else f"{assumption} {tier}"
        if key not in self._known:
            self._known[key] = self._number(tariff, assumption, tier)
        return self._known[key]

    def _number(self, tariff: Tariff | None, assumption: str, tier: str) -> int:
        if tariff is None:
            fact = self._catalog.assumption(assumption, tier)
            tariff = Tariff(((0, fact.micro),), fact.as_of, fact.source_id, fact.note, assumed=True)
        if tariff not in self._index:
            self._index[tariff] = len(self._values)
            self._values.append(tariff)
        return self._index[tariff]

    def table(self) -> Tariffs:
        """All tariffs met so far."""
        tiers = max(len(tariff.tiers) for tariff in self._values)
        start, width, price = (np.zeros((len(self._values), tiers)) for _ in range(3))
        for row, tariff in enumerate(self._values):
            for column, (begin, micro) in enumerate(tariff.tiers):
                end = tariff.tiers[column + 1][0] if column + 1 < len(tariff.tiers) else np.inf
                start[row, column], width[row, column], price[row, column] = begin, end - begin, micro
        return Tariffs(list(self._values), start, width, price)
