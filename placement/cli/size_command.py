"""`placement size` and its options: the keys of a demand, with dashes. Imported with the app, so nothing heavy here."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli.choices import SizeFormat
from placement.cli.options import Catalogs, NoColor, OnlyCatalog, Output

AMOUNTS = {
    "tokens_per_second": "serving",
    "requests_per_second": "serving",
    "concurrency": "serving",
    "tokens_per_month": "batch",
    "items_per_month": "batch",
    "training_tokens": "training",
}
"""Options that say how much work there is, with the form of demand that each belongs to."""

FORMS = {
    "peak": ("serving",),
    "input_tokens": ("serving", "batch"),
    "output_tokens": ("serving", "batch"),
    "ttft_ms": ("serving",),
    "tpot_ms": ("serving",),
    "max_concurrency": ("serving",),
    "target_utilization_fraction": ("serving",),
    "spare_replicas": ("serving",),
    "accelerators_per_replica": ("serving", "batch"),
    "window_hours_per_month": ("batch",),
    "method": ("training",),
    "deadline_hours": ("training",),
    "runs_per_month": ("training",),
}
"""Options that say more, with the forms that know them."""


def _number(name: str, help: str, *more: str) -> object:
    return typer.Option(name, *more, help=help, metavar="N")


def size(
    model: Annotated[str, typer.Argument(help="A model of the catalog; any name with --parameters.", metavar="MODEL")],
    tokens_per_second: Annotated[float | None, _number("--tokens-per-second", "Serving: tokens generated.")] = None,
    requests_per_second: Annotated[
        float | None,
        _number("--requests-per-second", "Serving: requests, images, frames … that arrive.", "--items-per-second"),
    ] = None,
    concurrency: Annotated[float | None, _number("--concurrency", "Serving: requests worked on at once.")] = None,
    tokens_per_month: Annotated[float | None, _number("--tokens-per-month", "Batch: tokens generated.")] = None,
    items_per_month: Annotated[float | None, _number("--items-per-month", "Batch: items, or requests.")] = None,
    training_tokens: Annotated[float | None, _number("--training-tokens", "Training: tokens of a run.")] = None,
    peak: Annotated[float | None, _number("--peak", "Serving: the most; the amount is then the mean.")] = None,
    input_tokens: Annotated[float | None, _number("--input-tokens", "Of a request; 1,000 if not given.")] = None,
    output_tokens: Annotated[float | None, _number("--output-tokens", "Of an answer; 250 if not given.")] = None,
    precision: Annotated[
        str | None, typer.Option("--precision", help="fp16, bf16, fp8, fp4 or int8; the model's own if not given.")
    ] = None,
    parameters: Annotated[float | None, _number("--parameters", "Of a dense model the catalog lacks: 13e9.")] = None,
    ttft_ms: Annotated[float | None, _number("--ttft-ms", "Time to the first token to keep.")] = None,
    tpot_ms: Annotated[float | None, _number("--tpot-ms", "Time per further token to keep.")] = None,
    max_concurrency: Annotated[int | None, _number("--max-concurrency", "Requests at once in a replica.")] = None,
    target_utilization_fraction: Annotated[
        float | None, _number("--target-utilization-fraction", "How busy replicas may be, like 0.7.")
    ] = None,
    spare_replicas: Annotated[int | None, _number("--spare-replicas", "Replicas more than needed.")] = None,
    accelerators_per_replica: Annotated[
        int | None, _number("--accelerators-per-replica", "How many work as one; the cheapest that do if not given.")
    ] = None,
    window_hours_per_month: Annotated[
        float | None, _number("--window-hours-per-month", "Batch: hours to do it in; 730 if not given.")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="pretraining, full, lora or qlora; full if not given.")
    ] = None,
    deadline_hours: Annotated[float | None, _number("--deadline-hours", "Hours of a training run at most.")] = None,
    runs_per_month: Annotated[float | None, _number("--runs-per-month", "Training runs; 1 if not given.")] = None,
    accelerator: Annotated[
        list[str] | None, typer.Option("--accelerator", help="Only this one; may be repeated.", metavar="NAME")
    ] = None,
    format: Annotated[
        SizeFormat | None, typer.Option("--format", "-f", help="How to write it; by default as --output ends.")
    ] = None,
    output: Output = None,
    catalog: Catalogs = None,
    no_shipped_catalog: OnlyCatalog = False,
    no_color: NoColor = False,
) -> int:
    """Size one piece of work on every accelerator: replicas, latency, cost by unit; no inventory needed."""
    given = locals()
    from placement.cli.size import Asked, run_size  # noqa: PLC0415 - keeps `--help` quick

    said = {key: given[key] for key in (*AMOUNTS, *FORMS, "precision") if given[key] is not None}
    asked = Asked(model, said, parameters, accelerator or [], catalog or [], not no_shipped_catalog)
    run_size(asked, format.value if format else None, output, no_color)
    return 0
