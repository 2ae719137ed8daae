"""Negotiated prices that are about nothing, or say two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.catalog.contracts import ANY, holds, matches
from placement.catalog.model import DiscountEntry, DiscountsFile
from placement.catalog.read import Entries, Provider
from placement.dates import earliest_day, latest_day
from placement.diagnostics import did_you_mean
from placement.documents import Finding, KeyPath


def wrong_discounts(entries: Entries, read: DiscountsFile) -> Iterator[Finding]:
    """Unknown providers, sites and skus, dates the wrong way round, and prices that are none or two."""
    for index, entry in enumerate(read.discounts):
        path: KeyPath = ("discounts", index)
        yield from _amount(entry, path)
        yield from _dates(entry, path)
        provider = entries.providers.get(entry.provider)
        if provider is None:
            hint = did_you_mean(entry.provider, entries.providers)
            yield Finding("catalog-discount", f"unknown provider `{entry.provider}`", (*path, "provider"), hint)
        else:
            yield from _about(provider, entry, path)


def _amount(entry: DiscountEntry, path: KeyPath) -> Iterator[Finding]:
    fraction, price = entry.discount_fraction, entry.usd_per_hour
    if (fraction is None) == (price is None):
        said = "neither `discount_fraction` nor" if price is None else "both `discount_fraction` and"
        yield Finding("catalog-discount", f"{said} `usd_per_hour`: say one of them", path)
    elif price is not None and any(ANY in sku for sku in entry.skus):
        hint = "name the skus that cost so much, or give a `discount_fraction`"
        yield Finding("catalog-discount", "one price per hour cannot hold for all skus", path, hint)


def _dates(entry: DiscountEntry, path: KeyPath) -> Iterator[Finding]:
    known = {"valid_from": earliest_day(entry.valid_from or ""), "valid_until": latest_day(entry.valid_until or "")}
    for name, day in known.items():
        text = getattr(entry, name)
        if text is not None and day is None:
            yield Finding(
                "catalog-value", f"`{name}` must be a date (YYYY-MM or YYYY-MM-DD), not `{text}`", (*path, name)
            )
    begin, end = known.values()
    if begin is not None and end is not None and end < begin:
        message = f"it ends ({entry.valid_until}) before it begins ({entry.valid_from})"
        yield Finding("catalog-discount", message, (*path, "valid_until"), "exchange the two, or correct the year")


def _about(provider: Provider, entry: DiscountEntry, path: KeyPath) -> Iterator[Finding]:
    """Names that nothing of the provider has, else offers that there are none of."""
    skus = sorted({row["sku"] for row in provider.offers.values()})
    found = [
        *_nothing("site", entry.sites, sorted(provider.sites), (*path, "sites")),
        *_nothing("sku", entry.skus, skus, (*path, "skus")),
    ]
    yield from found
    if not found and not any(
        holds(entry, site, row) for (where, *_), row in provider.offers.items() for site in _sites(provider, where)
    ):
        hint = (
            "an agreed `usd_per_hour` is for offers without anything upfront" if entry.usd_per_hour is not None else ""
        )
        yield Finding("catalog-discount", f"no offer of `{provider.id}` is meant by it", path, hint)


def _sites(provider: Provider, where: str) -> list[str]:
    return [*provider.sites] if where == ANY else [where]


def _nothing(what: str, patterns: Iterable[str], names: list[str], path: KeyPath) -> Iterator[Finding]:
    for number, pattern in enumerate(patterns):
        if pattern != ANY and not any(matches(pattern, name) for name in names):
            hint = did_you_mean(pattern.replace(ANY, ""), names)
            yield Finding("catalog-discount", f"no {what} is called `{pattern}`", (*path, number), hint)
