"""`placement roadmap`. Imported with the app, so nothing heavy here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placement.cli.choices import RoadmapBy, RoadmapFormat, roadmap_format_of
from placement.cli.options import Catalogs, Inventory, NoColor, OnlyCatalog, Output, Start


def roadmap(
    inventory: Inventory,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="The plan to move to; by default it is computed.", metavar="PLAN"),
    ] = None,
    format: Annotated[
        RoadmapFormat | None, typer.Option("--format", "-f", help="How to write it; by default as --output ends.")
    ] = None,
    by: Annotated[RoadmapBy | None, typer.Option("--by", help="csv: one row per what; default: workload.")] = None,
    start: Start = None,
    dual_running_months: Annotated[
        int | None,
        typer.Option("--dual-running-months", help="Months in which old and new are both paid.", min=0, max=24),
    ] = None,
    max_per_wave: Annotated[
        int | None,
        typer.Option("--max-per-wave", help="How many workloads may be moving at the same time.", min=1, max=1_000_000),
    ] = None,
    months_between_waves: Annotated[
        int | None,
        typer.Option("--months-between-waves", help="Let waves begin every so many months only.", min=1, max=24),
    ] = None,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Show the way from today's placements to the plan: waves, cash, payback, what each is worth if it is the last."""
    from placement.cli.plan_file import refuse_plan  # noqa: PLC0415
    from placement.cli.roadmap import Asked, run_roadmap  # noqa: PLC0415

    refuse_plan(inventory)
    form = (format or roadmap_format_of(output)).value
    layers, shipped, per = catalog or [], not no_shipped_catalog, by.value if by else None
    stated = dual_running_months, max_per_wave, months_between_waves
    asked = Asked(inventory, plan, layers, shipped, form, per, start, stated, output, no_color)
    run_roadmap(asked)
    return 0
