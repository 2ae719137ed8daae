"""The one place where quantity × price happens.

A product is rounded half-up to a whole micro-dollar, so all sums are exact and their order cannot matter. Lines of
chosen cells are rounded to cents from the same quantities and prices, and a placement's cost is the sum of its lines.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.product import exact_micro, product_micro
from placement.engine.terms import TERMS
from placement.engine.terms.base import Columns, Rate
from placement.units import EXACT_LIMIT, MILLI

__all__ = [
    "ChunkCosts",
    "CostTooLargeError",
    "Fixed",
    "check_countable",
    "chunk_costs",
    "columns_of",
    "cost_micro",
    "each_micro",
    "exact_micro",
    "fixed_costs",
    "floor_micro",
    "offers_micro",
    "product_micro",
    "scaled_down",
]


class CostTooLargeError(Exception):
    """The cheapest offer of a workload costs more than the engine can count exactly ($9 bn a month)."""

    def __init__(self, workload: int) -> None:
        super().__init__(workload)
        self.workload = workload


class Fixed(NamedTuple):
    """What does not depend on the workloads: computed once."""

    rates: list[Rate]
    node_micro_o: Floats
    """Fixed cost per node and month [micro-USD]."""


class ChunkCosts(NamedTuple):
    """What a chunk's totals are made of: nodes · (fixed + hours · price) + site."""

    usage: list[Rate]
    site: list[Rate]
    site_micro_wk: Floats
    """By kind of site (`Problem.charging`)."""


def fixed_costs(problem: Problem) -> Fixed:
    """Sum the rates that belong to offers alone."""
    rates = [rate for term in TERMS for rate in term.fixed(problem)]
    total_o = np.zeros(len(problem.supply.site_o))
    for rate in rates:
        _expect(rate, "o", total_o.shape, total_o.shape)
        total_o += product_micro(rate.quantity_milli, rate.price_micro)
    return Fixed(rates, total_o)


def chunk_costs(problem: Problem, chunk: Chunk) -> ChunkCosts:
    """Sum the rates that belong to (workload, kind of site), and keep those that belong to hours of use."""
    rates = [rate for term in TERMS for rate in term.variable(problem, chunk)]
    usage = [rate for rate in rates if rate.axes == "wh"]
    for rate in usage:
        _expect(rate, "wh", chunk.sizing.nodes_wh.shape, problem.supply.site_o.shape)
    site = [rate for rate in rates if rate.axes == "wk"]
    columns: dict[int, Columns] = {}
    totals: dict[int, Floats] = {}
    for rate in site:
        _expect(rate, "wk", (len(chunk.w), len(rate.price_micro)), rate.price_micro.shape)
        key, product_wx = id(rate.columns), product_micro(rate.quantity_milli, rate.price_micro)
        columns[key] = columns_of(rate)
        totals[key] = totals[key] + product_wx if key in totals else product_wx
    total_wk = np.zeros((len(chunk.w), len(problem.charging.first_k)))
    for key, total_wx in totals.items():
        columns[key].add_to(total_wk, total_wx)
    return ChunkCosts(usage, site, total_wk)


def columns_of(rate: Rate) -> Columns:
    """The columns of a rate on axes `wk`."""
    if rate.columns is None:
        raise AssertionError(f"rate {rate.term}/{rate.label} has no columns")
    return rate.columns


def scaled_down(quantity_milli: Floats) -> Floats:
    """Quantities for `floor_micro`: whole units, a trifle too small."""
    return quantity_milli * ((1 - 2**-50) / MILLI)


def floor_micro(scaled: Floats, price_micro: Floats) -> Floats:
    """A whole number never above `product_micro`: the trifle is more than what the arithmetic rounds up."""
    product = scaled * price_micro
    if price_micro.min(initial=0.0) < 0:
        # Of prices below zero a trifle less is a trifle more: it is taken off again, and what rounding may add.
        product += np.minimum(product, 0.0) * 2**-48 - (price_micro < 0)
    return np.floor(product, out=product)


def _expect(rate: Rate, axes: str, quantity: tuple[int, ...], price: tuple[int, ...]) -> None:
    if rate.axes != axes or rate.quantity_milli.shape != quantity or rate.price_micro.shape != price:
        raise AssertionError(f"rate {rate.term}/{rate.label} is not on {axes}")


def cost_micro(nodes: Floats, per_node: Floats, site: Floats) -> Floats:
    """Monthly cost [micro-USD] from what one node and what the site costs, on any axes."""
    return nodes * per_node + site


def offers_micro(problem: Problem, fixed: Fixed, costs: ChunkCosts, row: int, offers: Ints, nodes_o: Floats) -> Floats:
    """Monthly cost [micro-USD] of one row on some *offers*, with the nodes it takes of each."""
    supply = problem.supply
    shape_o, per_node_o = supply.shape_o[offers], fixed.node_micro_o[offers]
    for rate in costs.usage:
        price_o = rate.price_micro[offers]
        used = np.flatnonzero(price_o)
        per_node_o[used] += product_micro(rate.quantity_milli[row, shape_o[used]], price_o[used])
    site_micro_o = costs.site_micro_wk[row, problem.charging.class_x[supply.site_o[offers]]]
    return np.asarray(nodes_o * per_node_o + site_micro_o)


def each_micro(problem: Problem, fixed: Fixed, costs: ChunkCosts, offer_w: Ints, nodes_w: Floats) -> Floats:
    """Monthly cost [micro-USD] of each row on an offer of its own, of which it takes so many nodes."""
    supply, rows = problem.supply, np.arange(len(offer_w))
    shape_w, per_node_w = supply.shape_o[offer_w], fixed.node_micro_o[offer_w]
    for rate in costs.usage:
        per_node_w += product_micro(rate.quantity_milli[rows, shape_w], rate.price_micro[offer_w])
    site_micro_w = costs.site_micro_wk[rows, problem.charging.class_x[supply.site_o[offer_w]]]
    return cost_micro(nodes_w, per_node_w, site_micro_w)


def check_countable(cost_w: Floats) -> None:
    """Raise `CostTooLargeError` for the first workload whose cheapest offer costs more than can be counted exactly."""
    beyond = np.flatnonzero(np.isfinite(cost_w) & (cost_w >= EXACT_LIMIT))
    if len(beyond):
        raise CostTooLargeError(int(beyond[0]))
