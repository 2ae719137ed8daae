"""How much work there is at a time: a number, or its mean, its peak and its shape over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError

from placement.inventory.base import Model, Name
from placement.inventory.problem import Problem

MOST = 1e12
"""Units per second of anything, at most."""

LEAST = 1e-6
"""The least: one in eleven days."""

FORM = Problem("rate-form", "give `mean`, `mean` and `peak`, or a `load` with at most one of them")
PEAK = Problem("rate-peak", "`peak` is below `mean`")


def rate_problem_of(rate: Mapping[str, Any]) -> Problem | None:
    """What is wrong with values of a `Rate` that are right each for itself."""
    mean, peak, load = rate.get("mean"), rate.get("peak"), rate.get("load")
    if mean is None if load is None else mean is not None and peak is not None:
        return FORM
    return PEAK if mean is not None and peak is not None and peak < mean else None


class Rate(Model):
    """How much at a time."""

    mean: Annotated[
        float | None,
        Field(ge=LEAST, le=MOST, description="On average over the month; alone: always.", examples=[2000]),
    ] = None
    peak: Annotated[
        float | None,
        Field(
            ge=LEAST,
            le=MOST,
            description="When there is most. With `mean` and no `load`, the shape between them is assumed.",
            examples=[5200],
        ),
    ] = None
    load: Annotated[
        Name | None,
        Field(
            description="Key of `loads`: how it changes over time, scaled to the `mean` or the `peak` if one is given.",
            examples=["office"],
        ),
    ] = None

    @model_validator(mode="after")
    def _complete(self) -> Rate:
        problem = rate_problem_of(self.__dict__)
        if problem is not None:
            raise PydanticCustomError(*problem)
        return self


def checked_number(value: Any) -> Any:
    """Raise as pydantic does for a number out of range, or for what is neither a number nor a mapping."""
    if value is None or isinstance(value, dict | Rate):
        return value
    if type(value) not in (int, float):
        raise PydanticKnownError("float_type")
    if isinstance(value, float) and not math.isfinite(value):
        raise PydanticKnownError("finite_number")
    if value < LEAST:
        raise PydanticKnownError("greater_than_equal", {"ge": LEAST})
    if value > MOST:
        raise PydanticKnownError("less_than_equal", {"le": MOST})
    return value


def _mapped(value: Any) -> Any:
    value = checked_number(value)
    return {"mean": value} if type(value) in (int, float) else value


class OrNumber(BeforeValidator):
    """Lets a plain number stand for a `Rate` that has it as its mean."""

    def __init__(self) -> None:
        super().__init__(_mapped)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        either = handler(schema)
        number = {"type": "number", "minimum": LEAST, "maximum": MOST}
        return {"anyOf": [number, *either.get("anyOf", [either])]}
