"""A roadmap for a person at a terminal: figures, waves, what moves in each, a plot, months."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.console import RenderableType
from rich.table import Table

from placement.report import Terminal
from placement.report.console import ACCENT, BAD, QUIET, bullets, drawn, plain_table, text
from placement.report.monthly import figure_tables, period_tables, periods, plotted
from placement.report.roadmap_data import months_csv, moves_csv, roadmap_json
from placement.report.roadmap_markdown import roadmap_markdown
from placement.report.roadmap_notes import assumptions, commitments, not_in_time, notes
from placement.report.roadmap_rows import (
    MOST_MOVES,
    STOPPED,
    WAVES,
    MoveRow,
    caption,
    headline,
    monthly_columns,
    move_row,
    stopped_cells,
    wave_cells,
    wave_heading,
    wave_labels,
)
from placement.roadmap.model import Roadmap

WIDE = 130
"""Columns from which moves stand in one line each."""

_READING = (
    "a wave is what begins in the same month; the second table says what it and all before it are worth if it is the "
    "last: a month (levelised), when it has paid for itself, the most that has to be funded, and over the horizon",
    "dual running is today's cost while old and new are both paid; paid unused is what a commitment costs after its "
    "workload has left",
    "saving is against staying as things are: what is still paid today's way and all the plan's payments begun so far",
    "present value counts nothing as sold at the end; with book value, what bought nodes are still worth in the books "
    "less what is owed is income at the end",
)


def render_roadmap(road: Roadmap, form: str, by: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The roadmap as `table`, `markdown`, `json` or `csv` (by `workload` or by `month`), in pieces."""
    if form == "json":
        yield roadmap_json(road)
    elif form == "csv":
        yield from months_csv(road) if by == "month" else moves_csv(road)
    elif form == "markdown":
        yield from roadmap_markdown(road)
    else:
        yield drawn(_parts(road, Terminal(*terminal)), Terminal(*terminal))


def _parts(road: Roadmap, terminal: Terminal) -> list[RenderableType]:
    parts: list[RenderableType] = [text(road.inputs.inventory_name, ACCENT), text(caption(road), QUIET), text("")]
    if road.waves:
        parts += [_figures(road), text("")]
        for heading, cells in ((WAVES, wave_cells(road)), (STOPPED, stopped_cells(road))):
            parts.append(text(heading, ACCENT))
            for table in figure_tables("wave", wave_labels(road), cells, len(cells), terminal.width):
                parts += [table, text("")]
        parts += _plot(road, terminal.width)
    else:
        parts.append(text("nothing moves"))
    parts += _moves(road, terminal.width)
    if road.waves:
        rows = periods(road.horizon)
        for table in period_tables(road.settings.start, monthly_columns(road), rows, 4, terminal.width):
            parts += [text(""), table]
    parts += bullets("Commitments", commitments(road))
    parts += bullets("Not within the horizon", not_in_time(road), BAD)
    parts += bullets("Notes", notes(road), QUIET)
    parts += bullets("Assumptions", assumptions(road), QUIET)
    return parts + bullets("How to read it", list(_READING) if road.waves else [], QUIET)


def _figures(road: Roadmap) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for figure, label in headline(road):
        grid.add_row(text(figure, ACCENT), text(label))
    return grid


def _plot(road: Roadmap, width: int) -> list[RenderableType]:
    marks = {wave.first: str(wave.number) for wave in road.waves}
    heading = "Cumulative saving in cash, and where waves begin"
    return plotted(heading, road.worth.cumulative, road.settings.start, width, marks)


def _moves(road: Roadmap, width: int) -> list[RenderableType]:
    """A table for each wave, and one of new workloads; the first of them in large plans."""
    parts: list[RenderableType] = []
    left = MOST_MOVES
    for wave in road.waves:
        rows = [move_row(road, step) for step in islice(wave.steps, left)]
        left -= len(rows)
        if rows:
            parts += [text(""), text(wave_heading(road, wave), ACCENT), _table(rows, "saves a month", width)]
    rows = [move_row(road, step) for step in islice(road.new, left)]
    if rows:
        heading = "New: no cost of today is stated, so only what they cost is known"
        parts += [text(""), text(heading, ACCENT), _table(rows, "costs a month", width)]
    every = sum(len(wave.steps) for wave in road.waves) + len(road.new)
    hidden = every - (MOST_MOVES - left) - len(rows)
    if hidden:
        parts.append(text(f"and {hidden:,} more: write them all with --format json or csv", QUIET))
    return parts


def _table(rows: Sequence[MoveRow], last: str, width: int) -> Table:
    if width >= WIDE:
        heads = ["workload", "from", "to", "waits for", "one-off", last]
        cells = [tuple(row) for row in rows]
    else:
        heads = ["workload", "from → to", "waits for", last]
        cells = [(row.workload, f"{row.source} → {row.target}", row.why, row.saves) for row in rows]
    figures = ("one-off", last)
    table = plain_table([(head, "right" if head in figures else "left") for head in heads])
    for row in cells:
        table.add_row(*(text(cell, BAD if cell.startswith("-$") else "") for cell in row))
    return table
