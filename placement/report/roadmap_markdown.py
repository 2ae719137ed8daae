"""A roadmap as Markdown: the same tables as the terminal, nothing of the input acts as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from placement.report.markdown import escaped, markdown_table
from placement.report.roadmap_notes import assumptions, commitments, not_in_time, notes
from placement.report.roadmap_rows import (
    MOST_MOVES,
    STOPPED,
    WAVES,
    caption,
    headline,
    move_row,
    stopped_cells,
    wave_cells,
    wave_heading,
    wave_labels,
)
from placement.roadmap.model import Roadmap, Step


def roadmap_markdown(road: Roadmap) -> Iterator[str]:
    """GitHub-flavoured Markdown, in pieces."""
    yield f"# {escaped(road.inputs.inventory_name)}\n\n{escaped(caption(road))}\n\n"
    yield "".join(f"- **{figure}** {escaped(label)}\n" for figure, label in headline(road)) or "nothing moves\n"
    if road.waves:
        yield from _waves(road)
    left = MOST_MOVES
    for wave in road.waves:
        if left > 0:
            yield f"\n## {escaped(wave_heading(road, wave))}\n\n"
            yield _moves(road, list(islice(wave.steps, left)), "saves a month")
        left -= len(wave.steps)
    if road.new and left > 0:
        yield "\n## New: no cost of today is stated\n\n"
        yield _moves(road, list(islice(road.new, left)), "costs a month")
    left -= len(road.new)
    if left < 0:
        yield f"\nand {-left:,} more: write them all with --format json or csv\n"
    for heading, items in (
        ("Commitments", commitments(road)),
        ("Not within the horizon", not_in_time(road)),
        ("Notes", notes(road)),
        ("Assumptions", assumptions(road)),
    ):
        if items:
            yield f"\n## {heading}\n\n" + "".join(f"- {escaped(item)}\n" for item in items)


def _waves(road: Roadmap) -> Iterator[str]:
    labels = wave_labels(road)
    for heading, cells in ((WAVES, wave_cells(road)), (STOPPED, stopped_cells(road))):
        rows = [(label, *(column[row] for column in cells.values())) for row, label in enumerate(labels)]
        yield f"\n## {heading}\n\n" + markdown_table(("wave", *cells), "l" + "r" * len(cells), rows)


def _moves(road: Roadmap, steps: Sequence[Step], last: str) -> str:
    rows = [tuple(map(escaped, move_row(road, step))) for step in steps]
    return markdown_table(("workload", "from", "to", "waits for", "one-off", last), "llllrr", rows)
