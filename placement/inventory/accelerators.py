"""Accelerators as measured or planned: the form of demand that says what keeps them busy, not what they do."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Fraction, Model, Name
from placement.inventory.problem import Problem
from placement.units import HOURS_PER_MONTH

HOURS = Problem("demand-hours", "give exactly one of `hours_per_month` and `utilization_fraction`")
REPLICA = Problem("demand-replica", "`accelerators_per_replica` is larger than `count`")


def problem_of(demand: Mapping[str, Any]) -> Problem | None:
    """What is wrong with values of `AcceleratorDemand` that are right each for itself."""
    if (demand.get("hours_per_month") is None) == (demand.get("utilization_fraction") is None):
        return HOURS
    return REPLICA if demand.get("accelerators_per_replica", 1) > demand["count"] else None


def hours_of(demand: Mapping[str, Any]) -> float:
    """Hours a month in use, of 730, by the values of an `AcceleratorDemand`."""
    hours: float | None = demand.get("hours_per_month")
    return float(Decimal(str(demand["utilization_fraction"])) * HOURS_PER_MONTH) if hours is None else hours


class AcceleratorDemand(Model):
    """The accelerators the workload keeps busy today, or would."""

    model: Annotated[Name, Field(description="An accelerator of the catalog.", examples=["H100-SXM"])]
    count: Annotated[int, Field(ge=1, le=1_000_000, description="How many at the same time.", examples=[8])]
    hours_per_month: Annotated[
        float | None,
        Field(gt=0, le=HOURS_PER_MONTH, description="Hours a month they are needed (730 = always).", examples=[730]),
    ] = None
    utilization_fraction: Annotated[
        Fraction | None,
        Field(gt=0, description="The same as a share of the month; idle nodes are given back.", examples=[0.35]),
    ] = None
    accelerators_per_replica: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="How many work as one (a model spread over 8, a training job over all). They share a node, "
            "or nodes joined by a fabric.",
            examples=[8],
        ),
    ] = 1
    memory_gib: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e9,
            description="Accelerator memory one replica needs; all the memory it has today if left out.",
            examples=[520],
        ),
    ] = None
    checkpoint_gb: Annotated[
        float | None,
        Field(
            ge=0.001,
            le=1e6,
            description="What it writes down to begin again from, in decimal GB: on spot it counts how long that "
            "takes. Three minutes if left out.",
            examples=[200],
        ),
    ] = None
    throughput_class: Annotated[
        Name | None,
        Field(
            description="A class of the catalog's throughput table. With it, other accelerators are considered at "
            "their measured ratio; without it only `model` itself.",
            examples=["inference-llm-dense"],
        ),
    ] = None

    @model_validator(mode="after")
    def _complete(self) -> "AcceleratorDemand":
        problem = problem_of(self.__dict__)
        if problem is not None:
            raise PydanticCustomError(*problem)
        return self

    @property
    def hours(self) -> float:
        """Hours a month in use, of 730."""
        return hours_of(self.__dict__)
