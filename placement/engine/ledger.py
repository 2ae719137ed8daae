"""The one place where quantity × price happens.

A product is rounded half-up to a whole micro-dollar, so all sums are exact and their order cannot matter. Lines of
chosen cells are rounded to cents from the same quantities and prices, and a placement's cost is the sum of its lines.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms import TERMS
from placement.engine.terms.base import Rate
from placement.units import EXACT_LIMIT, MILLI


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
    sites = (len(chunk.w), len(problem.charging.first_k))
    usage = [rate for rate in rates if rate.axes == "wh"]
    for rate in usage:
        _expect(rate, "wh", chunk.sizing.nodes_wh.shape, problem.supply.site_o.shape)
    site = [rate for rate in rates if rate.axes == "wk"]
    total_wk = np.zeros(sites)
    for rate in site:
        _expect(rate, "wk", sites, rate.price_micro.shape)
        total_wk += product_micro(rate.quantity_milli, rate.price_micro)
    return ChunkCosts(usage, site, total_wk)


def product_micro(quantity_milli: Floats, price_micro: Floats) -> Floats:
    """Quantity × price in whole micro-dollars, half up.

    Whole units and the rest are multiplied apart, so that every step is a whole number below 2^53 up to 9 bn dollars.
    """
    whole = np.floor(quantity_milli / MILLI)
    rest = quantity_milli - whole * MILLI
    return np.asarray(whole * price_micro + np.floor((rest * price_micro + MILLI // 2) / MILLI))


def _expect(rate: Rate, axes: str, quantity: tuple[int, ...], price: tuple[int, ...]) -> None:
    if rate.axes != axes or rate.quantity_milli.shape != quantity or rate.price_micro.shape != price:
        raise AssertionError(f"rate {rate.term}/{rate.label} is not on {axes}")


def group_micro(nodes_w: Floats, fixed_o: Floats, usage_wo: Floats | None, site_wo: Floats) -> Floats:
    """Monthly cost [micro-USD] of workloads × the offers of one shape and purchase model, `(o, w)`."""
    per_node = fixed_o[:, None] if usage_wo is None else fixed_o[:, None] + usage_wo
    return nodes_w[None, :] * per_node + site_wo


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


def exact_micro(quantity_milli: int, price_micro: int) -> int:
    """Quantity × price in whole micro-dollars, half up, in Python integers."""
    return (quantity_milli * price_micro + MILLI // 2) // MILLI


def check_countable(cost_w: Floats) -> None:
    """Raise `CostTooLargeError` for the first workload whose cheapest offer costs more than can be counted exactly."""
    beyond = np.flatnonzero(np.isfinite(cost_w) & (cost_w >= EXACT_LIMIT))
    if len(beyond):
        raise CostTooLargeError(int(beyond[0]))
