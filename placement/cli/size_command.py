"""`placement size`. Imported with the app, so nothing heavy here."""

from __future__ import annotations

from placement.cli.options import Catalogs, NoColor, OnlyCatalog, Output
from placement.cli.size_options import (
    AMOUNTS,
    FORMS,
    Accelerators,
    Concurrency,
    Deadline,
    FormatOf,
    InputTokens,
    ItemsPerMonth,
    MaxConcurrency,
    MethodOf,
    ModelName,
    OutputTokens,
    Parameters,
    Peak,
    PerReplica,
    PrecisionOf,
    RequestsPerSecond,
    Runs,
    Spares,
    Target,
    TokensPerMonth,
    TokensPerSecond,
    TpotMs,
    TrainingTokens,
    TtftMs,
    Window,
)


def size(
    model: ModelName,
    tokens_per_second: TokensPerSecond = None,
    requests_per_second: RequestsPerSecond = None,
    concurrency: Concurrency = None,
    tokens_per_month: TokensPerMonth = None,
    items_per_month: ItemsPerMonth = None,
    training_tokens: TrainingTokens = None,
    peak: Peak = None,
    input_tokens: InputTokens = None,
    output_tokens: OutputTokens = None,
    precision: PrecisionOf = None,
    parameters: Parameters = None,
    ttft_ms: TtftMs = None,
    tpot_ms: TpotMs = None,
    max_concurrency: MaxConcurrency = None,
    target_utilization_fraction: Target = None,
    spare_replicas: Spares = None,
    accelerators_per_replica: PerReplica = None,
    window_hours_per_month: Window = None,
    method: MethodOf = None,
    deadline_hours: Deadline = None,
    runs_per_month: Runs = None,
    accelerator: Accelerators = None,
    format: FormatOf = None,
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
