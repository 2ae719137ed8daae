"""Commitments that are signed already: offers with so many nodes, paid for anyway until they end.

Until then a node costs a workload nothing more. For what is left of the horizon the commitment is renewed, without
anything upfront, or its node is rented on demand: whatever costs less for a node in use all the time.
"""

from __future__ import annotations

from typing import NamedTuple

from placement.catalog.offer_ids import offer_rows, same_sku, term_months
from placement.catalog.tables import UNKNOWN, Catalog
from placement.dates import latest_day, months_between
from placement.inventory.commitment import Commitment
from placement.inventory.inventory import Inventory
from placement.units import HOURS_PER_MONTH, to_micro
from placement.words import COMMITTED, PURCHASES

SIGNED = "signed-"
"""Prefix of the sku of what is signed already; the month in which it ends and the sku itself come after it."""


class Signed(NamedTuple):
    """Everything signed of one offer that ends in one month."""

    offer: str
    """Its id in the catalog."""
    row: int
    """Its row of the catalog's offers."""
    nodes: int
    ends: str
    months: int
    """Of the horizon, for which it is paid anyway."""
    beyond_months: int
    """After the horizon, for which it is still paid."""
    paid_micro: int
    """What all of its nodes cost a month [micro-USD]; in no total."""
    then_row: int
    """The row of what takes its place within the horizon; `UNKNOWN` where nothing has to, or nobody knows a price."""
    then_months: int
    """Months of the new terms that begin within the horizon; 0 on demand, where hours of use are paid."""
    priced: bool
    """Whether it is known what a node costs over the horizon."""


def signed_of(catalog: Catalog, inventory: Inventory) -> list[Signed]:
    """What the inventory has signed, by offer and end. The names must have been checked (`inventory.check`)."""
    if not inventory.commitments:
        return []
    rows = offer_rows(catalog, COMMITTED)
    pooled: dict[tuple[str, str], list[Commitment]] = {}
    for commitment in inventory.commitments:
        pooled.setdefault((commitment.offer, commitment.ends), []).append(commitment)
    return [_signed(catalog, inventory.horizon_months, rows[key[0]], pooled[key]) for key in sorted(pooled)]


def _signed(catalog: Catalog, horizon: int, row: int, parts: list[Commitment]) -> Signed:
    offer, ends = parts[0].offer, parts[0].ends
    left = months_left(catalog, ends)
    months = min(left, horizon)
    then_row, then_months = _then(catalog, row, horizon - months)
    return Signed(
        offer,
        row,
        sum(part.nodes for part in parts),
        ends,
        months,
        left - months,
        sum(part.nodes * _hour_micro(catalog, row, part) * HOURS_PER_MONTH for part in parts),
        then_row,
        then_months,
        months == horizon or then_row != UNKNOWN,
    )


def months_left(catalog: Catalog, ends: str) -> int:
    """Months from the first of the horizon, which is the one after the catalog's date, to the last that is paid for."""
    today, end = latest_day(catalog.as_of), latest_day(ends)
    if today is None or end is None:
        raise AssertionError(f"`{catalog.as_of}` and `{ends}` have been checked")
    return months_between(today, end)


def _hour_micro(catalog: Catalog, row: int, part: Commitment) -> int:
    stated = part.usd_per_hour
    return int(catalog.offers.price_micro_o[row]) if stated is None else to_micro(stated)


def _then(catalog: Catalog, row: int, months: int) -> tuple[int, int]:
    """What is cheapest for a node in use in the *months* that are left, and the months of its terms."""
    if not months:
        return UNKNOWN, 0
    offers, purchase = catalog.offers, PURCHASES[int(catalog.offers.purchase_o[row])]
    found = []
    ways = (purchase, int(offers.months_o[row]), term_months(catalog, row)), ("on_demand", 0, 1)
    for rank, (way, length, term) in enumerate(ways):
        other = same_sku(catalog, row, way, length)
        if other is not None and offers.price_micro_o[other] != UNKNOWN:
            begun = -(-months // term) * term
            found.append((int(offers.price_micro_o[other]) * begun, rank, other, 0 if way == "on_demand" else begun))
    return min(found)[2:] if found else (UNKNOWN, 0)


def sku_of(signed: Signed) -> str:
    """The sku it has in plans: `signed-2027-08-p5.48xlarge`."""
    return f"{SIGNED}{signed.ends}-{signed.offer.split('/', 2)[2].rpartition('/')[0]}"
