"""A comparison of two plans as text. Renderers are registered by name in one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from placement.diff.model import PlanDiff, Side
from placement.plan.dump import plain
from placement.report import Terminal
from placement.units import dollars

DiffRenderer = Callable[[PlanDiff, Terminal], Iterator[str]]


def _table(diff: PlanDiff, terminal: Terminal) -> Iterator[str]:
    from placement.report.diff_terminal import render_diff_terminal  # noqa: PLC0415 - rich only when needed

    return render_diff_terminal(diff, terminal)


def _markdown(diff: PlanDiff, terminal: Terminal) -> Iterator[str]:
    from placement.report.diff_markdown import render_diff_markdown  # noqa: PLC0415

    del terminal
    return render_diff_markdown(diff)


def _json(diff: PlanDiff, terminal: Terminal) -> Iterator[str]:
    """The whole comparison, one change to a line."""
    del terminal
    head = {
        "old": _side(diff.old),
        "new": _side(diff.new),
        "difference_usd": dollars(diff.difference_cents),
        "unchanged": diff.unchanged,
        "method": diff.method,
        "causes": [plain(cause) for cause in diff.causes],
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


DIFF_RENDERERS: dict[str, DiffRenderer] = {"table": _table, "markdown": _markdown, "json": _json}


def render_diff(diff: PlanDiff, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The comparison in one of the forms of `DIFF_RENDERERS`, in pieces."""
    return DIFF_RENDERERS[form](diff, Terminal(*terminal))
