"""What latency objectives leave for the network, and which of a workload's figures would have to give."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.inventory.workload import Slo
from placement.units import milli_text, plain_text


class Slos(NamedTuple):
    """Objectives [ms]; NaN where a workload states none."""

    rtt_ms_w: Floats
    end_to_end_ms_w: Floats
    service_ms_w: Floats
    network_ms_w: Floats
    """What the round trip may take: of both forms the tighter."""

    def needed(self, w: int, rtt_ms: float) -> str:
        """The figures of workload *w* that would just do for a round trip of *rtt_ms*, as changes of the inventory."""
        said = []
        if rtt_ms > self.rtt_ms_w[w]:
            said.append(f"raise `slo.rtt_ms` to {_up(rtt_ms)}")
        if rtt_ms > round(float(self.end_to_end_ms_w[w] - self.service_ms_w[w]), 3):
            said.append(f"raise `slo.end_to_end_ms` to {_up(rtt_ms + float(self.service_ms_w[w]))}")
        return " and ".join(said)


def _up(value_ms: float) -> str:
    """Tenths of a ms, upwards."""
    return milli_text(math.ceil(round(value_ms * 10, 6)) * 100)


def slos_of(numbers: Mapping[str, Sequence[float]]) -> Slos:
    """The objectives of all workloads."""
    rtt_w, whole_w, service_w = (np.array(numbers[name]) for name in ("rtt_ms", "end_to_end_ms", "service_ms"))
    left_w = np.rint((whole_w - service_w) * 1000) / 1000
    return Slos(rtt_w, whole_w, service_w, np.fmin(rtt_w, left_w))


def slo_words(slo: Slo) -> str:
    """The objective in a line."""
    said = [f"RTT ≤ {plain_text(slo.rtt_ms)} ms"] if slo.rtt_ms is not None else []
    if slo.end_to_end_ms is not None:
        service = plain_text(slo.service_ms or 0)
        said.append(f"end to end ≤ {plain_text(slo.end_to_end_ms)} ms, of which the service takes {service} ms")
    return f"{' and '.join(said)} for {slo.percentile:g} % of the traffic"
