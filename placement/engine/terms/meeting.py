"""Flows of one workload that meet under one tariff: its tiers count them together, one after the other.

Whether two flows meet depends on the site. So the columns of a flow's rates are pairs of a tariff and the flows before
it that are under the same one. Few workloads have such flows; all others share the table of their endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints
from placement.engine.flows import NOWHERE, Flows
from placement.engine.problem import Problem
from placement.engine.terms.tiered import Met, met


class Slot(NamedTuple):
    """The flows of a chunk in one slot of one direction."""

    flows: Flows
    slot: int
    endpoint_w: Ints
    volume_milli_w: Floats

    def tariff_wk(self, problem: Problem, rows: Ints) -> Ints:
        """The tariff by kind of site of some rows of the chunk, `NOWHERE` where there is no flow or no pool."""
        tariff_ek = self.flows.tariff_es[:, problem.charging.first_k]
        tariff_rk = tariff_ek[self.endpoint_w[rows]]
        is_there = (self.endpoint_w[rows] != NOWHERE)[:, None] & problem.tariffs.pooled_t[tariff_rk]
        return np.where(is_there, tariff_rk, NOWHERE)


def slots_of(problem: Problem, w: Ints, direction: str) -> Iterator[Slot]:
    """The slots of a direction (`flows_in` or `flows_out`) in which any of the workloads *w* has a flow."""
    flows: Flows = getattr(problem, direction)
    for number in range(flows.endpoint_wk.shape[1]):
        volume_w = flows.volume_milli_wk[w, number]
        if volume_w.any():
            yield Slot(flows, number, flows.endpoint_wk[w, number], volume_w)


def met_by(problem: Problem, w: Ints, slots: list[Slot]) -> list[tuple[Met, Ints]]:
    """The table of what the flows of every slot meet, and the row of each of the workloads *w* in it."""
    together = np.flatnonzero(problem.meets_w[w])
    same = alike(len(together), [slot.endpoint_w[together] for slot in slots])
    first = together[same.first_k]
    if not len(first):
        flows = {id(slot.flows): slot.flows for slot in slots}
        alone = {key: met(one.tariff_es[:, problem.charging.first_k]) for key, one in flows.items()}
        return [(alone[id(slot.flows)], slot.endpoint_w) for slot in slots]
    before: list[Ints] = []
    found = []
    for slot in slots:
        tariff_ek = slot.flows.tariff_es[:, problem.charging.first_k]
        mine_ck = slot.tariff_wk(problem, first)
        earlier_ck = np.zeros(mine_ck.shape, dtype=np.int64)
        for number, theirs_ck in enumerate(before):
            earlier_ck |= np.where((mine_ck != NOWHERE) & (mine_ck == theirs_ck), 1 << number, 0)
        before.append(mine_ck)
        # Rows of those whose flows meet come after the endpoints' own; an empty slot borrows some row.
        table_rk = np.concatenate([tariff_ek, tariff_ek[slot.endpoint_w[first]]])
        earlier_rk = np.concatenate([np.zeros(tariff_ek.shape, dtype=np.int64), earlier_ck])
        row_w = slot.endpoint_w.copy()
        row_w[together] = len(tariff_ek) + same.class_x
        found.append((met(table_rk, earlier_rk), row_w))
    return found
