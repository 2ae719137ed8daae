"""What the workloads ask for, read once and batch by batch: numbers, and requirements that many of them share.

A workload as the inventory has it takes kilobytes; of a fleet no more than one batch of them is held at a time.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.units import to_milli

K = TypeVar("K", bound=Hashable)

BATCH = 1024

NUMBERS = (
    "count",
    "per_replica",
    "memory_milli_gib",
    "hours_milli",
    "interruptible",
    "offline",
    "slo_ms",
    "storage_milli_gb",
)


@dataclass
class Shared(Generic[K]):
    """Requirements, each once, and which of them every workload has."""

    number: dict[K, int] = field(default_factory=dict)
    row: array[int] = field(default_factory=lambda: array("q"))

    def add(self, requirements: Iterable[K]) -> None:
        """Those of more workloads."""
        number = self.number
        self.row.extend([number.setdefault(one, len(number)) for one in requirements])

    @property
    def row_w(self) -> Ints:
        """The requirement of every workload, as a number in the order of `number`."""
        return np.array(self.row, dtype=np.int64)


@dataclass
class Volumes:
    """Monthly bytes by endpoint: of which workload, in which of its slots, of which endpoint, and how many."""

    endpoints: dict[str, int] = field(default_factory=dict)
    workload: array[int] = field(default_factory=lambda: array("q"))
    slot: array[int] = field(default_factory=lambda: array("q"))
    endpoint: array[int] = field(default_factory=lambda: array("q"))
    milli_gb: array[int] = field(default_factory=lambda: array("q"))

    def add(self, number: int, flows: Iterable[tuple[str, float]]) -> None:
        """Those of workload *number*, summed per endpoint."""
        summed: dict[str, int] = {}
        for name, gb in flows:
            summed[name] = summed.get(name, 0) + to_milli(gb)
        slot = 0
        for name, milli in summed.items():
            if milli:
                self.workload.append(number)
                self.slot.append(slot)
                self.endpoint.append(self.endpoints.setdefault(name, len(self.endpoints)))
                self.milli_gb.append(milli)
                slot += 1


Mix = tuple[tuple[str, int], ...]
"""Locations with the thousandths of the traffic that come from there."""


@dataclass
class Asks:
    """Everything the engine computes with that a workload says."""

    ids: list[str] = field(default_factory=list)
    numbers: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in NUMBERS})
    """By the names of `NUMBERS`; memory is NaN where it is not stated, an SLO where there is none."""
    rated: Shared[tuple[str, str | None]] = field(default_factory=Shared)
    """Accelerator as the inventory names it, and throughput class."""
    residency: Shared[tuple[str, ...]] = field(default_factory=Shared)
    certifications: Shared[tuple[str, ...]] = field(default_factory=Shared)
    traffic: Shared[tuple[Mix, float]] = field(default_factory=Shared)
    """Where users are, and the percentile of the traffic that counts."""
    places: Shared[tuple[str, ...]] = field(default_factory=Shared)
    """Locations of users."""
    arriving: Volumes = field(default_factory=Volumes)
    leaving: Volumes = field(default_factory=Volumes)

    def column_w(self, name: str) -> Floats:
        """One of the `NUMBERS` of all workloads."""
        return np.array(self.numbers[name], dtype=np.float64)


def asks_of(inventory: Inventory) -> Asks:
    """Read all workloads of an inventory."""
    asks = Asks()
    for batch in _batches(inventory.workloads):
        _read(asks, inventory, batch)
    return asks


def _batches(workloads: Sequence[Workload]) -> Iterator[Sequence[Workload]]:
    if not isinstance(workloads, Fleet):
        yield workloads
        return
    for begin in range(0, len(workloads), BATCH):
        yield workloads.batch(range(begin, min(begin + BATCH, len(workloads))))


def _read(asks: Asks, inventory: Inventory, batch: Sequence[Workload]) -> None:
    first = len(asks.ids)
    asks.ids += [workload.id for workload in batch]
    _read_demand(asks, batch)
    numbers = asks.numbers
    numbers["interruptible"].extend([workload.interruptible for workload in batch])
    numbers["offline"].extend([workload.offline for workload in batch])
    numbers["slo_ms"].extend([workload.slo.rtt_ms if workload.slo else np.nan for workload in batch])
    numbers["storage_milli_gb"].extend([to_milli(workload.storage_gb) for workload in batch])
    asked = inventory.policies.certifications
    asks.residency.add([tuple(workload.residency) for workload in batch])
    asks.certifications.add([tuple(sorted({*workload.certifications, *asked})) for workload in batch])
    asks.places.add([tuple(sorted({user.location for user in workload.users})) for workload in batch])
    asks.traffic.add([_traffic(workload) for workload in batch])
    datasets = inventory.datasets
    for number, workload in enumerate(batch, first):
        if workload.data_in:
            incoming = [
                (
                    datasets[flow.source].home if flow.source in datasets else flow.source,
                    datasets[flow.source].size_gb if flow.gb_per_month is None else flow.gb_per_month,
                )
                for flow in workload.data_in
            ]
            asks.arriving.add(number, incoming)
        if workload.data_out:
            asks.leaving.add(number, [(flow.target, flow.gb_per_month) for flow in workload.data_out])


def _read_demand(asks: Asks, batch: Sequence[Workload]) -> None:
    demands, numbers = [workload.demand.accelerators for workload in batch], asks.numbers
    numbers["count"].extend([demand.count for demand in demands])
    numbers["per_replica"].extend([demand.accelerators_per_replica for demand in demands])
    numbers["memory_milli_gib"].extend(
        [np.nan if demand.memory_gib is None else to_milli(demand.memory_gib) for demand in demands]
    )
    numbers["hours_milli"].extend([to_milli(demand.hours) for demand in demands])
    asks.rated.add([(demand.model, demand.throughput_class) for demand in demands])


def _traffic(workload: Workload) -> tuple[Mix, float]:
    mix = tuple([(user.location, to_milli(user.share_fraction)) for user in workload.users])
    return mix, float(workload.slo.percentile) if workload.slo else 50.0
