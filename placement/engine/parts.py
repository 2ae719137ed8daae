"""A problem without its workloads, and some of its workloads alone: what a chunk needs, wherever it is computed.

`with_rows(without_rows(problem), rows_of(problem, w))` is the problem of the workloads *w* alone, numbered from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from placement.engine.alike import Alike, part_of
from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.inventory.workload import Workload

_ALONG_W = ("_w", "_wk")
"""What the names of arrays along workloads end in."""

_HOLDING_W = (
    *("sizing", "legal", "certification", "traffic", "at_users", "contact", "slo", "apart"),
    *("flows_in", "flows_out", "flows_once", "copies", "uplinks"),
)
"""Fields of a problem that are tuples of arrays, some of them along workloads."""


PART = 4096
"""Workloads placed together: few enough to share them out evenly, and for their texts to be held by many workers."""


class Rows(NamedTuple):
    """Everything a problem holds along its workloads, for some of them."""

    workloads: Sequence[Workload]
    """Empty where only their arrays are asked for."""
    ids: list[str]
    arrays: dict[str, Any]
    parts: dict[str, dict[str, Any]]
    twins: Alike
    kinds: dict[str, Alike]
    pool_milli_t: Floats
    """What the whole plan sends, which changes while it is looked for, as do the prices of tiers."""
    price_micro_tk: Floats


def by_id(problem: Problem) -> Ints:
    """The workloads in order of their ids, so that the order of the inventory's rows cannot matter."""
    ids = problem.ids
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def rows_of(problem: Problem, w: Ints, workloads: Sequence[Workload] = ()) -> Rows:
    """The rows of the workloads *w*, which are *workloads* where what they say is needed beside their numbers."""
    return Rows(
        workloads,
        [problem.ids[number] for number in w.tolist()],
        {name: array[w] for name, array in problem._asdict().items() if name.endswith(_ALONG_W)},
        {
            holder: {name: array[w] for name, array in getattr(problem, holder)._asdict().items() if _along(name)}
            for holder in _HOLDING_W
        },
        part_of(problem.twins, w),
        {axes: part_of(kind, w) for axes, kind in problem.kinds.items()},
        problem.pool_milli_t,
        problem.tariffs.price_micro_tk,
    )


def _along(name: str) -> bool:
    return name.endswith(_ALONG_W)


def without_rows(problem: Problem) -> Problem:
    """The problem of no workload: everything that all of them share."""
    common = with_rows(problem, rows_of(problem, np.zeros(0, dtype=np.int64)))
    return common._replace(inventory=problem.inventory.model_copy(update={"workloads": []}), several=None)


def with_rows(common: Problem, rows: Rows) -> Problem:
    """The problem that shares with *common* all but the workloads, which are those of *rows*."""
    holders = {holder: getattr(common, holder)._replace(**arrays) for holder, arrays in rows.parts.items()}
    return common._replace(
        workloads=rows.workloads,
        ids=rows.ids,
        twins=rows.twins,
        kinds=rows.kinds,
        pool_milli_t=rows.pool_milli_t,
        tariffs=common.tariffs._replace(price_micro_tk=rows.price_micro_tk),
        **rows.arrays,
        **holders,
    )


def only(problem: Problem, w: int) -> Problem:
    """The problem of one workload alone."""
    return with_rows(problem, rows_of(problem, np.array([w]), [problem.workloads[w]]))
