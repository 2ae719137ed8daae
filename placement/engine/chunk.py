"""A run of workloads that is computed together, so that memory stays flat whatever their number."""

from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints
from placement.engine.each_place import sized
from placement.engine.problem import Problem
from placement.engine.sizing import Sizing, SizingInputs

CHUNK = 8192
"""Workloads of one chunk. It cannot change a result."""


class Chunk(NamedTuple):
    """Some workloads (their numbers in the problem), and what they need on each shape."""

    w: Ints
    sizing: Sizing
    kinds: dict[str, Ints]
    """For the axes `wh`, `ws` and `wp` of rules: classes of rows for which such a rule says the same."""


def inputs_of(problem: Problem, w: Ints) -> SizingInputs:
    """What sizing needs of the workloads *w*."""
    inputs = problem.sizing
    along = {name: column[w] for name, column in inputs._asdict().items() if name.endswith("_w")}
    return inputs._replace(**along)


def hours_milli(problem: Problem, chunk: Chunk) -> Floats:
    """Hours a month in which a node is needed [thousandths], `w1` or `wh`."""
    hours_w = problem.hours_milli_w[chunk.w, None]
    work = chunk.sizing.work
    return hours_w if work is None else np.minimum(hours_w, work.hours_milli_wh)


def chunk_of(problem: Problem, w: Ints) -> Chunk:
    """The chunk of the workloads *w*; each of the different needs is sized once."""
    numbers = np.asarray(w, dtype=np.int64)
    kinds = {axes: kind.class_x[numbers] for axes, kind in problem.kinds.items()}
    first, index_w = distinct(kinds["wh"])
    sizing = sized(inputs_of(problem, numbers[first]))
    return Chunk(numbers, sizing.of(index_w), kinds)


def rows_of(chunk: Chunk, rows: Ints) -> Chunk:
    """Some rows of a chunk."""
    return Chunk(
        chunk.w[rows],
        chunk.sizing.of(rows),
        {axes: kind_w[rows] for axes, kind_w in chunk.kinds.items()},
    )
