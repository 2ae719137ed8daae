"""Which workloads have flows that meet under one tariff, whose tiers then count them together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Bools, Ints
from placement.engine.flows import NOWHERE, Flows


def meeting(ways: Iterable[Flows], pooled_t: Bools, first_k: Ints) -> Bools:
    """Workloads of which two flows are under one pooled tariff at some kind of site; *first_k* has a site of each kind.

    It depends neither on prices nor on what others send, so it is found once; of equal pairs of flows once, too.
    """
    slots: list[tuple[Ints, Ints]] = []
    meets_w = np.zeros(0, dtype=np.bool_)
    for flows in ways:
        meets_w = meets_w if len(meets_w) else np.zeros(len(flows.endpoint_wk), dtype=np.bool_)
        tariff_ek = flows.tariff_es[:, first_k]
        tariff_ek = np.where(pooled_t[tariff_ek], tariff_ek, NOWHERE)
        pooled_e = np.append((tariff_ek != NOWHERE).any(axis=1), False)  # an empty slot (−1) is in no pool
        slots += [(tariff_ek, end_w) for end_w in flows.endpoint_wk.T if pooled_e[end_w].any()]
    for number, (later_ek, later_w) in enumerate(slots):
        for earlier_ek, earlier_w in slots[:number]:
            rows = np.flatnonzero((earlier_w != NOWHERE) & (later_w != NOWHERE) & ~meets_w)
            pairs = alike(len(rows), [earlier_w[rows], later_w[rows]])
            first = rows[pairs.first_k]
            one_pk, other_pk = earlier_ek[earlier_w[first]], later_ek[later_w[first]]
            meets_w[rows] = ((one_pk == other_pk) & (one_pk != NOWHERE)).any(axis=1)[pairs.class_x]
    return meets_w
