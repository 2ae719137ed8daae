"""Who may have reason to move when pools have changed, and with them prices; all others need not be searched again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, different
from placement.engine.flows import NOWHERE, Flows
from placement.engine.problem import Problem
from placement.engine.reach import Reach
from placement.engine.search import NONE
from placement.engine.standing import DIRECTIONS, begin_milli
from placement.engine.tariffs import stretch_micro

FEW = 1024
"""Workloads of which nobody asks which have reason to move."""


class Chosen(NamedTuple):
    """What is known of what workloads have chosen when prices change."""

    offer_w: Ints
    reach: Reach
    late_w: Bools
    """Whether a workload may have had a better offer already, so that it is none of those that could not gain."""


def unsettled(before: Problem, after: Problem, chosen: Chosen) -> Ints:
    """Workloads whose best offer may be another one now that pools have changed, and with them prices.

    It cannot be where the flows of the chosen offer have become no dearer than those of every other have at least, of
    those within reach: what cost as much or more still does. Of flows of one workload that meet under one tariff
    nothing is known, nor of who had something better already. Few workloads are sooner searched than asked.
    """
    offer_w = chosen.offer_w
    if len(offer_w) <= FEW:
        return np.flatnonzero(_sends(before))
    lead_w = np.zeros(len(offer_w))
    site_w = before.supply.site_o[offer_w]
    changed_t = _changed(before, after)
    for name in DIRECTIONS:
        old: Flows = getattr(before, name)
        for slot in range(old.endpoint_wk.shape[1]):
            row = np.flatnonzero((old.endpoint_wk[:, slot] != NOWHERE) & (offer_w != NONE))
            if len(row):
                lead_w[row] += _lead(before, after, name, row, slot, site_w[row], changed_t, chosen)
    return np.flatnonzero((lead_w > 0) | before.meets_w | chosen.late_w)


def _sends(problem: Problem) -> Bools:
    """Which workloads have a flow that could stand in a pool."""
    sends_w = np.zeros(len(problem.ids), dtype=np.bool_)
    for name in DIRECTIONS:
        flows: Flows = getattr(problem, name)
        pooled_e = np.zeros(len(flows.labels) + 1, dtype=np.bool_)
        pooled_e[:-1] = np.any(problem.tariffs.pooled_t[flows.tariff_es], axis=1)
        sends_w |= pooled_e[flows.endpoint_wk].any(axis=1)
    return sends_w


def _changed(before: Problem, after: Problem) -> Bools:
    """Pooled tariffs under which a flow may have become dearer or cheaper, `t`.

    It has not where prices are the same and others send so much, now as before, that it is within the last tier: what
    comes before it is what the pool holds less what its workload sends, at most all that this has.
    """
    tariffs = before.tariffs
    sent_w = np.zeros(len(before.ids))
    for name in DIRECTIONS:
        flows: Flows = getattr(before, name)
        sent_w += flows.volume_milli_wk.sum(axis=1)
    least_t = np.minimum(before.pool_milli_t, after.pool_milli_t) - sent_w.max(initial=0.0)
    same_t = (tariffs.price_micro_tk == after.tariffs.price_micro_tk).all(axis=1)
    return np.asarray(tariffs.pooled_t & ~(same_t & (least_t >= tariffs.start_milli_tk.max(axis=1))))


def _lead(
    before: Problem, after: Problem, name: str, row: Ints, slot: int, site: Ints, changed_t: Bools, chosen: Chosen
) -> Floats:
    """How much more than elsewhere at least the flow in a slot has become dearer where it is [micro-USD]."""
    flows: Flows = getattr(before, name)
    endpoint, volume = flows.endpoint_wk[row, slot], flows.volume_milli_wk[row, slot]
    mine = flows.tariff_es[endpoint, site]
    change, least = np.zeros(len(row)), np.zeros(len(row))
    met = different(flows.tariff_es[different(endpoint)].ravel())
    for tariff in met[changed_t[met]].tolist():
        there_es = flows.tariff_es == tariff
        some = np.flatnonzero(there_es.any(axis=1)[endpoint])
        same = np.full(len(some), tariff)
        then, now = (
            stretch_micro(
                problem.tariffs, same, begin_milli(problem, getattr(problem, name), row[some], slot, same), volume[some]
            )
            for problem in (before, after)
        )
        within = np.zeros(len(some), dtype=np.bool_)
        for one in different(endpoint[some]).tolist():
            ends = np.flatnonzero(endpoint[some] == one)
            within[ends] |= chosen.reach.any_of(row[some[ends]], np.flatnonzero(there_es[one]))
        least[some] = np.where(within, np.minimum(least[some], now - then), least[some])
        change[some] += np.where(mine[some] == tariff, now - then, 0.0)
    return change - least
