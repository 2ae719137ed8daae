"""Accelerators that work as one sit in one node, or in nodes joined by a fabric the catalog knows of."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import Constraint
from placement.engine.problem import Problem


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Accelerators in a node less those that must work as one; 0 on a fabric and where not sized, `wh`."""
    inputs = problem.sizing
    spare_wh = inputs.per_node_h[None, :] - chunk.sizing.group_wh
    kept_wh = inputs.fabric_h[None, :] | ~chunk.sizing.sized_wh
    return np.where(kept_wh, np.maximum(spare_wh, 0.0), spare_wh)


FABRIC = Constraint(
    "fabric",
    "one node, or a known fabric between nodes",
    "accelerators",
    "wh",
    _slack,
    "state a fabric between its nodes in a `--catalog` layer",
)
