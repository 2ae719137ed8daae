"""A node at a colocation site and at home as a problem of the engine, so that its own terms say what it costs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Node, Site
from placement.engine.chunk import Chunk, chunk_of
from placement.engine.ledger import ChunkCosts, chunk_costs, columns_of, fixed_costs
from placement.engine.problem import Problem, build_problem
from placement.engine.tco.model import OwnLine
from placement.engine.terms.energy import energy_fact
from placement.inventory.inventory import Inventory
from placement.units import HOURS_PER_MONTH, cents_of
from placement.words import OWN, PURCHASES

HOME = "home"
"""The name of the own site."""

HORIZON_MONTHS = 36
"""A whole number of every term that is leased or committed, so that none is paid beyond its use."""


class Asked(NamedTuple):
    """What is to be found out."""

    node: str
    site: str | None
    """A colocation site; None: the cheapest."""
    rate: float | None
    """Cost of capital a year; None: the catalog's."""
    life_months: int | None
    """Book life; None: the catalog's."""
    nodes: int
    """That share a cross connect."""


class Question(NamedTuple):
    """The problem, and one accelerator in use all month as its only workload."""

    problem: Problem
    chunk: Chunk
    """The workload."""
    costs: ChunkCosts
    """That depend on it."""
    node: Node
    nodes: int


def ask(catalog: Catalog, asked: Asked, country: str | None) -> Question:
    """The question with an own site in *country*, if that is known."""
    node = catalog.nodes[asked.node]
    demand = {"model": node.accelerator, "count": 1, "hours_per_month": HOURS_PER_MONTH}
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": "tco",
        "horizon_months": HORIZON_MONTHS,
        "policies": {"discount_rate_fraction": asked.rate} if asked.rate is not None else {},
        "workloads": [{"id": "one", "kind": "batch", "interruptible": True, "demand": {"accelerators": demand}}],
    }
    tier = next((tier for tier in node.tiers if tier != "colo"), None)
    if country is not None and tier is not None:
        document["locations"] = {"here": {"country": country}}
        document["sites"] = {HOME: {"tier": tier, "location": "here", "power_kw": 1_000_000}}
    problem = build_problem(catalog, Inventory.model_validate(document))
    if asked.life_months is not None:
        problem = problem._replace(life_months=asked.life_months)
    chunk = chunk_of(problem, np.arange(1))
    return Question(problem, chunk, chunk_costs(problem, chunk), node, asked.nodes)


def offers_of(question: Question, purchase: str) -> dict[str, int]:
    """The offers of the node, by site."""
    supply = question.problem.supply
    bought = np.flatnonzero((supply.bought_o >= 0) & (supply.purchase_o == PURCHASES.index(purchase)))
    return {
        supply.sites[int(supply.site_o[offer])].id: offer
        for offer in bought.tolist()
        if supply.purchases[int(supply.bought_o[offer])].node.id == question.node.id
    }


def own_lines(question: Question, offer: int, problem: Problem | None = None) -> tuple[OwnLine, ...]:
    """What one node of an offer costs a month, line by line; in a *problem* of which something is changed."""
    changed = question.problem if problem is None else problem
    found = []
    for rate in fixed_costs(changed).rates:
        quantity, price = int(rate.quantity_milli[offer]), int(rate.price_micro[offer])
        if quantity and price:
            source = rate.provenance(0, offer)
            found.append(OwnLine(rate.term, rate.label, rate.unit, quantity, price, cents_of(price, quantity), source))
    return (*found, *_shared(question, offer))


def _shared(question: Question, offer: int) -> list[OwnLine]:
    """What is paid for a placement as a whole, a node's part of it."""
    problem = question.problem
    kind = int(problem.charging.class_x[problem.supply.site_o[offer]])
    found = []
    for rate in question.costs.site:
        column = int(columns_of(rate).of(0, kind))
        quantity, price = int(rate.quantity_milli[0, column]), int(rate.price_micro[column])
        if quantity and price:
            part, source = round(quantity / question.nodes), rate.provenance(0, offer)
            found.append(OwnLine(rate.term, rate.label, rate.unit, part, price, cents_of(price, part), source))
    return found


def colo_sites(catalog: Catalog) -> list[Site]:
    """Where rented space can hold nodes."""
    return [site for site in catalog.sites if site.tier == "colo" and site.provider != OWN]


def cheapest_country(catalog: Catalog) -> str | None:
    """Where a colocation site has the cheapest electricity: for nodes that stand at home only."""
    sites = [site for site in colo_sites(catalog) if site.country is not None]
    ranked = sorted(sites, key=lambda site: (energy_fact(catalog, site).micro, site.id))
    return ranked[0].country if ranked else None
