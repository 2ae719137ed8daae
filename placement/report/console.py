"""Text through rich, without letting any of it act: every string becomes a `Text`, never markup."""

from __future__ import annotations

import io
from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from placement.diagnostics import visible
from placement.report import Terminal

ACCENT = "bold"
GOOD = "green"
BAD = "red"
QUIET = "dim"

HEADING = 8
"""Columns of the terminal that a heading may take even where what is below it takes fewer."""

HEIGHT = 24
"""Lines of the terminal. Nothing depends on it, but rich asks the terminal again and again when it is not said."""


def drawn(parts: Iterable[RenderableType], terminal: Terminal) -> str:
    """Render *parts* one below the other for the terminal's width and colours."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=terminal.width,
        force_terminal=terminal.color,
        highlight=False,
        markup=False,
        emoji=False,
        color_system="standard" if terminal.color else None,
        height=HEIGHT,
        legacy_windows=False,
        soft_wrap=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def text(value: str, style: str = "") -> Text:
    """Plain text, with control characters made visible."""
    return Text(visible(value), style=style)


def plain_table(columns: list[tuple[str, str]], padding: int = 1) -> Table:
    """A table without frames; *columns* are (heading, justification)."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, padding), show_edge=False, header_style=ACCENT)
    for heading, justify in columns:
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=justify == "right")  # type: ignore[arg-type]
    return table


def between(columns: int, padding: int) -> int:
    """What the spaces of a plain table take."""
    return (2 * padding + 1) * (columns - 1)


class Filled(NamedTuple):
    """A column of a plain table with its cells, two lines each."""

    heading: str
    justify: str
    cells: list[tuple[str, str]]
    width: int
    """Of its longest line."""
    least: int
    """Of its longest word."""


def filled(heading: str, justify: str, cells: list[tuple[str, str]]) -> Filled:
    """The heading is wrapped between words, not to take more than the cells."""
    lines = [visible(line) for cell in cells for line in cell]
    widest = max(HEADING, *map(cell_len, lines))
    heads = [line for part in heading.split("\n") for line in wrap(part, widest, break_long_words=False)]
    words = [word for line in (*heads, *lines) for word in line.split()]
    width, least = (max(map(cell_len, texts)) for texts in ((*heads, *lines), words))
    return Filled("\n".join(heads), justify, cells, width, least)


def bullets(heading: str, items: list[str], style: str = "") -> list[RenderableType]:
    """A heading and a list with hanging indents; nothing when there are no items."""
    if not items:
        return []
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for item in items:
        grid.add_row(text("- "), text(item, style))
    return [text(""), text(heading, ACCENT), grid]
