"""What the commands do, one call after the other."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from placement.cli.environment import cache_folder, shipped_catalog, terminal
from placement.cli.output import write
from placement.diagnostics import Diagnostic, InputError, Where, did_you_mean

if TYPE_CHECKING:
    from placement.catalog.tables import Catalog
    from placement.engine.solve import Progress
    from placement.inventory.inventory import Inventory


def load(path: Path, layers: list[Path], shipped: bool) -> tuple[Inventory, Catalog, str]:
    """The inventory, checked against its catalog, and the inventory's digest; raises `InputError`."""
    from placement.catalog.load import load_catalog  # noqa: PLC0415
    from placement.inventory.check import check_names  # noqa: PLC0415
    from placement.inventory.load import load_inventory  # noqa: PLC0415

    inventory, document = load_inventory(path)
    catalog = load_catalog([shipped_catalog(), *layers] if shipped else layers, cache_folder())
    check_names(inventory, document, catalog)
    return inventory, catalog, digest_of(inventory)


def digest_of(inventory: Inventory) -> str:
    """SHA-256 of what the inventory says: comments, layout and the order of keys and workloads do not matter."""
    head = inventory.model_dump(mode="json", by_alias=True, exclude={"workloads"})
    total = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for workload in sorted(inventory.workloads, key=lambda workload: workload.id):
        total.update(workload.model_dump_json(by_alias=True).encode())
    return total.hexdigest()


def run_advise(path: Path, form: str, output: Path | None, layers: list[Path], shipped: bool, no_color: bool) -> bool:
    """Write the plan; whether a workload has no place."""
    from placement.engine.advise import advise  # noqa: PLC0415
    from placement.report import render  # noqa: PLC0415

    inventory, catalog, digest = load(path, layers, shipped)
    with progress_bar(len(inventory.workloads)) as progress:
        plan = advise(catalog, inventory, digest, progress)
    write(render(plan, form, terminal(no_color, output)), output)
    return plan.summary.placed < plan.summary.workloads


def run_explain(path: Path, workload: str, layers: list[Path], shipped: bool, no_color: bool) -> None:
    """Write one workload's story."""
    from placement.engine.explain import explain  # noqa: PLC0415
    from placement.report.explain import render_explanation  # noqa: PLC0415

    inventory, catalog, digest = load(path, layers, shipped)
    names = [entry.id for entry in inventory.workloads]
    if workload not in names:
        message = f"there is no workload `{workload}` in this inventory"
        hint = did_you_mean(workload, names)
        raise InputError([Diagnostic("unknown-workload", message, Where(str(path)), hint)])
    write(render_explanation(explain(catalog, inventory, digest, workload), terminal(no_color, None)), None)


def run_validate(path: Path, layers: list[Path], shipped: bool) -> None:
    """Say that the inventory is fine, or raise."""
    inventory, catalog, _ = load(path, layers, shipped)
    count = len(inventory.workloads)
    offers = f"{len(catalog.offers.site_o):,} offers, catalog of {catalog.as_of}"
    write([f"{path}: {count} workload{'s' if count != 1 else ''}, no errors ({offers})\n"], None)


def run_init(file: Path, force: bool) -> None:
    """Write the starter inventory."""
    from placement.inventory.starter import STARTER  # noqa: PLC0415

    if file.exists() and not force:
        message = "this file is there already"
        raise InputError([Diagnostic("file-exists", message, Where(str(file)), "use --force to overwrite it")])
    write([STARTER], file)
    sys.stderr.write(f"{file} written; now run: placement advise {file}\n")


def run_schema(of: str, output: Path | None) -> None:
    """Write a JSON Schema."""
    from placement.inventory.schema import schema_text  # noqa: PLC0415

    write([schema_text(of)], output)


@contextmanager
def progress_bar(total: int) -> Iterator[Progress | None]:
    """A bar on stderr once the work has taken a second; nothing when stderr is not a terminal."""
    if not sys.stderr.isatty() or total < 1000:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    bar = Progress(
        TextColumn("placing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("placing", total=total)
    with bar:
        yield lambda done, _: bar.update(task, completed=done)
