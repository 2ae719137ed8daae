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

from placement.engine.flows import NOWHERE, Flows
from placement.engine.interconnect import NO_WAY, cheaper
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

    @property
    def nano(self) -> int:
        """What it costs today [thousandths of a micro-dollar]."""
        end = self.before + self.milli
        ends = [*(begin for begin, _ in self.tiers[1:]), max(end, self.tiers[-1][0])]
        return sum(
            price * max(0, min(end, last) - max(self.before, begin))
            for (begin, price), last in zip(self.tiers, ends, strict=True)
        )

    @property
    def slope(self) -> int:
        """What it costs per unit of a factor on it, while that is small [thousandths of a micro-dollar]."""
        return self.milli * [price for begin, price in self.tiers if begin <= self.before][-1]

    def bends(self) -> Iterator[tuple[Fraction, int]]:
        """The factors from which on another tier holds, and by how much that makes it steeper."""
        for (_, price), (begin, after) in pairwise(self.tiers):
            if begin > self.before:
                yield Fraction(begin - self.before, self.milli), self.milli * (after - price)


class _Way(NamedTuple):
    """One way to serve the users."""

    offer: int
    cost_micro: int
    sent: tuple[_Sent, ...]

    @property
    def nano(self) -> int:
        """What is paid for bytes today [thousandths of a micro-dollar]."""
        return sum(one.nano for one in self.sent)


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
        doors = problem.links.arriving if name == "flows_in" else problem.links.leaving
        for slot, (endpoint, milli) in enumerate(
            zip(flows.endpoint_wk[w].tolist(), flows.volume_milli_wk[w].tolist(), strict=True)
        ):
            if endpoint == NOWHERE:
                continue
            way = int(doors.way_es[endpoint, site])
            if way != NO_WAY:
                sent.append(_apart(problem, way, int(doors.tariff_es[endpoint, site]), int(milli)))
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


def _apart(problem: Problem, way: int, tariff: int, milli: int) -> _Sent:
    """A flow that may take private ports, by the way it takes today; then their rent is paid whatever the volume."""
    tariff_x, way_x = np.array([tariff]), np.array([way])
    private = cheaper(problem.links, problem.tariffs, tariff_x, way_x, np.array([float(milli)])).private_wx[0, 0]
    paid = problem.links.ways[way].tariff if private else tariff
    return _Sent(milli, 0, problem.tariffs.values[paid].tiers)


def _crossover(problem: Problem, edge: _Way, region: _Way) -> Crossover:
    factor, pays = _turn(edge, region)
    return Crossover(
        places=problem.supply.sites[int(problem.supply.site_o[edge.offer])].places,
        edge_offer=problem.supply.offer_id(edge.offer),
        edge_cost_cents=cents(edge.cost_micro),
        edge_bytes_cents=cents(edge.nano / MILLI),
        region_offer=problem.supply.offer_id(region.offer),
        region_cost_cents=cents(region.cost_micro),
        region_bytes_cents=cents(region.nano / MILLI),
        gb_per_month=milli_text(sum(one.milli for one in edge.sent)),
        factor=factor,
        edge_pays=pays,
    )


Pays = Literal["above", "below", "always", "never"]


def _turn(edge: _Way, region: _Way) -> tuple[str, Pays]:
    """The smallest factor on the bytes at which the cheaper way becomes the dearer one, against the edge if rounded.

    What the edge saves is a line over the factor, from bend to bend.
    """
    saved: int | Fraction = (region.cost_micro - edge.cost_micro) * MILLI - (region.nano - edge.nano)
    slope = sum(one.slope for one in region.sent) - sum(one.slope for one in edge.sent)
    bends = [bend for one in region.sent for bend in one.bends()]
    bends += [(factor, -steeper) for one in edge.sent for factor, steeper in one.bends()]
    first, at = saved >= 0, Fraction(0)
    for factor, steeper in sorted(bends):
        after = saved + slope * (factor - at)
        if (after >= 0) != first:
            break
        saved, at, slope = after, factor, slope + steeper
    if slope >= 0 if first else slope <= 0:
        return "", "always" if first else "never"
    meeting = at - Fraction(saved) / slope
    return _text(meeting, first) if meeting else ("", "never")


def _text(factor: Fraction, below: bool) -> tuple[str, Pays]:
    milli = int(factor * MILLI) if below else -int(-factor * MILLI // 1)
    return milli_text(milli), "below" if below else "above"
