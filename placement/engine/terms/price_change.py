"""What rentals cost more or less over the horizon than at today's prices, where these are taken to change."""

from __future__ import annotations

import numpy as np

from placement.engine.annuity import charged_hours_milli
from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.price_path import changed_by
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance, Rate, Term
from placement.engine.terms.block import block_rates
from placement.engine.terms.commitment import committed_terms
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
    return [_renewal(problem, *term) for term in committed_terms(problem)]


def _renewal(problem: Problem, label: str, months: int, price_o: Floats) -> Rate:
    source = _provenance(problem)
    return Rate(
        "price_change",
        f"price change, compute, {label}",
        "node-hour",
        "o",
        np.full(len(price_o), float(charged_hours_milli(months, problem.horizon_months))),
        changed_by(price_o, problem.path.renewed(months)),
        lambda _row, _offer: source,
    )


def _by_the_hour(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Of what is paid by the hour, or reserved from month to month, at the prices of each month."""
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
        for rate in (*usage_rates(problem, chunk), *block_rates(problem, chunk))
    ]


PRICE_CHANGE = Term("price_change", "rental prices over the horizon", _renewals, _by_the_hour)
