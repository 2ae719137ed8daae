"""Accelerators that fail and are replaced, at the measured failure rate (a ceiling: warranties are not counted)."""

from __future__ import annotations

import numpy as np

from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance, Rate, Term, nothing_variable
from placement.units import MICRO


def _rates(problem: Problem) -> list[Rate]:
    """Replacements per node-month × price of one accelerator (its share of capex where that is unknown)."""
    supply = problem.supply
    failures = problem.catalog.assumption("accelerator_failures_per_year").micro
    quantity_o = np.zeros(len(supply.site_o))
    price_o = np.zeros(len(supply.site_o))
    for offer in np.flatnonzero(supply.bought_o >= 0).tolist():
        purchase = supply.purchases[int(supply.bought_o[offer])]
        node = purchase.node
        if node.replacement is not None:
            price_o[offer] = node.replacement.micro
        elif node.capex is not None:
            price_o[offer] = node.capex.micro // node.accelerators
        quantity_o[offer] = round(node.accelerators * failures * 1000 / (12 * MICRO))

    def provenance(_row: int, offer: int) -> Provenance:
        node = supply.purchases[int(supply.bought_o[offer])].node
        fact = node.replacement or node.capex
        if fact is None:
            return Provenance("", "")
        return Provenance.of(fact)._replace(assumed=node.replacement is None)

    label = "spares, accelerators replaced"
    return [Rate("spares", label, "accelerator", "o", quantity_o, price_o, provenance)]


SPARES = Term("spares", "replacement of failed accelerators", _rates, nothing_variable)
