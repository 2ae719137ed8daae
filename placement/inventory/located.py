"""Where a location of the inventory is on Earth."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from placement.catalog.network import Point
from placement.catalog.tables import Catalog, Site
from placement.inventory.place import Location


def resolve_location(catalog: Catalog, location: Location) -> tuple[str | None, float | None, float | None]:
    """Country and coordinates of a location: its own, else those of its site or city; unknown stays None."""
    if location.site is not None:
        return _resolve_site(catalog, location.site)
    country, latitude, longitude = location.country, location.latitude, location.longitude
    if location.city is not None:
        cities = [city for city in catalog.cities.get(location.city, []) if country in (None, city.country)]
        if len(cities) == 1:
            country = cities[0].country
            if latitude is None:
                latitude, longitude = cities[0].latitude, cities[0].longitude
    return country, latitude, longitude


def _resolve_site(catalog: Catalog, name: str) -> tuple[str | None, float | None, float | None]:
    """Country and coordinates of a site of the catalog, or of a point of its measurements."""
    known: Iterable[Site | Point] = chain(catalog.sites, catalog.network.points)
    found = next((site for site in known if site.id == name), None)
    return (found.country, found.latitude, found.longitude) if found is not None else (None, None, None)
