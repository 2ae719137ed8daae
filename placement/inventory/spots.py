"""A place that an inventory names, as laws see it."""

from __future__ import annotations

from placement.catalog.legal import Spot, spot_of
from placement.catalog.tables import Catalog
from placement.inventory.inventory import Head
from placement.inventory.located import resolve_location


def spots_at(catalog: Catalog, head: Head, place: str) -> list[Spot]:
    """A location, an own site or a site of the catalog, in each country it is in; none for one that is not known."""
    locations, sites = head.locations, head.sites
    if place in locations:
        return [Spot(resolve_location(catalog, locations[place])[0], None, True, "general", None)]
    if place in sites:
        held = dict.fromkeys(sites[place].certifications, "audited")
        stands = [locations[name] for name in sites[place].stands_at if name in locations]
        countries = {resolve_location(catalog, location)[0] for location in stands}
        return [Spot(country, None, True, "general", held) for country in sorted(countries, key=str)]
    return [spot_of(site) for site in catalog.sites if site.id == place]
