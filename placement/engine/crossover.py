"""Nodes at every place of the users against one place that serves all of them, and the volume of bytes that turns it.

The cost of either way is what is paid for bytes and what is paid whatever their volume. Tiered tariffs make the first a
line with bends, so the volumes at which both cost the same are found exactly, from bend to bend.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from placement.engine.flows import Flows
from placement.engine.ledger import exact_micro
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best
from placement.plan.model import Crossover
from placement.units import MILLI, cents, milli_text


class _Flow(NamedTuple):
    """Bytes a month [thousandths of a GB] under a tariff: (from, price) by tier."""

    milli: int
    tiers: tuple[tuple[int, int], ...]


class _Way(NamedTuple):
    """One way to serve the users."""

    offer: int
    cost_micro: int
    flows: tuple[_Flow, ...]

    @property
    def bytes_micro(self) -> int:
        """What is paid for bytes today."""
        return sum(
            exact_micro(max(0, min(flow.milli, end) - begin), price)
            for flow in self.flows
            for begin, end, price in _tiers(flow.tiers, flow.milli)
        )

    def bytes_at(self, factor: Fraction) -> Fraction:
        """What would be paid for so many times the bytes."""
        return sum(
            (
                Fraction(price, MILLI) * max(Fraction(0), min(factor * flow.milli, Fraction(end)) - begin)
                for flow in self.flows
                for begin, end, price in _tiers(flow.tiers, int(factor * flow.milli) + 1)
            ),
            Fraction(0),
        )

    def cost_at(self, factor: Fraction) -> Fraction:
        """What it would cost with so many times the bytes."""
        return self.cost_micro - self.bytes_micro + self.bytes_at(factor)


def _tiers(tiers: tuple[tuple[int, int], ...], most: int) -> Iterator[tuple[int, int, int]]:
    """Begin, end and price of each tier; the last ends where there are no bytes left."""
    for (begin, price), (end, _) in pairwise((*tiers, (max(most, tiers[-1][0]), 0))):
        yield begin, end, price


def crossovers(problem: Problem, best: Best) -> dict[int, Crossover]:
    """Of the workloads that may live at every place, those to which both ways are open, whoever else wants them."""
    spread_o = problem.spread_s[problem.supply.site_o]
    found = {}
    for w in np.flatnonzero(problem.per_location_w).tolist():
        ranked = sorted(
            (cost, offer)
            for cost, offer in zip(best.cost_wtk[w].ravel().tolist(), best.offer_wtk[w].ravel().tolist(), strict=True)
            if offer != NONE
        )
        edge = next((pair for pair in ranked if spread_o[pair[1]]), None)
        region = next((pair for pair in ranked if not spread_o[pair[1]]), None)
        if edge is not None and region is not None:
            found[w] = _crossover(problem, _way(problem, w, *edge), _way(problem, w, *region))
    return found


def _way(problem: Problem, w: int, cost: float, offer: int) -> _Way:
    site = int(problem.supply.site_o[offer])
    flows = (*_flows(problem, problem.flows_in, w, site), *_flows(problem, problem.flows_out, w, site))
    return _Way(offer, int(cost), flows)


def _flows(problem: Problem, flows: Flows, w: int, site: int) -> Iterator[_Flow]:
    for endpoint, milli in zip(flows.endpoint_wk[w].tolist(), flows.volume_milli_wk[w].tolist(), strict=True):
        if endpoint >= 0:
            yield _Flow(int(milli), problem.tariffs.values[int(flows.tariff_es[endpoint, site])].tiers)


def _crossover(problem: Problem, edge: _Way, region: _Way) -> Crossover:
    factor, pays = _turn(edge, region)
    return Crossover(
        places=problem.supply.sites[int(problem.supply.site_o[edge.offer])].places,
        edge_offer=problem.supply.offer_id(edge.offer),
        edge_cost_cents=cents(edge.cost_micro),
        edge_bytes_cents=cents(edge.bytes_micro),
        region_offer=problem.supply.offer_id(region.offer),
        region_cost_cents=cents(region.cost_micro),
        region_bytes_cents=cents(region.bytes_micro),
        gb_per_month=milli_text(sum(flow.milli for flow in edge.flows)),
        factor=factor,
        edge_pays=pays,
    )


Pays = Literal["above", "below", "always", "never"]


def _turn(edge: _Way, region: _Way) -> tuple[str, Pays]:
    """The smallest factor on the bytes at which the cheaper way becomes the dearer one, against the edge if rounded."""

    def ahead(factor: Fraction) -> Fraction:
        """How much the edge saves."""
        return region.cost_at(factor) - edge.cost_at(factor)

    bends = {Fraction(begin, flow.milli) for way in (edge, region) for flow in way.flows for begin, _ in flow.tiers}
    stops = sorted(bends | {Fraction(0)})
    stops.append(stops[-1] + 1)
    first = ahead(Fraction(0)) >= 0
    for number, (begin, end) in enumerate(pairwise(stops)):
        low, high = ahead(begin), ahead(end)
        straight = number == len(stops) - 2  # nothing bends any more
        if (high < low if first else high > low) if straight else (high >= 0) != first:
            meeting = begin + low / (low - high) * (end - begin)
            return _text(meeting, first) if meeting else ("", "never")
    return "", "always" if first else "never"


def _text(factor: Fraction, below: bool) -> tuple[str, Pays]:
    milli = int(factor * MILLI) if below else -int(-factor * MILLI // 1)
    return milli_text(milli), "below" if below else "above"
