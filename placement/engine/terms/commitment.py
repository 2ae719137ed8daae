"""Commitments: every hour of the term is paid, used or not, and a term that begins within the horizon in full."""

from __future__ import annotations

from functools import partial

import numpy as np

from placement.engine.annuity import charged_hours_milli
from placement.engine.arrays import Floats, different
from placement.engine.problem import Problem
from placement.engine.terms.base import Paid, Rate, Term, nothing_variable
from placement.engine.terms.rented import (
    contracted_price_micro,
    list_price_micro,
    offer_provenance,
    price_of,
    published_price_micro,
)
from placement.engine.terms.resigned import renewed
from placement.units import HOURS_PER_MONTH
from placement.words import TERM_MONTHS


def _rates(problem: Problem) -> list[Rate]:
    """Reservations, then leases by their terms."""
    supply = problem.supply
    reserved = [
        _rate(problem, f"compute, committed {months // 12} y", months, price_of(problem, purchase))
        for purchase, months in TERM_MONTHS.items()
    ]
    lease_o = price_of(problem, "lease")
    return reserved + [
        _rate(problem, f"compute, leased {months} months", months, np.where(supply.months_o == months, lease_o, 0.0))
        for months in different(supply.months_o).tolist()
        if months
    ]


def _rate(problem: Problem, label: str, months: int, price_o: Floats) -> Rate:
    return Rate(
        "commitment",
        label,
        "node-hour",
        "o",
        np.full(len(price_o), float(charged_hours_milli(months, problem.horizon_months))),
        price_o,
        lambda _row, offer: offer_provenance(problem, offer),
        paid=partial(_paid, problem, months),
        published_price_micro=lambda offer: published_price_micro(problem, offer),
        list_price_micro=lambda offer: list_price_micro(problem, offer),
        contracted_price_micro=lambda offer: contracted_price_micro(problem, offer),
    )


def _paid(problem: Problem, months: int, offer: int) -> Paid:
    return Paid("term", months, int(problem.supply.price_micro_o[offer]) * HOURS_PER_MONTH)


def _all(problem: Problem) -> list[Rate]:
    return [*_rates(problem), *renewed(problem)]


COMMITMENT = Term("commitment", "committed compute", _all, nothing_variable)
