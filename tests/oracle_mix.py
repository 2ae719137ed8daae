"""The oracle's part on mixes: every base of whole units at one place with everything else at another, one by one.

Written from `docs/buying.md`; it shares no code with `placement.engine`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product as pairs_of
from typing import NamedTuple

from oracle import Offer, Oracle
from oracle_loads import demand_of, levels_of
from oracle_prices import rented_cost
from oracle_work import carried

from placement.inventory.workload import Workload

HOURLY = ("on_demand", "spot")
OF_UNITS = {"capacity", "power"}
"""Rules that ask how many units there are, of which a base takes fewer than the peak."""


class Market(NamedTuple):
    """What is sold of one shape at one site: prices of a unit [micro-USD]."""

    site: str
    site_cost: int
    shape: tuple[str, int, int, bool]
    monthly: tuple[tuple[float, float], ...]
    """By the month, the cheapest first, and how many there are."""
    hourly: float
    """By the hour; infinite where nothing is sold so."""
    offers: tuple[Offer, ...]


class MixOracle:
    """The best mix of one workload whose load goes up and down, and that moves no bytes."""

    def __init__(self, oracle: Oracle, workload: Workload) -> None:
        self.oracle, self.workload = oracle, workload
        self.demand = demand_of(oracle, oracle.work.evidence, workload)
        self.part = carried(workload)
        self.levels = [(1.0, 0.0), *((float(level), float(milli) / 1000) for level, milli in levels_of(self.demand))]
        self.replica = {}
        self.markets = self.open_markets()

    def open_markets(self) -> list[Market]:
        """Pairs of a site and a shape at which some offer breaks no rule."""
        sold: dict[tuple[str, tuple[str, int, int, bool]], list[Offer]] = {}
        for offer in self.oracle.offers:
            need = self.oracle.need(self.workload, offer)
            broken = self.oracle.broken_at(self.workload, offer.site) | self.oracle.broken_by(
                self.workload, offer, need
            )
            if broken - OF_UNITS or need.nodes is None or offer.each:
                continue
            shape = (offer.accelerator, offer.units, offer.per_node, offer.fabric)
            sold.setdefault((offer.site.id, shape), []).append(offer)
            if shape not in self.replica:
                self.replica[shape] = (offer, *self.oracle.work.replica(self.demand, offer, self.part))
        return [self.market(site, shape, offers) for (site, shape), offers in sold.items()]

    def market(
        self, site: str, shape: tuple[str, int, int, bool], offers: Sequence[Offer], drawn: float = 0.0
    ) -> Market:
        """What is left of it where so much of the site's power is drawn already [millionths of a kW]."""
        priced = [
            (float(self.oracle.cost_per_node(self.workload, offer)), number, offer)
            for number, offer in enumerate(offers)
            if offer.purchase not in HOURLY
        ]
        monthly, power = [], float(self.oracle.site_kw_micro(offers[0].site) or math.inf) - drawn
        for price, _, offer in sorted(priced, key=lambda one: one[:2]):
            limit = math.inf if offer.existing is None else float(offer.existing)
            if offer.node is not None and power < math.inf:
                each = offer.node.max_power_kw.micro
                limit = min(limit, power // each)
                power -= limit * each
            monthly.append((price, limit))
        # By the hour is on demand: the workloads may not be interrupted.
        hourly = [
            rented_cost(self.oracle, 1_000_000, offer.price) / 1000 for offer in offers if offer.purchase == "on_demand"
        ]
        cost = self.oracle.cost_at(self.workload, offers[0].site)
        some = tuple(one for one in monthly if one[1] >= 1)
        return Market(site, cost, shape, some, min(hourly, default=math.inf), tuple(offers))

    def units(self, shape: tuple[str, int, int, bool], level: float) -> int:
        """Units for a part of the peak."""
        offer, way, held = self.replica[shape]
        peak = self.oracle.work.peak_micro(self.demand, self.part)
        return (
            self.oracle.work.paid(offer, way, self.oracle.work.replicas(self.demand, peak * level, held))
            if level
            else 0
        )

    def held(self, shape: tuple[str, int, int, bool], units: int) -> float:
        """The largest part of the peak that so many units hold, by halving."""
        low, high = 0.0, 1.0
        if self.units(shape, high) <= units:
            return 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.units(shape, middle) <= units else (low, middle)
        return low

    def cheapest(self, market: Market, beyond: float) -> float:
        """What is above a level at one market: every number of units by the month, the others by the hour."""
        needed = [(self.units(market.shape, level - beyond), hours) for level, hours in self.levels if level > beyond]
        most = max((units for units, _ in needed), default=0)
        best = math.inf
        for monthly in range(0 if market.hourly < math.inf else most, most + 1):
            hours = sum(max(units - monthly, 0) * time for units, time in needed)
            elastic = hours * market.hourly if hours else 0.0
            best = min(best, base_cost(market, monthly) + elastic)
        return best

    def drawn(self, base: Market, units: int) -> float:
        """Power of a base [millionths of a kW]; of one shape there are nodes of one kind alone."""
        nodes = [offer.node for offer in base.offers if offer.node is not None]
        rented = [one for one in base.offers if one.node is None and one.purchase not in HOURLY]
        assert not (nodes and rented)
        return units * float(nodes[0].max_power_kw.micro) if nodes else 0.0

    def best(self, mixing: str) -> float:
        """The least cost a month [micro-USD] that policies allow; infinite without any."""
        found = [self.cheapest(one, 0.0) + one.site_cost for one in self.markets]
        held = {
            (shape, units): self.held(shape, units)
            for shape in self.replica
            for units in range(1, self.units(shape, 1.0))
        }
        for base, rest in pairs_of(self.markets, self.markets):
            near, runs_out = base.site == rest.site, (base.monthly or ((0, 0),))[0][1] < self.units(base.shape, 1.0)
            apart = (mixing == "one_site" and not near) or (
                mixing == "same_accelerator" and base.shape[0] != rest.shape[0]
            )
            if base is rest or (near and not runs_out) or apart:
                continue
            for units in range(1, self.units(base.shape, 1.0)):
                cost = base_cost(base, units)
                if math.isfinite(cost) and 0 < (level := held[base.shape, units]) < 1:
                    site = base.site_cost + (0 if near else rest.site_cost)
                    left = self.market(rest.site, rest.shape, rest.offers, self.drawn(base, units)) if near else rest
                    found.append(cost + site + self.cheapest(left, level))
        return min(found, default=math.inf)


def base_cost(market: Market, units: int) -> float:
    """So many units by the month, the cheapest first."""
    total, left = 0.0, float(units)
    for price, limit in market.monthly:
        count = min(left, limit)
        total, left = total + price * count, left - count
    return total if left <= 0 else math.inf


def billed(oracle: Oracle, workload: Workload, offer: Offer, units: int, hours_milli: int) -> int:
    """What one layer costs [micro-USD], without its site."""
    if offer.purchase == "on_demand":
        return units * rented_cost(oracle, hours_milli, offer.price)
    return units * oracle.cost_per_node(workload, offer)
