"""Options of `placement size`: the keys of a demand, with dashes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from placement.cli.choices import CatalogFormat

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


def _number(name: str, help: str, *more: str) -> Any:
    return typer.Option(name, *more, help=help, metavar="N")


ModelName = Annotated[str, typer.Argument(help="A model of the catalog; any name with --parameters.", metavar="MODEL")]
TokensPerSecond = Annotated[float | None, _number("--tokens-per-second", "Serving: tokens generated.")]
RequestsPerSecond = Annotated[
    float | None,
    _number("--requests-per-second", "Serving: requests, images, frames … that arrive.", "--items-per-second"),
]
Concurrency = Annotated[float | None, _number("--concurrency", "Serving: requests worked on at once.")]
TokensPerMonth = Annotated[float | None, _number("--tokens-per-month", "Batch: tokens generated.")]
ItemsPerMonth = Annotated[float | None, _number("--items-per-month", "Batch: items, or requests.")]
TrainingTokens = Annotated[float | None, _number("--training-tokens", "Training: tokens of a run.")]
Peak = Annotated[float | None, _number("--peak", "Serving: the most; the amount is then the mean.")]
InputTokens = Annotated[float | None, _number("--input-tokens", "Of a request; 1,000 if not given.")]
OutputTokens = Annotated[float | None, _number("--output-tokens", "Of an answer; 250 if not given.")]
PrecisionOf = Annotated[
    str | None, typer.Option("--precision", help="fp16, bf16, fp8, fp4 or int8; the model's own if not given.")
]
Parameters = Annotated[float | None, _number("--parameters", "Of a dense model the catalog lacks: 13e9.")]
TtftMs = Annotated[float | None, _number("--ttft-ms", "Time to the first token to keep.")]
TpotMs = Annotated[float | None, _number("--tpot-ms", "Time per further token to keep.")]
MaxConcurrency = Annotated[int | None, _number("--max-concurrency", "Requests at once in a replica.")]
Target = Annotated[float | None, _number("--target-utilization-fraction", "How busy replicas may be, like 0.7.")]
Spares = Annotated[int | None, _number("--spare-replicas", "Replicas more than needed.")]
PerReplica = Annotated[
    int | None, _number("--accelerators-per-replica", "How many work as one; the cheapest that do if not given.")
]
Window = Annotated[float | None, _number("--window-hours-per-month", "Batch: hours to do it in; 730 if not given.")]
MethodOf = Annotated[str | None, typer.Option("--method", help="pretraining, full, lora or qlora; full if not given.")]
Deadline = Annotated[float | None, _number("--deadline-hours", "Hours of a training run at most.")]
Runs = Annotated[float | None, _number("--runs-per-month", "Training runs; 1 if not given.")]
Accelerators = Annotated[
    list[str] | None, typer.Option("--accelerator", help="Only this one; may be repeated.", metavar="NAME")
]
FormatOf = Annotated[
    CatalogFormat | None, typer.Option("--format", "-f", help="How to write it; by default as --output ends.")
]
