"""What the commands do, one call after the other."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from placement.cli.environment import cache_folder, shipped_catalog, terminal
from placement.cli.output import keep, write
from placement.cli.plan_file import refuse_fleet
from placement.diagnostics import Diagnostic, InputError, Where, did_you_mean, visible

if TYPE_CHECKING:
    from placement.catalog.tables import Catalog
    from placement.documents import Document, KeyPath
    from placement.engine.solve import Progress
    from placement.inventory.inventory import Inventory
    from placement.inventory.load import Draft
    from placement.inventory.workload import Workload
    from placement.plan.model import Plan


PATIENCE_SECONDS = 1.0
"""How long a command may work before it shows how far it is."""


MANY_WORKLOADS = 3000
"""How many workloads may stand in YAML before a fleet file is suggested."""


class Loaded(NamedTuple):
    """An inventory that has passed every check, and what it was checked against."""

    inventory: Inventory
    catalog: Catalog
    digest: str
    document: Document


def load(path: Path, layers: list[Path], shipped: bool, shown: str | None = None, output: Path | None = None) -> Loaded:
    """The inventory, checked against its catalog; *shown* is its name in messages. Raises `InputError`.

    It does so, too, where the *output* to come would take the place of what is read here.
    """
    return checked(drafted(path, layers, shown, output), layers, shipped)


def drafted(path: Path, layers: list[Path], shown: str | None = None, output: Path | None = None) -> Draft:
    """The inventory as `load` reads it, before its names are checked and a fleet file is read."""
    from placement.inventory.load import load_draft  # noqa: PLC0415

    refuse_fleet(path)
    draft = load_draft(path, shown)
    keep(output, chain(draft.files, layer_files(layers)))
    return draft


def layer_files(layers: list[Path]) -> Iterator[Path]:
    """The files of catalog layers; raises `InputError` when it is asked for those of a layer without any."""
    from placement.catalog.load import catalog_files  # noqa: PLC0415

    if layers:
        yield from (path for path, _ in catalog_files(layers))


def catalog_of(layers: list[Path], shipped: bool) -> Catalog:
    """The shipped catalog, unless it is left out, below some layers; raises `InputError`."""
    from placement.catalog.load import load_catalog  # noqa: PLC0415

    return load_catalog([shipped_catalog(), *layers] if shipped else layers, cache_folder())


def checked(draft: Draft, layers: list[Path], shipped: bool) -> Loaded:
    """The inventory of a *draft*, checked against its catalog; raises `InputError`."""
    from placement.inventory.digests import inventory_digest  # noqa: PLC0415
    from placement.inventory.load import completed  # noqa: PLC0415

    catalog = catalog_of(layers, shipped)
    reads = any(load.file is not None for load in draft.written.loads.values())
    with progress_bar("reading") if reads else nullcontext() as progress:
        inventory, document = completed(draft, catalog, progress)
    warn_if_cut(inventory.workloads)
    if isinstance(inventory.workloads, list) and len(inventory.workloads) > MANY_WORKLOADS:
        name = visible(document.path)
        sys.stderr.write(
            f"hint: {name} lists {len(inventory.workloads):,} workloads; a fleet file is read 20 times as fast: "
            f"placement convert {name} fleet.jsonl --inventory NEW.yaml\n"
        )
    return Loaded(inventory, catalog, inventory_digest(inventory), document)


def warn_if_cut(workloads: Sequence[Workload]) -> None:
    """Say so when nobody can tell whether a fleet file is complete."""
    from placement.inventory.fleet.fleet import Fleet  # noqa: PLC0415

    if isinstance(workloads, Fleet) and not workloads.is_whole:
        sys.stderr.write(
            f"warning: {visible(workloads.name)}: no line break ends the last line; "
            "if the file was cut off, so may be the last cell\n"
        )


@contextmanager
def countable(loaded: Loaded) -> Iterator[None]:
    """Point at the workload whose cost is beyond counting."""
    from placement.documents import Finding  # noqa: PLC0415
    from placement.engine.borders import MAX_PARTS, TooManyPartsError  # noqa: PLC0415
    from placement.engine.ledger import CostTooLargeError  # noqa: PLC0415
    from placement.validation import refuse  # noqa: PLC0415

    try:
        yield
    except CostTooLargeError as error:
        number = _number(loaded.inventory.workloads, error.workload)
        name = loaded.inventory.workloads[number].id
        message = f"the cheapest offer for `{name}` costs over $9 bn a month, more than can be counted to the cent"
        hint = "is its `count`, a volume or a price of a `--catalog` layer a thousand times too high?"
        path: KeyPath = ("workloads", number)
        refuse(loaded.document, [Finding("cost-too-large", message, path, hint)])
    except TooManyPartsError as error:
        message = f"workloads live at {error.parts:,} different sets of its locations, more than {MAX_PARTS:,}"
        hint = "make one location of alike places, with a `count`"
        refuse(loaded.document, [Finding("site-parts", message, ("sites", error.site), hint)])


def _number(workloads: Sequence[Workload], placed: int) -> int:
    """The workload that what is placed under a number belongs to, if it is one at several sites."""
    from placement.inventory.fleet.fleet import asks_of  # noqa: PLC0415
    from placement.inventory.members import Members, parted  # noqa: PLC0415

    asks = asks_of(workloads)
    parts = parted(workloads, asks.redundant, len(asks.numbers["count"]))
    return parts.number_of(placed) if isinstance(parts, Members) else placed


def advised(
    path: Path, layers: list[Path], shipped: bool, shown: str | None = None, output: Path | None = None
) -> tuple[Loaded, Plan]:
    """The inventory and its plan; raises `InputError`."""
    from placement.engine.advise import advise  # noqa: PLC0415

    loaded = load(path, layers, shipped, shown, output)
    with progress_bar() as progress, countable(loaded):
        return loaded, advise(loaded.catalog, loaded.inventory, loaded.digest, progress)


def run_explain(path: Path, workload: str, layers: list[Path], shipped: bool, no_color: bool) -> None:
    """Write one workload's story."""
    from placement.engine.explain import explain  # noqa: PLC0415
    from placement.inventory.fleet.fleet import ids_of  # noqa: PLC0415
    from placement.inventory.members import is_member  # noqa: PLC0415
    from placement.report.explain import render_explanation  # noqa: PLC0415

    loaded = load(path, layers, shipped)
    names = ids_of(loaded.inventory.workloads)
    if workload not in names and not is_member(loaded.inventory.workloads, names, workload):
        message = f"there is no workload `{workload}` in this inventory"
        hint = did_you_mean(workload, names)
        raise InputError([Diagnostic("unknown-workload", message, Where(str(path)), hint)])
    with progress_bar() as progress, countable(loaded):
        explanation = explain(loaded.catalog, loaded.inventory, workload, progress)
    write(render_explanation(explanation, terminal(no_color, None)), None)


def run_validate(paths: list[Path], layers: list[Path], shipped: bool) -> None:
    """Say that each inventory is fine, or raise with the errors of all of them."""
    found: list[Diagnostic] = []
    more = False
    for path in paths:
        try:
            loaded = load(path, layers, shipped)
        except InputError as error:
            found += error.diagnostics
            more = more or error.more
            continue
        count = len(loaded.inventory.workloads)
        offers = f"{len(loaded.catalog.offers.site_o):,} offers, catalog of {loaded.catalog.as_of}"
        write([f"{visible(str(path))}: {count:,} workload{'s' if count != 1 else ''}, no errors ({offers})\n"], None)
    if found:
        raise InputError(found, more=more)


def run_init(file: Path, force: bool) -> None:
    """Write the starter inventory."""
    from placement.inventory.starter import STARTER  # noqa: PLC0415

    if file.exists() and not force:
        message = "this file is there already"
        raise InputError([Diagnostic("file-exists", message, Where(str(file)), "use --force to overwrite it")])
    write([STARTER], file)
    name = visible(str(file))
    sys.stderr.write(f"{name} written; now run: placement advise {name}\n")


def run_schema(of: str, output: Path | None) -> None:
    """Write a JSON Schema."""
    from placement.inventory.schema import schema_text  # noqa: PLC0415

    write([schema_text(of)], output)


@contextmanager
def progress_bar(doing: str = "placing") -> Iterator[Progress | None]:
    """A bar on stderr once the work has taken a second; nothing when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(doing)
    began = time.monotonic()

    def report(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if not bar.live.is_started and time.monotonic() - began > PATIENCE_SECONDS:
            bar.start()

    try:
        yield report
    finally:
        bar.stop()
