"""A catalog with one assumption set to another figure; all else stays."""

from __future__ import annotations

from placement.catalog.claims import IN_USE, NODE_PRICE, RENT, Lever
from placement.catalog.tables import Catalog, Fact, Site
from placement.units import MICRO

_RENT_ASSUMED = "facility_usd_per_kw_month"


def with_lever(catalog: Catalog, lever: Lever, micro: int) -> Catalog:
    """The catalog with *lever* at *micro* millionths; the share in use changes workloads and not the catalog."""
    if lever.name == IN_USE:
        return catalog
    if lever.name == NODE_PRICE:
        return _node_prices(catalog, micro)
    if lever.name == RENT:
        sites = [_rented(site, micro) for site in catalog.sites]
        return _assumed(catalog._replace(sites=sites), _RENT_ASSUMED, micro)
    return _assumed(catalog, lever.name, micro)


def _assumed(catalog: Catalog, name: str, micro: int) -> Catalog:
    """An assumption at another figure, for every tier that has one."""
    facts = {tier: fact._replace(micro=micro) for tier, fact in catalog.assumptions[name].items()}
    return catalog._replace(assumptions={**catalog.assumptions, name: facts})


def _rented(site: Site, micro: int) -> Site:
    """A colocation site whose rent of a kW, if it states one, is another."""
    fact = site.facility.get(RENT)
    if site.tier != "colo" or fact is None:
        return site
    return site._replace(facility={**site.facility, RENT: fact._replace(micro=micro)})


def _node_prices(catalog: Catalog, micro: int) -> Catalog:
    nodes = {name: node._replace(capex=_times(node.capex, micro)) for name, node in catalog.nodes.items()}
    return catalog._replace(nodes=nodes)


def _times(fact: Fact | None, micro: int) -> Fact | None:
    """A price times a ratio, rounded down to a micro-dollar; unknown stays unknown."""
    return None if fact is None else fact._replace(micro=fact.micro * micro // MICRO)
