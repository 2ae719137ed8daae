"""What has been found fine: rows repeat each other, so that most need no second look at their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placement.inventory.fleet.rows import Row
from placement.inventory.recipe import RATES
from placement.inventory.redundancy import terms_of

_MOST = 2**17
"""How many different values of a kind are remembered."""


class Fine:
    """Parts of rows that are judged for themselves (see `names.Names.workload`) and were found right before."""

    def __init__(self, bound: frozenset[str] = frozenset()) -> None:
        self._bound = bound
        """Datasets whose rules whoever reads them inherits."""
        self._bindings: set[tuple[object, ...]] = {()}
        self._demands: set[tuple[object, ...]] = set()
        self._users: set[tuple[object, ...]] = set()
        self._flows: set[tuple[object, ...]] = set()
        self._certifications: set[str] = set()
        self._redundancies: set[tuple[object, ...]] = set()

    def knows(self, row: Row) -> bool:
        """Whether every part of *row* was right in others."""
        demand = row["demand"]
        if _demand(demand) not in self._demands or _is_short(demand) or _users(row) not in self._users:
            return False
        if not self._flows.issuperset(_moving(row)):
            return False
        if "certifications" in row and not self._certifications.issuperset(row["certifications"]):
            return False
        if "redundancy" in row and _redundancy(row) not in self._redundancies:
            return False
        return self._binding(row) in self._bindings

    def learn(self, row: Row) -> None:
        """Remember that *row* is right."""
        learnt: tuple[tuple[set[Any], Iterable[Any]], ...] = (
            (self._demands, [_demand(row["demand"])]),
            (self._users, [_users(row)]),
            (self._flows, _moving(row)),
            (self._bindings, [self._binding(row)]),
            (self._certifications, row.get("certifications", ())),
            (self._redundancies, [_redundancy(row)] if "redundancy" in row else []),
        )
        for known, parts in learnt:
            if len(known) > _MOST:
                known.clear()
            known.update(parts)

    def _binding(self, row: Row) -> tuple[object, ...]:
        """What says where the workload may be; these exclude each other, or they do not."""
        bound = self._bound
        read = tuple([flow["source"] for flow in row.get("data_in", ()) if flow["source"] in bound]) if bound else ()
        if not (read or "residency" in row or "data" in row or "operators" in row):
            return ()
        said = (repr(row.get("data")), repr(row.get("operators")))
        return tuple(row.get("residency", ())), *said, read


def _demand(demand: Row) -> tuple[object, ...]:
    stated = demand.get("accelerators")
    return _work(demand) if stated is None else (stated["model"], stated.get("throughput_class"))


def _work(demand: Row) -> tuple[object, ...]:
    """All of it that names something, or decides what else must be said."""
    ((form, said),) = demand.items()
    rate = next((said[key] for key in RATES if key in said), said)
    shape = rate.get("load"), "mean" in rate, "peak" in rate
    measured = tuple([one["accelerator"] for one in said.get("throughput", ())])
    return form, said["model"], said.get("reference"), *shape, measured, *said


def _is_short(demand: Row) -> bool:
    """Whether the hours of a month may be too few to be counted."""
    stated = demand.get("accelerators", demand)
    hours: float = stated.get("hours_per_month", 1)
    share: float = stated.get("utilization_fraction", 1)
    return hours < 1 or share < 0.01


def _inflow(flow: Row) -> tuple[object, ...]:
    return (
        flow["source"],
        *_said(flow, "gb_per_month"),
        *_said(flow, "gb_per_day"),
        "copied" in flow,
        "between_zones" in flow,
    )


def _said(flow: Row, key: str) -> tuple[bool, bool]:
    """Whether a volume is stated, and whether it is nothing."""
    return key in flow, flow.get(key) == 0


def _outflows(row: Row) -> list[tuple[object, ...]]:
    """Each with all that is asked of it, also of the row: whether there are users."""
    return [
        (
            *(flow["target"], *_said(flow, "gb_per_month"), *_said(flow, "gb_per_day")),
            *("between_zones" in flow, "users" in row, "out"),
        )
        for flow in row.get("data_out", ())
    ]


def _moving(row: Row) -> list[tuple[object, ...]]:
    """All flows of a row, and the place that data would leave, if any would."""
    found: list[tuple[object, ...]] = []
    flows = (*row.get("data_in", ()), *row.get("data_out", ()))
    if any(flow.get("each") for flow in flows):
        found.append(("per_location" in row, "each"))
    if "data_in" in row:
        found += map(_inflow, row["data_in"])
        copied = tuple([flow["source"] for flow in row["data_in"] if "copied" in flow])
        if copied:
            found.append((copied, "per_location" in row, "copies"))
    if "data_out" in row:
        found += _outflows(row)
    current = row.get("current")
    if current and current.get("data_gb"):
        found.append((current.get("site"), "exit"))
    return found


def _redundancy(row: Row) -> tuple[object, ...]:
    return "offline" in row, "per_location" in row, *terms_of(row["redundancy"])


def _users(row: Row) -> tuple[object, ...]:
    users = row.get("users", ())
    shares = [(user["location"], user.get("share_fraction")) for user in users]
    return "slo" in row, "offline" in row, *shares
