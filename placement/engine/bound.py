"""A cost that no plan can go below, where tiers are counted over all workloads.

However much a provider's pool holds, it costs no less than a straight line: nothing up to what is free, then the least
average price it can come to. At that price every flow is on its own, and so is every workload.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, different
from placement.engine.flows import NOWHERE, Flows
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Choice
from placement.engine.standing import DIRECTIONS
from placement.engine.tariffs import volumes_micro
from placement.units import MILLI


class AtLines(NamedTuple):
    """The problem with every pool at its line."""

    problem: Problem
    """No flow shares anything with another."""
    beyond_micro: int
    """By how much lines may exceed what pools cost, free volumes and roundings together."""


def at_lines(problem: Problem) -> AtLines:
    """Put every pooled tariff of an unpriced problem at its line."""
    line_micro_t, free_milli_t = _lines(problem)
    tariffs = problem.tariffs
    price_tk = np.where(tariffs.pooled_t[:, None], line_micro_t[:, None], tariffs.price_micro_tk)
    free = zip(line_micro_t.tolist(), free_milli_t.tolist(), strict=True)
    beyond = sum(int(line) * int(milli) // MILLI + 1 for line, milli in free)
    flows = sum(int((getattr(problem, name).endpoint_wk != NOWHERE).sum()) for name in DIRECTIONS)
    flat = problem._replace(tariffs=tariffs._replace(price_micro_tk=price_tk))
    return AtLines(flat, beyond + flows * price_tk.shape[1])


def lower_bound_micro(lines: AtLines, chosen: Choice, offer_w: Ints) -> int:
    """Below the cost of any plan for the workloads that *offer_w* places, by what they have *chosen* at the lines.

    Where they were barred from what others hold, it is of any plan in which those hold it.
    """
    return sum(int(cost) for cost in chosen.cost_w[offer_w != NONE].tolist()) - lines.beyond_micro


def _lines(problem: Problem) -> tuple[Floats, Floats]:
    """The least average price beyond what is free [micro-USD per GB, whole] and what is free [thousandths], by tariff.

    The average falls or rises steadily within a tier, so it is least where a tier ends, or where everything that could
    be sent under the tariff is.
    """
    tariffs = problem.tariffs
    line_t, free_t, most_t = (np.zeros(len(tariffs.values)) for _ in range(3))
    for name in DIRECTIONS:
        flows: Flows = getattr(problem, name)
        sent_wk = np.where(flows.endpoint_wk == NOWHERE, 0.0, flows.volume_milli_wk)
        sent_e = np.bincount(flows.endpoint_wk.ravel() % max(1, len(flows.labels)), sent_wk.ravel(), len(flows.labels))
        for endpoint, tariff_s in enumerate(flows.tariff_es):
            most_t[different(tariff_s)] += sent_e[endpoint]
    for tariff in np.flatnonzero(tariffs.pooled_t & (most_t > 0)).tolist():
        start_k, width_k = tariffs.start_milli_tk[tariff], tariffs.width_milli_tk[tariff]
        free = width_k[0] if tariffs.price_micro_tk[tariff, 0] == 0 else 0.0
        ends = np.minimum((start_k + width_k)[width_k > 0], most_t[tariff])
        ends = ends[ends > free]
        if len(ends):
            cost = volumes_micro(tariffs, tariff, ends)
            line_t[tariff], free_t[tariff] = (
                max(0.0, np.floor(((cost - len(width_k)) * MILLI / (ends - free)).min())),
                free,
            )
    return line_t, free_t
