"""A comparison of two plans, judged by its guardrails, as text. Renderers are registered by name in one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from placement.diagnostics import Where
from placement.diff.model import ADDED, CHANGED, MOVED, REMOVED, Change, PlanDiff, Side
from placement.plan.dump import plain
from placement.report import Terminal
from placement.report.diff_rows import change_sentence, sentence
from placement.report.outcome_words import Checked
from placement.report.outcomes import (
    counts_and_checks,
    github_command,
    github_commands,
    gitlab_finding,
    gitlab_findings,
    junit,
)
from placement.units import dollars

MOST_REMARKS = 50
"""Changes that are pointed at in a file; the largest first."""

_VERBS = {ADDED: "added", REMOVED: "removed", CHANGED: "changed", MOVED: "moved"}


class DiffReport(NamedTuple):
    """What is reported at once."""

    diff: PlanDiff
    guardrails: Checked
    """Without entries where none is set."""
    places: Mapping[str, Where]
    """The lines of the new inventory's workloads."""
    file: str
    """The new side's file, for what has no line in it."""


DiffRenderer = Callable[[DiffReport, Terminal], Iterator[str]]


def _table(report: DiffReport, terminal: Terminal) -> Iterator[str]:
    from placement.report.diff_terminal import render_diff_terminal  # noqa: PLC0415 - rich only when needed

    return render_diff_terminal(report.diff, report.guardrails, terminal)


def _markdown(report: DiffReport, _terminal: Terminal) -> Iterator[str]:
    from placement.report.diff_markdown import render_diff_markdown  # noqa: PLC0415

    return render_diff_markdown(report.diff, report.guardrails)


def _json(report: DiffReport, _terminal: Terminal) -> Iterator[str]:
    """The whole comparison, one change to a line."""
    diff = report.diff
    head = {
        "schema_version": 1,
        "old": _side(diff.old),
        "new": _side(diff.new),
        "difference_usd": dollars(diff.difference_cents),
        "unchanged": diff.unchanged,
        "method": diff.method,
        "causes": [plain(cause) for cause in diff.causes],
        "guardrails": counts_and_checks(report.guardrails),
        "notes": list(diff.notes),
    }
    yield json.dumps(head, indent=2, ensure_ascii=False)[: -len("\n}")] + ',\n  "changes": ['
    for number, change in enumerate(diff.changes):
        document = plain(change) | {"difference_usd": dollars(change.difference_cents)}
        yield (",\n    " if number else "\n    ") + json.dumps(document, ensure_ascii=False)
    yield "\n  ]\n}\n"


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "inputs": plain(side.inputs) if side.inputs is not None else None,
        "workloads": side.workloads,
        "placed": side.placed,
        "monthly_cost_usd": dollars(side.monthly_cost_cents),
    }


def _remarks(report: DiffReport) -> Iterator[tuple[Change, Where, str]]:
    """The largest changes with their lines and a title."""
    changes = sorted(report.diff.changes, key=lambda one: (-abs(one.difference_cents), one.workload))
    for change in changes[:MOST_REMARKS]:
        where = report.places.get(change.workload, Where(report.file))
        yield change, where, f"{change.workload} {_VERBS[change.sign]}"


def _github(report: DiffReport, _terminal: Terminal) -> Iterator[str]:
    """A notice at the line of every change, an error at the line of every broken guardrail."""
    for change, where, title in _remarks(report):
        yield github_command("notice", where, title, change_sentence(change))
    yield from github_commands(report.guardrails)
    yield f"placement: {sentence(report.diff)}\n"


def _gitlab(report: DiffReport, _terminal: Terminal) -> Iterator[str]:
    """Code quality findings: changes are information, broken guardrails major."""
    found = [
        gitlab_finding("info", where, "placement", f"{title}: {change_sentence(change)}", ("change", change.workload))
        for change, where, title in _remarks(report)
    ]
    yield json.dumps(found + gitlab_findings(report.guardrails), ensure_ascii=False, indent=2) + "\n"


def _junit(report: DiffReport, terminal: Terminal) -> Iterator[str]:
    return junit(report.guardrails, terminal)


DIFF_RENDERERS: dict[str, DiffRenderer] = {
    "table": _table,
    "markdown": _markdown,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "junit": _junit,
}


def render_diff(report: DiffReport, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The comparison in one of the forms of `DIFF_RENDERERS`, in pieces."""
    return DIFF_RENDERERS[form](report, Terminal(*terminal))
