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
    return [_rate(problem, f"compute, {label}", months, price_o) for label, months, price_o in committed_terms(problem)]


def committed_terms(problem: Problem) -> list[tuple[str, int, Floats]]:
    """Reservations, then leases by their terms: what they are called, their months and what offers charge per hour."""
    months_o, lease_o = problem.supply.months_o, price_of(problem, "lease")
    terms = [(f"committed {months // 12} y", months, price_of(problem, name)) for name, months in TERM_MONTHS.items()]
    return terms + [
        (f"leased {months} months", months, np.where(months_o == months, lease_o, 0.0))
        for months in different(months_o).tolist()
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
