"""Space, cooling and contracted power for bought nodes, and the cross connect of a colocation placement."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import Catalog, Fact, Site
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Columns, Provenance, Rate, Term
from placement.units import MILLI


def facility_fact(catalog: Catalog, site: Site) -> Fact | None:
    """Rent per kW-month: the site's own figure, else the assumption for colocation; buildings of one's own pay none."""
    stated = site.facility.get("usd_per_kw_month")
    if stated is not None or site.tier != "colo":
        return stated
    return catalog.assumption("facility_usd_per_kw_month", "colo")


def _fixed(problem: Problem) -> list[Rate]:
    """Contracted power of one node [kW] × rent per kW-month."""
    supply = problem.supply
    facts = [facility_fact(problem.catalog, site) for site in supply.sites]
    price_s = np.array([fact.micro if fact is not None else 0 for fact in facts], dtype=np.float64)
    power_o = problem.node_power_kw_micro_o
    quantity_o = np.where(np.isnan(power_o), 0.0, np.ceil(power_o / 1000))

    def provenance(_row: int, offer: int) -> Provenance:
        fact = facts[int(supply.site_o[offer])]
        return Provenance.of(fact) if fact is not None else Provenance("", "")

    price_o = np.where(supply.bought_o >= 0, price_s[supply.site_o], 0.0)
    return [Rate("facility", "space and cooling, contracted power", "kW-month", "o", quantity_o, price_o, provenance)]


def _variable(problem: Problem, chunk: Chunk) -> list[Rate]:
    """One cross connect per placement in colocation."""
    sites = [problem.supply.sites[site] for site in problem.charging.first_k.tolist()]
    facts = [
        site.facility.get("cross_connect_usd_per_month")
        or problem.catalog.assumption("cross_connect_usd_per_month", "colo")
        if site.tier == "colo"
        else None
        for site in sites
    ]
    price_k = np.array([fact.micro if fact is not None else 0 for fact in facts], dtype=np.float64)
    price_x, column_k = np.unique(price_k, return_inverse=True)
    columns = Columns(column_k[None, :], np.zeros(len(chunk.w), dtype=np.int64))
    quantity_wx = np.broadcast_to(np.where(price_x > 0, float(MILLI), 0.0), (len(chunk.w), len(price_x)))

    def provenance(_row: int, offer: int) -> Provenance:
        fact = facts[int(problem.charging.class_x[problem.supply.site_o[offer]])]
        return Provenance.of(fact) if fact is not None else Provenance("", "")

    return [Rate("facility", "cross connect", "month", "wk", quantity_wx, price_x, provenance, columns=columns)]


FACILITY = Term("facility", "colocation space and cross connects", _fixed, _variable)
