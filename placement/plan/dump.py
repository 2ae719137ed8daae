"""A plan as canonical JSON: fixed key order, no timestamps, money as decimal strings, one placement after the other.

Every cost line, layer, alternative and rule stands on a line of its own, so that a diff of two files reads like a diff
of two plans. What has its default value is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from placement.plan.model import SCHEMA_VERSION, Assumption, Inputs, Placement, Plan, Summary
from placement.units import dollars

CENTS, USD = "_cents", "_usd"
"""What the names of amounts end in, in memory and in the file."""

_ONE_BY_ONE = frozenset(
    {
        *("inputs", "summary", "by_tier", "by_provider", "by_purchase", "assumptions", "notes", "sources"),
        *("layers", "lines", "alternatives", "rejected", "rejected_tiers", "relaxations"),
    }
)
"""Keys whose values are written one to a line; everything else goes on the line of its key."""

_ALWAYS = frozenset({"layers", "lines"})
"""Keys that are written even where there is nothing in them, for readers that go through all of them."""

PLACEMENTS_BEGIN = '  "placements": [\n'
PLACEMENTS_END = "\n  ],\n"
BETWEEN_PLACEMENTS = ",\n"


def canonical_json(plan: Plan) -> Iterator[str]:
    """The plan as JSON text, in pieces: keys in document order, two spaces, a newline at the end."""
    texts = map(placement_text, in_order(plan))
    return document_json(plan, (BETWEEN_PLACEMENTS + text if number else text for number, text in enumerate(texts)))


def document_json(plan: Plan, body: Iterable[str]) -> Iterator[str]:
    """The same around the text of all placements; what the plan itself holds of them does not matter."""
    yield opening(plan.inputs, plan.summary)
    yield from body
    yield closing(plan.assumptions, plan.notes, plan.sources)


def opening(inputs: Inputs, summary: Summary) -> str:
    """What stands before the placements."""
    return "{\n" + _laid_out(head_document(inputs, summary), "  ") + ",\n" + PLACEMENTS_BEGIN


def closing(assumptions: tuple[Assumption, ...], notes: tuple[str, ...], sources: dict[str, str]) -> str:
    """What stands after the placements."""
    return PLACEMENTS_END + _laid_out(tail_document(assumptions, notes, sources), "  ") + "\n}\n"


def in_order(plan: Plan) -> list[Placement]:
    """The placements by workload id, so that the order of the inventory's rows cannot matter."""
    return sorted(plan.placements, key=lambda placement: placement.workload)


def placement_text(placement: Placement) -> str:
    """One placement as it stands in the file."""
    return "    {\n" + _laid_out(plain(placement), "      ") + "\n    }"


def head_document(inputs: Inputs, totals: Summary) -> dict[str, Any]:
    """The keys before the placements."""
    summary: dict[str, Any] = plain(totals)
    return {
        "schema_version": SCHEMA_VERSION,
        "inputs": plain(inputs),
        "summary": summary | derived_summary(totals),
    }


def tail_document(
    assumptions: tuple[Assumption, ...], notes: tuple[str, ...], sources: dict[str, str]
) -> dict[str, Any]:
    """The keys after the placements."""
    return {"assumptions": [plain(assumption) for assumption in assumptions], "notes": list(notes), "sources": sources}


def derived_summary(summary: Summary) -> dict[str, str | None]:
    """Figures that follow from the others; written for readers, checked when read."""
    saving = saving_cents(summary)
    return {
        "saving_usd": dollars(saving) if saving is not None else None,
        "saving_fraction": saving_fraction(summary),
    }


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


def plain(value: Any) -> Any:
    """Named tuples as dicts without their defaults; `*_cents` become `*_usd` decimal strings."""
    if not isinstance(value, tuple):
        return value
    names = getattr(value, "_fields", None)
    if names is None:
        return [plain(inner) for inner in value]
    defaults = value._field_defaults  # type: ignore[attr-defined]
    document = {}
    for name, inner in zip(names, value, strict=True):
        if name in defaults and inner == defaults[name] and name not in _ALWAYS:
            continue
        if name.endswith(CENTS):
            document[name.removesuffix(CENTS) + USD] = None if inner is None else dollars(inner)
        else:
            document[name] = plain(inner)
    return document


def _laid_out(document: dict[str, Any], indent: str) -> str:
    return ",\n".join(f"{indent}{_inline(key)}: {_value(key, value, indent)}" for key, value in document.items())


def _value(key: str, value: Any, indent: str) -> str:
    if key not in _ONE_BY_ONE or not value:
        return _inline(value)
    inner = indent + "  "
    if isinstance(value, dict):
        return "{\n" + _laid_out(value, inner) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_inline(entry)}" for entry in value) + f"\n{indent}]"


_inline = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
