"""What the terms of rented offers share: which offers are meant, and where their price comes from."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import BASES, PURCHASES
from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance


def price_of(problem: Problem, purchase: str) -> Floats:
    """Price per hour [micro-USD] of the offers of one purchase model, `o`; 0 elsewhere and where unknown."""
    supply = problem.supply
    mine_o = supply.purchase_o == PURCHASES.index(purchase)
    return np.where(mine_o & (supply.price_micro_o > 0), supply.price_micro_o, 0).astype(np.float64)


def offer_provenance(problem: Problem, offer: int) -> Provenance:
    """Source and date of a rented offer's price."""
    catalog = problem.catalog
    row = int(problem.supply.catalog_row_o[offer])
    offers, strings = catalog.offers, catalog.strings
    estimate = BASES[int(offers.basis_o[row])] == "estimate"
    return Provenance(
        strings[int(offers.source_o[row])],
        strings[int(offers.as_of_o[row])],
        estimate,
        strings[int(offers.note_o[row])],
    )
