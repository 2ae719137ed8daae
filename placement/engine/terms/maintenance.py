"""A support contract on everything in a bought node but its accelerators, whose failures are spares."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from placement.catalog.tables import UNKNOWN, Catalog, Fact, Site
from placement.engine.problem import Problem
from placement.engine.supply import Purchase
from placement.engine.terms.base import Provenance, Rate, Term, by_offer, nothing_variable
from placement.engine.terms.spares import replacement_micro
from placement.units import MICRO, MICRO_PER_CENT


def maintenance_fact(catalog: Catalog, site: Site) -> Fact:
    """Share of that price a year: the site's own figure, else the catalog's."""
    return site.facility.get("maintenance_fraction_per_year") or catalog.assumption("maintenance_fraction_per_year")


def maintained_micro(purchase: Purchase) -> int:
    """What a node costs new beyond its accelerators at the price that spares have [micro-USD].

    Of hardware that is there it is the catalog's price, whatever the inventory still has to write off.
    """
    node = purchase.node
    price = node.capex.micro if node.capex is not None else purchase.capex_micro
    return max(0, price - node.accelerators * replacement_micro(purchase)) if price != UNKNOWN else 0


def maintenance_micro(purchase: Purchase, fraction_micro: int) -> int:
    """The contract of one node for a month [micro-USD, whole cents]."""
    return round(Fraction(maintained_micro(purchase) * fraction_micro, 12 * MICRO * MICRO_PER_CENT)) * MICRO_PER_CENT


def _rates(problem: Problem) -> list[Rate]:
    supply = problem.supply
    facts = [maintenance_fact(problem.catalog, site) for site in supply.sites]
    price_o = by_offer(supply, [fact.micro for fact in facts], maintenance_micro)

    def provenance(_row: int, offer: int) -> Provenance:
        return Provenance.of(facts[int(supply.site_o[offer])])

    quantity_o = np.full(len(supply.site_o), 1000.0)
    label = "maintenance, support contract"
    return [Rate("maintenance", label, "node-month", "o", quantity_o, price_o, provenance)]


MAINTENANCE = Term("maintenance", "support contracts of bought nodes", _rates, nothing_variable)
