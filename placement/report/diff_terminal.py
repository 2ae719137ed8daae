"""A comparison of two plans for a person at a terminal: the causes first, then what moved."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.diff.model import ADDED, MOVED, REMOVED, PlanDiff
from placement.report import Terminal
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.diff_rows import LEGEND, ChangeRow, cause_rows, change_rows, headline, totals
from placement.report.numbers import plural, signed_money
from placement.report.outcome_table import outcome_parts
from placement.report.outcome_words import Checked

MOST_ROWS = 50
"""Changes shown; the largest first."""

WIDE = 150
"""Columns from which every change fits one line."""

_SIGN_STYLE = {ADDED: GOOD, REMOVED: BAD, MOVED: "cyan"}


def render_diff_terminal(diff: PlanDiff, guardrails: Checked, terminal: Terminal) -> Iterator[str]:
    """The comparison as tables, and what the guardrails say of it."""
    parts: list[RenderableType] = [
        text(f"{diff.old.name} → {diff.new.name}", QUIET),
        Text(headline(diff), style=f"bold {_tone(diff.difference_cents)}"),
        text(totals(diff), QUIET),
    ]
    if diff.causes:
        parts += [text(""), _causes(diff)]
    rows, hidden = change_rows(diff, MOST_ROWS)
    if rows:
        parts += [text(""), _wide(rows) if terminal.width >= WIDE else _narrow(rows), text(LEGEND, QUIET)]
    if hidden:
        left = sum(change.difference_cents for change in hidden)
        more = f"and {plural(len(hidden), 'more change')} of {signed_money(left)} together"
        parts.append(text(f"{more}: write them all with --format json", QUIET))
    parts += bullets("Notes", list(diff.notes))
    if guardrails.entries:
        parts += [text(""), *outcome_parts(guardrails, terminal.width)]
    yield drawn(parts, terminal)


def _tone(cents: int) -> str:
    return BAD if cents > 0 else GOOD if cents < 0 else ""


def _causes(diff: PlanDiff) -> Table:
    table = plain_table([("USD/month", "right"), ("because of", "left")])
    for row in cause_rows(diff.causes):
        table.add_row(Text(row.cost, style=_tone(row.cents)), text(row.words))
    return table


def _wide(rows: list[ChangeRow]) -> Table:
    table = plain_table(
        [
            ("", "left"),
            ("workload", "left"),
            ("was", "left"),
            ("is", "left"),
            ("USD/month", "right"),
            ("difference", "right"),
            ("because of", "left"),
        ]
    )
    for row in rows:
        table.add_row(
            Text(row.sign, style=_SIGN_STYLE.get(row.sign, "")),
            text(row.workload, ACCENT),
            text(row.was),
            text(row.now or ("same" if row.was and row.sign != REMOVED else "")),
            Text(row.new_cost if row.sign != REMOVED else row.old_cost, style=ACCENT),
            Text(row.difference, style=BAD if row.lost else _tone(row.cents)),
            text(row.causes, QUIET),
        )
    return table


def _narrow(rows: list[ChangeRow]) -> Table:
    """Up to four lines a workload: its name, where it was, where it is, and why."""
    table = plain_table([("", "left"), ("workload", "left"), ("USD/month", "right"), ("difference", "right")])
    for row in rows:
        about = text(row.workload, ACCENT)
        for line, style in ((row.was, ""), (f"{MOVED} {row.now}" if row.now else "", ""), (row.causes, QUIET)):
            if line:
                about.append("\n")
                about.append_text(text(line, style))
        table.add_row(
            Text(row.sign, style=_SIGN_STYLE.get(row.sign, "")),
            about,
            Text(row.new_cost if row.sign != REMOVED else row.old_cost, style=ACCENT),
            Text(row.difference, style=BAD if row.lost else _tone(row.cents)),
        )
    return table
