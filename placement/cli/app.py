"""Commands and their options. Heavy modules are imported inside the commands, so that `--help` stays quick."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from placement.cli.run import guarded

app = typer.Typer(
    name="placement",
    help="Where should each AI workload run, bought how, at what cost, and why not elsewhere.",
    epilog="Exit codes: 0 done; 1 done, but a check failed (an unplaced workload with --require-placed); 2 bad input.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """Ways to write a plan."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class SchemaOf(StrEnum):
    """What a schema can describe."""

    INVENTORY = "inventory"


Inventory = Annotated[Path, typer.Argument(help="The inventory, a YAML file.", metavar="INVENTORY")]
Catalogs = Annotated[
    list[Path] | None,
    typer.Option("--catalog", help="A folder laid over the shipped catalog; may be repeated.", metavar="FOLDER"),
]
OnlyCatalog = Annotated[bool, typer.Option("--no-shipped-catalog", help="Use only the folders given with --catalog.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text (also with NO_COLOR, or when piped).")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead, all or nothing.", metavar="FILE")
]


def _version(asked: bool) -> None:
    if asked:
        from placement import __version__  # noqa: PLC0415

        typer.echo(f"placement {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version


@app.command()
@guarded
def advise(
    inventory: Inventory,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to write the plan.")] = Format.TABLE,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    require_placed: Annotated[
        bool, typer.Option("--require-placed", help="Exit 1 when a workload has no place.")
    ] = False,
    no_color: NoColor = False,
) -> int:
    """Recommend where each workload should run, bought how, and why."""
    from placement.cli.commands import run_advise  # noqa: PLC0415

    plan_has_gaps = run_advise(inventory, format.value, output, catalog or [], not no_shipped_catalog, no_color)
    return 1 if require_placed and plan_has_gaps else 0


@app.command()
@guarded
def explain(
    inventory: Inventory,
    workload: Annotated[str, typer.Argument(help="Id of the workload.", metavar="WORKLOAD")],
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Tell the whole story of one workload: demand, sizing, costs, and every tier's best offer or obstacle."""
    from placement.cli.commands import run_explain  # noqa: PLC0415

    run_explain(inventory, workload, catalog or [], not no_shipped_catalog, no_color)
    return 0


@app.command()
@guarded
def validate(inventory: Inventory, catalog: Catalogs = None, no_shipped_catalog: OnlyCatalog = False) -> int:
    """Check an inventory: its form, its values, and every name in it."""
    from placement.cli.commands import run_validate  # noqa: PLC0415

    run_validate(inventory, catalog or [], not no_shipped_catalog)
    return 0


@app.command()
@guarded
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.", metavar="FILE")] = Path("inventory.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> int:
    """Write a commented inventory to start from."""
    from placement.cli.commands import run_init  # noqa: PLC0415

    run_init(file, force)
    return 0


@app.command()
@guarded
def schema(
    of: Annotated[SchemaOf, typer.Argument(help="What to describe.")] = SchemaOf.INVENTORY,
    output: Output = None,
) -> int:
    """Print a JSON Schema, for editors that complete and check YAML."""
    from placement.cli.commands import run_schema  # noqa: PLC0415

    run_schema(of.value, output)
    return 0


class ExportFormat(StrEnum):
    """Ways to hand a plan to finance."""

    CSV = "csv"
    FOCUS = "focus"
    XLSX = "xlsx"


class By(StrEnum):
    """What a row of a CSV export stands for."""

    LINE = "line"
    WORKLOAD = "workload"
    MONTH = "month"


class FocusVersion(StrEnum):
    """Versions of FOCUS whose columns can be written."""

    V1_2 = "1.2"
    V1_4 = "1.4"


class CashFormat(StrEnum):
    """Ways to write a cash-flow statement."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


PlanFile = Annotated[Path, typer.Argument(help="A plan: the JSON that `advise` writes.", metavar="PLAN")]
Start = Annotated[
    str | None,
    typer.Option(
        "--start", help="First month of the horizon; default: the month after the catalog.", metavar="YYYY-MM"
    ),
]


@app.command()
@guarded
def export(
    plan: PlanFile,
    format: Annotated[ExportFormat, typer.Option("--format", "-f", help="What to write.")] = ExportFormat.CSV,
    by: Annotated[By | None, typer.Option("--by", help="csv: one row per what; default: line.")] = None,
    start: Start = None,
    months: Annotated[
        str | None, typer.Option("--months", help="focus: how many months, or all; default: 1.", metavar="N|all")
    ] = None,
    focus_version: Annotated[
        FocusVersion | None, typer.Option("--focus-version", help="focus: whose columns; default: 1.2.")
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="csv: begin with a byte order mark, which Excel needs.")
    ] = False,
    output: Output = None,
) -> int:
    """Write a plan for finance: cost lines or months as CSV, FOCUS billing columns, or a workbook."""
    from placement.cli.finance import ExportOptions, run_export  # noqa: PLC0415

    version = focus_version.value if focus_version else None
    options = ExportOptions(format.value, by.value if by else None, start, months, version, excel, output)
    run_export(plan, options)
    return 0


@app.command()
@guarded
def cash(
    plan: PlanFile,
    format: Annotated[CashFormat, typer.Option("--format", "-f", help="How to write it.")] = CashFormat.TABLE,
    start: Start = None,
    output: Output = None,
    no_color: NoColor = False,
) -> int:
    """Show when money is paid, what each month bears, and when the plan has paid for itself."""
    from placement.cli.finance import run_cash  # noqa: PLC0415

    run_cash(plan, format.value, start, output, no_color)
    return 0
