"""Fingerprints of what an inventory says, whole and in parts: comments, layout and order do not matter.

Two plans whose fingerprints agree were asked the same question; where they differ, the part says what has changed.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from placement.inventory.fleet.fleet import Fleet
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload

DEMAND = frozenset(("demand", "data_in", "data_out", "storage_gb"))
"""Fields of a workload that are quantities."""

RULES = frozenset(("users", "slo", "residency", "certifications", "interruptible", "offline"))
"""Fields of a workload that decide where it may run."""

_SHORT = 16


class Parts(NamedTuple):
    """Fingerprints of the parts of an inventory that bear on every workload."""

    policies: str
    sites: str


def inventory_digest(inventory: Inventory) -> str:
    """SHA-256 of everything a plan depends on; guardrails and expectations only judge it."""
    head = inventory.model_dump(mode="json", by_alias=True, exclude={"workloads", "policies", "expect"})
    head["policies"] = inventory.policies.deciding()
    total = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    workloads = inventory.workloads
    known = workloads.digests if isinstance(workloads, Fleet) else b""
    total.update(known or b"".join(sorted(map(_said, workloads))))
    return total.hexdigest()


def _said(workload: Workload) -> bytes:
    return hashlib.sha256(workload.model_dump_json(by_alias=True, exclude_defaults=True).encode()).digest()


def parts_digests(inventory: Inventory) -> Parts:
    """Policies with the rates and the horizon; own sites with where they stand."""
    sites = {
        name: [site.model_dump(mode="json", exclude={"note"}), _location(inventory, site.location)]
        for name, site in inventory.sites.items()
    }
    policies = [inventory.policies.deciding(), inventory.horizon_months]
    return Parts(_digest(policies), _digest(sites))


def demand_digest(inventory: Inventory, workload: Workload) -> str:
    """Of the workload's quantities, and of the datasets and places its bytes come from and go to."""
    ends = {flow.source for flow in workload.data_in} | {flow.target for flow in workload.data_out}
    homes = {inventory.datasets[name].home for name in ends if name in inventory.datasets}
    about = {
        name: inventory.datasets[name].model_dump(mode="json", exclude={"note"})
        if name in inventory.datasets
        else _location(inventory, name)
        for name in sorted(ends | homes)
    }
    return _digest([workload.model_dump(mode="json", by_alias=True, include=set(DEMAND)), about])


def rules_digest(inventory: Inventory, workload: Workload) -> str:
    """Of what binds the workload, and of where its users are."""
    about = {user.location: _location(inventory, user.location) for user in workload.users}
    return _digest([workload.model_dump(mode="json", by_alias=True, include=set(RULES)), about])


def _location(inventory: Inventory, name: str) -> Any:
    location = inventory.locations.get(name)
    return location.model_dump(mode="json", exclude={"note"}) if location is not None else None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:_SHORT]
