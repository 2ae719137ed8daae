"""Commands and their options. Heavy modules are imported inside the commands, so that `--help` stays quick."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Annotated

import typer
from typer.models import CommandInfo

from placement.cli.choices import (
    By,
    CashFormat,
    CatalogFormat,
    CatalogOf,
    CheckFormat,
    DiffFormat,
    Engine,
    ExportFormat,
    FocusVersion,
    Format,
    SchemaOf,
    format_of,
)
from placement.cli.claims_command import claims
from placement.cli.options import (
    AsOf,
    BaseCatalogs,
    Catalogs,
    Inventory,
    MaxIncreaseFraction,
    MaxIncreaseUsd,
    MaxPriceAgeDays,
    MaxWorkloadIncreaseFraction,
    MaxWorkloadIncreaseUsd,
    NoColor,
    NoNewCountries,
    NoNewProviders,
    NoNewUnplaced,
    OnlyCatalog,
    Output,
    Start,
)
from placement.cli.roadmap_command import roadmap
from placement.cli.run import guarded
from placement.cli.size_command import size
from placement.cli.tco_command import tco

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


def narrowed(arguments: list[str]) -> typer.Typer:
    """The app with only the command that *arguments* begin with, for typer builds the options of all it has.

    The whole app, where they begin with anything else.
    """
    asked = [command for command in app.registered_commands if _name(command) in arguments[:1]]
    if not asked:
        return app
    narrow = copy(app)
    narrow.registered_commands = asked
    return narrow


def _name(command: CommandInfo) -> str:
    """What a command is called on the command line."""
    return str(command.name or getattr(command.callback, "__name__", ""))


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
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to write the plan; by default as --output ends.")
    ] = None,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    require_placed: Annotated[
        bool, typer.Option("--require-placed", help="Exit 1 when a workload has no place.")
    ] = False,
    locked: Annotated[
        Path | None,
        typer.Option("--locked", help="Exit 1 with the differences if this plan is out of date.", metavar="PLAN"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="How many processes compute; as many as pay if not given.", min=1, max=1024),
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Compute here, or on the workers of a Dask cluster.")
    ] = Engine.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="dask: its address; local processes if not given.", metavar="URL"),
    ] = None,
    no_color: NoColor = False,
) -> int:
    """Recommend where each workload should run, bought how, and why."""
    from placement.cli.advise import Asked, run_advise  # noqa: PLC0415
    from placement.cli.plan_file import refuse_plan  # noqa: PLC0415

    refuse_plan(inventory)
    form = (format or format_of(output)).value
    layers, shipped, dask = catalog or [], not no_shipped_catalog, engine is Engine.DASK
    asked = Asked(inventory, layers, shipped, form, output, locked, workers, dask, scheduler, no_color)
    done = run_advise(asked)
    return 1 if done.out_of_date or (require_placed and done.unplaced) else 0


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
def validate(
    inventories: Annotated[list[Path], typer.Argument(help="Inventories, YAML files.", metavar="INVENTORY…")],
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
) -> int:
    """Check inventories: their form, their values, and every name in them."""
    from placement.cli.commands import run_validate  # noqa: PLC0415

    run_validate(inventories, catalog or [], not no_shipped_catalog)
    return 0


app.command()(guarded(size))
app.command()(guarded(claims))


app.command()(guarded(tco))


app.command()(guarded(roadmap))


@app.command()
@guarded
def catalog(
    of: Annotated[CatalogOf, typer.Argument(help="What to list.", metavar="WHAT")],
    format: Annotated[CatalogFormat, typer.Option("--format", "-f", help="How to write it.")] = CatalogFormat.TABLE,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """List the accelerators or models that are known, what rates them, where they are, and who says so."""
    from placement.cli.catalog import run_catalog  # noqa: PLC0415

    run_catalog(of.value, format.value, output, catalog or [], not no_shipped_catalog, no_color)
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
def convert(
    source: Annotated[Path, typer.Argument(help="An inventory, or a fleet file.", metavar="SOURCE")],
    target: Annotated[
        Path, typer.Argument(help="Fleet file (.jsonl, .csv), or inventory with all in it (.yaml).", metavar="TARGET")
    ],
    inventory: Annotated[
        Path | None,
        typer.Option("--inventory", help="Write the inventory too, naming TARGET.", metavar="FILE"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> int:
    """Write the same workloads as JSON lines, as CSV or as YAML."""
    from placement.cli.convert import run_convert  # noqa: PLC0415

    run_convert(source, target, inventory, force)
    return 0


@app.command()
@guarded
def diff(
    files: Annotated[
        list[Path],
        typer.Argument(help="OLD and NEW: plan files or inventories; NEW alone with --against.", metavar="[OLD] NEW"),
    ],
    against: Annotated[
        str | None, typer.Option("--against", help="Compare with NEW at this git revision.", metavar="REVISION")
    ] = None,
    base_inventory: Annotated[
        Path | None, typer.Option("--base-inventory", help="The old inventory; the same as OLD.", metavar="FILE")
    ] = None,
    format: Annotated[DiffFormat, typer.Option("--format", "-f", help="How to write it.")] = DiffFormat.TABLE,
    output: Output = None,
    catalog: Catalogs = None,
    base_catalog: BaseCatalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    max_increase_usd: MaxIncreaseUsd = None,
    max_increase_fraction: MaxIncreaseFraction = None,
    max_workload_increase_usd: MaxWorkloadIncreaseUsd = None,
    max_workload_increase_fraction: MaxWorkloadIncreaseFraction = None,
    max_price_age_days: MaxPriceAgeDays = None,
    no_new_providers: NoNewProviders = False,
    no_new_countries: NoNewCountries = False,
    no_new_unplaced: NoNewUnplaced = False,
    as_of: AsOf = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 when anything changed.")] = False,
    no_color: NoColor = False,
) -> int:
    """Compare two plans: what changes, what that costs, and why; exit 1 when a guardrail is broken."""
    from placement.cli.diff import Asked, run_diff  # noqa: PLC0415
    from placement.cli.environment import today  # noqa: PLC0415

    limits = {
        "max_increase_usd": max_increase_usd,
        "max_increase_fraction": max_increase_fraction,
        "max_workload_increase_usd": max_workload_increase_usd,
        "max_workload_increase_fraction": max_workload_increase_fraction,
        "max_price_age_days": max_price_age_days,
        "no_new_providers": no_new_providers,
        "no_new_countries": no_new_countries,
        "no_new_unplaced": no_new_unplaced,
    }
    day = as_of.date() if as_of else today()
    layers, shipped = catalog or [], not no_shipped_catalog
    asked = Asked(files, base_inventory, against, layers, base_catalog or [], shipped, limits, day)
    judged = run_diff(asked, format.value, output, no_color)
    return 1 if judged.broken or (judged.changed and exit_code) else 0


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


PlanFile = Annotated[Path, typer.Argument(help="A plan: the JSON that `advise` writes.", metavar="PLAN")]


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
    """Write a plan for others: cost lines or months as CSV, FOCUS columns, a workbook, or proofs of its rules."""
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
