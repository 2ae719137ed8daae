"""Commitments: every hour of the term is paid, used or not, and a term that begins within the horizon in full."""

from __future__ import annotations

import numpy as np

from placement.engine.annuity import charged_hours_milli
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_variable
from placement.engine.terms.rented import offer_provenance, price_of

TERM_MONTHS = {"reserved_1y": 12, "reserved_3y": 36}


def _rates(problem: Problem) -> list[Rate]:
    count = len(problem.supply.site_o)
    return [
        Rate(
            "commitment",
            f"compute, committed {months // 12} y",
            "node-hour",
            "o",
            np.full(count, float(charged_hours_milli(months, problem.horizon_months))),
            price_of(problem, purchase),
            lambda _row, offer: offer_provenance(problem, offer),
        )
        for purchase, months in TERM_MONTHS.items()
    ]


COMMITMENT = Term("commitment", "committed compute", _rates, nothing_variable)
