"""Mixes as a plan has them: the cost lines of every layer, and what its units do of the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from placement.engine.billing import Billing
from placement.engine.feasibility import feasible, passes
from placement.engine.placed_work import PlacedWork
from placement.engine.solution import Extra, Prepared
from placement.engine.stack.laid import Laid, laid_out
from placement.engine.stack.mix import Bought, Mix
from placement.engine.terms.base import FlowKey
from placement.plan.model import Line


class Layered(NamedTuple):
    """What is bought of one offer in a mix."""

    bought: Bought
    part: int
    """Which site of the mix it is at, from 0."""
    share_micro: int
    """What of the work is done there, in millionths."""
    able: PlacedWork
    row: int
    """What it does: a row of *able*."""


class Written(NamedTuple):
    """The mix of one workload."""

    cost_micro: int
    verified: bool
    """Every rule allows every layer, with its own units."""
    layers: tuple[Layered, ...]
    lines: tuple[Line, ...]
    flows: tuple[dict[FlowKey, list[Line]], ...]
    """The lines that pay for flows, site by site."""
    extras: list[tuple[Extra, Line]]
    """What it bears of what several use, with the lines that say so."""

    @property
    def offers(self) -> tuple[int, ...]:
        """The first offer at each site."""
        return tuple(
            one.bought.offer
            for number, one in enumerate(self.layers)
            if number == 0 or one.part != self.layers[number - 1].part
        )


def written(
    prepared: Prepared,
    mixes: Mapping[int, Mix],
    extras: Mapping[int, tuple[Extra, ...]],
) -> dict[int, Written]:
    """The mixes of rows of a problem whose flows stand where the plan has them; *extras* are what rows bear besides."""
    problem, rules, fixed = prepared.problem, prepared.rules, prepared.fixed
    rows, workloads = sorted(mixes), problem.workloads
    if not rows:
        return {}
    some = [mixes[row] for row in rows]
    laid = laid_out(problem, fixed, np.array(rows), some, [workloads[row] for row in rows])
    found: dict[int, Written] = {}
    for one in laid:
        borne = {
            y: extras[rows[mix]]
            for y, mix in enumerate(one.mix_y.tolist())
            if rows[mix] in extras and (y == 0 or one.mix_y[y - 1] != mix)
        }
        billing = Billing(one.problem, one.chunk, fixed, one.costs, one.offer_y, borne, one.bare_y)
        able = PlacedWork(one.problem, one.chunk, one.offer_y)
        allowed = feasible(one.problem, rules, one.chunk)
        verified_y = passes(one.problem, rules, allowed, one.chunk.sizing, one.offer_y)
        for mix in dict.fromkeys(one.mix_y.tolist()):
            found[rows[mix]] = _written(one, billing, able, mix, some[mix])
            if not verified_y[one.mix_y == mix].all():
                found[rows[mix]] = found[rows[mix]]._replace(verified=False)
    return found


def _written(laid: Laid, billing: Billing, able: PlacedWork, number: int, mix: Mix) -> Written:
    y = np.flatnonzero(laid.mix_y == number).tolist()
    flat = [(place, part, one) for place, part in enumerate(mix.parts) for one in part.bought]
    layers, lines, flows = [], list[Line](), [dict[FlowKey, list[Line]]() for _ in mix.parts]
    first = 0
    for layer, (row, (place, part, one)) in enumerate(zip(y, flat, strict=True), start=1):
        if not laid.bare_y[row]:
            first = layer if place else 0
        layers.append(Layered(one, place, part.share_micro, able, row))
        lines += [_in_layer(line, layer, first) for line in billing.lines(row)]
        for key, paid in billing.flows(row).items():
            flows[place].setdefault(key, []).extend(_in_layer(line, layer, first) for line in paid)
    cost = sum(billing.cost_micro(row) for row in y)
    return Written(cost, True, tuple(layers), tuple(lines), tuple(flows), billing.extras(y[0]))


def _in_layer(line: Line, layer: int, first: int) -> Line:
    """A line of a layer; what is paid at a further site is the first layer's there."""
    return line._replace(layer=layer if line.layer else first)
