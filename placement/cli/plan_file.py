"""Telling a plan from an inventory before either is read."""

from __future__ import annotations

from pathlib import Path

from placement.diagnostics import Diagnostic, InputError, Where


def is_plan(path: Path) -> bool:
    """Whether a file holds a plan, not an inventory: by its name, else by how it begins."""
    if path.suffix.lower() in (".yaml", ".yml"):
        return False
    if path.suffix.lower() == ".json":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False


def refuse_plan(path: Path) -> None:
    """Say what a plan file is good for where an inventory is needed; raises `InputError`."""
    if path.suffix.lower() == ".json" and is_plan(path):
        hint = "compare it with `placement diff`, or check that it is up to date with `advise INVENTORY --locked PLAN`"
        raise InputError([Diagnostic("not-an-inventory", "this is a plan, not an inventory", Where(str(path)), hint)])
