"""Flows of one workload that meet under one tariff: its tiers count them together, one after the other.

Whether two flows meet depends on the site. So the columns of a flow's rates are pairs of a tariff and the flows before
it that are under the same one. Few workloads have such flows; all others share the table of their endpoints.
"""

from __future__ import annotations

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Ints
from placement.engine.flows import NOWHERE
from placement.engine.problem import Problem
from placement.engine.terms.slots import Slot
from placement.engine.terms.tiered import Met, met


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
