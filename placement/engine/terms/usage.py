"""Elastic capacity: paid by the hour of use, on demand or spot."""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk, hours_milli
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.rented import (
    contracted_price_micro,
    list_price_micro,
    offer_provenance,
    price_of,
    published_price_micro,
)
from placement.engine.terms.resigned import on_demand_after
from placement.units import MILLI


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Node-hours: those of the work on demand; on spot also those lost to checkpoints and restarts (see `spot`)."""
    hours_wh = hours_milli(problem, chunk)
    spot = problem.spot
    several_wh = chunk.sizing.nodes_wh > 1
    multiplier_wh = np.where(several_wh, float(spot.gang_milli), float(spot.single_milli))
    spot_hours_wh = np.ceil(hours_wh * multiplier_wh / MILLI)
    demand_hours_wh = np.broadcast_to(hours_wh, several_wh.shape)
    return [
        Rate(
            "usage",
            label,
            "node-hour",
            "wh",
            quantity_wh,
            price_of(problem, purchase),
            lambda _row, offer: offer_provenance(problem, offer),
            published_price_micro=lambda offer: published_price_micro(problem, offer),
            list_price_micro=lambda offer: list_price_micro(problem, offer),
            contracted_price_micro=lambda offer: contracted_price_micro(problem, offer),
        )
        for label, purchase, quantity_wh in (
            ("compute, on demand", "on_demand", demand_hours_wh),
            ("compute, spot with restarts", "spot", spot_hours_wh),
        )
    ]


def _all(problem: Problem, chunk: Chunk) -> list[Rate]:
    return [*_rates(problem, chunk), *on_demand_after(problem, chunk)]


USAGE = Term("usage", "elastic compute by the hour", nothing_fixed, _all)
