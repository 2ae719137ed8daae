"""What a workload needs of every accelerator, for its story."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.placed_work import digits, told_on
from placement.engine.problem import Problem
from placement.engine.solution import Worked
from placement.engine.story import Story
from placement.units import MILLI, cents, from_milli


class SizeRow(NamedTuple):
    """What the workload needs of one accelerator, on the shape of its cheapest offer."""

    accelerator: str
    ratio: str
    """Of its work to that of today's accelerator; of workloads that say their work empty, and the next four say it."""
    accelerators: int
    nodes: int
    memory_gib: str
    """Usable memory of one node; empty if unknown."""
    monthly_cost_cents: int | None
    """Of the cheapest offer that only this workload's own rules may still forbid."""
    feasible: bool
    replica: int = 0
    """Accelerators that work as one."""
    throughput: str = ""
    """Units per second of a replica."""
    unit: str = ""
    low: str = ""
    """Ends of its band."""
    high: str = ""
    basis: str = ""


def size_rows(problem: Problem, worked: Worked, story: Story) -> tuple[SizeRow, ...]:
    """One row per rated accelerator, cheapest first."""
    supply, sizing = problem.supply, worked.chunk.sizing
    open_o = np.where(story.feasible_o, story.cost_o, np.inf)
    any_o = np.where(np.isnan(story.cost_o), np.inf, story.cost_o)
    rows: dict[str, tuple[float, SizeRow]] = {}
    for shape, hardware in enumerate(supply.shapes):
        mine = np.flatnonzero(supply.shape_o == shape)
        if not sizing.nodes_wh[0, shape] or not len(mine):
            continue
        feasible = bool(np.isfinite(open_o[mine]).any())
        cost = float((open_o if feasible else any_o)[mine].min())
        rank = cost if feasible else cost + 1e18
        if hardware.accelerator not in rows or rows[hardware.accelerator][0] > rank:
            rows[hardware.accelerator] = (rank, _row(problem, worked, shape, cost, feasible))
    return tuple(row for _, row in sorted(rows.values(), key=lambda item: (item[0], item[1].accelerator)))


def _row(problem: Problem, worked: Worked, shape: int, cost: float, feasible: bool) -> SizeRow:
    inputs, sizing, w = problem.sizing, worked.chunk.sizing, int(worked.chunk.w[0])
    usable = float(inputs.usable_milli_gib_h[shape] * inputs.per_node_h[shape])
    row = SizeRow(
        problem.supply.shapes[shape].accelerator,
        str(from_milli(int(inputs.ratio_milli_rh[inputs.ratio_row_w[w], shape]))),
        int(sizing.accelerators_wh[0, shape]),
        int(sizing.nodes_wh[0, shape]),
        "" if np.isnan(usable) else f"{usable / MILLI:,.1f}",
        cents(cost) if np.isfinite(cost) else None,
        feasible,
    )
    told = told_on(problem, worked.chunk, shape)
    if told is None:
        return row
    return row._replace(
        ratio="",
        replica=int(sizing.group_wh[0, shape]),
        throughput=digits(told.per_second),
        unit=told.throughput_unit,
        low=digits(told.per_second * told.band.low),
        high=digits(told.per_second * told.band.high),
        basis=told.band.basis,
    )
