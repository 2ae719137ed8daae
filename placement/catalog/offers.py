"""What is rented at what price, as columns, and what was negotiated about it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Contract(NamedTuple):
    """A negotiated price of some offers."""

    what: str
    """What it is about."""
    source_id: str
    as_of: str
    until: str
    """The last day or month it holds; empty: no end is known."""
    state: str
    """`expired` or `future` where it does not hold on the day of the catalog; it is not applied then."""
    own_price: bool
    """Whether it states a price, which nothing of the list price is in."""


class Offers(NamedTuple):
    """Rented offers, one row each, ordered by (site, sku, purchase)."""

    site_o: Ints
    shape_o: Ints
    sku_o: Ints
    purchase_o: Ints
    price_micro_o: Ints
    """Micro-dollars per hour for the shape's `units` together; `UNKNOWN` where no price is known."""
    hosting_o: Ints
    availability_o: Ints
    basis_o: Ints
    as_of_o: Ints
    source_o: Ints
    note_o: Ints
    payment_o: Ints
    """Number in `PAYMENTS`."""
    months_o: Ints
    """Of a lease's term; 0 for all other offers."""
    upfront_micro_o: Ints
    """Micro-dollars for the shape's `units` together, at the begin of each term; 0 where nothing is."""
    contract_o: Ints
    """Number in `Catalog.contracts` of the negotiated price; −1 for offers at their list price."""
    list_micro_o: Ints
    """What is listed, negotiated or not: per hour, and at the begin of each term."""
    list_upfront_micro_o: Ints
