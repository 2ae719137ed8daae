"""What is wrong with commitments that are signed already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from placement.catalog.offer_ids import offer_rows
from placement.catalog.tables import UNKNOWN, Catalog
from placement.dates import latest_day, months_between
from placement.diagnostics import did_you_mean
from placement.documents import Finding, KeyPath
from placement.inventory.commitment import Commitment
from placement.words import COMMITTED, PURCHASES

MOST_MONTHS = 120
"""The longest horizon: who has signed for longer has more likely mistaken the year."""

_WAYS = frozenset(PURCHASES)


def wrong_commitments(commitments: Sequence[Commitment], catalog: Catalog) -> Iterator[Finding]:
    """Offers nobody knows or that commit to nothing, prices nobody says, and ends that were or never come."""
    if not commitments:
        return
    committed, every = offer_rows(catalog, COMMITTED), offer_rows(catalog, _WAYS)
    for index, commitment in enumerate(commitments):
        path: KeyPath = ("commitments", index)
        yield from _offer(commitment, catalog, committed, every, path)
        yield from _ends(commitment, catalog, (*path, "ends"))


def _offer(
    commitment: Commitment, catalog: Catalog, committed: dict[str, int], every: dict[str, int], path: KeyPath
) -> Iterator[Finding]:
    name = commitment.offer
    if name in committed:
        if commitment.usd_per_hour is None and catalog.offers.price_micro_o[committed[name]] == UNKNOWN:
            message = f"the catalog knows no price of `{name}`"
            yield Finding("commitment-price", message, (*path, "offer"), "add `usd_per_hour`: what you pay for one")
        return
    site = "/".join(name.split("/")[:2])
    near = [one for one in committed if one.startswith(f"{site}/")] or list(committed)
    if name in every:
        message = f"`{name}` is paid by the hour: nothing is signed"
        hint = did_you_mean(name, near, f"name a commitment: {', '.join(sorted(COMMITTED))}")
        yield Finding("commitment-by-the-hour", message, (*path, "offer"), hint)
        return
    hint = did_you_mean(name, near)
    yield Finding("unknown-offer", f"unknown offer `{name}`", (*path, "offer"), hint)


def _ends(commitment: Commitment, catalog: Catalog, path: KeyPath) -> Iterator[Finding]:
    today, end = latest_day(catalog.as_of), latest_day(commitment.ends)
    if today is None or end is None:
        return
    months = months_between(today, end)
    if months < 1:
        message = f"this ended with {commitment.ends}, before the plan begins, the month after {catalog.as_of[:7]}"
        yield Finding("commitment-ended", message, path, "take it out, or correct the year")
    elif months > MOST_MONTHS:
        message = f"this ends {months:,} months after the catalog's date; at most {MOST_MONTHS} can be reckoned with"
        yield Finding("commitment-too-long", message, path, "is the year right?")
