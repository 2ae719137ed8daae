"""Outcomes of checks for a person at a terminal: a line for each, and below it what breaks it and where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.report import Terminal
from placement.report.console import ACCENT, BAD, GOOD, QUIET, drawn, plain_table, text
from placement.report.outcome_words import Checked, Entry, about, limit, measured, reasons, status, tally

WIDE = 120
"""Columns from which what a check is about has columns of its own."""


def render_table(checked: Checked, terminal: Terminal) -> Iterator[str]:
    """All outcomes, and the count of each kind."""
    yield drawn(outcome_parts(checked, terminal.width), terminal)


def outcome_parts(checked: Checked, width: int) -> list[RenderableType]:
    """The same, to be put below something else."""
    table = (_wide if width >= WIDE else _narrow)(list(_titled(checked)))
    result = text(tally(checked), f"bold {BAD if checked.failed else GOOD}")
    return [text(checked.name, ACCENT), text(""), table, text(""), result]


def _titled(checked: Checked) -> Iterator[tuple[list[Text], Entry]]:
    """The lines of a title for every outcome: none where it is the one above, of the same entry."""
    before = None
    for entry in checked.entries:
        same = (entry.outcome.title, entry.outcome.path[:-1])
        yield [text(entry.outcome.title)] if same != before else [], entry
        before = same


def _wide(rows: list[tuple[list[Text], Entry]]) -> Table:
    table = plain_table([(heading, "left") for heading in ("", "check", "about", "rule", "limit", "found")])
    for column in (0, 3):
        table.columns[column].no_wrap = True
    for title, entry in rows:
        outcome = entry.outcome
        table.add_row(
            _mark(entry),
            _lines([*title, *_reasons(entry)]),
            text(about(outcome)),
            text(outcome.rule, QUIET),
            text(limit(outcome)),
            _found(entry),
        )
    return table


def _narrow(rows: list[tuple[list[Text], Entry]]) -> Table:
    """What a check is about goes below its title."""
    table = plain_table([("", "left"), ("check", "left"), ("limit", "left"), ("found", "left")])
    table.columns[0].no_wrap = True
    for title, entry in rows:
        outcome = entry.outcome
        lines = [*title, text(f"{outcome.rule} · {about(outcome)}", QUIET), *_reasons(entry)]
        table.add_row(_mark(entry), _lines(lines), text(limit(outcome)), _found(entry))
    return table


def _lines(lines: list[Text]) -> Text:
    return Text("\n").join(lines)


def _mark(entry: Entry) -> Text:
    """Sign and word: colour is never all there is."""
    return text(f"{'✓' if entry.outcome.ok else '✗'} {status(entry.outcome)}", GOOD if entry.outcome.ok else BAD)


def _found(entry: Entry) -> Text:
    return text(measured(entry.outcome), "" if entry.outcome.ok else BAD)


def _reasons(entry: Entry) -> list[Text]:
    """What there is to say, and the place of what failed."""
    words = reasons(entry.outcome)
    said = [text(words, QUIET if entry.outcome.ok else BAD)] if words else []
    return said if entry.outcome.ok else [*said, text(str(entry.where), QUIET)]
