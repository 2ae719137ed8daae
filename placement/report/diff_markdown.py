"""A comparison of two plans as Markdown for a pull request: what fits into a comment, the largest changes first."""

from __future__ import annotations

from collections.abc import Iterator

from placement.diff.model import PlanDiff
from placement.report.diff_rows import LEGEND, ChangeRow, cause_rows, change_rows, headline, totals
from placement.report.markdown import escaped, markdown_table
from placement.report.numbers import plural, signed_money
from placement.report.outcome_words import Checked
from placement.report.outcomes import markdown_checks

MAX_CHARACTERS = 60_000
"""GitHub refuses comments of more than 65,536 characters; GitLab takes a million."""

_MOST_NAME = 300
"""Characters of a cell; longer ones are cut."""

_MOST_CAUSES = 40

_HEADS = ("", "workload", "was", "is", "USD/month", "difference", "because of")


def render_diff_markdown(diff: PlanDiff, guardrails: Checked, limit: int = MAX_CHARACTERS) -> Iterator[str]:
    """The comparison in at most *limit* characters; broken guardrails come before everything else."""
    text = f"## {escaped(headline(diff))}\n\n{escaped(totals(diff))}\n\n"
    if guardrails.entries:
        text += _within("".join(markdown_checks(guardrails)), limit // 3) + "\n"
    text += escaped(f"{_cut(diff.old.name)} → {_cut(diff.new.name)}") + "\n"
    if diff.causes:
        rows = [(row.cost, escaped(_cut(row.words))) for row in cause_rows(diff.causes)[:_MOST_CAUSES]]
        text += "\n" + markdown_table(("USD/month", "because of"), "rl", rows)
    text += "".join(f"\n> {escaped(_cut(note))}\n" for note in diff.notes)
    yield text
    changes, _ = change_rows(diff, len(diff.changes))
    yield _changes(changes, limit - len(text)) if changes else "\nNothing changed.\n"


def _changes(rows: list[ChangeRow], room: int) -> str:
    """The table of changes, ended where the room ends, with what was left out counted."""
    head = "\n" + markdown_table(_HEADS, "llllrrl", [])
    foot = f"\n{escaped(LEGEND)}\n"
    room -= len(head) + len(foot) + 200
    lines: list[str] = []
    for row in rows:
        line = markdown_line(row)
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    left = rows[len(lines) :]
    if left:
        rest = signed_money(sum(row.cents for row in left))
        foot += (
            f"\nand {plural(len(left), 'more change')} of {rest} together: `placement diff --format json` has them\n"
        )
    return head + "".join(lines) + foot


def markdown_line(row: ChangeRow) -> str:
    """One change as a line of the table."""
    cost = row.new_cost if row.new_cost != "–" else f"~~{row.old_cost}~~"
    cells = (row.sign, row.workload, row.was, row.now, "", row.difference, row.causes)
    shown = [escaped(_cut(cell)) for cell in cells]
    shown[4] = cost
    return f"| {' | '.join(shown)} |\n"


def _within(text: str, limit: int) -> str:
    """Whole lines of *text* in at most *limit* characters."""
    if len(text) <= limit:
        return text
    return text[: text.rindex("\n", 0, limit) + 1] + "\n…\n"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_NAME else f"{text[: _MOST_NAME - 1]}…"
