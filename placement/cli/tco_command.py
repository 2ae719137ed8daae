"""`placement tco`. Imported with the app, so nothing heavy here."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli.choices import CatalogFormat
from placement.cli.options import Catalogs, NoColor, OnlyCatalog, Output, finite


def tco(
    node: Annotated[str, typer.Argument(help="A node of the catalog.", metavar="NODE")] = "dgx-h100",
    site: Annotated[
        str | None, typer.Option("--site", help="A colocation site; the cheapest if not given.", metavar="SITE")
    ] = None,
    life_months: Annotated[
        int | None,
        typer.Option("--life-months", help="Book life that counts; the catalog's if not given.", min=12, max=120),
    ] = None,
    discount_rate: Annotated[
        float | None,
        typer.Option(
            "--discount-rate",
            help="Cost of capital a year, a fraction; the catalog's if not given.",
            min=0,
            max=1,
            callback=finite,
        ),
    ] = None,
    nodes: Annotated[int, typer.Option("--nodes", help="How many nodes share a cross connect.", min=1, max=10_000)] = 1,
    format: Annotated[CatalogFormat, typer.Option("--format", "-f", help="How to write it.")] = CatalogFormat.TABLE,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Reckon what an accelerator-hour of an owned node costs, line by line, and where owning beats renting."""
    from placement.cli.tco import run_tco  # noqa: PLC0415 - keeps `--help` quick
    from placement.engine.tco.question import Asked  # noqa: PLC0415

    asked = Asked(node, site, discount_rate, life_months, nodes)
    run_tco(asked, format.value, output, catalog or [], not no_shipped_catalog, no_color)
    return 0
