"""The oracle's view of commitments that are signed already, written from `docs/costs.md`, "Signed already"."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from oracle_arithmetic import ceil_div, product

from placement.words import PURCHASES

if TYPE_CHECKING:
    from oracle import Offer, Oracle

TERMS = {"reserved_1y": 12, "reserved_3y": 36}
MONTH_HOURS = 730


def signed_offers(oracle: Oracle, rented: list[Offer]):
    """Nodes by offer and end: as the offer itself, but so many of them, and at the price of what comes after."""
    nodes: dict[tuple[str, str], int] = {}
    for one in oracle.inventory.commitments:
        nodes[one.offer, one.ends] = nodes.get((one.offer, one.ends), 0) + one.nodes
    by_id = {offer.id: offer for offer in rented}
    for (name, ends), count in nodes.items():
        base = by_id[name]
        site, sku, way = base.site.id, *name.removeprefix(f"{base.site.id}/").rsplit("/", 1)
        months = min(months_until(oracle.catalog.as_of, ends), oracle.inventory.horizon_months)
        left = oracle.inventory.horizon_months - months
        term = base.months or TERMS[base.purchase]
        length = f"-{base.months}m" if base.months else ""
        again, hourly = by_id.get(f"{site}/{sku}/{base.purchase}{length}"), by_id.get(f"{site}/{sku}/on_demand")
        ways = []
        if again is not None and again.price is not None:
            begun = ceil_div(left, term) * term
            ways.append((begun * again.price, 0, again.price, begun))
        if hourly is not None and hourly.price is not None:
            ways.append((left * hourly.price, 1, hourly.price, 0))
        price, begun = min(ways)[2:] if ways else (None, 0)
        new = f"signed-{ends}-{sku}"
        yield (site, new, PURCHASES.index(base.purchase), base.payment, base.months), replace(
            base, id=f"{site}/{new}/{way}", price=price if left else 0, existing=count, upfront=0,
            signed=(left, begun),
        )  # fmt: skip


def months_until(as_of: str, ends: str) -> int:
    """Months after that of *as_of* (a year is its December) to the one that ends it, both written YYYY-MM…."""
    year, month = int(as_of[:4]), int(as_of[5:7] or 12)
    return (int(ends[:4]) - year) * 12 + int(ends[5:7]) - month


def signed_cost(oracle: Oracle, offer: Offer, hours_milli: int) -> int:
    """Of a node a month: what the months after its end cost, borne by all months of the horizon."""
    left, begun = offer.signed
    horizon = oracle.inventory.horizon_months
    if begun:
        return product(round(Fraction(begun * MONTH_HOURS * 1000, horizon)), offer.price)
    return product(ceil_div(hours_milli * left, horizon), offer.price)
