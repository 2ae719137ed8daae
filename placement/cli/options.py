"""Options that several commands share."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

Inventory = Annotated[Path, typer.Argument(help="The inventory, a YAML file.", metavar="INVENTORY")]
Catalogs = Annotated[
    list[Path] | None,
    typer.Option("--catalog", help="A folder laid over the shipped catalog; may be repeated.", metavar="FOLDER"),
]
BaseCatalogs = Annotated[
    list[Path] | None,
    typer.Option("--base-catalog", help="The old side's --catalog; may be repeated.", metavar="FOLDER"),
]
OnlyCatalog = Annotated[bool, typer.Option("--no-shipped-catalog", help="Use only the folders given with --catalog.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text (also with NO_COLOR, or when piped).")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead, all or nothing.", metavar="FILE")
]


def finite(value: float | None) -> float | None:
    """Refuse NaN and infinity, which no limit does."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter("must be a finite number")
    return value


def _limit(name: str, help: str, metavar: str) -> Any:
    return typer.Option(name, help=help, metavar=metavar, min=0, callback=finite)


MaxIncreaseUsd = Annotated[float | None, _limit("--max-increase-usd", "How much the monthly total may rise.", "USD")]
MaxIncreaseFraction = Annotated[
    float | None, _limit("--max-increase-fraction", "The same as a share of what it was.", "FRACTION")
]
MaxWorkloadIncreaseUsd = Annotated[
    float | None, _limit("--max-workload-increase-usd", "How much one workload may rise.", "USD")
]
MaxWorkloadIncreaseFraction = Annotated[
    float | None, _limit("--max-workload-increase-fraction", "The same as a share of what it was.", "FRACTION")
]
MaxPriceAgeDays = Annotated[
    int | None, typer.Option("--max-price-age-days", help="How old a price may be.", metavar="DAYS", min=0)
]
NoNewProviders = Annotated[bool, typer.Option("--no-new-providers", help="No provider that was not used before.")]
NoNewCountries = Annotated[bool, typer.Option("--no-new-countries", help="No country that was not used before.")]
NoNewUnplaced = Annotated[bool, typer.Option("--no-new-unplaced", help="No workload loses its place.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", help="Day until which prices age; today if not given.", formats=["%Y-%m-%d"]),
]
Start = Annotated[
    str | None,
    typer.Option(
        "--start", help="First month of the horizon; default: the month after the catalog.", metavar="YYYY-MM"
    ),
]
