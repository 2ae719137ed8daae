"""An inventory file, and the fleet file it may name → `Inventory`, or every error in them with its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, NoReturn

from placement.catalog.tables import Catalog
from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where
from placement.documents import Document, Finding, Key, KeyPath, load_yaml, parse_yaml, read_text
from placement.inventory.check import Check, check_names
from placement.inventory.curves import Curve, hourly_curve
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.fleet.source import ENDINGS
from placement.inventory.inventory import FleetInventory, Inventory
from placement.inventory.names import Names
from placement.validation import refuse, validated

_SAMPLE_BYTES = 2**16
"""How much of a fleet file tells how long its rows are."""


Progress = Callable[[int, int], None]
"""Told how much has been done, of how much."""


class Draft(NamedTuple):
    """An inventory whose form and values are right, before its names are checked and a fleet file is read."""

    path: Path
    document: Document
    written: Inventory | FleetInventory

    @property
    def files(self) -> list[Path]:
        """What is read: the inventory, the fleet file it names, and those of its loads."""
        fleet = [] if isinstance(self.written, Inventory) else [self.path.parent / self.written.workloads.file]
        return [self.path, *fleet, *self.load_files]

    @property
    def load_files(self) -> list[Path]:
        """Those of its loads."""
        return [self.path.parent / load.file for load in self.written.loads.values() if load.file is not None]

    @property
    def about(self) -> int:
        """How many workloads there are, roughly."""
        if isinstance(self.written, Inventory):
            return len(self.written.workloads)
        fleet = self.files[1]
        if not os.path.isfile(fleet):  # noqa: PTH113 - `Path.is_file` raises where a name is too long
            return 0
        try:
            with fleet.open("rb") as stream:
                rows = stream.read(_SAMPLE_BYTES).count(b"\n")
                return rows * max(1, os.fstat(stream.fileno()).st_size // _SAMPLE_BYTES)
        except OSError:
            return 0  # whoever reads it says why


class FleetDocument(Document):
    """An inventory's file whose workloads stand in another."""

    fleet: Fleet

    def locate(self, paths: Iterable[KeyPath]) -> None:
        """Find the places of *paths* in one pass over the text."""
        Document.locate(self, (path for path in paths if _row(path) is None))

    def where(self, path: KeyPath) -> Where:
        """The place of *path*, or of its nearest ancestor that exists."""
        row = _row(path)
        return Document.where(self, path) if row is None else self.fleet.place(row, path[2:])[0]

    def diagnostics(self, findings: Iterable[Finding]) -> list[Diagnostic]:
        """The findings with their places and lines: those of the inventory's file, then those of rows."""
        listed = list(findings)
        found = Document.diagnostics(self, (one for one in listed if _row(one.path) is None))
        for code, message, path, hint in listed:
            row = _row(path)
            if row is not None:
                where, text = self.fleet.place(row, path[2:])
                found.append(Diagnostic(code, message, where, hint, text))
        return found


def load_draft(path: Path, shown: str | None = None) -> Draft:
    """Read one inventory; raises `InputError` with all errors of its form and values."""
    document = load_yaml(path, shown)
    file = fleet_file(document)
    if file is None:
        return Draft(path, document, validated(document, Inventory))
    try:
        return Draft(path, document, validated(document, FleetInventory))
    except InputError as error:
        if isinstance(file, str) and file.lower().endswith(ENDINGS):
            raise _together(error, _unread(path, document, file)) from None
        raise


def completed(draft: Draft, catalog: Catalog, progress: Progress | None = None) -> tuple[Inventory, Document]:
    """The inventory with its workloads and loads, and where everything stands; raises `InputError` with all errors.

    Every name in it exists, in the inventory or in the catalog, and is used once. *progress* is told how many bytes of
    how many have been read of the files of loads.
    """
    curves, wrong = read_loads(draft, progress)
    if wrong is not None:
        try:
            _completed(draft, catalog, curves)
        except InputError as error:
            raise _together(error, wrong) from None
        raise wrong
    inventory, document = _completed(draft, catalog, curves)
    return (inventory.with_curves(curves) if curves else inventory), document


def _completed(draft: Draft, catalog: Catalog, curves: Mapping[str, Curve]) -> tuple[Inventory, Document]:
    """The same with the *curves* of those loads that could be read."""
    path, document, written = draft
    if isinstance(written, Inventory):
        check_names(written, document, catalog, curves)
        return written, document
    check = Check(written, catalog, curves)
    file = written.workloads.file
    if not file.lower().endswith(ENDINGS):
        hint = "unpack it" if file.lower().endswith(".gz") else "write the workloads to one: placement convert"
        message = f"a fleet file is one of {', '.join(ENDINGS)}"
        refuse(document, chain([Finding("fleet-form", message, ("workloads", "file"), hint)], check.head()))
    try:
        fleet = fleet_beside(path, document, file, check.names)
    except InputError as error:
        _refuse_both(document, check.head(), error)
    refuse(document, chain(check.head(), check.judged(fleet)))
    values = {name: getattr(written, name) for name in FleetInventory.model_fields}
    inventory = Inventory.model_construct(**{**values, "workloads": fleet})
    both = FleetDocument(document.path, document.text, document.value)
    both.fleet = fleet
    return inventory, both


def fleet_file(document: Document) -> object:
    """What a document names as the file of its workloads; None where it lists them."""
    workloads = document.value.get("workloads") if isinstance(document.value, dict) else None
    return workloads.get("file", "") if isinstance(workloads, dict) else None


def fleet_file_of(path: Path) -> str | None:
    """What the inventory at *path* names as the file of its workloads; None where it does not, or cannot be read."""
    try:
        text = read_text(path)
        file = fleet_file(parse_yaml(text, str(path))) if "file:" in text else None
    except InputError:
        return None
    return file if isinstance(file, str) else None


def shown_beside(shown: str, file: str) -> str:
    """How messages call the *file* that stands beside an inventory they call *shown*."""
    folder = shown[: max(shown.rfind("/"), shown.rfind("\\"), shown.rfind(":")) + 1]
    return file if Path(file).is_absolute() else f"{folder}{file}"


def fleet_beside(path: Path, document: Document, file: str, names: Names | None) -> Fleet:
    """The fleet *file* that the inventory at *path* names; raises `InputError` as `read_fleet` does.

    What is wrong with the file as a whole may be its name: the inventory's line is told, too.
    """
    from placement.inventory.fleet.read import read_fleet  # noqa: PLC0415 - only where there is a fleet

    try:
        return read_fleet(path.parent / file, shown_beside(document.path, file), names)
    except InputError as error:
        raise _named_at(document.where(("workloads", "file")), error) from None


def read_loads(draft: Draft, progress: Progress | None) -> tuple[dict[str, Curve], InputError | None]:
    """What the loads of an inventory are reduced to, and everything that is wrong with those that cannot be."""
    path, document, written = draft
    curves: dict[str, Curve] = {}
    wrong: InputError | None = None
    sizes = {name: _size(path.parent / load.file) for name, load in written.loads.items() if load.file is not None}
    done, total = 0, sum(sizes.values())
    for name, load in written.loads.items():
        if load.hourly is not None:
            curves[name] = hourly_curve(load.hourly)
        if load.file is None:
            continue
        from placement.inventory.load_files import read_curve  # noqa: PLC0415 - only where there is a file

        try:
            shown = shown_beside(document.path, load.file)
            curves[name] = read_curve(load, path.parent / load.file, shown, partial(_report, progress, done, total))
        except InputError as error:
            key = "hourly_file" if load.trace is None else "trace"
            error = _named_at(document.where(("loads", name, key)), error)
            wrong = error if wrong is None else _together(wrong, error)
        done += sizes[name]
    return curves, wrong


def _report(progress: Progress | None, before: int, total: int, read: int) -> None:
    if progress is not None:
        progress(before + read, total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0  # whoever reads it says why


def _named_at(where: Where, error: InputError) -> InputError:
    """The error with the place that names the file, where it is about the file as a whole."""
    found = [one if one.where.line or one.hint else replace(one, hint=f"{where} names it") for one in error.diagnostics]
    return InputError(found, more=error.more)


def _unread(path: Path, document: Document, file: str) -> InputError | None:
    """What is wrong with the form and the values of a fleet whose inventory is wrong itself."""
    try:
        fleet_beside(path, document, file, None)
    except InputError as error:
        return error
    return None


def _refuse_both(document: Document, findings: Iterable[Finding], fleet: InputError) -> NoReturn:
    """Raise with what is wrong in an inventory, if anything is, and in its fleet."""
    try:
        refuse(document, findings)
    except InputError as error:
        raise _together(error, fleet) from None
    raise fleet


def _together(one: InputError, other: InputError | None) -> InputError:
    """The errors of two files."""
    if other is None:
        return one
    found = [*one.diagnostics, *other.diagnostics]
    return InputError(found[:MAX_REPORTED], more=one.more or other.more or len(found) > MAX_REPORTED)


def _row(path: KeyPath) -> int | None:
    """The number of the workload that *path* leads into."""
    key: Key | None = path[1] if len(path) > 1 and path[0] == "workloads" else None
    return key if isinstance(key, int) else None
