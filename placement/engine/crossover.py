"""Nodes at every place of the users against one place that serves all of them, and the volume of bytes that turns it.

The cost of either way is what is paid for bytes and what is paid whatever their volume. Tiered tariffs make the first a
line with bends, so the volumes at which both cost the same are found exactly, from bend to bend.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from placement.engine.flows import NOWHERE, Flows
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best
from placement.engine.standing import DIRECTIONS, begin_milli
from placement.engine.ways import NO_WAY
from placement.plan.model import Crossover
from placement.units import MILLI, cents, milli_text

_PORTS = 250
"""So many ports of a kind at most are followed while bytes grow; beyond, their rent is taken to stay what it is."""


class _Bend(NamedTuple):
    """A factor on bytes after which what they cost grows otherwise."""

    factor: Fraction
    steeper: int
    jump: Fraction = Fraction(0)
    """What it costs more at once."""


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

    def bends(self) -> Iterator[_Bend]:
        """The factors from which on another tier holds."""
        for (_, price), (begin, after) in pairwise(self.tiers):
            if begin > self.before:
                yield _Bend(Fraction(begin - self.before, self.milli), self.milli * (after - price))


class _Piece(NamedTuple):
    """A stretch of the factors, from (without) a factor on, over which a cost is a line."""

    begin: Fraction
    nano: Fraction
    """The cost just after its begin."""
    slope: int


class _Linked(NamedTuple):
    """What a workload sends where a private port is possible: the cheaper way at every volume, alone in its tiers."""

    milli: int
    public: tuple[tuple[int, int], ...]
    private: tuple[tuple[int, int], ...]
    ports: tuple[tuple[int, int], ...]
    """Rent a month [thousandths of a micro-dollar] and what it carries [thousandths of a GB]."""

    def _sent(self, tiers: tuple[tuple[int, int], ...], factor: Fraction) -> tuple[Fraction, int]:
        """Cost at a factor on the bytes, and slope just after it."""
        volume, cost, price = factor * self.milli, Fraction(0), 0
        for number, (begin, price_here) in enumerate(tiers):
            if begin > volume:
                break
            end = tiers[number + 1][0] if number + 1 < len(tiers) else volume
            cost, price = cost + price_here * (min(volume, Fraction(end)) - begin), price_here
        return cost, price * self.milli

    def _rent(self, factor: Fraction) -> int:
        """The least rent of ports of one kind, just after a factor on the bytes."""
        return min(rent * (int(factor * self.milli // carried) + 1) for rent, carried in self.ports)

    def pieces(self) -> Iterator[_Piece]:
        """Its cost over all factors, from 0 on."""
        begins = {Fraction(begin, self.milli) for begin, _ in (*self.public, *self.private)}
        begins |= {Fraction(carried * count, self.milli) for _, carried in self.ports for count in range(_PORTS)}
        ordered = sorted(begins)
        for number, begin in enumerate(ordered):
            end = ordered[number + 1] if number + 1 < len(ordered) else None
            public, private = self._sent(self.public, begin), self._sent(self.private, begin)
            here = _Piece(begin, *public)
            there = _Piece(begin, private[0] + self._rent(begin), private[1])
            first, later = sorted((here, there), key=lambda piece: (piece.nano, piece.slope))
            yield first
            if later.slope < first.slope:
                meeting = begin + Fraction(later.nano - first.nano, first.slope - later.slope)
                if end is None or meeting < end:
                    yield _Piece(meeting, later.nano + later.slope * (meeting - begin), later.slope)

    @property
    def nano(self) -> int:
        """What it costs today [thousandths of a micro-dollar]."""
        piece = [piece for piece in _pieces_of(self) if piece.begin < 1][-1]
        return int(piece.nano + piece.slope * (1 - piece.begin))

    @property
    def slope(self) -> int:
        """What it costs per unit of a factor on it, while that is small [thousandths of a micro-dollar]."""
        return _pieces_of(self)[0].slope

    def bends(self) -> Iterator[_Bend]:
        """The factors from which on another tier holds, the other way is cheaper, or more ports are needed."""
        for last, piece in pairwise(_pieces_of(self)):
            jump = piece.nano - (last.nano + last.slope * (piece.begin - last.begin))
            if jump or piece.slope != last.slope:
                yield _Bend(piece.begin, piece.slope - last.slope, jump)


@lru_cache(maxsize=256)
def _pieces_of(linked: _Linked) -> tuple[_Piece, ...]:
    """The pieces of a flow, of which many workloads have the same."""
    return tuple(linked.pieces())


class _Way(NamedTuple):
    """One way to serve the users."""

    offer: int
    cost_micro: int
    sent: tuple[_Sent | _Linked, ...]

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
    site, tariffs, links = int(problem.supply.site_o[offer]), problem.tariffs, problem.links
    sent: list[_Sent] = []
    linked: list[_Linked] = []
    pooled: dict[int, int] = {}
    for name, doors in zip(DIRECTIONS, (links.arriving, links.leaving), strict=True):
        flows: Flows = getattr(problem, name)
        for slot, (endpoint, milli) in enumerate(
            zip(flows.endpoint_wk[w].tolist(), flows.volume_milli_wk[w].tolist(), strict=True)
        ):
            if endpoint == NOWHERE:
                continue
            way = int(doors.way_es[endpoint, site])
            if way != NO_WAY:
                linked.append(_linked(problem, int(doors.tariff_es[endpoint, site]), way, int(milli)))
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
    return _Way(offer, int(cost), (*sent, *linked))


def _linked(problem: Problem, tariff: int, way: int, milli: int) -> _Linked:
    """A flow that may take a private way, or the internet at a tariff."""
    values, private = problem.tariffs.values, problem.links.ways[way]
    ports = [(one.price.micro * one.unit_milli, one.capacity_milli_gb) for one in private]
    return _Linked(milli, values[tariff].tiers, values[private[0].tariff].tiers, tuple(ports))


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
    bends += [_Bend(bend.factor, -bend.steeper, -bend.jump) for one in edge.sent for bend in one.bends()]
    first, at = saved >= 0, Fraction(0)
    for factor, steeper, jump in sorted(bends):
        after = saved + slope * (factor - at)
        if (after >= 0) != first:
            break
        if (after + jump >= 0) != first:
            return _text(factor, first)
        saved, at, slope = after + jump, factor, slope + steeper
    if slope >= 0 if first else slope <= 0:
        return "", "always" if first else "never"
    meeting = at - Fraction(saved) / slope
    return _text(meeting, first) if meeting else ("", "never")


def _text(factor: Fraction, below: bool) -> tuple[str, Pays]:
    milli = int(factor * MILLI) if below else -int(-factor * MILLI // 1)
    return milli_text(milli), "below" if below else "above"
