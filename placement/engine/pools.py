"""Pools: a provider's tiers count everything that is sent under one tariff in a month, whichever workload sends it.

A flow's cost is that of its own stretch of the tiers. While a plan is looked for, a workload's flows come after
those of all others, so that they cost what they add. In the plan the flows stand one after the other, in the order of
the workloads' ids, so that together they cost what the pool costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints
from placement.engine.flows import ANYWHERE, NOWHERE, Flows
from placement.engine.parts import by_id
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.standing import DIRECTIONS, begin_milli
from placement.engine.tariffs import Tariffs, stretch_micro


class Entries(NamedTuple):
    """The flows that stand in pools, one after the other, the directions apart. Axis `e`: such flows."""

    workload_e: Ints
    slot_e: Ints
    outward_e: Ints
    """Number in `DIRECTIONS`."""
    tariff_e: Ints
    volume_milli_e: Floats
    begin_milli_e: Floats


class Pools(NamedTuple):
    """What is sent under each tariff, and where each flow stands."""

    milli_t: Floats
    entries: Entries


class Standing(NamedTuple):
    """Where the flows of one direction stand, as `Flows` has it."""

    stands_wk: Ints
    begin_milli_wk: Floats

    def of(self, w: Ints) -> Standing:
        """Those of the workloads *w*."""
        return Standing(self.stands_wk[w], self.begin_milli_wk[w])


def is_pooled(problem: Problem) -> bool:
    """Whether any flow of the problem could stand in a pool."""
    pooled_t = problem.tariffs.pooled_t
    return any(bool(pooled_t[getattr(problem, name).tariff_es].any()) for name in DIRECTIONS)


def entries_of(problem: Problem, offer_w: Ints) -> Entries:
    """The flows in pools when every workload is where its offer is; where they begin is open."""
    found = []
    placed_w, site_w = offer_w != NONE, problem.supply.site_o[offer_w]
    for number, name in enumerate(DIRECTIONS):
        flows: Flows = getattr(problem, name)
        tariff_wk = flows.tariff_es[flows.endpoint_wk, site_w[:, None]] if len(flows.labels) else flows.endpoint_wk
        stands_wk = (flows.endpoint_wk != NOWHERE) & placed_w[:, None] & problem.tariffs.pooled_t[tariff_wk]
        row, slot = np.nonzero(stands_wk)
        outward = np.full(len(row), number, dtype=np.int64)
        found.append((row, slot, outward, tariff_wk[row, slot], flows.volume_milli_wk[row, slot]))
    row, slot, outward, tariff, volume = (np.concatenate(column) for column in zip(*found, strict=True))
    return Entries(row, slot, outward, tariff, volume, np.full(len(row), np.nan))


def at_the_end(problem: Problem, offer_w: Ints) -> Pools:
    """The pools of a plan to be improved: every flow is the last of its pool."""
    entries = entries_of(problem, offer_w)
    return Pools(volumes(problem, entries), entries)


def in_order(problem: Problem, offer_w: Ints) -> Pools:
    """The pools of a plan that is written down: flows stand in the order of the workloads' ids, arriving ones first."""
    entries = entries_of(problem, offer_w)
    rank_w = np.argsort(by_id(problem))
    order = np.lexsort((entries.slot_e, entries.outward_e, rank_w[entries.workload_e], entries.tariff_e))
    entries = Entries._make(column[order] for column in entries)
    end_e = np.cumsum(entries.volume_milli_e)
    first_e = np.searchsorted(entries.tariff_e, entries.tariff_e)
    begin_e = end_e - entries.volume_milli_e
    begin_e -= begin_e[first_e]
    return Pools(volumes(problem, entries), entries._replace(begin_milli_e=begin_e))


def volumes(problem: Problem, entries: Entries) -> Floats:
    """What is sent under each tariff [thousandths of a GB]."""
    count = len(problem.tariffs.values)
    return np.bincount(entries.tariff_e, entries.volume_milli_e, count).astype(np.float64)


def standings(problem: Problem, pools: Pools) -> tuple[Standing, ...]:
    """Where the flows of the problem stand, by direction."""
    entries = pools.entries
    begin_e = _canonical(problem.tariffs, entries)
    found = []
    for number, name in enumerate(DIRECTIONS):
        shape = getattr(problem, name).endpoint_wk.shape
        standing = Standing(np.full(shape, NOWHERE, dtype=np.int64), np.full(shape, np.nan))
        mine = np.flatnonzero(entries.outward_e == number)
        where = entries.workload_e[mine], entries.slot_e[mine]
        standing.stands_wk[where], standing.begin_milli_wk[where] = entries.tariff_e[mine], begin_e[mine]
        found.append(standing)
    return tuple(found)


def standing_at(problem: Problem, where: tuple[Standing, ...]) -> Problem:
    """The problem with its flows standing elsewhere in their pools."""
    arriving, leaving = where
    return problem._replace(
        flows_in=problem.flows_in._replace(**arriving._asdict()),
        flows_out=problem.flows_out._replace(**leaving._asdict()),
    )


def with_pools(problem: Problem, pools: Pools) -> Problem:
    """The problem priced by *pools*."""
    where = standings(problem, pools)
    twins = alike(len(problem.ids), [problem.twins.class_x, *(column for one in where for column in one)])
    return standing_at(problem, where)._replace(pool_milli_t=pools.milli_t, twins=twins)


def with_estimate(problem: Problem, milli_t: Floats) -> Problem:
    """The problem priced by pools of which only the sizes are known, roughly."""
    where = []
    for name in DIRECTIONS:
        shape = getattr(problem, name).endpoint_wk.shape
        where.append(Standing(np.full(shape, ANYWHERE, dtype=np.int64), np.full(shape, np.nan)))
    return standing_at(problem, tuple(where))._replace(pool_milli_t=milli_t)


def _canonical(tariffs: Tariffs, entries: Entries) -> Floats:
    """Where the stretches begin; those within one tier at its start, which costs the same and makes more alike."""
    start_ek = _starts(tariffs)[entries.tariff_e]
    end_e = entries.begin_milli_e + entries.volume_milli_e
    tier_e = np.maximum((start_ek <= entries.begin_milli_e[:, None]).sum(axis=1) - 1, 0)
    rows = np.arange(len(tier_e))
    start_e = start_ek[rows, tier_e]
    fits_e = end_e <= start_e + tariffs.width_milli_tk[entries.tariff_e, tier_e]
    return np.where(fits_e, start_e, entries.begin_milli_e)


def _starts(tariffs: Tariffs) -> Floats:
    """Where tiers begin, tariff × tier; infinite beyond the last."""
    return np.where(tariffs.width_milli_tk > 0, tariffs.start_milli_tk, np.inf)


def pooled_micro(problem: Problem, offer_w: Ints) -> Floats:
    """What each workload's flows in pools cost at its offer, as the problem prices them [micro-USD], `w`."""
    entries = entries_of(problem, offer_w)
    earlier_e, begin_e = _earlier(entries), np.empty(len(entries.tariff_e))
    for number, name in enumerate(DIRECTIONS):
        mine = np.flatnonzero(entries.outward_e == number)
        row, slot, tariff = entries.workload_e[mine], entries.slot_e[mine], entries.tariff_e[mine]
        begin_e[mine] = begin_milli(problem, getattr(problem, name), row, slot, tariff, earlier_e[mine])
    cost_e = stretch_micro(problem.tariffs, entries.tariff_e, begin_e, entries.volume_milli_e)
    return np.bincount(entries.workload_e, cost_e, len(problem.ids)).astype(np.float64)


def _earlier(entries: Entries) -> Floats:
    """What a workload itself sends before each of its flows under the same tariff [thousandths of a GB]."""
    order = np.lexsort((entries.slot_e, entries.outward_e, entries.tariff_e, entries.workload_e))
    workload, tariff, volume = (
        column[order] for column in (entries.workload_e, entries.tariff_e, entries.volume_milli_e)
    )
    end = np.cumsum(volume)
    new = np.append(True, (np.diff(workload) != 0) | (np.diff(tariff) != 0))[: len(order)]
    begin = end - volume
    found = np.empty(len(order))
    found[order] = begin - begin[np.flatnonzero(new)][np.cumsum(new) - 1] if len(order) else begin
    return found
