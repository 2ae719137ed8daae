"""Accelerators that fail and are replaced, at the measured failure rate (a ceiling: warranties are not counted)."""

from __future__ import annotations

from placement.catalog.tables import UNKNOWN
from placement.engine.problem import Problem
from placement.engine.supply import Purchase
from placement.engine.terms.base import Provenance, Rate, Term, nothing_variable
from placement.units import MICRO


def replacement_micro(purchase: Purchase) -> int:
    """Price of one accelerator; its share of the node's price where that is unknown, 0 where both are."""
    node = purchase.node
    if node.replacement is not None:
        return node.replacement.micro
    capex = node.capex.micro if node.capex is not None else purchase.capex_micro
    return capex // node.accelerators if capex != UNKNOWN else 0


def _rates(problem: Problem) -> list[Rate]:
    """Replacements per node-month × price of one accelerator (its share of capex where that is unknown)."""
    supply = problem.supply
    failures = problem.catalog.assumption("accelerator_failures_per_year").micro
    quantity_o = supply.per_purchase(
        [round(purchase.node.accelerators * failures * 1000 / (12 * MICRO)) for purchase in supply.purchases]
    )
    price_o = supply.per_purchase([replacement_micro(purchase) for purchase in supply.purchases])

    def provenance(_row: int, offer: int) -> Provenance:
        node = supply.purchases[int(supply.bought_o[offer])].node
        fact = node.replacement or node.capex
        if fact is None:
            return Provenance("inventory", "", assumed=True)
        if node.replacement is None:
            return Provenance.of(fact)._replace(
                assumed=True, note="no price of one accelerator; its share of the node's"
            )
        return Provenance.of(fact)

    label = "spares, accelerators replaced"
    return [Rate("spares", label, "accelerator", "o", quantity_o, price_o, provenance)]


SPARES = Term("spares", "replacement of failed accelerators", _rates, nothing_variable)
