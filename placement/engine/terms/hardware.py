"""Nodes bought or leased: capital cost as a level monthly payment (annuity)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Literal

import numpy as np

from placement.catalog.tables import UNKNOWN
from placement.engine.annuity import monthly_payment_micro
from placement.engine.problem import Problem
from placement.engine.supply import Purchase, Supply
from placement.engine.terms.base import Paid, Provenance, Rate, Term, nothing_variable
from placement.units import MICRO, MILLI
from placement.words import PURCHASES

_payment = cache(monthly_payment_micro)


def _rates(problem: Problem) -> list[Rate]:
    """One node-month at the annuity of its price: over its life when owned, over the lease at its rate when leased.

    Every lease that begins within the horizon is charged to its end. Bought nodes keep working after the horizon: each
    of its months bears one level payment over their life, and the plan says what is left to be written off.
    """
    lease_months = _lease_months(problem)
    terms_begun = -(-problem.horizon_months // lease_months)

    def lease(purchase: Purchase) -> int:
        return _lease_payment_micro(problem, purchase) * terms_begun * lease_months // problem.horizon_months

    supply, own = problem.supply, partial(owned_payment_micro, problem)
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
            paid=partial(_paid, problem),
        )
        for label, model, price in (
            ("hardware, leased", "lease", lease),
            ("hardware, owned", "owned", own),
        )
    ]


def _lease_months(problem: Problem) -> int:
    return problem.catalog.assumption("lease_term_months").micro // MICRO


def _lease_payment_micro(problem: Problem, purchase: Purchase) -> int:
    """The level monthly payment for one leased node while its term runs [micro-USD]."""
    rate = problem.catalog.assumption("lease_rate_fraction_per_year").micro
    return _payment(purchase.capex_micro, rate, _lease_months(problem), 0)


def _paid(problem: Problem, offer: int) -> Paid:
    supply = problem.supply
    purchase = supply.purchases[int(supply.bought_o[offer])]
    if PURCHASES[int(supply.purchase_o[offer])] == "lease":
        return Paid("term", _lease_months(problem), _lease_payment_micro(problem, purchase))
    kind: Literal["purchase", "held"] = "held" if purchase.existing else "purchase"
    residual = problem.catalog.assumption("owned_residual_fraction").micro
    return Paid(kind, life_months(problem, purchase), purchase.capex_micro, purchase.capex_micro * residual // MICRO)


def owned_payment_micro(problem: Problem, purchase: Purchase) -> int:
    """The level monthly payment for one owned node [micro-USD]; 0 where its price is unknown."""
    if purchase.capex_micro == UNKNOWN:
        return 0
    residual = problem.catalog.assumption("owned_residual_fraction").micro
    return _payment(purchase.capex_micro, problem.discount_rate_micro, life_months(problem, purchase), residual)


def life_months(problem: Problem, purchase: Purchase) -> int:
    """Months over which an owned node is written off: its own, else the plan's."""
    return purchase.life_months or problem.life_months


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
