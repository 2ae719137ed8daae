"""Own sites that stand at several places, and the parts of them that workloads ask for.

A workload that lives at every place of its users' locations needs a site that stands there, and nowhere else. So such
a site is seen by the engine once with all its locations, and once for every smaller set that workloads ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from placement.catalog.tables import Site, Stand
from placement.plan.model import BORDER

MAX_PARTS = 1000
"""Sets of a site's locations that may be asked for: each is a site to the engine, with all its offers."""


class TooManyPartsError(Exception):
    """The workloads ask for too many different sets of a site's locations."""

    def __init__(self, site: str, parts: int) -> None:
        super().__init__(site, parts)
        self.site = site
        self.parts = parts


def parts_of(site: Site, asked: Collection[frozenset[str]]) -> Iterator[Site]:
    """A site as it is, and where it stands at several places, its parts at sets of locations that are asked for."""
    yield site
    if site.spread:
        wanted = [locations for locations in asked if locations and locations < site.at]
        if len(wanted) > MAX_PARTS:
            raise TooManyPartsError(site.name, len(wanted))
        for locations in wanted:
            stands = tuple(stand for stand in site.stands if stand.location in locations)
            part = f"{site.id}@{'+'.join(stand.location.replace('+', '++') for stand in stands)}"
            yield site._replace(id=part, stands=stands, country=border_text(stands))


def border_text(stands: tuple[Stand, ...]) -> str | None:
    """The countries of places as a placement names them; None where one of them is unknown."""
    countries = {stand.country for stand in stands}
    return None if None in countries else BORDER.join(sorted(country for country in countries if country is not None))
