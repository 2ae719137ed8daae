"""Elastic capacity: paid by the hour of use, on demand or spot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement.catalog.tables import AVAILABILITIES
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk, hours_milli
from placement.engine.on_spot import spot_hours
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance, Rate, Term, nothing_fixed
from placement.engine.terms.rented import (
    contracted_price_micro,
    list_price_micro,
    offer_provenance,
    price_of,
    published_price_micro,
)
from placement.engine.terms.resigned import on_demand_after
from placement.words import AFTER_SPOT, PURCHASES


def usage_rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Node-hours: those of the work on demand; on spot also those lost to checkpoints and restarts (see `spot`).

    What would be late on spot is done on demand, where the same can be had so.
    """
    hours_wh = np.broadcast_to(hours_milli(problem, chunk), chunk.sizing.nodes_wh.shape)
    on_spot = spot_hours(problem, chunk)
    twin_o, spot_o, every = twins(problem), price_of(problem, "spot"), np.arange(len(problem.supply.site_o))
    has_twin_o = twin_o != every
    rates = [
        _rate(problem, "compute, on demand", hours_wh, price_of(problem, "on_demand"), every),
        _rate(problem, "compute, spot with restarts", on_spot.alone_wh, np.where(has_twin_o, 0.0, spot_o), every),
        _rate(problem, "compute, spot with restarts", on_spot.spot_wh, np.where(has_twin_o, spot_o, 0.0), every),
    ]
    if on_spot.after_wh.any():
        price_o = np.where(has_twin_o, price_of(problem, "on_demand")[twin_o], 0.0)
        rates.append(_rate(problem, AFTER_SPOT, on_spot.after_wh, price_o, twin_o))
    return rates


def _rate(problem: Problem, label: str, quantity_wh: Floats, price_o: Floats, priced_o: Ints) -> Rate:
    """*priced_o*: the offer whose price it is."""
    source: Callable[[int, int], Provenance] = lambda _row, offer: offer_provenance(problem, int(priced_o[offer]))  # noqa: E731
    return Rate(
        "usage",
        label,
        "node-hour",
        "wh",
        quantity_wh,
        price_o,
        source,
        published_price_micro=lambda offer: published_price_micro(problem, int(priced_o[offer])),
        list_price_micro=lambda offer: list_price_micro(problem, offer),
        contracted_price_micro=lambda offer: contracted_price_micro(problem, offer),
    )


def twins(problem: Problem) -> Ints:
    """Of every spot offer the same sku of the same site on demand, if it may be had and has a price; else itself."""
    supply, policies = problem.supply, problem.inventory.policies
    every = np.arange(len(supply.site_o))
    allowed = policies.allowed_purchase_models
    if allowed is not None and "on_demand" not in allowed:
        return every
    before = np.maximum(every - 1, 0)  # offers stand by site, sku and purchase model, on demand before spot
    same_o = (supply.site_o == supply.site_o[before]) & (supply.sku_o == supply.sku_o[before])
    same_o &= (supply.purchase_o == PURCHASES.index("spot")) & (
        supply.purchase_o[before] == PURCHASES.index("on_demand")
    )
    same_o &= supply.price_micro_o[before] > 0
    if not policies.limited_offers:
        limited = problem.catalog.offers.availability_o == AVAILABILITIES.index("limited")
        same_o &= ~limited[np.maximum(supply.catalog_row_o[before], 0)] if len(limited) else True
    return np.where(same_o, before, every)


def _all(problem: Problem, chunk: Chunk) -> list[Rate]:
    return [*usage_rates(problem, chunk), *on_demand_after(problem, chunk)]


USAGE = Term("usage", "elastic compute by the hour", nothing_fixed, _all)
