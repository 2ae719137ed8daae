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
    begin = b'{"record":' if _is_rows(path) else b"{"
    try:
        with path.open("rb") as stream:
            return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(begin)
    except OSError:
        return False


def _is_rows(path: Path) -> bool:
    """Whether a file is one of rows by its name: a fleet, or a plan as JSON lines."""
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415

    return path.suffix.lower() in ENDINGS


def refuse_plan(path: Path) -> None:
    """Say what a plan file is good for where an inventory is needed; raises `InputError`."""
    if path.suffix.lower() in (".json", ".jsonl") and is_plan(path):
        hint = "compare it with `placement diff`, or check that it is up to date with `advise INVENTORY --locked PLAN`"
        raise InputError([Diagnostic("not-an-inventory", "this is a plan, not an inventory", Where(str(path)), hint)])


def refuse_fleet(path: Path) -> None:
    """Say where a fleet file belongs when it is given in place of an inventory; raises `InputError`."""
    if _is_rows(path) and path.is_file():
        message = "this is a fleet file, not an inventory"
        hint = f"give the inventory that names it: `workloads: {{file: {path.name}}}`"
        raise InputError([Diagnostic("not-an-inventory", message, Where(str(path)), hint)])
