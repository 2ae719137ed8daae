"""Ids of rented offers, as inventories and plans name them."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import Catalog
from placement.words import PAYMENTS, PURCHASES, TERM_MONTHS, way_to_buy


def offer_rows(catalog: Catalog, purchases: frozenset[str]) -> dict[str, int]:
    """The rows of the catalog's offers of some purchase models, by id."""
    offers = catalog.offers
    wanted = np.isin(offers.purchase_o, [PURCHASES.index(name) for name in purchases])
    return {offer_id(catalog, row): row for row in np.flatnonzero(wanted).tolist()}


def offer_id(catalog: Catalog, row: int) -> str:
    """`provider/site/sku/purchase`, with the term of a lease, and the payment where something is paid ahead."""
    offers = catalog.offers
    site, sku = catalog.sites[int(offers.site_o[row])].id, catalog.strings[int(offers.sku_o[row])]
    payment, months = PAYMENTS[int(offers.payment_o[row])], int(offers.months_o[row])
    return f"{site}/{sku}/{way_to_buy(PURCHASES[int(offers.purchase_o[row])], payment, months)}"


def term_months(catalog: Catalog, row: int) -> int:
    """Months of a term of a committed offer; 1 of one that is paid by the hour."""
    offers = catalog.offers
    return int(offers.months_o[row]) or TERM_MONTHS.get(PURCHASES[int(offers.purchase_o[row])], 1)


def same_sku(catalog: Catalog, row: int, purchase: str, months: int = 0) -> int | None:
    """The row of the same sku at the same site that is bought in another way, nothing ahead; None without one."""
    offers = catalog.offers
    wanted = PURCHASES.index(purchase), 0, months

    def is_same(other: int) -> bool:
        inside = 0 <= other < len(offers.site_o)
        return inside and bool(offers.site_o[other] == offers.site_o[row] and offers.sku_o[other] == offers.sku_o[row])

    first = last = row  # offers of a sku stand together
    while is_same(first - 1):
        first -= 1
    while is_same(last + 1):
        last += 1
    for other in range(first, last + 1):
        if (int(offers.purchase_o[other]), int(offers.payment_o[other]), int(offers.months_o[other])) == wanted:
            return other
    return None
