"""A replica's memory must fit the accelerators that work as one."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import UNKNOWN_SLACK, Constraint
from placement.engine.problem import Problem
from placement.engine.work.build import NO_WORK
from placement.engine.work.capability import OVERHEAD_MILLI_GIB
from placement.engine.work.wanted import Needs
from placement.units import MILLI, from_milli

_TENTH = MILLI // 10


def _slack(problem: Problem, chunk: Chunk) -> Floats:
    """Usable memory of one node (of as many as needed on a fabric) less the replica's need [GiB], `wh`."""
    inputs = problem.sizing
    memory_w = inputs.memory_milli_gib_w[chunk.w, None]
    node_h = inputs.per_node_h * inputs.usable_milli_gib_h
    slack_wh = (node_h[None, :] - memory_w) / MILLI
    slack_wh = np.where(inputs.fabric_h[None, :], np.maximum(slack_wh, 0.0), slack_wh)
    # Unknown memory: only where the very accelerator of today is used (see sizing) is the fit known.
    unknown_wh = np.isnan(slack_wh)
    slack_wh = np.where(unknown_wh, np.where(chunk.sizing.sized_wh, 0.0, UNKNOWN_SLACK), slack_wh)
    return slack_wh if chunk.sizing.work is None else _of_work(problem, chunk, chunk.sizing.work, slack_wh)


def _of_work(problem: Problem, chunk: Chunk, work: Needs, slack_wh: Floats) -> Floats:
    """The same with the program's own memory, and replicas of as many nodes as there may be, or as are asked for.

    What does not fit is measured against one node.
    """
    inputs = problem.sizing
    memory_w = inputs.memory_milli_gib_w[chunk.w, None]
    node_h = inputs.per_node_h * (inputs.usable_milli_gib_h - OVERHEAD_MILLI_GIB)
    fits_wh = memory_w <= work.room_milli_gib_wh
    missed_wh = (np.fmin(node_h[None, :], work.room_milli_gib_wh) - memory_w) / MILLI
    unknown_wh = np.isnan(missed_wh)
    missed_wh = np.where(unknown_wh, UNKNOWN_SLACK, np.minimum(missed_wh, -1 / MILLI))
    of_work_w = (inputs.recipe_w[chunk.w] != NO_WORK)[:, None]
    return np.where(of_work_w, np.where(fits_wh, 0.0, missed_wh), slack_wh)


def needed_gib(problem: Problem, workload: int, _offer: int, slack: float) -> str:
    """What the node that is missed by *slack* holds, in whole tenths of a GiB."""
    node_milli = int(problem.sizing.memory_milli_gib_w[workload]) + round(slack * MILLI)
    return str(from_milli(node_milli // _TENTH * _TENTH))


def _detail(problem: Problem, shape: int, slack: float) -> str:
    """What a replica needs, and what a node of the shape has for it."""
    inputs, hardware = problem.sizing, problem.supply.shapes[shape]
    node_milli = int(inputs.per_node_h[shape] * inputs.usable_milli_gib_h[shape])
    single = hardware.per_node == 1
    has = f"{hardware.accelerator} has" if single else f"{hardware.per_node} × {hardware.accelerator} have"
    return f"a replica needs {from_milli(node_milli - round(slack * MILLI))} GiB; {has} {from_milli(node_milli)} usable"


MEMORY = Constraint(
    "memory",
    "accelerator memory of one node",
    "GiB",
    "wh",
    _slack,
    "shrink the replica to {needed} GiB",
    needed_gib,
    detail=_detail,
)
