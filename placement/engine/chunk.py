"""A run of workloads that is computed together, so that memory stays flat whatever their number."""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.problem import Problem
from placement.engine.sizing import Sizing, SizingInputs, size

CHUNK = 512


class Chunk(NamedTuple):
    """Some workloads (their numbers in the problem), and what they need on each shape."""

    w: Ints
    sizing: Sizing


def inputs_of(problem: Problem, w: Ints) -> SizingInputs:
    """What sizing needs of the workloads *w*."""
    inputs = problem.sizing
    return SizingInputs(
        inputs.count_w[w],
        inputs.per_replica_w[w],
        inputs.memory_milli_gib_w[w],
        inputs.memory_stated_w[w],
        inputs.ratio_row_w[w],
        inputs.ratio_milli_rh,
        inputs.same_rh,
        inputs.units_h,
        inputs.per_node_h,
        inputs.fabric_h,
        inputs.usable_milli_gib_h,
    )


def chunk_of(problem: Problem, w: Ints) -> Chunk:
    """The chunk of the workloads *w*."""
    return Chunk(np.asarray(w, dtype=np.int64), size(inputs_of(problem, w)))
