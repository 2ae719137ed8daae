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
    epilog="Exit codes: 0 done; 1 done, but a check failed (`check`, or an unplaced workload with --require-placed); "
    "2 bad input.",
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


class CheckFormat(StrEnum):
    """Ways to write what came of checks."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"


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


@app.command()
@guarded
def check(
    inventory: Inventory,
    format: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="How to write the results.")
    ] = CheckFormat.TABLE,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Test the plan for what the inventory expects of it; exit 1 when something does not hold."""
    from placement.cli.checks import run_check  # noqa: PLC0415

    failed = run_check(inventory, format.value, output, catalog or [], not no_shipped_catalog, no_color)
    return 1 if failed else 0
