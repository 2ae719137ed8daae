"""What nodes of a signed commitment cost once it has ended: rates of the terms `commitment` (renewed) and `usage`."""

from __future__ import annotations

from functools import partial

import numpy as np

from placement.catalog.offer_ids import term_months
from placement.engine.arrays import different
from placement.engine.chunk import Chunk, hours_milli
from placement.engine.problem import Problem
from placement.engine.signed import Signed
from placement.engine.terms.base import Paid, Provenance, Rate
from placement.engine.terms.rented import row_provenance
from placement.units import HOURS_PER_MONTH, MILLI


def renewed(problem: Problem) -> list[Rate]:
    """Every hour of the terms that begin within the horizon, borne evenly by all of its months."""
    signed_o, price_o = problem.supply.signed_o, problem.supply.price_micro_o
    hours = [_charged_hours_milli(problem, one) for one in problem.supply.signed]
    if not any(hours):
        return []
    quantity_o = np.where(signed_o >= 0, np.array([*hours, 0], dtype=np.float64)[signed_o], 0.0)
    return [
        Rate(
            "commitment",
            "compute, renewed commitment",
            "node-hour",
            "o",
            quantity_o,
            np.where((quantity_o > 0) & (price_o > 0), price_o, 0).astype(np.float64),
            partial(_provenance, problem),
            paid=partial(_paid, problem),
        )
    ]


def _charged_hours_milli(problem: Problem, signed: Signed) -> int:
    """Hours a month of the horizon."""
    return round(signed.then_months * HOURS_PER_MONTH * MILLI / problem.horizon_months)


def on_demand_after(problem: Problem, chunk: Chunk) -> list[Rate]:
    """The hours of use in the months that are left, borne evenly by all months; a rate for each number of them."""
    supply, horizon = problem.supply, problem.horizon_months
    left = [0 if one.then_months else horizon - one.months for one in supply.signed]
    left_o = np.array([*left, 0])[supply.signed_o] * (supply.signed_o >= 0) * (supply.price_micro_o > 0)
    hours_wh = np.broadcast_to(hours_milli(problem, chunk), chunk.sizing.nodes_wh.shape)
    return [
        Rate(
            "usage",
            "compute, on demand after a commitment",
            "node-hour",
            "wh",
            np.ceil(hours_wh * months / horizon),
            np.where(left_o == months, supply.price_micro_o, 0).astype(np.float64),
            partial(_provenance, problem),
            paid=partial(_paid, problem),
        )
        for months in different(left_o).tolist()
        if months
    ]


def _signed(problem: Problem, offer: int) -> Signed:
    return problem.supply.signed[int(problem.supply.signed_o[offer])]


def _provenance(problem: Problem, _row: int, offer: int) -> Provenance:
    return row_provenance(problem, _signed(problem, offer).then_row)


def _paid(problem: Problem, offer: int) -> Paid:
    """From the month after the last that is signed: every month of new terms, or as it is used."""
    signed, price = _signed(problem, offer), int(problem.supply.price_micro_o[offer])
    if not signed.then_months:
        return Paid("later", 1, 0, after=signed.months)
    term = term_months(problem.catalog, signed.row)
    return Paid("term", term, price * HOURS_PER_MONTH, after=signed.months)
