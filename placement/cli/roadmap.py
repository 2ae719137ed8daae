"""What `placement roadmap` does: check the options, get the plan, make the roadmap, write it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from placement.cli.commands import Loaded, advised, load
from placement.cli.environment import terminal
from placement.cli.finance import first_month, stated_month
from placement.cli.output import keep, write
from placement.diagnostics import Diagnostic, InputError, Where

if TYPE_CHECKING:
    from placement.plan.model import Inputs, Placement


class Asked(NamedTuple):
    """What the command line says; None where it says nothing."""

    inventory: Path
    plan: Path | None
    layers: list[Path]
    shipped: bool
    form: str
    by: str | None
    start: str | None
    stated: tuple[int | None, int | None, int | None]
    """Months of dual running, workloads in a wave, months between waves."""
    output: Path | None
    no_color: bool


def run_roadmap(asked: Asked) -> None:
    """Write the way from today's placements to those of the plan."""
    from placement.report.roadmap import render_roadmap  # noqa: PLC0415
    from placement.roadmap.inputs import Stated, settings_of, todays_of  # noqa: PLC0415
    from placement.roadmap.make import roadmap  # noqa: PLC0415

    if asked.by is not None and asked.form != "csv":
        message = f"`--by` goes with --format csv, not with {asked.form}"
        raise InputError([Diagnostic("option-unfit", message, Where("--by"))])
    stated_month(asked.start)
    loaded, inputs, placements = _planned(asked)
    start = first_month(asked.plan or asked.inventory, inputs, asked.start)
    settings = settings_of(loaded.catalog, loaded.inventory, start, Stated(*asked.stated))
    road = roadmap(inputs, placements, todays_of(loaded.inventory, start), settings)
    screen = terminal(asked.no_color, asked.output)
    write(render_roadmap(road, asked.form, asked.by or "workload", screen), asked.output)


def _planned(asked: Asked) -> tuple[Loaded, Inputs, Iterable[Placement]]:
    """The inventory with its plan: a new one, or that of a file if it is of this inventory."""
    if asked.plan is None:
        loaded, plan = advised(asked.inventory, asked.layers, asked.shipped, output=asked.output)
        return loaded, plan.inputs, plan.placements
    from placement.plan.load import open_plan  # noqa: PLC0415

    keep(asked.output, [asked.plan])
    loaded = load(asked.inventory, asked.layers, asked.shipped, output=asked.output)
    reading = open_plan(asked.plan, skim=True)
    inputs = reading.head.inputs
    if inputs.inventory_sha256 != loaded.digest:
        message = "this plan is of another inventory, or of an earlier state of this one"
        hint = "write it again with `placement advise`, or leave --plan out"
        raise InputError([Diagnostic("plan-of-another", message, Where(str(asked.plan)), hint)])
    return loaded, inputs, list(reading.placements)
