"""The only place that looks at the environment: the shipped catalog, the cache folder, the clock, the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from pathlib import Path

import placement


def shipped_catalog() -> Path:
    """The catalog that comes with the package: beside it in a checkout, inside it when installed."""
    inside = Path(placement.__file__).parent
    installed = inside / "_catalogs"
    return installed if installed.is_dir() else inside.parent / "catalogs"


def cache_folder() -> Path | None:
    """Where derived data may be kept; None when there is no such place or `PLACEMENT_NO_CACHE` is set."""
    if os.environ.get("PLACEMENT_NO_CACHE"):
        return None
    stated = os.environ.get("PLACEMENT_CACHE_DIR")
    if stated:
        return Path(stated)
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "placement"


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def today() -> date:
    """The day by the clock, for what is asked about now: how old prices are. No plan depends on it."""
    return date.today()


PIPE_WIDTH = 120
"""Columns to write for when nobody says how wide the reader is."""


def terminal(no_color: bool, output: Path | None) -> tuple[int, bool]:
    """Width to write for, and whether colour may be used (`NO_COLOR`, `FORCE_COLOR`, `TERM`, `COLUMNS`)."""
    is_terminal = output is None and sys.stdout.isatty()
    width = max(40, shutil.get_terminal_size((PIPE_WIDTH, 24)).columns) if output is None else PIPE_WIDTH
    if no_color or os.environ.get("NO_COLOR") or output is not None:
        return width, False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0", "false"):
        return width, True
    return width, is_terminal and os.environ.get("TERM") != "dumb"
