"""The default form: totals, one row per workload, and what the plan rests on."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.plan.model import Plan
from placement.report import Terminal
from placement.report.commitments import commitment_items
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.layers import on_one_line
from placement.report.places import crossover_items
from placement.report.rules import rule_rows
from placement.report.tables import (
    POINTER,
    PlacementRow,
    assumption_text,
    caption,
    headline,
    placement_rows,
    share_rows,
    unplaced,
)

WIDE = 150
"""Columns from which every workload fits one line."""

BESIDE = 140
"""Columns from which the breakdowns fit beside each other."""


def render_terminal(plan: Plan, terminal: Terminal) -> Iterator[str]:
    """The plan for a person at a terminal."""
    rows, hidden = placement_rows(plan)
    wide = terminal.width >= WIDE
    parts: list[RenderableType] = [
        text(plan.inputs.inventory_name, ACCENT),
        text(caption(plan), QUIET),
        text(""),
        _headline(plan),
        text(""),
        _shares(plan, terminal.width >= BESIDE),
        text(""),
        _wide(rows) if wide else _narrow(rows),
    ]
    if hidden:
        parts.append(text(f"and {hidden:,} more: {POINTER}", QUIET))
    parts += _rules(plan)
    parts += bullets("Unplaced", [f"{name}: {why}" for name, why in unplaced(plan)], BAD)
    parts += bullets("Edge or region", [f"{name}: {words}" for name, words in crossover_items(plan)])
    parts += bullets("Signed already, in no total", commitment_items(plan.commitments))
    parts += bullets("Notes", list(plan.notes))
    parts += bullets("Assumptions", [assumption_text(assumption) for assumption in plan.assumptions], QUIET)
    yield drawn(parts, terminal)


def _rules(plan: Plan) -> list[RenderableType]:
    """How the rules of those workloads stand that have any; what must be signed is among the notes."""
    rows = rule_rows(plan)
    if not rows:
        return []
    heads = [("workload", "left"), ("copies", "right"), ("kept", "right"), ("if signed", "right"), ("unknown", "right")]
    table = plain_table(heads)
    for row in rows:
        table.add_row(text(row.workload, ACCENT), row.copies, row.kept, row.signed, row.unknown)
    return [text(""), text("Rules", ACCENT), table]


def _headline(plan: Plan) -> Text:
    line = Text()
    for number, (label, figure) in enumerate(headline(plan)):
        style = GOOD if label.startswith("saved") else BAD if label.startswith("more") else ACCENT
        line.append("    " if number else "")
        line.append(figure, style=f"bold {style}" if style != ACCENT else ACCENT)
        line.append(f" {label}")
    return line


def _shares(plan: Plan, wide: bool) -> RenderableType:
    """The breakdowns: side by side where there is room, else one below the other in one table."""
    rows = share_rows(plan)
    if not wide:
        table = plain_table([("by", "left"), ("", "left"), ("n", "right"), ("USD/month", "right"), ("share", "right")])
        for row in rows:
            table.add_row(text(row.group, QUIET), text(row.name), row.workloads, row.cost, row.share)
        return table
    beside = Table.grid(padding=(0, 4))
    groups: list[Table] = []
    for row in rows:
        if row.group:
            groups.append(
                plain_table([(f"by {row.group}", "left"), ("n", "right"), ("USD/month", "right"), ("share", "right")])
            )
        groups[-1].add_row(text(row.name), row.workloads, row.cost, row.share)
    beside.add_row(*groups)
    return beside


def _cost(row: PlacementRow) -> Text:
    return Text(row.cost, style=ACCENT)


def _versus(row: PlacementRow) -> Text:
    return Text(row.versus, style=GOOD if row.versus.startswith("−") else BAD if row.versus.startswith("+") else "")


def _wide(rows: list[PlacementRow]) -> Table:
    works = any(row.work for row in rows)
    heads = [
        ("workload", "left"),
        ("where", "left"),
        ("what", "left"),
        ("how", "left"),
        ("USD/month", "right"),
        ("vs today", "right"),
        *([("per unit, use", "left")] if works else []),
        ("why", "left"),
    ]
    table = plain_table(heads)
    for column in (2, 3):
        table.columns[column].no_wrap = not works
    for row in rows:
        table.add_row(
            text(row.workload, ACCENT),
            _lines(row.where, "" if row.placed else BAD),
            _lines(row.what),
            _lines(row.how),
            _cost(row),
            _versus(row),
            *([text(row.work)] if works else []),
            text(row.why, QUIET),
        )
    return table


def _lines(words: str, style: str = "") -> Text:
    return Text("\n").join(text(line, style) for line in words.split("\n"))


def _narrow(rows: list[PlacementRow]) -> Table:
    """A few lines a workload: where and how much, then what, how, what a unit of its work costs, and why."""
    table = plain_table(
        [("workload", "left"), ("where, what, how, why", "left"), ("USD/month", "right"), ("vs today", "right")]
    )
    for row in rows:
        lines = [text(on_one_line(row.where), "" if row.placed else BAD)]
        if row.placed and row.what:
            lines.append(text(row.bought or f"{row.what}, {row.how}"))
        if row.work:
            lines.append(text(row.work))
        lines.append(text(row.why, QUIET))
        where = Text("\n").join(lines)
        table.add_row(text(row.workload, ACCENT), where, _cost(row), _versus(row))
    return table
