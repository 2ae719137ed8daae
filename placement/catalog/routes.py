"""Tariffs that hold for some destinations only: by site, country or continent of the receiver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from placement.catalog.model import EgressEntry, ProviderFile, Sourced
from placement.documents import Finding, KeyPath

BY = ("to_sites", "to_countries", "to_continent")
"""Ways to name destinations, the most particular first."""

_BY_TO = {"internet": ("to_countries", "to_continent"), "same_provider": BY}
"""What can be named for which kind of bytes."""

Key = tuple[str, tuple[str, ...], tuple[str, ...], str]


class Found(NamedTuple):
    """An entry, and the destinations it is about: kind of bytes, ids of sites, countries, continent."""

    key: Key
    entry: EgressEntry


def is_plain(entry: Sourced) -> bool:
    """Whether an entry holds wherever bytes go."""
    return not isinstance(entry, EgressEntry) or not any(getattr(entry, name) for name in BY)


def routes_of(provider: str, files: list[ProviderFile], site: str) -> list[Found]:
    """The tariffs of *site* by destination: sites before countries before continents, its own entries before `*`.

    Of entries about the same destinations the one of the later layer wins.
    """
    found: dict[Key, tuple[tuple[int, bool, int], EgressEntry]] = {}
    entries = [entry for read in files for entry in read.egress]
    for number, entry in enumerate(entries):
        own = site in entry.sites
        if is_plain(entry) or not (own or "*" in entry.sites):
            continue
        key = (
            entry.to,
            tuple(f"{provider}/{name}" for name in entry.to_sites or ()),
            tuple(entry.to_countries or ()),
            entry.to_continent or "",
        )
        rank = (next(place for place, name in enumerate(BY) if getattr(entry, name)), not own, -number)
        if key not in found or rank < found[key][0]:
            found[key] = rank, entry
    return [Found(key, entry) for key, (_, entry) in sorted(found.items(), key=lambda item: item[1][0])]


def wrong_routes(read: ProviderFile) -> Iterator[Finding]:
    """Entries that name their destinations twice, or as such bytes have none."""
    for index, entry in enumerate(read.egress):
        given = [name for name in BY if getattr(entry, name)]
        path: KeyPath = ("egress", index)
        if len(given) > 1:
            message = f"`{given[0]}` and `{given[1]}` do not go together"
            yield Finding("catalog-value", message, (*path, given[1]), "make two entries of it")
        elif given and given[0] not in _BY_TO.get(entry.to, ()):
            message = f"`{given[0]}` does not go with `to: {entry.to}`"
            yield Finding("catalog-value", message, (*path, given[0]), "leave it out: there is one price")
