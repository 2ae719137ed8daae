"""What rentals cost more or less over the horizon than at today's prices, where these are taken to change."""

from __future__ import annotations

import numpy as np

from placement.engine.annuity import charged_hours_milli
from placement.engine.chunk import Chunk
from placement.engine.price_path import changed_by
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance, Rate, Term
from placement.engine.terms.commitment import TERM_MONTHS
from placement.engine.terms.rented import price_of
from placement.engine.terms.usage import usage_rates

NAME = "rental_price_change_fraction_per_year"


def _provenance(problem: Problem) -> Provenance:
    if problem.inventory.policies.rental_price_change_fraction_per_year is not None:
        return Provenance("inventory", "")
    return Provenance.of(problem.catalog.assumption(NAME))


def _renewals(problem: Problem) -> list[Rate]:
    """Of commitments those terms that begin later, at the prices of then."""
    if not problem.path.change_micro:
        return []
    source, count = _provenance(problem), len(problem.supply.site_o)
    return [
        Rate(
            "price_change",
            f"price change, compute, committed {months // 12} y",
            "node-hour",
            "o",
            np.full(count, float(charged_hours_milli(months, problem.horizon_months))),
            changed_by(price_of(problem, purchase), problem.path.renewed(months)),
            lambda _row, _offer: source,
        )
        for purchase, months in TERM_MONTHS.items()
    ]


def _by_the_hour(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Of what is paid by the hour, at the prices of each month."""
    if not problem.path.change_micro:
        return []
    source, change = _provenance(problem), problem.path.elastic()
    return [
        Rate(
            "price_change",
            f"price change, {rate.label}",
            rate.unit,
            rate.axes,
            rate.quantity_milli,
            changed_by(rate.price_micro, change),
            lambda _row, _offer: source,
        )
        for rate in usage_rates(problem, chunk)
    ]


PRICE_CHANGE = Term("price_change", "rental prices over the horizon", _renewals, _by_the_hour)
