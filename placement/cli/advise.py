"""What `placement advise` does: solve, write part by part, and compare with a plan that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from placement.cli.commands import checked, countable, drafted, progress_bar
from placement.cli.environment import processors, terminal
from placement.cli.output import keep, write
from placement.cli.spool import Spool
from placement.diagnostics import Diagnostic, InputError, Where

if TYPE_CHECKING:
    from placement.engine.running import Runner

ONE_PROCESS = 5000
"""Workloads up to which more processes take longer to start than they save."""


class Asked(NamedTuple):
    """What the command line says."""

    inventory: Path
    layers: list[Path]
    shipped: bool
    form: str
    output: Path | None
    locked: Path | None
    workers: int | None
    """None: as many as pay."""
    dask: bool
    scheduler: str | None
    no_color: bool


class Advised(NamedTuple):
    """What came of it."""

    out_of_date: bool
    """The plan that was to be compared with is another one; nothing else was written."""
    unplaced: int


def run_advise(asked: Asked) -> Advised:
    """Write the plan of an inventory, unless it is not the one it should be."""
    from placement.engine.copies import solve_with_copies  # noqa: PLC0415
    from placement.report import RENDERERS, Terminal  # noqa: PLC0415
    from placement.report.stream import stream  # noqa: PLC0415

    refuse_options(asked)
    if asked.locked is not None and asked.form != "json":
        keep(asked.output, [asked.locked])
    draft = drafted(asked.inventory, asked.layers, output=asked.output)
    forms = {asked.form} | ({"json"} if asked.locked else set())
    with ExitStack() as stack:
        spools = {form: stack.enter_context(Spool()) for form in sorted(forms) if RENDERERS[form].piece}
        with running(asked, draft.about) as runner:  # processes start while a fleet is read
            loaded = checked(draft, asked.layers, asked.shipped)
            with progress_bar() as progress, countable(loaded):
                prepared, solution = solve_with_copies(
                    loaded.catalog, loaded.inventory, progress=progress, runner=runner
                )
                sinks = {form: spool.add for form, spool in spools.items()}
                plan = stream(prepared, solution, loaded.digest, sinks, runner, progress=progress)
        unplaced = plan.summary.workloads - plan.summary.placed
        if asked.locked is not None:
            from placement.cli.diff import is_out_of_date  # noqa: PLC0415
            from placement.plan.dump import document_json  # noqa: PLC0415

            fresh = document_json(plan, spools["json"])
            if is_out_of_date(asked.locked, fresh, asked.inventory, asked.no_color):
                return Advised(True, unplaced)
        for_terminal = Terminal(*terminal(asked.no_color, asked.output))
        write(RENDERERS[asked.form].document(plan, spools.get(asked.form, ()), for_terminal), asked.output)
    return Advised(False, unplaced)


def refuse_options(asked: Asked) -> None:
    """Options that say nothing together; raises `InputError`."""
    if asked.scheduler is not None and not asked.dask:
        message = "--scheduler goes with --engine dask"
        raise InputError([Diagnostic("option-unfit", message, Where("advise"))])
    if asked.scheduler is not None and asked.workers is not None:
        message = "--workers starts processes here; a scheduler has workers of its own"
        raise InputError([Diagnostic("option-unfit", message, Where("advise"), "leave one of the two out")])


@contextmanager
def running(asked: Asked, workloads: int) -> Iterator[Runner]:
    """Where the work is to be done; raises `InputError` when it cannot be done there."""
    from placement.engine.running import RunError, in_process  # noqa: PLC0415

    workers = asked.workers or (processors() if asked.dask or workloads > ONE_PROCESS else 1)
    try:
        if asked.dask:
            from placement.engine.running.on_dask import OnDask  # noqa: PLC0415

            with OnDask(asked.scheduler, workers) as cluster:
                yield cluster
        elif workers > 1:
            from placement.engine.running.processes import Processes  # noqa: PLC0415

            with Processes(workers) as processes:
                yield processes
        else:
            yield in_process
    except RunError as error:
        where = Where(asked.scheduler or "advise")
        raise InputError([Diagnostic(error.code, error.message, where, error.hint)]) from None
