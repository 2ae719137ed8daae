"""What the workloads ask for: numbers, and requirements that many of them share.

A workload as the inventory has it takes kilobytes. What the engine computes with is read off its row, a plain mapping
of the same names, while rows are checked: of a fleet no more than one batch of rows is held at a time.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from placement.inventory.accelerators import AcceleratorDemand, hours_of
from placement.inventory.data import USERS
from placement.inventory.members import Redundant
from placement.inventory.recipe import Amount, Recipe, work_of
from placement.inventory.workload import Slo, Users
from placement.units import HOURS_PER_MONTH

K = TypeVar("K", bound=Hashable)

Row = Mapping[str, Any]
"""A workload by the names of the model's fields; what is left out is at its default."""

BATCH = 128
"""Rows read off together: few enough for a processor to have them at hand."""

MEDIAN = 50.0
"""Percentile of the traffic that counts where no SLO names one."""

_NAN = float("nan")
_NO_SLO: Row = {}
_NO_AMOUNT = Amount()
_WORKING: Row = {"model": "", "count": 1, "hours_per_month": float(HOURS_PER_MONTH)}
_WAITING: Row = {**_WORKING, "hours_per_month": 0.0}
"""In place of accelerators where it is said what work is done."""

_PER_REPLICA = AcceleratorDemand.model_fields["accelerators_per_replica"].default
_SHARE = float(Users.model_fields["share_fraction"].default)
_PERCENTILE = float(Slo.model_fields["percentile"].default)

NUMBERS = (
    "count",
    "per_replica",
    "memory_gib",
    "checkpoint_gb",
    "hours",
    "interruptible",
    "offline",
    "rtt_ms",
    "end_to_end_ms",
    "service_ms",
    "storage_gb",
    "per_location",
    "spares_fraction",
    "hands_on_updates",
    "work_fraction",
    "waiting",
)


_PLAIN: tuple[tuple[str, str, float], ...] = (
    ("interruptible", "interruptible", False),
    ("offline", "offline", False),
    ("storage_gb", "storage_gb", 0),
    ("per_location", "per_location", False),
    ("spares_fraction", "spares_fraction", 0),
    ("hands_on_updates", "hands_on_updates_per_year", 0),
    ("work_fraction", "work_fraction", 1),
    ("waiting", "waiting", 0),
)
"""Of these the ones that a workload says itself, or a member of one: their keys in its row, and what they are when left
out."""


@dataclass
class Shared(Generic[K]):
    """Requirements, each once, and which of them every workload has."""

    number: dict[K, int] = field(default_factory=dict)
    row: array[int] = field(default_factory=lambda: array("q"))

    def add(self, requirements: Iterable[K]) -> None:
        """Those of more workloads."""
        number = self.number
        self.row.extend([number.setdefault(one, len(number)) for one in requirements])

    def repeat(self, requirement: K, times: int) -> None:
        """The same of so many workloads."""
        self.row.extend(array("q", (self.number.setdefault(requirement, len(self.number)),)) * times)


Mix = tuple[tuple[str, float], ...]
"""Locations with the share of the traffic that comes from there."""


class Binding(NamedTuple):
    """What a workload says of its data and of whoever holds it; the same for most."""

    classes: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    allowed_operators: tuple[str, ...] | None = None
    denied_operators: tuple[str, ...] = ()
    isolation: str = "shared"


_FREE = Binding()
_BOUND = frozenset(("data", "operators", "isolation"))
"""Keys of a workload that say something of it."""


class End(NamedTuple):
    """The other end of a flow, and all that is said of the flow but its volume."""

    name: str
    """A place or dataset."""
    what: str | None = None
    between_zones: bool = False
    copied: bool = False
    daily: bool = False
    """The volume is of a day, not of a month."""
    each: bool = False
    share_fraction: float = 1.0
    """Of the volume that goes this way."""


_PLAIN_FLOW = 2
"""Keys of a flow that says its other end and its volume."""


@dataclass
class Volumes:
    """Bytes, flow by flow: of which workload, which way, and how many."""

    ends: dict[End, int] = field(default_factory=dict)
    workload: array[int] = field(default_factory=lambda: array("q"))
    end: array[int] = field(default_factory=lambda: array("q"))
    gb: array[float] = field(default_factory=lambda: array("d"))
    """NaN where none is stated."""
    plain: dict[str, int] = field(default_factory=dict)
    """Numbers of those ends of which a flow says nothing but its volume a month, by name."""

    def add(self, number: int, flows: Sequence[Row], key: str, mix: Mix = ()) -> None:
        """Those of workload *number*, whose other end is a *key* of a flow; its users are where *mix* says."""
        for flow in flows:
            if len(flow) == _PLAIN_FLOW and flow[key] in self.plain and flow.get("gb_per_month") is not None:
                self.workload.append(number)
                self.end.append(self.plain[flow[key]])
                self.gb.append(flow["gb_per_month"])
                continue
            daily = flow.get("gb_per_day")
            about = End(
                flow[key],
                flow.get("what"),
                flow.get("between_zones", False),
                flow.get("copied", False),
                daily is not None,
                flow.get("each", False),
            )
            gb = flow.get("gb_per_month") if daily is None else daily
            if mix and about.name == USERS:
                for name, share in mix:  # what each place sends stays what it is, whatever its share of the traffic
                    part = 1.0 if about.each else share
                    self._append(number, about._replace(name=name, share_fraction=part), gb)
            else:
                self._append(number, about, gb)
                if about == End(about.name) and about.name != USERS:
                    self.plain[about.name] = self.end[-1]

    def _append(self, number: int, about: End, gb: float | None) -> None:
        self.workload.append(number)
        self.end.append(self.ends.setdefault(about, len(self.ends)))
        self.gb.append(_NAN if gb is None else gb)


@dataclass
class Asks:
    """Everything the engine computes with that a workload says. It depends on nothing else of an inventory."""

    numbers: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in NUMBERS})
    """By the names of `NUMBERS`; memory and checkpoints are NaN where not stated, and so are the parts of an SLO.

    Where it is said what work is done, there is one accelerator all month, of no name: how many it takes is not known
    yet. `work_fraction` is the part of that work which a member of a workload at several sites carries, and it is
    `waiting` where it has no accelerators before they are needed.
    """
    rated: Shared[tuple[str, str | None]] = field(default_factory=Shared)
    """Accelerator as the inventory names it, and throughput class."""
    recipes: Shared[Recipe | None] = field(default_factory=Shared)
    """How the work is done, where it is said what work that is; None where accelerators are stated."""
    amounts: Shared[Amount] = field(default_factory=Shared)
    """How much of it there is."""
    residency: Shared[tuple[str, ...]] = field(default_factory=Shared)
    binding: Shared[Binding] = field(default_factory=Shared)
    certifications: Shared[tuple[str, ...]] = field(default_factory=Shared)
    """Those that workloads name themselves."""
    traffic: Shared[tuple[Mix, float]] = field(default_factory=Shared)
    """Where users are, and the percentile of the traffic that counts."""
    arriving: Volumes = field(default_factory=Volumes)
    leaving: Volumes = field(default_factory=Volumes)
    exits: Volumes = field(default_factory=Volumes)
    """Data that moves along once, away from where the workload is today."""
    redundant: Redundant = field(default_factory=Redundant)
    """Workloads at several sites: each has the rows of its members."""

    def add(self, batch: Sequence[Row]) -> None:
        """What more workloads ask for."""
        numbers = self.numbers
        first = len(numbers["count"])
        if any("redundancy" in row for row in batch):
            batch = self.redundant.taken_apart(batch, first)
        said = frozenset[str]().union(*batch)
        self._add_work(batch)
        for name, key, default in _PLAIN:
            numbers[name].extend([row.get(key, default) for row in batch] if key in said else [default] * len(batch))
        slos = [row.get("slo") or _NO_SLO for row in batch]
        for name in ("rtt_ms", "end_to_end_ms", "service_ms"):
            numbers[name].extend([slo[name] if slo.get(name) is not None else _NAN for slo in slos])
        self.residency.add([tuple(row.get("residency", ())) for row in batch])
        self.binding.add([_binding(row) for row in batch] if said & _BOUND else [_FREE] * len(batch))
        self.certifications.add([tuple(row.get("certifications", ())) for row in batch])
        self.traffic.add([_traffic(row) for row in batch])
        for number, row in enumerate(batch, first):
            if "data_in" in row:
                self.arriving.add(number, row["data_in"], "source")
            if "data_out" in row:
                self.leaving.add(number, row["data_out"], "target", _mix(row))
            current = row.get("current")
            if current and current.get("data_gb") and current.get("site"):
                self.exits.add(number, [{"site": current["site"], "gb_per_month": current["data_gb"]}], "site")

    def _add_work(self, batch: Sequence[Row]) -> None:
        demands = [row["demand"].get("accelerators") for row in batch]
        if all(demands):
            self.recipes.repeat(None, len(batch))
            self.amounts.repeat(_NO_AMOUNT, len(batch))
        else:
            said = [
                (None, _NO_AMOUNT) if demand is not None else work_of(row["demand"])
                for row, demand in zip(batch, demands, strict=True)
            ]
            self.recipes.add([recipe for recipe, _ in said])
            self.amounts.add([amount for _, amount in said])
            demands = [
                (_WAITING if "waiting" in row else _WORKING) if demand is None else demand
                for row, demand in zip(batch, demands, strict=True)
            ]
        self._add_demand(demands)

    def _add_demand(self, demands: list[Row]) -> None:
        numbers = self.numbers
        numbers["count"].extend([demand["count"] for demand in demands])
        numbers["per_replica"].extend([demand.get("accelerators_per_replica", _PER_REPLICA) for demand in demands])
        memory = [demand.get("memory_gib") for demand in demands]
        numbers["memory_gib"].extend([_NAN if gib is None else gib for gib in memory])
        written = [demand.get("checkpoint_gb") for demand in demands]
        numbers["checkpoint_gb"].extend([_NAN if gb is None else gb for gb in written])
        numbers["hours"].extend([hours_of(demand) for demand in demands])
        self.rated.add([(demand["model"], demand.get("throughput_class")) for demand in demands])


def _mix(row: Row) -> Mix:
    return tuple([(user["location"], user.get("share_fraction", _SHARE)) for user in row.get("users", ())])


def _traffic(row: Row) -> tuple[Mix, float]:
    slo = row.get("slo")
    return _mix(row), float(slo.get("percentile", _PERCENTILE)) if slo else MEDIAN


def _binding(row: Row) -> Binding:
    if not _BOUND & row.keys():
        return _FREE
    data, operators = row.get("data") or {}, row.get("operators") or {}
    allowed = operators.get("allowed")
    return Binding(
        tuple(data.get("classes", ())),
        tuple(data.get("jurisdictions", ())),
        None if allowed is None else tuple(allowed),
        tuple(operators.get("denied", ())),
        row.get("isolation", "shared"),
    )
