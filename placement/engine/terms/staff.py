"""The people who run bought nodes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from placement.catalog.tables import Catalog, Fact, Site
from placement.engine.problem import Problem
from placement.engine.supply import Purchase
from placement.engine.terms.base import Provenance, Rate, Term, by_offer, nothing_variable
from placement.units import MICRO_PER_CENT, MILLI


class _Paid:
    """How people are paid at one site: so much a node as the site says, else so much an engineer."""

    def __init__(self, catalog: Catalog, site: Site) -> None:
        self.stated = site.facility.get("staff_usd_per_node_month")
        self.engineer = catalog.assumption("staff_usd_per_engineer_year")
        self.runs: Fact | None = None
        if site.tier in ("colo", "on_prem", "edge"):
            self.runs = catalog.assumption("staff_accelerators_per_engineer", site.tier)

    @property
    def key(self) -> tuple[int, int, int]:
        """Equal for sites where a node costs the same."""
        stated = -1 if self.stated is None else self.stated.micro
        return stated, self.engineer.micro, 0 if self.runs is None else self.runs.micro

    @property
    def provenance(self) -> Provenance:
        if self.stated is not None:
            return Provenance.of(self.stated)
        runs = "" if self.runs is None else f"one engineer runs {self.runs.text} accelerators"
        return Provenance.of(self.engineer)._replace(note=f"{runs} at {self.engineer.text} USD a year")


def staff_micro(purchase: Purchase, key: tuple[int, int, int]) -> int:
    """What the people who run one node cost a month [micro-USD, whole cents].

    *key*: what is stated of a node, else −1; what an engineer costs a year; accelerators that one runs, in millionths.
    """
    stated, engineer, runs = key
    if stated >= 0:
        return stated
    if not runs:
        return 0
    cents = Fraction(purchase.node.accelerators * engineer * 1_000_000, 12 * runs * MICRO_PER_CENT)
    return round(cents) * MICRO_PER_CENT


def _rates(problem: Problem) -> list[Rate]:
    supply = problem.supply
    paid = [_Paid(problem.catalog, site) for site in supply.sites]
    price_o = by_offer(supply, [one.key for one in paid], staff_micro)

    def provenance(_row: int, offer: int) -> Provenance:
        return paid[int(supply.site_o[offer])].provenance

    quantity_o = np.full(len(supply.site_o), float(MILLI))
    return [Rate("staff", "staff, running the nodes", "node-month", "o", quantity_o, price_o, provenance)]


STAFF = Term("staff", "people who run bought nodes", _rates, nothing_variable)
