"""`placement convert`: the same workloads in YAML, JSON lines or CSV."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from placement.cli.output import write
from placement.diagnostics import Diagnostic, InputError, Where, visible

if TYPE_CHECKING:
    from placement.inventory.workload import Workload

_INVENTORIES = (".yaml", ".yml")


def run_convert(source: Path, target: Path, inventory: Path | None, force: bool) -> None:
    """Write *target*, and the *inventory* that names it if there shall be one; both or none. Raises `InputError`."""
    from placement.inventory.convert import fleet_text, with_file, with_workloads  # noqa: PLC0415
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415

    ending = target.suffix.lower()
    if ending not in (*ENDINGS, *_INVENTORIES):
        _refuse("fleet-form", "a fleet file ends in .jsonl or .csv, an inventory in .yaml", target)
    text, workloads = _read(source)
    if text is None and (inventory is not None or ending in _INVENTORIES):
        hint = "convert from the inventory that names this file"
        _refuse("not-an-inventory", "this is a fleet file: it has workloads, and nothing else", source, hint)
    if inventory is not None and ending in _INVENTORIES:
        hint = "name a .jsonl or .csv file first"
        _refuse("option-unfit", "--inventory is written beside a fleet file, not beside an inventory", target, hint)
    files: list[tuple[Path, Iterable[str]]] = []
    if ending in ENDINGS:
        files.append((target, fleet_text(workloads, ending)))
    else:
        files.append((target, [_readable(with_workloads(text or "", workloads), target)]))
    if inventory is not None:
        files.append((inventory, [with_file(text or "", _from(inventory, target))]))
    _write(files, force)
    said = f"{visible(str(target))} written, {len(workloads):,} workload{'s' if len(workloads) != 1 else ''}"
    if inventory is not None:
        said += f"; {visible(str(inventory))} names it"
    sys.stderr.write(f"{said}\n")


def _read(source: Path) -> tuple[str | None, Sequence[Workload]]:
    """An inventory's text and its workloads; no text for a fleet file. Names are not looked at."""
    from placement.inventory.fleet.read import read_fleet  # noqa: PLC0415
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415
    from placement.inventory.inventory import Inventory  # noqa: PLC0415
    from placement.inventory.load import load_draft, shown_beside  # noqa: PLC0415

    if source.suffix.lower() in ENDINGS:
        return None, read_fleet(source, str(source), None)
    draft = load_draft(source)
    if isinstance(draft.written, Inventory):
        return draft.document.text, draft.written.workloads
    file = draft.written.workloads.file
    return draft.document.text, read_fleet(source.parent / file, shown_beside(str(source), file), None)


def _readable(text: str, target: Path) -> str:
    """A text that is not too long to be read as an inventory."""
    from placement.documents import MAX_BYTES  # noqa: PLC0415

    if len(text.encode()) > MAX_BYTES:
        hint = "convert to .jsonl or .csv"
        _refuse("file-too-large", f"this file would be larger than {MAX_BYTES // 2**20} MiB", target, hint)
    return text


def _from(inventory: Path, target: Path) -> str:
    """The *target* as seen from the inventory's folder."""
    return Path(os.path.relpath(target.resolve(), inventory.resolve().parent)).as_posix()


def _write(files: list[tuple[Path, Iterable[str]]], force: bool) -> None:
    """Write all files, or none of those that are new."""
    for path, _ in files:
        if path.exists() and path.is_file() and not force:
            _refuse("file-exists", "this file is there already", path, "use --force to overwrite it")
    new = []
    try:
        for path, pieces in files:
            before = path.exists()
            write(pieces, path)
            new += [] if before else [path]
    except InputError:
        for path in new:
            path.unlink()
        raise


def _refuse(code: str, message: str, path: Path, hint: str = "") -> None:
    raise InputError([Diagnostic(code, message, Where(str(path)), hint)])
