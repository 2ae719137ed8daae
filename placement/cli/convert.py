"""`placement convert`: the same workloads in YAML, JSON lines or CSV."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from placement.cli.commands import warn_if_cut
from placement.cli.output import is_same, refuse_input, write_all
from placement.diagnostics import Diagnostic, InputError, Where, visible

if TYPE_CHECKING:
    from placement.documents import Document
    from placement.inventory.workload import Workload

_INVENTORIES = (".yaml", ".yml")


class _Read(NamedTuple):
    """What is converted."""

    files: list[Path]
    """The source, and the fleet file it names."""
    document: Document | None
    """None for a fleet file."""
    workloads: Sequence[Workload]
    loads: list[Path]
    """The files of loads, which are not converted."""


def run_convert(source: Path, target: Path, inventory: Path | None, force: bool) -> None:
    """Write *target*, and the *inventory* that names it if there shall be one; both or none. Raises `InputError`."""
    from placement.inventory.convert import fleet_text, with_file, with_workloads  # noqa: PLC0415
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415

    ending = target.suffix.lower()
    if ending not in (*ENDINGS, *_INVENTORIES):
        _refuse("fleet-form", "a fleet file ends in .jsonl or .csv, an inventory in .yaml", target)
    if inventory is not None and inventory.suffix.lower() not in _INVENTORIES:
        _refuse("option-unfit", "--inventory writes an inventory: its name ends in .yaml", inventory)
    read = _read(source)
    warn_if_cut(read.workloads)
    if read.document is None and (inventory is not None or ending in _INVENTORIES):
        hint = "convert from the inventory that names this file"
        _refuse("not-an-inventory", "this is a fleet file: it has workloads, and nothing else", source, hint)
    if inventory is not None and ending in _INVENTORIES:
        hint = "name a .jsonl or .csv file first"
        _refuse("option-unfit", "--inventory is written beside a fleet file, not beside an inventory", target, hint)
    _keep_inputs(read, target, inventory)
    files: list[tuple[Path, Iterable[str]]] = []
    if ending in ENDINGS:
        files.append((target, fleet_text(read.workloads, ending)))
    elif read.document is not None:
        text = _readable(with_workloads(read.document.text, read.workloads), target)
        files.append((target, [_reread(text, read.document)]))
    if inventory is not None and read.document is not None:
        text = with_file(read.document.text, _from(inventory, target))
        files.append((inventory, [_reread(text, read.document)]))
    _write(files, force)
    said = f"{visible(str(target))} written, {len(read.workloads):,} workload{'s' if len(read.workloads) != 1 else ''}"
    if inventory is not None:
        said += f"; {visible(str(inventory))} names it"
    sys.stderr.write(f"{said}\n")


def _read(source: Path) -> _Read:
    """An inventory and its workloads, or those of a fleet file. Names are not looked at."""
    from placement.inventory.fleet.read import read_fleet  # noqa: PLC0415
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415
    from placement.inventory.inventory import Inventory  # noqa: PLC0415
    from placement.inventory.load import fleet_beside, load_draft  # noqa: PLC0415

    if source.suffix.lower() in ENDINGS:
        return _Read([source], None, read_fleet(source, str(source), None), [])
    draft = load_draft(source)
    if isinstance(draft.written, Inventory):
        return _Read(draft.files, draft.document, draft.written.workloads, draft.load_files)
    fleet = fleet_beside(source, draft.document, draft.written.workloads.file, None)
    return _Read(draft.files, draft.document, fleet, draft.load_files)


def _keep_inputs(read: _Read, target: Path, inventory: Path | None) -> None:
    """Refuse to write over what is read, but over what is converted in the form it has; and to write two into one."""
    if inventory is not None and is_same(target, inventory):
        message = "the inventory and its fleet file would be one file"
        _refuse("option-unfit", message, inventory, "name another file with --inventory")
    for output in (target, inventory):
        for path in read.files:
            converted = path not in read.loads
            if output is not None and is_same(output, path) and not (converted and _form(output) == _form(path)):
                refuse_input(output)


def _form(path: Path) -> str:
    """What a file's name says of its form: that of a fleet, else that of an inventory."""
    from placement.inventory.fleet.source import ENDINGS  # noqa: PLC0415

    ending = path.suffix.lower()
    return ending if ending in ENDINGS else ""


def _readable(text: str, target: Path) -> str:
    """A text that is not too long to be read as an inventory."""
    from placement.documents import MAX_BYTES  # noqa: PLC0415

    if len(text.encode()) > MAX_BYTES:
        hint = "convert to .jsonl or .csv"
        _refuse("file-too-large", f"this file would be larger than {MAX_BYTES // 2**20} MiB", target, hint)
    return text


def _reread(text: str, source: Document) -> str:
    """The *text* made of an inventory, if it says the same of all but workloads; raises `InputError`."""
    from placement.documents import THE_KEY, Finding, parse_yaml  # noqa: PLC0415
    from placement.validation import refuse  # noqa: PLC0415

    try:
        made = parse_yaml(text, "").value
    except InputError:
        made = None
    if not isinstance(made, dict) or {**made, "workloads": 0} != {**source.value, "workloads": 0}:
        message = "`workloads` is written in a way that cannot be replaced"
        hint = "write `workloads:` at the beginning of a line of its own, without `?`"
        refuse(source, [Finding("yaml-complex-key", message, ("workloads", THE_KEY), hint)])
    return text


def _from(inventory: Path, target: Path) -> str:
    """The *target* as seen from the inventory's folder."""
    return Path(os.path.relpath(target.resolve(), inventory.resolve().parent)).as_posix()


def _write(files: list[tuple[Path, Iterable[str]]], force: bool) -> None:
    """Write all files or none; those that are there only with *force*."""
    for path, _ in files:
        if path.exists() and path.is_file() and not force:
            _refuse("file-exists", "this file is there already", path, "use --force to overwrite it")
    write_all(files)


def _refuse(code: str, message: str, path: Path, hint: str = "") -> None:
    raise InputError([Diagnostic(code, message, Where(str(path)), hint)])
