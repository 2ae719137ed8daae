"""What the terms of rented offers share: which offers are meant, and where their price comes from."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import BASES, UNKNOWN
from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance
from placement.words import PURCHASES


def price_of(problem: Problem, purchase: str) -> Floats:
    """Price per hour [micro-USD] of the offers of one purchase model, `o`; 0 elsewhere and where unknown."""
    supply = problem.supply
    mine_o = supply.purchase_o == PURCHASES.index(purchase)
    return np.where(mine_o & (supply.price_micro_o > 0), supply.price_micro_o, 0).astype(np.float64)


def list_price_micro(problem: Problem, offer: int) -> int | None:
    """Price per hour of the same sku at the same site on demand [micro-USD]; None where the catalog has none."""
    supply = problem.supply
    site, sku, on_demand = supply.site_o[offer], supply.sku_o[offer], PURCHASES.index("on_demand")
    for other in range(offer, -1, -1):  # it is the first of its sku, and offers of a sku stand together
        if supply.site_o[other] != site or supply.sku_o[other] != sku:
            break
        if supply.purchase_o[other] == on_demand and supply.price_micro_o[other] != UNKNOWN:
            return int(supply.price_micro_o[other])
    return None


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
