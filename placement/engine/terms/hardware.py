"""Nodes bought or leased: capital cost as a level monthly payment (annuity)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from placement.catalog.tables import UNKNOWN
from placement.engine.annuity import monthly_payment_micro
from placement.engine.problem import Problem
from placement.engine.stock import residual_fraction_micro
from placement.engine.supply import Purchase
from placement.engine.terms.base import Paid, Provenance, Rate, Term, nothing_variable
from placement.units import MICRO, MILLI
from placement.words import PURCHASES

_payment = cache(monthly_payment_micro)


class Way(NamedTuple):
    """One way to pay for what is bought."""

    model: str
    label: str
    monthly_micro: Callable[[Problem, Purchase], int]
    """What a month bears [micro-USD]; 0 where the price is unknown: such offers are not eligible."""
    paid: Callable[[Problem, Purchase], Paid]
    """When money leaves."""


def _rates(problem: Problem) -> list[Rate]:
    """One node-month at the annuity of its price: over its life when owned, over the lease at its rate when leased.

    Every lease that begins within the horizon is charged to its end. Bought nodes keep working after the horizon: each
    of its months bears one level payment over their life, and the plan says what is left to be written off.
    """
    supply = problem.supply
    quantity_o = np.full(len(supply.site_o), float(MILLI))

    def rate(way: Way) -> Rate:
        price_o = supply.per_purchase([way.monthly_micro(problem, purchase) for purchase in supply.purchases])
        return Rate(
            "hardware",
            f"hardware, {way.label}",
            "node-month",
            "o",
            quantity_o,
            np.where(supply.purchase_o == PURCHASES.index(way.model), price_o, 0.0),
            lambda _row, offer: capex_provenance(problem, offer),
            paid=lambda offer: way.paid(problem, supply.purchases[int(supply.bought_o[offer])]),
        )

    return [rate(way) for way in WAYS]


def _lease_months(problem: Problem) -> int:
    return problem.catalog.assumption("lease_term_months").micro // MICRO


def _lease_payment_micro(problem: Problem, purchase: Purchase) -> int:
    """The level monthly payment for one leased node while its term runs [micro-USD]."""
    rate = problem.catalog.assumption("lease_rate_fraction_per_year").micro
    return _payment(purchase.capex_micro, rate, _lease_months(problem), 0)


def _lease_micro(problem: Problem, purchase: Purchase) -> int:
    """What a month of the plan bears of all terms that begin within it."""
    if purchase.capex_micro == UNKNOWN:
        return 0
    months, horizon = _lease_months(problem), problem.horizon_months
    return _lease_payment_micro(problem, purchase) * -(-horizon // months) * months // horizon


def _lease_paid(problem: Problem, purchase: Purchase) -> Paid:
    return Paid("term", _lease_months(problem), _lease_payment_micro(problem, purchase))


def residual_micro(problem: Problem, purchase: Purchase) -> int:
    """What one owned node is worth at the end of its life [micro-USD]: a share of its price, of a new one if known."""
    price = purchase.capex_micro if purchase.new_micro is None else purchase.new_micro
    return price * residual_fraction_micro(problem.catalog, problem.inventory.policies) // MICRO


def owned_payment_micro(problem: Problem, purchase: Purchase) -> int:
    """The level monthly payment for one owned node [micro-USD]; 0 where its price is unknown."""
    if purchase.capex_micro == UNKNOWN:
        return 0
    months = life_months(problem, purchase)
    return _payment(purchase.capex_micro, problem.discount_rate_micro, months, residual_micro(problem, purchase))


def _owned_paid(problem: Problem, purchase: Purchase) -> Paid:
    kind: Literal["purchase", "held"] = "held" if purchase.existing else "purchase"
    months = life_months(problem, purchase)
    return Paid(kind, months, purchase.capex_micro, residual_micro(problem, purchase))


def life_months(problem: Problem, purchase: Purchase) -> int:
    """Months over which an owned node is written off: its own, else the plan's."""
    return purchase.life_months or problem.life_months


WAYS = (
    Way("lease", "leased", _lease_micro, _lease_paid),
    Way("owned", "owned", owned_payment_micro, _owned_paid),
)


def capex_provenance(problem: Problem, offer: int) -> Provenance:
    """Source of a node's purchase price: the catalog's, or the inventory's own figure."""
    purchase = problem.supply.purchases[int(problem.supply.bought_o[offer])]
    fact = purchase.node.capex
    if fact is None or fact.micro != purchase.capex_micro:
        return Provenance("inventory", "")
    return Provenance.of(fact)


HARDWARE = Term("hardware", "bought or leased nodes", _rates, nothing_variable)
