"""Named shapes of demand over time."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Model, Text
from placement.inventory.curves import HOURLY
from placement.inventory.rate import LEAST, MOST

BUCKET_MINUTES = 5.0
"""Requests of a trace are counted by, where it is not said."""

PERCENTILE = 99.0
"""Of the buckets of a trace: their peak, where it is not said."""

_FORMS = ("hourly", "hourly_file", "trace")
_OF_A_TRACE = ("bucket_minutes", "percentile")
_FILE = {"min_length": 1, "max_length": 4096}


class Load(Model):
    """How much there is over time, in requests or whatever a workload counts, per second."""

    hourly: Annotated[
        list[Annotated[float, Field(ge=0, le=MOST)]] | None,
        Field(
            max_length=max(HOURLY),
            description="The value of every hour of a day (24 of them), a week (168) or a year (8,760).",
            examples=[[*[2] * 8, *[40] * 10, *[12] * 6]],
        ),
    ] = None
    hourly_file: Annotated[
        str | None,
        Field(
            **_FILE,
            description="A CSV with one column of such values, from the inventory's folder; a header may name it.",
            examples=["office.csv"],
        ),
    ] = None
    trace: Annotated[
        str | None,
        Field(
            **_FILE,
            description="A log of requests instead, CSV or JSON lines (`.jsonl`) from the inventory's folder, in the "
            "order of time: a time stamp each and, of language models, tokens.",
            examples=["requests.csv"],
        ),
    ] = None
    bucket_minutes: Annotated[
        float | None,
        Field(
            ge=1 / 60,
            le=1440,
            description="Of a trace: how long requests are counted together, 5 minutes if left out. The shorter, the "
            "higher the peak.",
            examples=[1],
        ),
    ] = None
    percentile: Annotated[
        float | None,
        Field(
            ge=50,
            le=100,
            description="Of a trace: share of the buckets, in per cent, that the peak covers, 99 if left out; what "
            "is above it is cut. 100: the busiest bucket is the peak.",
            examples=[100],
        ),
    ] = None
    note: Annotated[Text | None, Field(description="A free remark.", examples=["last March"])] = None

    @model_validator(mode="after")
    def _complete(self) -> "Load":
        if sum(getattr(self, form) is not None for form in _FORMS) != 1:
            raise PydanticCustomError("load-form", "give exactly one of `hourly`, `hourly_file` and `trace`")
        if self.trace is None and any(getattr(self, key) is not None for key in _OF_A_TRACE):
            raise PydanticCustomError("load-form", "`bucket_minutes` and `percentile` are about a `trace`")
        if self.hourly is not None:
            self._hours(self.hourly)
        return self

    def _hours(self, values: list[float]) -> None:
        if len(values) not in HOURLY:
            raise PydanticCustomError("load-hours", HOURS_WORDS, {"count": f"{len(values):,}"})
        if max(values) < LEAST:
            raise PydanticCustomError("load-empty", "there is nothing to do at any hour")

    @property
    def file(self) -> str | None:
        """The file that has its values, if one has."""
        return self.hourly_file if self.trace is None else self.trace


HOURS_WORDS = "give the values of 24 hours (a day), 168 (a week) or 8,760 (a year), not of {count}"
