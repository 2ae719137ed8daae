"""How far workloads are from their users where they are placed, as a plan says it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.problem import Problem
from placement.engine.rtt_model import STEPS
from placement.units import MILLI, milli_text


class Rtts:
    """The round-trip times of a problem's workloads to the sites of their offers, made ready for all of them."""

    def __init__(self, problem: Problem, offer_w: Ints) -> None:
        site_w = problem.supply.site_o[offer_w]
        reached = problem.traffic.at(np.arange(len(site_w)), site_w)
        self._rtt_w, self._low_w, self._high_w = (
            column.tolist() for column in (reached.rtt_w, reached.low_w, reached.high_w)
        )
        self._step_w = reached.step_w.tolist()
        self._limit_w = problem.slo.network_ms_w.tolist()

    def of(self, row: int) -> dict[str, Any]:
        """What a placement says of it; nothing where it is unknown. At risk: only the band breaks the SLO."""
        rtt, high = self._rtt_w[row], self._high_w[row]
        if math.isnan(rtt):
            return {}
        return {
            "rtt_ms": _text(rtt),
            "rtt_step": STEPS[self._step_w[row]],
            "rtt_low_ms": _text(self._low_w[row]),
            "rtt_high_ms": _text(high),
            "rtt_at_risk": rtt <= self._limit_w[row] < high,
        }


@lru_cache(4096)
def _text(value_ms: float) -> str:
    return milli_text(round(value_ms * MILLI))
