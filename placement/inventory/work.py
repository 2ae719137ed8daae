"""What work is done, instead of how many accelerators it keeps busy: a form of demand each."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import EMPTY_LIST, Fraction, Model, Name
from placement.inventory.problem import Problem
from placement.inventory.rate import LEAST, MOST, OrNumber, Rate
from placement.inventory.recipe import RATES
from placement.units import HOURS_PER_MONTH
from placement.words import LORA

Precision = Literal["fp16", "bf16", "fp8", "fp4", "int8"]
Method = Literal["pretraining", "full", "lora", "qlora"]

MOST_CONTEXT = 1e8
"""Tokens of a request."""

PER_SECOND = Problem(
    "serving-throughput", "`throughput` is per second: it says nothing of requests at once, as `concurrency` does"
)
ONE_RATE = Problem("serving-rate", "give exactly one of `tokens_per_second`, `requests_per_second` and `concurrency`")
ONE_AMOUNT = Problem("batch-amount", "give exactly one of `tokens_per_month` and `items_per_month`")
ONE_SIZE = Problem("training-size", "give either `tokens`, or `accelerator_hours` with their `reference`")
ADAPTERS = Problem("training-adapters", "`trainable_fraction` is for the methods `lora` and `qlora`")
MEASURED = Problem(
    "training-throughput", "`throughput` is in tokens per second: it goes with `tokens`, not with `accelerator_hours`"
)


def serving_problem_of(serving: Mapping[str, Any]) -> Problem | None:
    """What is wrong with values of `Serving` that are right each for itself."""
    if sum(serving.get(key) is not None for key in RATES) != 1:
        return ONE_RATE
    return PER_SECOND if serving.get("concurrency") is not None and serving.get("throughput") else None


def batch_problem_of(batch: Mapping[str, Any]) -> Problem | None:
    """The same of `Batch`."""
    return ONE_AMOUNT if (batch.get("tokens_per_month") is None) == (batch.get("items_per_month") is None) else None


def training_problem_of(training: Mapping[str, Any]) -> Problem | None:
    """The same of `Training`."""
    tokens, hours, reference = (training.get(key) is None for key in ("tokens", "accelerator_hours", "reference"))
    if hours != reference or tokens == hours:
        return ONE_SIZE
    if training.get("trainable_fraction") is not None and training["method"] not in LORA:
        return ADAPTERS
    return MEASURED if tokens and training.get("throughput") else None


def _check(problem: Problem | None) -> None:
    if problem is not None:
        raise PydanticCustomError(*problem)


class Throughput(Model):
    """What somebody measured."""

    accelerator: Annotated[Name, Field(description="An accelerator of the catalog.", examples=["H100-SXM"])]
    accelerators: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many of them worked as one.", examples=[2])
    ] = 1
    units_per_second: Annotated[
        float,
        Field(
            ge=LEAST,
            le=MOST,
            description="What they did together: generated tokens of a language model, other requests, frames or "
            "items, trained tokens.",
            examples=[1400],
        ),
    ]


ModelName = Annotated[
    Name, Field(description="A model of the catalog, or a key of `models`.", examples=["llama-3.3-70b"])
]
PrecisionOf = Annotated[
    Precision | None,
    Field(description="Of weights and arithmetic; the model's own if left out.", examples=["fp8"]),
]
InputTokens = Annotated[
    float | None,
    Field(
        ge=1,
        le=MOST_CONTEXT,
        description="Tokens of a request to a language model, on average; those of the load's trace if left out.",
        examples=[1000],
    ),
]
OutputTokens = Annotated[
    float | None,
    Field(
        ge=1,
        le=MOST_CONTEXT,
        description="Tokens that a language model answers with, on average; those of the load's trace if left out.",
        examples=[250],
    ),
]
Target = Annotated[
    Fraction | None,
    Field(
        ge=0.01,
        description="How busy replicas may be at most; if left out, as busy as few requests have to wait.",
        examples=[0.7],
    ),
]
Spares = Annotated[
    int,
    Field(ge=0, le=1000, description="Replicas more than the work needs (1: N + 1).", examples=[1]),
]
PerReplica = Annotated[
    int | None,
    Field(
        ge=1,
        le=1_000_000,
        description="How many accelerators work as one; as few as the model needs if left out.",
        examples=[2],
    ),
]
Growth = Annotated[
    float,
    Field(ge=-0.5, le=0.5, description="By how much the work grows every month.", examples=[0.02]),
]
Measured = Annotated[
    list[Throughput],
    Field(
        **EMPTY_LIST,
        max_length=100,
        description="What you have measured: it counts before anything the catalog knows.",
        examples=[[{"accelerator": "H100-SXM", "accelerators": 2, "units_per_second": 1400}]],
    ),
]


class Serving(Model):
    """Requests to a model, by how many there are at a time."""

    model: ModelName
    precision: PrecisionOf = None
    input_tokens: InputTokens = None
    output_tokens: OutputTokens = None
    tokens_per_second: Annotated[
        Rate | None,
        OrNumber(),
        Field(description="Tokens that a language model generates.", examples=[{"mean": 2000, "peak": 5200}, 800]),
    ] = None
    requests_per_second: Annotated[
        Rate | None,
        OrNumber(),
        Field(description="Requests that arrive.", examples=[{"load": "office"}, 3.5]),
    ] = None
    concurrency: Annotated[
        Rate | None,
        OrNumber(),
        Field(description="Requests that are worked on at once.", examples=[{"peak": 120, "load": "office"}, 64]),
    ] = None
    ttft_ms: Annotated[
        float | None,
        Field(ge=0.01, le=1e7, description="Time to the first token to stay within, in ms.", examples=[500]),
    ] = None
    tpot_ms: Annotated[
        float | None,
        Field(ge=0.001, le=1e6, description="Time per further token to stay within, in ms.", examples=[40]),
    ] = None
    max_concurrency: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="Most requests at once in a replica.", examples=[64]),
    ] = None
    target_utilization_fraction: Target = None
    spare_replicas: Spares = 0
    accelerators_per_replica: PerReplica = None
    growth_fraction_per_month: Growth = 0.0
    throughput: Measured

    @model_validator(mode="after")
    def _complete(self) -> "Serving":
        _check(serving_problem_of(self.__dict__))
        return self


class Video(Model):
    """Frames of cameras, looked at by a model."""

    model: ModelName
    precision: PrecisionOf = None
    cameras: Annotated[int, Field(ge=1, le=10_000_000, description="How many cameras there are.", examples=[40])]
    frames_per_second: Annotated[
        float, Field(ge=1e-5, le=1000, description="Frames of each camera that are looked at.", examples=[5])
    ]
    load: Annotated[
        Name | None,
        Field(
            description="Key of `loads`: how many cameras send over time, all of them at its peak; all of them always "
            "if left out.",
            examples=["office"],
        ),
    ] = None
    target_utilization_fraction: Target = None
    spare_replicas: Spares = 0
    accelerators_per_replica: PerReplica = None
    growth_fraction_per_month: Growth = 0.0
    throughput: Measured


class Batch(Model):
    """Work by the month."""

    model: ModelName
    precision: PrecisionOf = None
    tokens_per_month: Annotated[
        float | None,
        Field(ge=1, le=1e18, description="Tokens that a language model generates a month.", examples=[2e9]),
    ] = None
    items_per_month: Annotated[
        float | None,
        Field(ge=1, le=1e18, description="Items a month instead; of a language model, requests.", examples=[4e6]),
    ] = None
    input_tokens: InputTokens = None
    output_tokens: OutputTokens = None
    window_hours_per_month: Annotated[
        float,
        Field(ge=0.01, le=HOURS_PER_MONTH, description="Hours of the month in which it must be done.", examples=[240]),
    ] = float(HOURS_PER_MONTH)
    accelerators_per_replica: PerReplica = None
    growth_fraction_per_month: Growth = 0.0
    throughput: Measured

    @model_validator(mode="after")
    def _complete(self) -> "Batch":
        _check(batch_problem_of(self.__dict__))
        return self


class Training(Model):
    """Runs that train a model."""

    model: ModelName
    precision: PrecisionOf = None
    method: Annotated[
        Method,
        Field(description="From scratch, all of its parameters, or small adapters beside them.", examples=["lora"]),
    ]
    tokens: Annotated[
        float | None, Field(ge=1, le=1e18, description="Tokens that a run trains on.", examples=[1.5e9])
    ] = None
    accelerator_hours: Annotated[
        float | None,
        Field(ge=0.001, le=1e10, description="Instead: accelerator-hours of a run on `reference`.", examples=[5000]),
    ] = None
    reference: Annotated[
        Name | None,
        Field(description="The accelerator of `accelerator_hours`.", examples=["H100-SXM"]),
    ] = None
    runs_per_month: Annotated[
        float, Field(ge=0.001, le=1e6, description="How many runs there are a month.", examples=[4])
    ] = 1.0
    deadline_hours: Annotated[
        float | None, Field(ge=0.01, le=1e6, description="Hours within which a run must be done.", examples=[48])
    ] = None
    trainable_fraction: Annotated[
        Fraction | None,
        Field(ge=1e-6, description="Share of the parameters that adapters train (`lora`, `qlora`).", examples=[0.01]),
    ] = None
    failed_run_fraction: Annotated[
        Fraction,
        Field(le=0.95, description="Share of the runs that come to nothing and are run again.", examples=[0.1]),
    ] = 0.0
    growth_fraction_per_month: Growth = 0.0
    throughput: Measured

    @model_validator(mode="after")
    def _complete(self) -> "Training":
        _check(training_problem_of(self.__dict__))
        return self


WORK: dict[str, type[Model]] = {"serving": Serving, "video": Video, "batch": Batch, "training": Training}
"""The forms of demand that say what work is done."""

PROBLEMS = {"serving": serving_problem_of, "batch": batch_problem_of, "training": training_problem_of}
"""By form: what is asked of its values together."""
