"""The one place where quantity × price happens.

A product is rounded half-up to a whole micro-dollar, so all sums are exact and their order cannot matter. Lines of
chosen cells are rounded to cents from the same quantities and prices, and a placement's cost is the sum of its lines.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms import TERMS
from placement.engine.terms.base import Paid, Rate
from placement.plan.model import Line, Schedule
from placement.units import EXACT_LIMIT, MILLI, cents, cents_of, from_micro, from_milli


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


def cell_micro(problem: Problem, chunk: Chunk, fixed: Fixed, costs: ChunkCosts, row: int, offer: int) -> int:
    """The same cost recomputed in Python integers: the check every reported placement passes."""
    shape, site = int(problem.supply.shape_o[offer]), _kind(problem, offer)
    nodes = int(chunk.sizing.nodes_wh[row, shape])
    per_node = sum(
        _half_up(int(rate.quantity_milli[offer]) * int(rate.price_micro[offer])) for rate in fixed.rates
    ) + sum(_half_up(int(rate.quantity_milli[row, shape]) * int(rate.price_micro[offer])) for rate in costs.usage)
    at_site = sum(_half_up(int(rate.quantity_milli[row, site]) * _site_price(rate, row, site)) for rate in costs.site)
    total = nodes * per_node + at_site
    if total >= EXACT_LIMIT:
        raise CostTooLargeError(int(chunk.w[row]))
    return total


def check_countable(cost_w: Floats) -> None:
    """Raise `CostTooLargeError` for the first workload whose cheapest offer costs more than can be counted exactly."""
    beyond = np.flatnonzero(np.isfinite(cost_w) & (cost_w >= EXACT_LIMIT))
    if len(beyond):
        raise CostTooLargeError(int(beyond[0]))


def _kind(problem: Problem, offer: int) -> int:
    return int(problem.charging.class_x[problem.supply.site_o[offer]])


def _site_price(rate: Rate, row: int, site: int) -> int:
    return int(rate.price_micro[site] if rate.price_micro.ndim == 1 else rate.price_micro[row, site])


def _half_up(product: int) -> int:
    return (product + MILLI // 2) // MILLI


def cost_lines(problem: Problem, chunk: Chunk, fixed: Fixed, costs: ChunkCosts, row: int, offer: int) -> list[Line]:
    """The lines of one cell, in the order of `TERMS`; lines without quantity are left out."""
    shape, site = int(problem.supply.shape_o[offer]), _kind(problem, offer)
    nodes = int(chunk.sizing.nodes_wh[row, shape])
    found: list[tuple[Rate, int, int]] = []
    for rate in fixed.rates:
        found.append((rate, nodes * int(rate.quantity_milli[offer]), int(rate.price_micro[offer])))
    for rate in costs.usage:
        found.append((rate, nodes * int(rate.quantity_milli[row, shape]), int(rate.price_micro[offer])))
    order = {term.name: number for number, term in enumerate(TERMS)}
    applied = [item for item in found if item[1] and item[2]]
    for rate in costs.site:
        quantity = int(rate.quantity_milli[row, site])
        if quantity:
            applied.append((rate, quantity, _site_price(rate, row, site)))
    return [
        _line(rate, quantity, price, row, offer, nodes)
        for rate, quantity, price in sorted(applied, key=lambda item: order[item[0].term])
    ]


def _line(rate: Rate, quantity_milli: int, price_micro: int, row: int, offer: int, nodes: int) -> Line:
    detail = rate.detail(row, offer) if rate.detail else ""
    source = rate.provenance(row, offer)
    listed = rate.list_price_micro(offer) if rate.list_price_micro else None
    return Line(
        term=rate.term,
        label=f"{rate.label} ({detail})" if detail else rate.label,
        quantity=str(from_milli(quantity_milli)),
        unit=rate.unit,
        unit_price_usd=str(from_micro(price_micro)),
        cost_cents=cents_of(price_micro, quantity_milli),
        source_id=source.source_id,
        as_of=source.as_of,
        layer=0 if rate.axes == "wk" else 1,
        assumed=source.assumed,
        note=source.note if source.assumed else "",
        list_unit_price_usd=str(from_micro(listed)) if listed is not None and listed != price_micro else "",
        schedule=_schedule(rate.paid(offer), nodes) if rate.paid else None,
    )


def _schedule(paid: Paid, nodes: int) -> Schedule:
    """What all nodes of a layer are paid, from what one is."""
    return Schedule(paid.kind, paid.months, cents(nodes * paid.amount_micro), cents(nodes * paid.residual_micro))
