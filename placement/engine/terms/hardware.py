"""Nodes bought or leased: capital cost as a level monthly payment (annuity)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np

from placement.catalog.tables import PURCHASES, UNKNOWN
from placement.engine.annuity import monthly_payment_micro
from placement.engine.problem import Problem
from placement.engine.supply import Purchase, Supply
from placement.engine.terms.base import Paid, Provenance, Rate, Term, nothing_variable
from placement.units import MICRO, MILLI

_payment = cache(monthly_payment_micro)


def _rates(problem: Problem) -> list[Rate]:
    """One node-month at the annuity of its price: over its life when owned, over the lease at its rate when leased.

    A lease longer than the horizon is charged in full; bought nodes keep working after the horizon, and only the
    horizon's share of their life is charged (the plan says what is left).
    """
    catalog = problem.catalog
    lease_months = catalog.assumption("lease_term_months").micro // MICRO
    lease_rate = catalog.assumption("lease_rate_fraction_per_year").micro
    residual = catalog.assumption("owned_residual_fraction").micro
    terms_begun = -(-problem.horizon_months // lease_months)

    def lease(purchase: Purchase) -> int:
        payment = _payment(purchase.capex_micro, lease_rate, lease_months, 0)
        return payment * terms_begun * lease_months // problem.horizon_months

    def own(purchase: Purchase) -> int:
        return _payment(
            purchase.capex_micro, problem.discount_rate_micro, purchase.life_months or problem.life_months, residual
        )

    supply = problem.supply

    def paid(offer: int) -> Paid:
        purchase = supply.purchases[int(supply.bought_o[offer])]
        if PURCHASES[int(supply.purchase_o[offer])] == "lease":
            return Paid("term", lease_months, _payment(purchase.capex_micro, lease_rate, lease_months, 0))
        kind: Literal["purchase", "held"] = "held" if purchase.existing else "purchase"
        left = purchase.capex_micro * residual // MICRO
        return Paid(kind, purchase.life_months or problem.life_months, purchase.capex_micro, left)

    quantity_o = np.full(len(supply.site_o), float(MILLI))
    return [
        Rate(
            "hardware",
            label,
            "node-month",
            "o",
            quantity_o,
            np.where(supply.purchase_o == PURCHASES.index(model), supply.per_purchase(_known(supply, price)), 0.0),
            lambda _row, offer: capex_provenance(problem, offer),
            paid=paid,
        )
        for label, model, price in (("hardware, leased", "lease", lease), ("hardware, owned", "owned", own))
    ]


def _known(supply: Supply, price: Callable[[Purchase], int]) -> list[int]:
    """The monthly price of every purchase; 0 where capex is unknown (such offers are not eligible)."""
    return [price(purchase) if purchase.capex_micro != UNKNOWN else 0 for purchase in supply.purchases]


def capex_provenance(problem: Problem, offer: int) -> Provenance:
    """Source of a node's purchase price: the catalog's, or the inventory's own figure."""
    purchase = problem.supply.purchases[int(problem.supply.bought_o[offer])]
    fact = purchase.node.capex
    if fact is None or fact.micro != purchase.capex_micro:
        return Provenance("inventory", "")
    return Provenance.of(fact)


HARDWARE = Term("hardware", "bought or leased nodes", _rates, nothing_variable)
