"""A mix as rows of the ledger: every part of it is charged like a workload of its own.

What is bought of one offer is a row: its own units and hours, and at its site the first row bears what is paid there
whatever is bought. At two sites each has its share of the bytes; these stand in no pool, their tiers begin at zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, part_of
from placement.engine.chunk import Chunk, chunk_of
from placement.engine.flows import NOWHERE, Flows
from placement.engine.ledger import ChunkCosts, Fixed, chunk_costs, each_micro
from placement.engine.parts import rows_of, with_rows
from placement.engine.problem import Problem
from placement.engine.stack.mix import Mix
from placement.inventory.workload import Workload
from placement.units import MICRO


class Laid(NamedTuple):
    """Some mixes as rows. Axis `y`: what is bought of one offer."""

    problem: Problem
    """Of the rows alone."""
    chunk: Chunk
    costs: ChunkCosts
    mix_y: Ints
    """Whose it is: its place among the mixes."""
    offer_y: Ints
    bare_y: Bools
    """Another row bears what is paid at the site."""
    cost_micro_y: Floats


def laid_out(
    problem: Problem, fixed: Fixed, w: Ints, mixes: Sequence[Mix], workloads: Sequence[Workload] = ()
) -> list[Laid]:
    """The mixes of the workloads *w*: those at one site first, then those at two; none where there are none.

    *workloads* are theirs, where what they say is needed.
    """
    found = []
    for crossing in (False, True):
        some = [number for number, mix in enumerate(mixes) if (len(mix.parts) > 1) == crossing]
        if some:
            found.append(_laid(problem, fixed, w, mixes, some, workloads))
    return found


class _Row(NamedTuple):
    mix: int
    share_micro: int
    offer: int
    units: int
    hours_milli: float
    bare: bool


def _rows(mixes: Sequence[Mix], some: Iterable[int]) -> list[_Row]:
    return [
        _Row(number, part.share_micro, one.offer, one.units, one.hours_milli, place > 0)
        for number in some
        for part in mixes[number].parts
        for place, one in enumerate(part.bought)
    ]


def _laid(
    whole: Problem, fixed: Fixed, w: Ints, mixes: Sequence[Mix], some: list[int], workloads: Sequence[Workload]
) -> Laid:
    rows = _rows(mixes, some)
    mix_y, share_y, offer_y, units_y, hours_y, bare_y = (np.array(column) for column in zip(*rows, strict=True))
    said = [workloads[number] for number in mix_y.tolist()] if workloads else []
    problem = with_rows(whole, rows_of(whole, w[mix_y], said))
    if (share_y != MICRO).any():
        problem = _divided(problem, share_y)
    chunk = _with_units(problem, offer_y, units_y.astype(np.float64), hours_y)
    costs = chunk_costs(problem, chunk)
    costs = costs._replace(site_micro_wk=np.where(bare_y[:, None], 0.0, costs.site_micro_wk))
    cost_y = each_micro(problem, fixed, costs, offer_y, units_y.astype(np.float64))
    return Laid(problem, chunk, costs, mix_y, offer_y, bare_y, cost_y)


def _divided(problem: Problem, share_y: Ints) -> Problem:
    """Every row moves its share of the bytes that come and go each month; what is moved once is moved everywhere."""

    def divided(flows: Flows) -> Flows:
        volume_yk = np.rint(part_of(flows.volume_milli_wk, share_y[:, None]))
        nowhere = np.full(flows.stands_wk.shape, NOWHERE, dtype=np.int64)
        return flows._replace(
            volume_milli_wk=volume_yk, stands_wk=nowhere, begin_milli_wk=np.full(volume_yk.shape, np.nan)
        )

    return problem._replace(
        flows_in=divided(problem.flows_in),
        flows_out=divided(problem.flows_out),
        pool_milli_t=np.zeros_like(problem.pool_milli_t),
    )


def _with_units(problem: Problem, offer_y: Ints, units_y: Floats, hours_milli_y: Floats) -> Chunk:
    """The chunk of all rows, each with the units and hours it was given on the shape of its offer."""
    chunk = chunk_of(problem, np.arange(len(offer_y)))
    sizing, shape_y, every = chunk.sizing, problem.supply.shape_o[offer_y], np.arange(len(offer_y))
    nodes_wh, hours_wh = sizing.nodes_wh.copy(), sizing.hours_milli_wh.copy()
    nodes_wh[every, shape_y], hours_wh[every, shape_y] = units_y, hours_milli_y
    return chunk._replace(sizing=sizing.with_units(nodes_wh, hours_wh))


def mix_costs(laid: list[Laid], count: int) -> Floats:
    """What each of *count* mixes costs a month, as it is billed [micro-USD]."""
    cost_x = np.zeros(count)
    for one in laid:
        cost_x += np.bincount(one.mix_y, one.cost_micro_y, count)
    return cost_x
