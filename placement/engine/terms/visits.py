"""Visits by hands: to replace what fails, and for updates that need somebody at each place."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import Catalog, Fact, Site
from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Columns, Provenance, Rate, Term
from placement.units import MICRO


def visit_fact(catalog: Catalog, site: Site) -> Fact | None:
    """Price of a visit: the site's own, else the assumption in colocation and where there are several places.

    Colocation has remote hands; a single place of one's own has its own.
    """
    stated = site.facility.get("visit_usd")
    hired = site.spread or site.tier == "colo"
    return catalog.assumption("visit_usd", site.tier) if stated is None and hired else stated


def _prices(problem: Problem, sites: list[Site]) -> tuple[list[Fact | None], Floats]:
    facts = [visit_fact(problem.catalog, site) for site in sites]
    return facts, np.array([fact.micro if fact is not None else 0 for fact in facts], dtype=np.float64)


def _source(fact: Fact | None) -> Provenance:
    return Provenance.of(fact) if fact is not None else Provenance("", "")


def _fixed(problem: Problem) -> list[Rate]:
    """A visit for every accelerator that fails: as many per node-month as there are spares."""
    supply = problem.supply
    facts, price_s = _prices(problem, supply.sites)
    failures = problem.catalog.assumption("accelerator_failures_per_year").micro
    quantity_o = supply.per_purchase(
        [round(purchase.node.accelerators * failures * 1000 / (12 * MICRO)) for purchase in supply.purchases]
    )
    price_o = np.where(supply.bought_o >= 0, price_s[supply.site_o], 0.0)

    def provenance(_row: int, offer: int) -> Provenance:
        return _source(facts[int(supply.site_o[offer])])

    return [Rate("visits", "visits, repairs", "visit", "o", quantity_o, price_o, provenance)]


def _variable(problem: Problem, chunk: Chunk) -> list[Rate]:
    """A twelfth of a year's updates at each place."""
    updates_w = problem.hands_on_milli_w[chunk.w]
    if not updates_w.any():
        return []
    sites = [problem.supply.sites[site] for site in problem.charging.first_k.tolist()]
    facts, price_k = _prices(problem, sites)
    kinds = sorted({(float(price), site.places if price else 0) for price, site in zip(price_k, sites, strict=True)})
    number = {kind: column for column, kind in enumerate(kinds)}
    column_k = [number[float(price), site.places if price else 0] for price, site in zip(price_k, sites, strict=True)]
    places_x = np.array([places for _, places in kinds], dtype=np.float64)

    def provenance(_row: int, offer: int) -> Provenance:
        return _source(facts[int(problem.charging.class_x[problem.supply.site_o[offer]])])

    return [
        Rate(
            "visits",
            "visits, updates",
            "visit",
            "wk",
            np.rint(updates_w[:, None] * places_x / 12),
            np.array([price for price, _ in kinds]),
            provenance,
            columns=Columns(np.array([column_k], dtype=np.int64), np.zeros(len(chunk.w), dtype=np.int64)),
        )
    ]


VISITS = Term("visits", "visits by hands, for repairs and updates", _fixed, _variable)
