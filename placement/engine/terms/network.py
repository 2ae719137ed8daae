"""Switches and cables of bought nodes with a fabric: they work as one only over these, so every node has its share."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np

from placement.catalog.tables import Catalog, Fact, Node, Site
from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.supply import Purchase
from placement.engine.terms.base import Paid, Provenance, Rate, Term, by_offer, nothing_variable
from placement.engine.terms.hardware import WAYS, Way
from placement.units import MICRO, MICRO_PER_CENT, MILLI
from placement.words import PURCHASES


def _link(catalog: Catalog, node: Node) -> Fact:
    """Speed of a node's fabric [Gbit/s]: its own, else what the catalog assumes for so many accelerators."""
    if node.link is not None:
        return node.link
    assumed = catalog.assumption("fabric_gbit_per_s_per_accelerator")
    return assumed._replace(micro=assumed.micro * node.accelerators)


def _stated(site: Site) -> Fact | None:
    return site.facility.get("network_usd_per_node")


def _switches(catalog: Catalog, purchase: Purchase, stated: Fact | None) -> Purchase:
    """The switches and cables of one node, on the node's own terms: nothing without a fabric, or where they are."""
    node, cost = purchase.node, 0
    if node.fabric and not purchase.existing:
        price = catalog.assumption("fabric_usd_per_gbit_per_s").micro
        exact = Fraction(_link(catalog, node).micro * price, MICRO * MICRO_PER_CENT)
        cost = round(exact) * MICRO_PER_CENT if stated is None else stated.micro
    return purchase._replace(capex_micro=cost, new_micro=None)


def network_of(problem: Problem, offer: int) -> Purchase:
    """What is bought with one node of an offer so that it can work with others."""
    supply = problem.supply
    site = supply.sites[int(supply.site_o[offer])]
    return _switches(problem.catalog, supply.purchases[int(supply.bought_o[offer])], _stated(site))


def _rates(problem: Problem) -> list[Rate]:
    """One node-month at the annuity of its share of the switches, on the node's terms."""
    supply = problem.supply
    stated_s = [_stated(site) for site in supply.sites]

    def rate(way: Way) -> Rate:
        def price(purchase: Purchase, stated: Fact | None) -> int:
            return way.monthly_micro(problem, _switches(problem.catalog, purchase, stated))

        def paid(offer: int) -> Paid:
            return way.paid(problem, network_of(problem, offer))

        mine_o = supply.purchase_o == PURCHASES.index(way.model)
        return Rate(
            "network",
            f"switches and cables, {way.label}",
            "node-month",
            "o",
            np.full(len(supply.site_o), float(MILLI)),
            np.where(mine_o, by_offer(supply, stated_s, price), 0.0),
            partial(_provenance, problem),
            paid=paid,
        )

    return [rate(way) for way in WAYS]


def missing_micro(problem: Problem) -> Floats:
    """What a month of a node would bear of switches if a fabric between its nodes were stated that is not, `o`."""
    supply = problem.supply
    stated_s = [_stated(site) for site in supply.sites]

    def priced(way: Way) -> Floats:
        def price(purchase: Purchase, stated: Fact | None) -> int:
            joined = purchase._replace(node=purchase.node._replace(fabric="stated"))
            return 0 if purchase.node.fabric else way.monthly_micro(problem, _switches(problem.catalog, joined, stated))

        return np.where(supply.purchase_o == PURCHASES.index(way.model), by_offer(supply, stated_s, price), 0.0)

    return np.asarray(sum(map(priced, WAYS)))


def _provenance(problem: Problem, _row: int, offer: int) -> Provenance:
    supply = problem.supply
    stated = _stated(supply.sites[int(supply.site_o[offer])])
    if stated is not None:
        return Provenance.of(stated)
    price = problem.catalog.assumption("fabric_usd_per_gbit_per_s")
    node = supply.purchases[int(supply.bought_o[offer])].node
    link = _link(problem.catalog, node)
    guessed = "" if node.link is not None else ", an assumption: its speed is unknown"
    note = f"{price.text} USD per Gbit/s of its fabric ({link.text} Gbit/s{guessed}): {price.note}"
    return Provenance.of(price)._replace(note=note)


NETWORK = Term("network", "switches and cables of bought nodes", _rates, nothing_variable)
