"""The columns of a fleet's CSV: the keys they stand for, and how their cells are written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import chain
from typing import Any, NamedTuple, get_args

from placement.diagnostics import brief
from placement.documents import scalar
from placement.inventory.fleet.cells import cell_of, entry_of, entry_text, list_of, pair_of, text_of
from placement.inventory.fleet.flow_cells import number_text, read_flows, written_flows
from placement.inventory.fleet.form import RowError
from placement.inventory.rate import Rate
from placement.inventory.work import WORK
from placement.inventory.workload import Workload

DEMAND = ("demand", "accelerators")

_EXACT = 2**53
"""Whole numbers up to which floats are exact."""


class Kind(NamedTuple):
    """How cells of a kind are read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    recurring: bool = True
    """Whether many rows say the same, so that parsing it once saves time."""


def _plain(cell: str) -> Any:
    return scalar(cell.strip(" "))


def _whole(cell: str) -> Any:
    """A whole number, also as programs write it that know no others: `8.0`."""
    value = _plain(cell)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def _pairs(first: str, second: str) -> Callable[[str], list[dict[str, Any]]]:
    """Reads `name=number;name` as a list of mappings."""

    def one(entry: str) -> dict[str, Any]:
        name, value = pair_of(entry)
        return {first: name} if value is None else {first: name, second: scalar(value)}

    def read(cell: str) -> list[dict[str, Any]]:
        return [one(entry) for entry in list_of(cell)] if ";" in cell or "'" in cell else [one(cell.strip(" "))]

    return read


def _written_pairs(first: str, second: str, otherwise: float | None = None) -> Callable[[Any], str]:
    def write(parts: Any) -> str:
        entries = []
        for part in parts:
            name, value = entry_of(getattr(part, first)), getattr(part, second)
            entries.append(name if value == otherwise else f"{name}={number_text(value)}")
        return ";".join(entries)

    return write


def _tags(cell: str) -> dict[str, str | None]:
    pairs = [pair_of(entry) for entry in list_of(cell)]
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RowError("duplicate-key", f"`{brief(twice)}` is given twice", 0, "keep one of them")
    return {name: None if value is None else entry_text(value) for name, value in pairs}


def _written_tags(tags: Any) -> str:
    return ";".join(f"{entry_of(key)}={entry_of(value)}" for key, value in tags.items())


TEXT = Kind(text_of, cell_of, recurring=False)
NUMBER = Kind(_plain, number_text)
WHOLE = Kind(_whole, number_text)
TRUTH = Kind(_plain, lambda value: str(value).lower())
NAMES = Kind(lambda cell: [entry_text(entry) for entry in list_of(cell)], lambda names: ";".join(map(entry_of, names)))
USERS = Kind(_pairs("location", "share_fraction"), _written_pairs("location", "share_fraction", 1.0))
INFLOWS = Kind(partial(read_flows, "from"), partial(written_flows, "source"), recurring=False)
OUTFLOWS = Kind(partial(read_flows, "to"), partial(written_flows, "target"), recurring=False)
TAGS = Kind(_tags, _written_tags)


def _throughput(cell: str) -> list[dict[str, Any]]:
    """Reads `accelerator=units per second` or `accelerator=units per second on how many`."""
    found = []
    for entry in list_of(cell):
        name, value = pair_of(entry)
        units, many, count = (value or "").partition(" on ")
        one = {"accelerator": name, "units_per_second": _plain(units)}
        found.append({**one, "accelerators": _whole(count)} if many else one)
    return found


def _written_throughput(measured: Any) -> str:
    return ";".join(
        f"{entry_of(one.accelerator)}={number_text(one.units_per_second)}"
        + (f" on {one.accelerators}" if one.accelerators != 1 else "")
        for one in measured
    )


THROUGHPUT = Kind(_throughput, _written_throughput)


class Column(NamedTuple):
    """A column: its name, the keys it stands for, and how its cells are written."""

    name: str
    path: tuple[str, ...]
    kind: Kind
    required: bool = False
    """Of a demand, in rows of accelerators alone."""

    @property
    def is_work(self) -> bool:
        """Whether it is about work, in place of accelerators."""
        return self.path[0] == "demand" and self.path[1] in WORK


def _types(annotation: Any) -> set[Any]:
    """An annotation and everything in it."""
    return {annotation}.union(*map(_types, get_args(annotation))) if not isinstance(annotation, str) else set()


def _columns_of(form: str) -> tuple[Column, ...]:
    """The columns of a form of demand that says what work is done: one for each of its keys, three for a rate."""
    path = ("demand", form)
    found = list[Column]()
    for key, field in WORK[form].model_fields.items():
        kinds = _types(field.annotation)
        name = f"{form}_{key}"
        if Rate in kinds:
            for part, ending, kind in (("mean", "", NUMBER), ("peak", "_peak", NUMBER), ("load", "_load", TEXT)):
                found.append(Column(f"{name}{ending}", (*path, key, part), kind))
            continue
        kind = THROUGHPUT if key == "throughput" else WHOLE if int in kinds else NUMBER if float in kinds else TEXT
        found.append(Column(name, (*path, key), kind))
    return tuple(found)


COLUMNS = (
    Column("id", ("id",), TEXT, required=True),
    Column("kind", ("kind",), TEXT, required=True),
    Column("model", (*DEMAND, "model"), TEXT, required=True),
    Column("count", (*DEMAND, "count"), WHOLE, required=True),
    Column("hours_per_month", (*DEMAND, "hours_per_month"), NUMBER),
    Column("utilization_fraction", (*DEMAND, "utilization_fraction"), NUMBER),
    Column("accelerators_per_replica", (*DEMAND, "accelerators_per_replica"), WHOLE),
    Column("memory_gib", (*DEMAND, "memory_gib"), NUMBER),
    Column("checkpoint_gb", (*DEMAND, "checkpoint_gb"), NUMBER),
    Column("throughput_class", (*DEMAND, "throughput_class"), TEXT),
    *chain.from_iterable(map(_columns_of, WORK)),
    Column("users", ("users",), USERS),
    Column("slo_rtt_ms", ("slo", "rtt_ms"), NUMBER),
    Column("slo_end_to_end_ms", ("slo", "end_to_end_ms"), NUMBER),
    Column("slo_service_ms", ("slo", "service_ms"), NUMBER),
    Column("slo_percentile", ("slo", "percentile"), NUMBER),
    Column("data_in", ("data_in",), INFLOWS),
    Column("data_out", ("data_out",), OUTFLOWS),
    Column("storage_gb", ("storage_gb",), NUMBER),
    Column("residency", ("residency",), NAMES),
    Column("data_classes", ("data", "classes"), NAMES),
    Column("data_jurisdictions", ("data", "jurisdictions"), NAMES),
    Column("operators_allowed", ("operators", "allowed"), NAMES),
    Column("operators_denied", ("operators", "denied"), NAMES),
    Column("isolation", ("isolation",), TEXT),
    Column("certifications", ("certifications",), NAMES),
    Column("interruptible", ("interruptible",), TRUTH),
    Column("offline", ("offline",), TRUTH),
    Column("per_location", ("per_location",), TRUTH),
    Column("spares_fraction", ("spares_fraction",), NUMBER),
    Column("hands_on_updates_per_year", ("hands_on_updates_per_year",), NUMBER),
    Column("redundancy_mode", ("redundancy", "mode"), TEXT),
    Column("redundancy_min_sites", ("redundancy", "min_sites"), WHOLE),
    Column("redundancy_min_providers", ("redundancy", "min_providers"), WHOLE),
    Column("redundancy_apart_km", ("redundancy", "apart_km"), NUMBER),
    Column("redundancy_standby_fraction", ("redundancy", "standby_fraction"), NUMBER),
    Column("redundancy_replication_gb_per_month", ("redundancy", "replication_gb_per_month"), NUMBER),
    Column("current_monthly_cost_usd", ("current", "monthly_cost_usd"), NUMBER),
    Column("current_site", ("current", "site"), TEXT),
    Column("current_purchase", ("current", "purchase"), TEXT),
    Column("current_data_gb", ("current", "data_gb"), NUMBER),
    Column("current_committed_until", ("current", "committed_until"), TEXT),
    Column("current_committed_usd_per_month", ("current", "committed_usd_per_month"), NUMBER),
    Column("current_dual_running_months", ("current", "dual_running_months"), WHOLE),
    Column("current_migration_usd", ("current", "migration_usd"), NUMBER),
    Column("current_resale_usd", ("current", "resale_usd"), NUMBER),
    Column("cost_centre", ("cost_centre",), TEXT),
    Column("tags", ("tags",), TAGS),
    Column("note", ("note",), TEXT),
)
NAMED = {column.name: column for column in COLUMNS}


@cache
def default_of(column: Column) -> Any:
    """What an empty cell means; None where it means nothing, or must not be left empty."""
    if column.required:
        return None
    model: Any = Workload
    for name in column.path[:-1]:
        annotation = model.model_fields[name].annotation
        parts = (annotation, *getattr(annotation, "__args__", ()))
        model = next(part for part in parts if hasattr(part, "model_fields"))
    field = model.model_fields[column.path[-1]]
    return None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
