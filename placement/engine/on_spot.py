"""Hours that workloads pay for on spot, and on demand after it, on every shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Floats, Ints, different, numbered
from placement.engine.chunk import Chunk, hours_milli, rows_of
from placement.engine.problem import Problem
from placement.engine.sizing import SizingInputs
from placement.engine.spot import SpotTerms, available_fraction, checkpoint_milli, gang_paid_milli, mean_up_hours
from placement.engine.work.build import NO_WORK
from placement.engine.work.recipes import SERVING, TRAINING, VIDEO
from placement.units import MILLI
from placement.words import PURCHASES

_MANY = 1 << 16
"""Numbers of nodes up to which a table says what each comes to."""

_UNSAID = -1
"""In place of the size of a checkpoint that nobody says."""


class SpotHours(NamedTuple):
    """Per node and month [thousandths of an hour], `wh`; hours of shapes that are not on spot have no meaning."""

    alone_wh: Floats
    """Paid for on spot if nothing is done elsewhere."""
    spot_wh: Floats
    """Paid for on spot if what would be late, or not at all, is done on demand."""
    after_wh: Floats
    """Paid for on demand."""


def spot_hours(problem: Problem, chunk: Chunk) -> SpotHours:
    """Of a chunk."""
    paid_wh = spot_paid_milli(problem, chunk)
    hours_wh = np.broadcast_to(hours_milli(problem, chunk), paid_wh.shape)
    alone_wh = np.ceil(hours_wh * paid_wh / MILLI)
    work = chunk.sizing.work
    if work is None:
        return SpotHours(alone_wh, alone_wh, np.zeros(paid_wh.shape))
    moved_wh = np.minimum(work.moved_milli_wh, hours_wh)
    spot_wh = np.ceil((hours_wh - moved_wh) * paid_wh / MILLI)
    # Whoever waits for another site to fail does no work, and none on demand.
    after_wh = np.where(hours_wh > 0, work.after_milli_wh, 0.0)
    rows, h = _served(problem, chunk), _on_spot(problem)
    if len(rows) and len(h):
        cells = np.ix_(rows, h)
        up, without = _up_and_without(problem, chunk, cells)
        alone_wh[cells] = spot_wh[cells] = np.rint(hours_wh[cells] * up)
        after_wh[cells] = np.rint(hours_wh[cells] * without)
    return SpotHours(alone_wh, spot_wh, after_wh)


def _up_and_without(problem: Problem, chunk: Chunk, cells: tuple[Ints, ...]) -> tuple[Floats, Floats]:
    """Of work whose users wait: the share of the time in which nodes are up, and in which others must do their work.

    All nodes of an offer come and go together (nearly all interruptions of one type in one zone do), and are warmed up
    before they do anything.
    """
    inputs, spot, h = problem.sizing, problem.spot, cells[1].reshape(-1)
    nodes = np.maximum(np.ceil(chunk.sizing.nodes_wh[cells] * inputs.units_h[h] / inputs.per_node_h[h]), 1.0)
    up = _once(partial(available_fraction, spot), nodes)
    warming = np.minimum(spot.restart_hours / _once(partial(mean_up_hours, spot), nodes), 1.0)
    return up, 1 - up * (1 - warming)


def _served(problem: Problem, chunk: Chunk) -> Ints:
    """Rows whose users wait."""
    works, recipe_w = problem.sizing.works, problem.sizing.recipe_w[chunk.w]
    if works is None:
        return np.zeros(0, dtype=np.int64)
    served_b = np.array([block.form in (SERVING, VIDEO) for block in works.recipes.blocks], dtype=np.bool_)
    served_w = (recipe_w != NO_WORK) & served_b[works.recipes.block_r[recipe_w]]
    return np.flatnonzero(served_w)


def _on_spot(problem: Problem) -> Ints:
    """Shapes that are to be had on spot."""
    supply = problem.supply
    return different(supply.shape_o[supply.purchase_o == PURCHASES.index("spot")])


def spot_paid_milli(problem: Problem, chunk: Chunk) -> Floats:
    """Paid hours of an hour of work on spot [thousandths], `wh`; a thousand where no offer is on spot.

    What is the same for many workloads is reckoned once.
    """
    first, index_w = distinct(chunk.kinds["wh"])
    once = len(first) * 2 < len(index_w)
    return _paid_milli(problem, rows_of(chunk, first))[index_w] if once else _paid_milli(problem, chunk)


def _paid_milli(problem: Problem, chunk: Chunk) -> Floats:
    inputs = problem.sizing
    found_wh = np.full(chunk.sizing.nodes_wh.shape, float(MILLI))
    h = _on_spot(problem)
    rows = np.arange(len(chunk.w))  # also those that may not be interrupted: what it would cost is told of them
    if not len(h):
        return found_wh
    nodes_wh, size_w = gang_nodes(inputs, chunk, rows, h), inputs.checkpoint_milli_gb_w[chunk.w[rows]]
    sizes, of_size = numbered(np.nan_to_num(size_w, nan=_UNSAID).astype(np.int64))
    for number, size in enumerate(sizes.tolist()):
        mine = np.flatnonzero(of_size == number)
        paid = partial(_paid, problem.spot, size_milli_gb=float(size))
        found_wh[np.ix_(rows[mine], h)] = _once(paid, nodes_wh[mine])
    return found_wh


def gang_nodes(inputs: SizingInputs, chunk: Chunk, rows: Ints, h: Ints) -> Floats:
    """Nodes that must all be up at once: of a job all it has, of work that is served those of a replica."""
    sizing, cells = chunk.sizing, np.ix_(rows, h)
    per_node_h = inputs.per_node_h[h]
    nodes_wh = np.ceil(sizing.nodes_wh[cells] * inputs.units_h[h] / per_node_h)
    works, recipe_w = inputs.works, inputs.recipe_w[chunk.w[rows]]
    if works is None:
        return np.maximum(nodes_wh, 1.0)
    trains_b = np.array([block.form == TRAINING for block in works.recipes.blocks], dtype=np.bool_)
    trains_w: Bools = (recipe_w != NO_WORK) & trains_b[works.recipes.block_r[recipe_w]]
    together_wh = np.where(trains_w[:, None], sizing.accelerators_wh[cells], sizing.group_wh[cells])
    worked_wh = np.ceil(together_wh / per_node_h)
    return np.maximum(np.where((recipe_w != NO_WORK)[:, None], worked_wh, nodes_wh), 1.0)


def _once(reckoned: Callable[[Floats], Floats], nodes: Floats) -> Floats:
    """What is reckoned of numbers of nodes, each number once."""
    most = int(nodes.max(initial=1.0))
    if most > _MANY:
        return reckoned(nodes)
    numbers = nodes.astype(np.int64)
    there = np.zeros(most + 1, dtype=np.bool_)
    there[numbers.ravel()] = True
    of_number = np.zeros(most + 1)
    of_number[there] = reckoned(np.flatnonzero(there).astype(np.float64))
    return np.asarray(of_number[numbers])


def _paid(terms: SpotTerms, nodes: Floats, size_milli_gb: float) -> Floats:
    nodes = np.maximum(nodes, 1.0)
    if size_milli_gb == _UNSAID:
        written = np.full(nodes.shape, terms.checkpoint_milli)
    else:
        written = checkpoint_milli(np.array(size_milli_gb), nodes, terms.write_micro)
    return gang_paid_milli(terms, nodes, written)
