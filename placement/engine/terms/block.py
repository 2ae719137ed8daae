"""Blocks of capacity: whole days, paid at their begin, used or not."""

from __future__ import annotations

import numpy as np

from placement.engine.blocks import block_terms, charged_hours_milli
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


def block_rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Node-hours of the days that the work of a month takes, one run after the other."""
    price_o = price_of(problem, "capacity_block")
    if not price_o.any():
        return []
    hours_wh = charged_hours_milli(block_terms(problem.catalog), hours_milli(problem, chunk))
    return [
        Rate(
            "block",
            "compute, capacity block",
            "node-hour",
            "wh",
            np.broadcast_to(hours_wh, chunk.sizing.nodes_wh.shape),
            price_o,
            lambda _row, offer: offer_provenance(problem, offer),
            published_price_micro=lambda offer: published_price_micro(problem, offer),
            list_price_micro=lambda offer: list_price_micro(problem, offer),
            contracted_price_micro=lambda offer: contracted_price_micro(problem, offer),
        )
    ]


BLOCK = Term("block", "capacity blocks", nothing_fixed, block_rates)
