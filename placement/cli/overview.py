"""The first page of help, kept as typer writes it.

Loading typer alone takes four times as long as starting Python; this page needs none of what it does. A test compares
the page with typer's own and rewrites it when asked to (`PLACEMENT_UPDATE=1`).
"""

from __future__ import annotations

import os
import sys

PAGE = f"{__file__.rpartition('.')[0]}.txt"
WIDTH = 80
"""Columns the page is written for; typer writes no wider ones."""

_PROGRAMS = {"placement": "placement", "__main__.py": "python -m placement"}
"""How the program is called in its help, by the name of the file that runs."""


def overview(arguments: list[str]) -> str | None:
    """The page, if it is what *arguments* ask for and it fits the terminal; None where typer has to answer."""
    if arguments not in (["--help"], ["-h"]):
        return None
    from shutil import get_terminal_size  # noqa: PLC0415 - only for this page

    program = _PROGRAMS.get(os.path.basename(sys.argv[0]))  # noqa: PTH119 - pathlib takes long to load
    if program is None or get_terminal_size().columns < WIDTH:
        return None
    try:
        with open(PAGE, encoding="utf-8") as file:  # noqa: PTH123 - the same
            return file.read().replace("placement", program, 1)
    except OSError:  # packed in an archive
        return None
