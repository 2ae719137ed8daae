"""A plan as canonical JSON: fixed key order, no timestamps, money as decimal strings, one placement after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from placement.plan.model import SCHEMA_VERSION, Placement, Plan, Rejected, Summary
from placement.units import dollars

_CENTS = "_cents"


def canonical_json(plan: Plan) -> Iterator[str]:
    """The plan as JSON text, in pieces: keys in document order, two spaces, a newline at the end."""
    head = json.dumps(_head(plan), indent=2, ensure_ascii=False, allow_nan=False)
    yield head[: -len("\n}")] + ',\n  "placements": ['
    for number, placement in enumerate(in_order(plan)):
        text = json.dumps(placement_document(placement), indent=2, ensure_ascii=False, allow_nan=False)
        yield (",\n    " if number else "\n    ") + text.replace("\n", "\n    ")
    tail = json.dumps(_tail(plan), indent=2, ensure_ascii=False, allow_nan=False)
    yield "\n  ]," + tail[1:] + "\n"


def in_order(plan: Plan) -> list[Placement]:
    """The placements by workload id, so that the order of the inventory's rows cannot matter."""
    return sorted(plan.placements, key=lambda placement: placement.workload)


def placement_document(placement: Placement) -> dict[str, Any]:
    """One placement as plain values; what does not apply is left out."""
    document = _plain(placement)
    document["rejected"] = {rejected.constraint: _rejected(rejected) for rejected in placement.rejected}
    return {key: value for key, value in document.items() if value not in ("", None) or key == "monthly_cost_usd"}


def _rejected(rejected: Rejected) -> dict[str, Any]:
    return {"offers": rejected.offers, "nearest": _plain(rejected.nearest) if rejected.nearest else None}


def _head(plan: Plan) -> dict[str, Any]:
    return {"schema_version": SCHEMA_VERSION, "inputs": _plain(plan.inputs), "summary": _summary(plan.summary)}


def _tail(plan: Plan) -> dict[str, Any]:
    return {
        "assumptions": [_plain(assumption) for assumption in plan.assumptions],
        "notes": list(plan.notes),
        "sources": plan.sources,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    document: dict[str, Any] = _plain(summary)
    saving = saving_cents(summary)
    document["saving_usd"] = dollars(saving) if saving is not None else None
    document["saving_fraction"] = saving_fraction(summary)
    return document


def saving_cents(summary: Summary) -> int | None:
    """Baseline less cost, over the workloads that state a baseline; None when none does."""
    return None if summary.baseline_cents is None else summary.baseline_cents - summary.compared_cost_cents


def saving_fraction(summary: Summary) -> str | None:
    """The saving as a share of the baseline, to four places."""
    saving = saving_cents(summary)
    if saving is None or not summary.baseline_cents:
        return None
    sign = "-" if saving < 0 else ""
    scaled = (2 * abs(saving) * 10_000 + summary.baseline_cents) // (2 * summary.baseline_cents)
    return f"{sign}{scaled // 10_000}.{scaled % 10_000:04d}"


def _plain(value: Any) -> Any:
    """Named tuples as dicts; `*_cents` become `*_usd` decimal strings."""
    if not isinstance(value, tuple):
        return value
    names = getattr(value, "_fields", None)
    if names is None:
        return [_plain(inner) for inner in value]
    document = {}
    for name, inner in zip(names, value, strict=True):
        if name.endswith(_CENTS):
            document[name.removesuffix(_CENTS) + "_usd"] = None if inner is None else dollars(inner)
        else:
            document[name] = _plain(inner)
    return document
