"""What has been found fine: rows repeat each other, so that most need no second look at their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placement.inventory.fleet.rows import Row
from placement.inventory.redundancy import terms_of

_MOST = 2**17
"""How many different values of a kind are remembered."""


class Fine:
    """Parts of rows that are judged for themselves (see `names.Names.workload`) and were found right before."""

    def __init__(self) -> None:
        self._demands: set[tuple[str, str | None]] = set()
        self._users: set[tuple[object, ...]] = set()
        self._inflows: set[tuple[str, bool]] = set()
        self._targets: set[str] = set()
        self._regions: set[str] = set()
        self._certifications: set[str] = set()
        self._redundancies: set[tuple[object, ...]] = set()

    def knows(self, row: Row) -> bool:
        """Whether every part of *row* was right in others."""
        demand = row["demand"]["accelerators"]
        if _demand(demand) not in self._demands or _is_short(demand) or _users(row) not in self._users:
            return False
        if "data_in" in row and not self._inflows.issuperset(map(_inflow, row["data_in"])):
            return False
        if "data_out" in row and not self._targets.issuperset([flow["target"] for flow in row["data_out"]]):
            return False
        if "certifications" in row and not self._certifications.issuperset(row["certifications"]):
            return False
        if "redundancy" in row and _redundancy(row) not in self._redundancies:
            return False
        return "residency" not in row or self._regions.issuperset(row["residency"])

    def learn(self, row: Row) -> None:
        """Remember that *row* is right."""
        demand = row["demand"]["accelerators"]
        learnt: tuple[tuple[set[Any], Iterable[Any]], ...] = (
            (self._demands, [_demand(demand)]),
            (self._users, [_users(row)]),
            (self._inflows, [_inflow(flow) for flow in row.get("data_in", ())]),
            (self._targets, [flow["target"] for flow in row.get("data_out", ())]),
            (self._regions, row.get("residency", ())),
            (self._certifications, row.get("certifications", ())),
            (self._redundancies, [_redundancy(row)] if "redundancy" in row else []),
        )
        for known, parts in learnt:
            if len(known) > _MOST:
                known.clear()
            known.update(parts)


def _demand(demand: Row) -> tuple[str, str | None]:
    return demand["model"], demand.get("throughput_class")


def _is_short(demand: Row) -> bool:
    """Whether the hours of a month may be too few to be counted."""
    hours: float = demand.get("hours_per_month", 1)
    share: float = demand.get("utilization_fraction", 1)
    return hours < 1 or share < 0.01


def _inflow(flow: Row) -> tuple[str, bool]:
    return flow["source"], "gb_per_month" in flow


def _redundancy(row: Row) -> tuple[object, ...]:
    return "offline" in row, *terms_of(row["redundancy"])


def _users(row: Row) -> tuple[object, ...]:
    users = row.get("users", ())
    shares = [(user["location"], user.get("share_fraction")) for user in users]
    return "slo" in row, "offline" in row, *shares
