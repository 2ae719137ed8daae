"""A plan as canonical JSON: fixed key order, no timestamps, money as decimal strings, one placement after the other.

Every cost line, layer, alternative and rule stands on a line of its own, so that a diff of two files reads like a diff
of two plans. What has its default value is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple, TypeVar, get_type_hints

from placement.plan.commitment import Commitment
from placement.plan.model import SCHEMA_VERSION, Assumption, Inputs, Placement, Plan, Rating, Schedule, Summary
from placement.plan.ruled import Miss, Proof, Rejected, RejectedTier
from placement.units import dollars

CENTS, USD = "_cents", "_usd"
"""What the names of amounts end in, in memory and in the file."""

_ONE_BY_ONE = frozenset(
    {
        *("inputs", "summary", "by_tier", "by_provider", "by_purchase", "assumptions", "notes", "sources"),
        *("layers", "lines", "alternatives", "rejected", "rejected_tiers", "relaxations"),
        *("to_sign", "proofs", "conflict", "commitments"),
    }
)
"""Keys whose values are written one to a line; everything else goes on the line of its key."""

_ALWAYS = frozenset({"layers", "lines"})
"""Keys that are written even where there is nothing in them, for readers that go through all of them."""

PLACEMENTS_BEGIN = '  "placements": [\n'
PLACEMENTS_END = "\n  ],\n"
BETWEEN_PLACEMENTS = ",\n"


P = TypeVar("P", bound=str | bytes)
"""Text, or the same encoded."""


def document_json(plan: Plan, body: Iterable[P]) -> Iterator[str | P]:
    """The plan as JSON text in pieces, around that of all placements: what it holds of these itself does not matter.

    Keys are in document order, indented by two spaces; there is a newline at the end.
    """
    yield opening(plan.inputs, plan.summary)
    yield from body
    yield closing(plan.assumptions, plan.notes, plan.sources, plan.commitments)


def opening(inputs: Inputs, summary: Summary) -> str:
    """What stands before the placements."""
    return "{\n" + _laid_out(head_document(inputs, summary), "  ") + ",\n" + PLACEMENTS_BEGIN


def closing(
    assumptions: tuple[Assumption, ...],
    notes: tuple[str, ...],
    sources: dict[str, str],
    commitments: tuple[Commitment, ...] = (),
) -> str:
    """What stands after the placements."""
    return PLACEMENTS_END + _laid_out(tail_document(assumptions, notes, sources, commitments), "  ") + "\n}\n"


def in_order(plan: Plan) -> list[Placement]:
    """The placements by workload id, so that the order of the inventory's rows cannot matter."""
    return sorted(plan.placements, key=lambda placement: placement.workload)


def placement_text(placement: Placement) -> str:
    """One placement as it stands in the file."""
    return _placement_writer()(placement)


@cache
def _placement_writer() -> Write:
    return _writer(Placement, _one_by_one, "    {{\n      ", ",\n      ", "\n    }")


def placement_line(placement: Placement) -> str:
    """The same on one line."""
    return _text(placement)


def head_document(inputs: Inputs, totals: Summary) -> dict[str, Any]:
    """The keys before the placements."""
    summary: dict[str, Any] = plain(totals)
    return {
        "schema_version": SCHEMA_VERSION,
        "inputs": plain(inputs),
        "summary": summary | derived_summary(totals),
    }


def tail_document(
    assumptions: tuple[Assumption, ...],
    notes: tuple[str, ...],
    sources: dict[str, str],
    commitments: tuple[Commitment, ...] = (),
) -> dict[str, Any]:
    """The keys after the placements; what is signed already only where something is."""
    found = {"assumptions": [plain(assumption) for assumption in assumptions], "notes": list(notes), "sources": sources}
    return found | ({"commitments": [plain(one) for one in commitments]} if commitments else {})


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
    if not hasattr(value, "_fields"):
        return [plain(inner) for inner in value]
    return {
        field.key: (None if inner is None else dollars(inner)) if field.money else plain(inner)
        for field, inner in zip(_fields(type(value)), value, strict=True)
        if inner != field.default
    }


class _Field(NamedTuple):
    """How one field of a named tuple is written."""

    name: str
    key: str
    default: object
    """What is left out."""
    money: bool


_NOTHING = object()
"""The default of fields that are always written."""


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    found = []
    for name in kind._fields:
        money = name.endswith(CENTS)
        key = name.removesuffix(CENTS) + USD if money else name
        default = _NOTHING if name in _ALWAYS else kind._field_defaults.get(name, _NOTHING)
        found.append(_Field(name, key, default, money))
    return tuple(found)


Write = Callable[[Any], str]
"""`plain` of a value as JSON on one line, without making the dicts."""


def _writer(kind: Any, lists: Write, begin: str, between: str, end: str) -> Write:
    """What writes the fields of a *kind* that are not at their defaults; *lists* its long lists.

    *begin*, *between* and *end* are what stands around the fields, with braces doubled in the first two.
    A fleet's plan has millions of fields. So what a loop over them would find out for every record again is found out
    here, and becomes the text of a function: `def write(record)`, made as Python makes the methods of named tuples.
    """
    hints, fields = get_type_hints(kind), _fields(kind)
    if fields[0].default is not _NOTHING:
        raise AssertionError(f"{kind.__name__} begins with a field that may be left out")
    known: dict[str, Any] = {"encode": encode_basestring, "truth": _truth, "money": _money, "lists": lists}
    known["text"] = _text
    always = ""
    code: list[str] = []
    for number, field in enumerate(fields):
        how = "money" if field.money else "lists" if field.name in _ONE_BY_ONE else _BY_HINT.get(hints[field.name])
        member = f"{between if number else begin}{_inline(field.key)}: {{{how or 'text'}(v{number})}}"
        if field.default is _NOTHING and not code:
            always += member
        else:
            known[f"d{number}"] = field.default
            condition = "" if field.default is _NOTHING else f"if v{number} != d{number}: "
            code.append(f" {condition}said += f{member!r}")
    said = f" said = f{always!r}"
    every = ", ".join(f"v{number}" for number in range(len(fields)))
    exec("\n".join([f"def write(record):\n {every}, = record", said, *code, f" return said + {end!r}"]), known)
    write: Write = known["write"]
    return write


def _truth(value: bool) -> str:
    return "true" if value else "false"


_BY_HINT = {str: "encode", int: "str", bool: "truth"}
"""Functions that write fields of these types, by their names in the text of a writer."""


def _money(cents: int | None) -> str:
    return "null" if cents is None else f'"{dollars(cents)}"'


def _text(value: Any) -> str:
    return _WRITERS[type(value)](value)


def _list(values: tuple[Any, ...]) -> str:
    """A list, all of one type."""
    return f"[{', '.join(map(_WRITERS[type(values[0])], values))}]" if values else "[]"


def _one_by_one(entries: tuple[Any, ...]) -> str:
    """A list in a placement, all of one type, one entry to a line."""
    if not entries:
        return "[]"
    between = ",\n        "
    return f"[\n        {between.join(map(_WRITERS[type(entries[0])], entries))}\n      ]"


_inline: Write = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

_SCALARS: dict[type, Write] = {str: encode_basestring, int: str, bool: _truth}

_REPEATED = frozenset({Miss, Proof, Rejected, RejectedTier, Rating, Schedule})
"""What many placements say alike; none holds values that are equal and yet written differently."""

_KEPT = 4096
"""Texts of each of those types that are kept."""


class _Writers(dict[type, Write]):
    """How values of a type are written, found when the first of the type is met."""

    def __missing__(self, kind: type) -> Write:
        write = _inline
        if issubclass(kind, tuple):
            write = _writer(kind, _list, "{{", ", ", "}") if hasattr(kind, "_fields") else _list
        self[kind] = lru_cache(_KEPT)(write) if kind in _REPEATED else write
        return self[kind]


_WRITERS = _Writers(_SCALARS)


def _laid_out(document: dict[str, Any], indent: str) -> str:
    return ",\n".join(f"{indent}{_inline(key)}: {_value(key, value, indent)}" for key, value in document.items())


def _value(key: str, value: Any, indent: str) -> str:
    if key not in _ONE_BY_ONE or not value:
        return _inline(value)
    inner = indent + "  "
    if isinstance(value, dict):
        return "{\n" + _laid_out(value, inner) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_inline(entry)}" for entry in value) + f"\n{indent}]"
