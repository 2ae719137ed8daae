"""What is paid at the begin of a commitment's term, borne evenly over it at the plan's discount rate."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from placement.engine.annuity import monthly_payment_micro
from placement.engine.problem import Problem
from placement.engine.terms.base import Paid, Rate, Term, nothing_variable
from placement.engine.terms.rented import contract_of, contracted_price_micro, list_price_micro, offer_provenance
from placement.units import HOURS_PER_MONTH, MILLI
from placement.words import PURCHASES, TERM_MONTHS

_payment = cache(monthly_payment_micro)


def _rates(problem: Problem) -> list[Rate]:
    """One node-month at the level payment that repays the amount over its term; a term begun is charged in full."""
    supply = problem.supply
    count = len(supply.site_o)
    rates = []
    for purchase, months in TERM_MONTHS.items():
        price_o = np.zeros(count)
        mine = (supply.purchase_o == PURCHASES.index(purchase)) & (supply.upfront_micro_o > 0)
        for offer in np.flatnonzero(mine).tolist():
            payment = _payment(int(supply.upfront_micro_o[offer]), problem.discount_rate_micro, months)
            price_o[offer] = _stretched(problem, months, payment)
        rates.append(
            Rate(
                "upfront",
                f"compute, committed {months // 12} y, paid ahead",
                "node-month",
                "o",
                np.full(count, float(MILLI)),
                price_o,
                lambda _row, offer: offer_provenance(problem, offer),
                paid=partial(_paid, problem, months),
                published_price_micro=partial(_published_micro, problem, months),
                list_price_micro=partial(_whole, problem, months, list_price_micro),
                contracted_price_micro=partial(_whole, problem, months, contracted_price_micro),
            )
        )
    return rates


def _paid(problem: Problem, months: int, offer: int) -> Paid:
    return Paid("upfront", months, int(problem.supply.upfront_micro_o[offer]))


def _whole(problem: Problem, months: int, price: Callable[[Problem, int], int | None], offer: int) -> int | None:
    """The charged hours at a price on demand; None where the hours have a line of their own that says it."""
    hour = price(problem, offer) if problem.supply.price_micro_o[offer] == 0 else None
    return None if hour is None else _stretched(problem, months, hour * HOURS_PER_MONTH)


def _published_micro(problem: Problem, months: int, offer: int) -> int | None:
    """The same payment of what is listed to be paid ahead, where something else was agreed."""
    if contract_of(problem, offer) is None:
        return None
    listed = int(problem.catalog.offers.list_upfront_micro_o[int(problem.supply.catalog_row_o[offer])])
    return _stretched(problem, months, _payment(listed, problem.discount_rate_micro, months))


def _stretched(problem: Problem, months: int, payment: int) -> int:
    """A month's payment by the months of all terms that begin within the horizon."""
    horizon = problem.horizon_months
    return payment * -(-horizon // months) * months // horizon


UPFRONT = Term("upfront", "commitments paid ahead", _rates, nothing_variable)
