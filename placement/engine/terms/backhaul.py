"""The link of each place, where it is paid at a flat rate."""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Columns, Provenance, Rate, Term, nothing_fixed
from placement.units import MILLI


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    """A month of every place's link, per placement."""
    sites = [problem.supply.sites[site] for site in problem.charging.first_k.tolist()]
    facts = [site.facility.get("backhaul_usd_per_month") for site in sites]
    if not any(facts):
        return []
    price_k = np.array([fact.micro if fact is not None else 0 for fact in facts], dtype=np.float64)
    places_k = np.array([site.places if fact is not None else 0 for site, fact in zip(sites, facts, strict=True)])
    columns = Columns(np.arange(len(sites))[None, :], np.zeros(len(chunk.w), dtype=np.int64))
    quantity_wx = np.broadcast_to(places_k * float(MILLI), (len(chunk.w), len(sites)))

    def provenance(_row: int, offer: int) -> Provenance:
        fact = facts[int(problem.charging.class_x[problem.supply.site_o[offer]])]
        return Provenance.of(fact) if fact is not None else Provenance("", "")

    return [Rate("backhaul", "links of the places", "month", "wk", quantity_wx, price_k, provenance, columns=columns)]


BACKHAUL = Term("backhaul", "the links of places", nothing_fixed, _rates)
