"""The same workloads in another place: in the inventory's YAML, or in a fleet file of JSON lines or CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import yaml

from placement.documents import yaml_events
from placement.inventory.fleet.csv_columns import COLUMNS
from placement.inventory.fleet.csv_rows import CsvRows, csv_line
from placement.inventory.fleet.json_lines import JsonLines
from placement.inventory.fleet.source import JSON_LINES
from placement.inventory.workload import Workload

_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9_./-]*")
"""File names that need no quotes in YAML."""


def fleet_text(workloads: Sequence[Workload], ending: str) -> Iterator[str]:
    """The lines of a fleet file whose name ends in *ending*; of a CSV only the columns that say something."""
    if ending == JSON_LINES:
        return (f"{JsonLines().line(workload)}\n" for workload in workloads)
    form = CsvRows(_used(workloads))
    rows = (f"{form.line(workload)}\n" for workload in workloads)
    return chain([f"{csv_line(form.names)}\n"], rows)


def with_file(text: str, file: str) -> str:
    """An inventory's *text* with a fleet file in place of its workloads; all else stays as it is written."""
    span = _span(text)
    return f"{text[: span.start]}: {{file: {file if _PLAIN.fullmatch(file) else _flow(file)}}}{text[span.end :]}"


def with_workloads(text: str, workloads: Iterable[Workload]) -> str:
    """An inventory's *text* with these workloads in it; all else stays as it is written."""
    span = _span(text)
    plain = (json.loads(JsonLines().line(workload)) for workload in workloads)
    if span.flow:
        return f"{text[: span.start]}: {_flow(list(plain))}{text[span.end :]}"
    block = "".join(f"\n{_entry(workload)}" for workload in plain)
    return f"{text[: span.start]}:{block}{text[span.end :]}"


class _Span(NamedTuple):
    """Where the workloads stand in a text: from the end of their key to the end of the last of them."""

    start: int
    end: int
    flow: bool
    """Whether the whole inventory is written between braces."""


def _span(text: str) -> _Span:
    """Find the value of the top-level key `workloads` in a text that has been read without errors."""
    depth, start, end, flow = 0, 0, 0, False
    key: str | None = None
    for event in yaml_events(text):
        begin, stop = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            flow = flow or (depth == 1 and bool(event.flow_style))
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif not isinstance(event, yaml.ScalarEvent):
            continue
        if depth == 1 and key is None:
            key = getattr(event, "value", "")
            start = stop if key == "workloads" else start
            continue
        if key == "workloads" and begin < stop:  # a block ends where the next thing begins, without a mark of its own
            end = stop
        if depth == 1:
            key = None
    if not flow:
        line_end = text.find("\n", end)
        end = len(text) if line_end < 0 else line_end
    return _Span(start, end, flow)


def _entry(workload: dict[str, Any]) -> str:
    """One workload of a list in YAML, a line for each of its keys."""
    lines = [f"{key}: {_flow(value)}" for key, value in workload.items()]
    return "\n".join(f"  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines))


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _used(workloads: Iterable[Workload]) -> tuple[str, ...]:
    """The columns in which any workload says something: what must be there is."""
    every = CsvRows(tuple(column.name for column in COLUMNS))
    used = set[str]()
    for workload in workloads:
        used |= every.said(workload)
    return tuple(column.name for column in COLUMNS if column.name in used)
