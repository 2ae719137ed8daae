"""JSON lines: one record to a line, for programs that read a fleet's plan row by row.

The first line holds the inputs, then comes a line for every placement by workload id, then the totals, what is signed
already, assumptions, notes and sources. Every line is an object that says in `record` what it is; keys are those of the
JSON plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from placement.plan import dump
from placement.plan.dump import P, head_document, tail_document
from placement.plan.model import Placement, Plan

_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def placement_line(placement: Placement) -> str:
    """One placement as a record."""
    return f'{{"record": "placement", {dump.placement_line(placement)[1:]}\n'


def document_lines(plan: Plan, body: Iterable[P]) -> Iterator[str | P]:
    """The records of a plan, of which *body* are the placements."""
    head = head_document(plan.inputs, plan.summary)
    tail = tail_document(plan.assumptions, plan.notes, plan.sources, plan.commitments)
    yield _line("inputs", {"schema_version": head["schema_version"], **head["inputs"]})
    yield from body
    yield _line("summary", head["summary"])
    for commitment in tail.get("commitments", ()):
        yield _line("commitment", commitment)
    for assumption in tail["assumptions"]:
        yield _line("assumption", assumption)
    for note in tail["notes"]:
        yield _line("note", {"text": note})
    for key, text in tail["sources"].items():
        yield _line("source", {"source_id": key, "text": text})


def _line(record: str, document: dict[str, Any]) -> str:
    return _encoded({"record": record} | document) + "\n"
