"""Nodes at every place of the users against one place that serves all of them, and the volume of bytes that turns it.

The cost of either way is what is paid for bytes and what is paid whatever their volume. Tiered tariffs make the first a
line with bends, so the volumes at which both cost the same are found exactly, from bend to bend.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from placement.engine.flows import NOWHERE, Flows
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best
from placement.engine.standing import DIRECTIONS, begin_milli
from placement.plan.model import Crossover
from placement.units import MILLI, cents, milli_text


class _Sent(NamedTuple):
    """What a workload sends under one tariff a month [thousandths of a GB], after what others have sent."""

    milli: int
    before: int
    tiers: tuple[tuple[int, int], ...]
    """From, price."""

    def micro_at(self, factor: Fraction) -> Fraction:
        """What so many times of it cost [micro-USD]."""
        end = self.before + factor * self.milli
        ends: list[int | Fraction] = [begin for begin, _ in self.tiers[1:]]
        ends.append(max(end, Fraction(self.tiers[-1][0])))
        return sum(
            (
                Fraction(price, MILLI) * max(Fraction(0), min(end, Fraction(last)) - max(self.before, begin))
                for (begin, price), last in zip(self.tiers, ends, strict=True)
            ),
            Fraction(0),
        )


class _Way(NamedTuple):
    """One way to serve the users."""

    offer: int
    cost_micro: int
    sent: tuple[_Sent, ...]

    def bytes_at(self, factor: Fraction) -> Fraction:
        """What is paid for so many times today's bytes [micro-USD]."""
        return sum((one.micro_at(factor) for one in self.sent), Fraction(0))

    def cost_at(self, factor: Fraction) -> Fraction:
        """What it costs with so many times the bytes."""
        return self.cost_micro - self.bytes_at(Fraction(1)) + self.bytes_at(factor)


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
    """What is sent is added up by pooled tariff, whose tiers count it together."""
    site, tariffs = int(problem.supply.site_o[offer]), problem.tariffs
    sent: list[_Sent] = []
    pooled: dict[int, int] = {}
    for name in DIRECTIONS:
        flows: Flows = getattr(problem, name)
        for slot, (endpoint, milli) in enumerate(
            zip(flows.endpoint_wk[w].tolist(), flows.volume_milli_wk[w].tolist(), strict=True)
        ):
            if endpoint == NOWHERE:
                continue
            tariff = int(flows.tariff_es[endpoint, site])
            if tariff in pooled:
                known = sent[pooled[tariff]]
                sent[pooled[tariff]] = known._replace(milli=known.milli + int(milli))
                continue
            before = 0
            if tariffs.pooled_t[tariff]:
                pooled[tariff] = len(sent)
                before = int(begin_milli(problem, flows, np.array([w]), slot, np.array([tariff]))[0])
            sent.append(_Sent(int(milli), before, tariffs.values[tariff].tiers))
    return _Way(offer, int(cost), tuple(sent))


def _crossover(problem: Problem, edge: _Way, region: _Way) -> Crossover:
    factor, pays = _turn(edge, region)
    return Crossover(
        places=problem.supply.sites[int(problem.supply.site_o[edge.offer])].places,
        edge_offer=problem.supply.offer_id(edge.offer),
        edge_cost_cents=cents(edge.cost_micro),
        edge_bytes_cents=cents(float(edge.bytes_at(Fraction(1)))),
        region_offer=problem.supply.offer_id(region.offer),
        region_cost_cents=cents(region.cost_micro),
        region_bytes_cents=cents(float(region.bytes_at(Fraction(1)))),
        gb_per_month=milli_text(sum(one.milli for one in edge.sent)),
        factor=factor,
        edge_pays=pays,
    )


Pays = Literal["above", "below", "always", "never"]


def _turn(edge: _Way, region: _Way) -> tuple[str, Pays]:
    """The smallest factor on the bytes at which the cheaper way becomes the dearer one, against the edge if rounded."""

    def ahead(factor: Fraction) -> Fraction:
        """How much the edge saves."""
        return region.cost_at(factor) - edge.cost_at(factor)

    bends = {
        Fraction(begin - one.before, one.milli)
        for way in (edge, region)
        for one in way.sent
        for begin, _ in one.tiers
        if begin > one.before
    }
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
