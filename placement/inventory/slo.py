"""What a latency objective leaves for the network."""

from collections.abc import Mapping
from typing import Any

from placement.inventory.problem import Problem

NOTHING = Problem("slo-nothing", "give `rtt_ms`, or `end_to_end_ms` with `service_ms`")
HALF = Problem("slo-half", "`end_to_end_ms` and `service_ms` go together: what is left of them is for the network")
SPENT = Problem("slo-spent", "`service_ms` leaves nothing of `end_to_end_ms` for the network")


def slo_problem_of(slo: Mapping[str, Any]) -> Problem | None:
    """What is wrong with values of an `Slo` that are right each for itself."""
    whole, service = slo.get("end_to_end_ms"), slo.get("service_ms")
    if (whole is None) != (service is None):
        return HALF
    if whole is None or service is None:
        return NOTHING if slo.get("rtt_ms") is None else None
    return SPENT if service >= whole else None
