"""A place that an inventory names, as laws see it."""

from __future__ import annotations

from collections.abc import Iterable

from placement.catalog.legal import Spot, spot_of
from placement.catalog.tables import Catalog
from placement.inventory.inventory import Head
from placement.inventory.located import resolve_location
from placement.inventory.place import Location


def spots_at(catalog: Catalog, head: Head, place: str) -> list[Spot]:
    """A location, an own site or a site of the catalog, in each country it is in; none for one that is not known."""
    locations, sites = head.locations, head.sites
    if place in locations:
        return [Spot(country, None, True, "general", None) for country in _countries(catalog, [locations[place]])]
    if place in sites:
        held = dict.fromkeys(sites[place].certifications, "audited")
        stands = [locations[name] for name in sites[place].stands_at if name in locations]
        return [Spot(country, None, True, "general", held) for country in _countries(catalog, stands)]
    return [spot_of(site) for site in catalog.sites if site.id == place]


def _countries(catalog: Catalog, locations: Iterable[Location]) -> list[str | None]:
    """The countries of some locations; one in a city or site that the catalog does not know is no place."""
    found = {(resolve_location(catalog, one)[0], one.city is not None or one.site is not None) for one in locations}
    return sorted({country for country, named in found if country is not None or not named}, key=str)
