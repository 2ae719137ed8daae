"""Fingerprints of what an inventory says, whole and in parts: comments, layout and order do not matter.

Two plans whose fingerprints agree were asked the same question; where they differ, the part says what has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from placement.inventory.accelerators import AcceleratorDemand
from placement.inventory.base import Model
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.inventory import Inventory
from placement.inventory.work import Batch, Serving, Training, Video
from placement.inventory.work_names import load_of
from placement.inventory.workload import Workload

DEMAND = frozenset(("demand", "data_in", "data_out", "storage_gb", "spares_fraction", "hands_on_updates_per_year"))
"""Fields of a workload that are quantities."""

RULES = frozenset(
    (
        *("users", "slo", "residency", "certifications", "interruptible", "offline"),
        *("data", "operators", "isolation", "per_location", "redundancy"),
    )
)
"""Fields of a workload that decide where it may run."""

_UNSAID = frozenset(("redundancy",))
"""Of these what is left out of a fingerprint where it is not given."""

_DEMAND, _RULES, _RULES_BUT_UNSAID = (dict.fromkeys(fields, True) for fields in (DEMAND, RULES, RULES - _UNSAID))
"""As pydantic takes them."""

_BUT_CHECKPOINT = dict.fromkeys(AcceleratorDemand.model_fields.keys() - {"checkpoint_gb"}, True)
"""Of accelerators what is in a fingerprint where no checkpoint is stated, as it was before there were any."""

_AT_NEED = ("models", "loads", "commitments")
"""Keys of an inventory that are left out of its fingerprint where they are not given."""

_SHORT = 16


class Parts(NamedTuple):
    """Fingerprints of the parts of an inventory that bear on every workload."""

    policies: str
    sites: str


def inventory_digest(inventory: Inventory) -> str:
    """SHA-256 of everything a plan depends on; guardrails and expectations only judge it."""
    head = inventory.model_dump(
        mode="json", by_alias=True, exclude={"workloads", "policies", "sites", "expect", *_AT_NEED}
    )
    head["policies"] = inventory.policies.deciding()
    head["sites"] = {name: site.deciding() for name, site in inventory.sites.items()}
    if inventory.models:
        head["models"] = {name: _model(inventory, name) for name in inventory.models}
    if inventory.loads:
        head["loads"] = {name: _load(inventory, name) for name in inventory.loads}
    if inventory.commitments:
        head["commitments"] = _commitments(inventory)
    total = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    workloads = inventory.workloads
    known = workloads.digests if isinstance(workloads, Fleet) else b""
    total.update(known or b"".join(sorted(map(_said, workloads))))
    return total.hexdigest()


def _said(workload: Workload) -> bytes:
    return hashlib.sha256(workload.model_dump_json(by_alias=True, exclude_defaults=True).encode()).digest()


def parts_digests(inventory: Inventory) -> Parts:
    """Policies with the rates and the horizon; own sites with where they stand, and what is signed already."""
    sites = {
        name: [
            {key: value for key, value in site.deciding().items() if key != "note"},
            *(_location(inventory, location) for location in site.stands_at),
        ]
        for name, site in inventory.sites.items()
    }
    policies = [inventory.policies.deciding(), inventory.horizon_months]
    return Parts(_digest(policies), _digest([sites, _commitments(inventory)] if inventory.commitments else sites))


def _commitments(inventory: Inventory) -> list[Any]:
    """What is signed, in any order."""
    said = [one.model_dump(mode="json", exclude={"note"}) for one in inventory.commitments]
    return sorted(said, key=lambda one: json.dumps(one, sort_keys=True))


class Fingerprints:
    """What the workloads of one inventory ask for; each place and dataset is written down once."""

    def __init__(self, inventory: Inventory) -> None:
        self._datasets = inventory.datasets
        self._places = _Said(inventory.locations)
        self._ends = _Said({**inventory.locations, **inventory.datasets}, _BINDING)
        self._bound = _Said({name: one for name, one in inventory.datasets.items() if one.bound}, _AMOUNTS)
        self._inventory = inventory
        self._work: dict[tuple[str, str], bytes] = {}

    def demand(self, workload: Workload) -> str:
        """Of the workload's quantities, and of the datasets and places its bytes come from and go to."""
        ends = [*[flow.source for flow in workload.data_in], *[flow.target for flow in workload.data_out]]
        if self._datasets:
            ends += [self._datasets[name].home for name in ends if name in self._datasets]
        current, moved = workload.current, b""
        if current is not None and current.data_gb:
            ends.append(current.site or "")
            moved = json.dumps([current.site, current.data_gb]).encode()
        form = workload.demand.form
        if workload.demand.work is not None:
            moved += self._done(workload.demand.work)
        stated = workload.demand.accelerators
        fields: Any = _BUT_CHECKPOINT if stated is not None and stated.checkpoint_gb is None else True
        return _fingerprint(workload, {**_DEMAND, "demand": {form: fields}}, self._ends.of(frozenset(ends)) + moved)

    def _done(self, work: Serving | Video | Batch | Training) -> bytes:
        """What the inventory says of the model and the load of a workload."""
        load = None if isinstance(work, Training) else load_of(work)[0]
        key = work.model, load or ""
        if key not in self._work:
            said = [_model(self._inventory, work.model), None if load is None else _load(self._inventory, load)]
            self._work[key] = json.dumps(said, sort_keys=True).encode()
        return self._work[key]

    def rules(self, workload: Workload) -> str:
        """Of what binds the workload and the datasets it reads, and of where its users are."""
        about = self._places.of(frozenset([user.location for user in workload.users]))
        if self._datasets:
            read = [flow.source for flow in workload.data_in if flow.source in self._datasets]
            bound = frozenset([name for name in read if self._datasets[name].bound])
            if bound:
                about = b"%s,%s" % (about, self._bound.of(bound))
        return _fingerprint(workload, _RULES_BUT_UNSAID if workload.redundancy is None else _RULES, about)


_BINDING = frozenset(("classes", "jurisdictions", "residency", "backups"))
"""Fields of a dataset that are rules, or are judged by them."""

_AMOUNTS = frozenset(("size_gb", "home"))
"""Those that are not."""


class _Said(dict[str, str]):
    """Names with what is known of them, written down when they are first asked for."""

    def __init__(self, known: Mapping[str, Model], without: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._known = known
        self._without = {"note", *without}
        self._of: dict[frozenset[str], bytes] = {}

    def __missing__(self, name: str) -> str:
        about = self._known.get(name)
        text = "null" if about is None else about.model_dump_json(by_alias=True, exclude=self._without)
        self[name] = f"{json.dumps(name)}:{text}"
        return self[name]

    def of(self, names: frozenset[str]) -> bytes:
        """An object of all *names*; null for sites, of which it says nothing."""
        known = self._of.get(names)
        if known is None:
            known = self._of[names] = f"{{{','.join([self[name] for name in sorted(names)])}}}".encode()
        return known


def _fingerprint(workload: Workload, fields: dict[str, Any], about: bytes) -> str:
    said = workload.__pydantic_serializer__.to_json(workload, by_alias=True, include=fields)
    return _short(b"[%s,%s]" % (said, about))


def _digest(value: object) -> str:
    return _short(json.dumps(value, sort_keys=True).encode())


def _short(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:_SHORT]


def _model(inventory: Inventory, name: str) -> Any:
    """What an inventory says of a model, if anything."""
    model = inventory.models.get(name)
    return None if model is None else model.model_dump(mode="json", exclude_none=True, exclude={"note"})


def _load(inventory: Inventory, name: str) -> Any:
    """What a load is reduced to, whatever file says it; how it is written where it has not been read."""
    curve = inventory.curves.get(name)
    return inventory.loads[name].model_dump(mode="json", exclude_none=True) if curve is None else list(curve)


def _location(inventory: Inventory, name: str) -> Any:
    location = inventory.locations.get(name)
    return location.model_dump(mode="json", exclude={"note"}) if location is not None else None
