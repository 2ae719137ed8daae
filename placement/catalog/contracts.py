"""Negotiated prices: which of them holds for an offer, and what the offer then costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from placement.catalog.model import DiscountEntry
from placement.catalog.tables import UNKNOWN
from placement.csv_tables import Row
from placement.dates import earliest_day, latest_day
from placement.units import MICRO, to_micro

ANY = "*"


class Prices(NamedTuple):
    """What an offer costs: by the hour and at the begin of a term [micro-USD], `UNKNOWN` where nobody says."""

    hour_micro: int
    upfront_micro: int


def state_of(entry: DiscountEntry, today: date | None) -> str:
    """`expired` or `future` where it does not hold on that day; empty where it does, or the day is not known."""
    begin, end = earliest_day(entry.valid_from or ""), latest_day(entry.valid_until or "")
    if today is None:
        return ""
    if end is not None and end < today:
        return "expired"
    return "future" if begin is not None and begin > today else ""


def contract_for(entries: Sequence[tuple[int, DiscountEntry]], site: str, row: Row) -> int:
    """The number of the entry that holds for an offer of its provider at *site*; −1 where none does.

    The one that names more of site, sku and purchase model wins; of two that name as many, the later one.
    """
    found = [(_named(entry), number) for number, entry in entries if holds(entry, site, row)]
    return max(found)[1] if found else UNKNOWN


def holds(entry: DiscountEntry, site: str, row: Row) -> bool:
    """Whether an entry is about an offer; an agreed price per hour says nothing of what is paid ahead."""
    return (
        any(matches(pattern, site) for pattern in entry.sites)
        and any(matches(pattern, row["sku"]) for pattern in entry.skus)
        and (entry.purchases is None or row["purchase"] in entry.purchases)
        and not (entry.usd_per_hour is not None and row["payment"])
    )


def _named(entry: DiscountEntry) -> int:
    return sum((ANY not in entry.sites, ANY not in entry.skus, entry.purchases is not None))


def matches(pattern: str, name: str) -> bool:
    """Whether a name is what a pattern says; `*` in it stands for any characters."""
    return _pattern(pattern).fullmatch(name) is not None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split(ANY))), re.DOTALL)


def contracted(entry: DiscountEntry, listed: Prices) -> Prices:
    """What an offer costs under an entry; parts of micro-dollars are rounded half up."""
    if entry.usd_per_hour is not None:
        return listed._replace(hour_micro=to_micro(entry.usd_per_hour))
    kept = MICRO - to_micro(entry.discount_fraction or 0)
    return Prices(*(price if price == UNKNOWN else (price * kept + MICRO // 2) // MICRO for price in listed))


def words_of(entry: DiscountEntry) -> str:
    """What it is about: `aws p5.48xlarge at us-east-1`."""
    skus = "" if ANY in entry.skus else f" {', '.join(entry.skus)}"
    sites = "" if ANY in entry.sites else f" at {', '.join(entry.sites)}"
    ways = "" if entry.purchases is None else f" ({', '.join(entry.purchases)})"
    return f"{entry.provider}{skus}{sites}{ways}"
