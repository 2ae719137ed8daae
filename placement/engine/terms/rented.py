"""What the terms of rented offers share: which offers are meant, and where their price comes from."""

from __future__ import annotations

import numpy as np

from placement.catalog.offer_ids import same_sku
from placement.catalog.offers import Contract
from placement.catalog.tables import BASES, UNKNOWN
from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance
from placement.words import PURCHASES


def price_of(problem: Problem, purchase: str) -> Floats:
    """Price per hour [micro-USD] of the offers of one purchase model, `o`; 0 elsewhere and where unknown.

    What is signed already has prices of its own (`resigned`).
    """
    supply = problem.supply
    mine_o = (supply.purchase_o == PURCHASES.index(purchase)) & (supply.signed_o < 0)
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
    row = int(problem.supply.catalog_row_o[offer])
    return None if row < 0 else same_sku(problem.catalog, row, "on_demand")


def contract_of(problem: Problem, offer: int) -> Contract | None:
    """What was agreed about the price of an offer; None for one at its list price, and for what is signed already."""
    row = int(problem.supply.catalog_row_o[offer])
    return _contract(problem, row) if row >= 0 and problem.supply.signed_o[offer] < 0 else None


def _contract(problem: Problem, row: int) -> Contract | None:
    number = int(problem.catalog.offers.contract_o[row])
    return None if number == UNKNOWN else problem.catalog.contracts[number]


def published_price_micro(problem: Problem, offer: int) -> int | None:
    """What is listed per hour for the very offer, where its price is an agreed one [micro-USD]."""
    if contract_of(problem, offer) is None:
        return None
    return _known(int(problem.catalog.offers.list_micro_o[int(problem.supply.catalog_row_o[offer])]))


def offer_provenance(problem: Problem, offer: int) -> Provenance:
    """Source and date of a rented offer's price."""
    return row_provenance(problem, int(problem.supply.catalog_row_o[offer]))


def row_provenance(problem: Problem, row: int) -> Provenance:
    """Source and date of the price in a row of the catalog: of a share off the list price its date, and who says it."""
    catalog = problem.catalog
    offers, strings = catalog.offers, catalog.strings
    estimate = BASES[int(offers.basis_o[row])] == "estimate"
    source, as_of = strings[int(offers.source_o[row])], strings[int(offers.as_of_o[row])]
    note, contract = strings[int(offers.note_o[row])], _contract(problem, row)
    if contract is None:
        return Provenance(source, as_of, estimate, note)
    if contract.own_price:
        return Provenance(contract.source_id, contract.as_of)
    return Provenance(contract.source_id, as_of, estimate, note)
