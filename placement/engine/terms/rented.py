"""What the terms of rented offers share: which offers are meant, and where their price comes from."""

from __future__ import annotations

import numpy as np

from placement.catalog.offers import Contract
from placement.catalog.tables import BASES, UNKNOWN
from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance
from placement.words import PURCHASES

ON_DEMAND = PURCHASES.index("on_demand")


def price_of(problem: Problem, purchase: str) -> Floats:
    """Price per hour [micro-USD] of the offers of one purchase model, `o`; 0 elsewhere and where unknown."""
    supply = problem.supply
    mine_o = supply.purchase_o == PURCHASES.index(purchase)
    return np.where(mine_o & (supply.price_micro_o > 0), supply.price_micro_o, 0).astype(np.float64)


def list_price_micro(problem: Problem, offer: int) -> int | None:
    """What is listed per hour for the same sku at the same site on demand [micro-USD]; None where nothing is."""
    row = _on_demand_row(problem, offer)
    return None if row is None else _known(int(problem.catalog.offers.list_micro_o[row]))


def contracted_price_micro(problem: Problem, offer: int) -> int | None:
    """What is agreed for the same on demand, without what a commitment takes off; None where nothing is."""
    row = _on_demand_row(problem, offer)
    if row is None or problem.catalog.offers.contract_o[row] < 0:
        return None
    return _known(int(problem.catalog.offers.price_micro_o[row]))


def _known(micro: int) -> int | None:
    return None if micro == UNKNOWN else micro


def _on_demand_row(problem: Problem, offer: int) -> int | None:
    """Row of the catalog for the same sku at the same site on demand."""
    supply = problem.supply
    site, sku = supply.site_o[offer], supply.sku_o[offer]
    for other in range(offer, -1, -1):  # it is the first of its sku, and offers of a sku stand together
        if supply.site_o[other] != site or supply.sku_o[other] != sku:
            break
        if supply.purchase_o[other] == ON_DEMAND:
            return int(supply.catalog_row_o[other])
    return None


def contract_of(problem: Problem, offer: int) -> Contract | None:
    """What was agreed about the price of an offer; None for one at its list price."""
    row = int(problem.supply.catalog_row_o[offer])
    number = int(problem.catalog.offers.contract_o[row]) if row >= 0 else UNKNOWN
    return None if number == UNKNOWN else problem.catalog.contracts[number]


def published_price_micro(problem: Problem, offer: int) -> int | None:
    """What is listed per hour for the very offer, where its price is an agreed one [micro-USD]."""
    if contract_of(problem, offer) is None:
        return None
    return _known(int(problem.catalog.offers.list_micro_o[int(problem.supply.catalog_row_o[offer])]))


def offer_provenance(problem: Problem, offer: int) -> Provenance:
    """Source and date of a rented offer's price: of a share off the list price its date, and who says the share."""
    catalog = problem.catalog
    row = int(problem.supply.catalog_row_o[offer])
    offers, strings = catalog.offers, catalog.strings
    estimate = BASES[int(offers.basis_o[row])] == "estimate"
    source, as_of = strings[int(offers.source_o[row])], strings[int(offers.as_of_o[row])]
    note = strings[int(offers.note_o[row])]
    contract = contract_of(problem, offer)
    if contract is None:
        return Provenance(source, as_of, estimate, note)
    if contract.own_price:
        return Provenance(contract.source_id, contract.as_of)
    return Provenance(contract.source_id, as_of, estimate, note)
