"""`placement claims`. Imported with the app, so nothing heavy here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placement.cli.choices import ClaimsFormat
from placement.cli.options import Catalogs, NoColor, OnlyCatalog, Output


def claims(
    inventory: Annotated[
        Path | None, typer.Argument(help="Judge the claims by this inventory, too.", metavar="[INVENTORY]")
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", help="One claim, in full: numbers, sources, inventories.", metavar="ID")
    ] = None,
    format: Annotated[
        ClaimsFormat | None, typer.Option("--format", "-f", help="How to write it; by default as --output ends.")
    ] = None,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Hold what articles claim against the catalog: figure, verdict, what it hinges on, where it flips."""
    from placement.cli.claims import Asked, run_claims  # noqa: PLC0415 - keeps `--help` quick
    from placement.cli.plan_file import refuse_plan  # noqa: PLC0415

    if inventory is not None:
        refuse_plan(inventory)
    asked = Asked(inventory, claim, catalog or [], not no_shipped_catalog)
    run_claims(asked, format.value if format else None, output, no_color)
    return 0
