"""How much work there is. Each form of demand is one key."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.accelerators import AcceleratorDemand
from placement.inventory.base import Model
from placement.inventory.problem import Problem
from placement.inventory.recipe import FORMS
from placement.inventory.work import Batch, Serving, Training, Video

ONE_FORM = Problem(
    "demand-form",
    "give exactly one of `accelerators`, `serving`, `video`, `batch` and `training`",
)


def demand_problem_of(demand: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the forms of a demand that are right each for itself."""
    return None if sum(form is not None for form in demand.values()) == 1 else ONE_FORM


class Demand(Model):
    """One form of demand."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    accelerators: Annotated[
        AcceleratorDemand | None,
        Field(
            description="Accelerators as measured or planned.",
            examples=[{"model": "H100-SXM", "count": 8, "hours_per_month": 730}],
        ),
    ] = None
    serving: Annotated[
        Serving | None,
        Field(
            description="Requests to a model that somebody waits for.",
            examples=[
                {
                    "model": "llama-3.3-70b",
                    "tokens_per_second": {"mean": 2000, "peak": 5200},
                    "input_tokens": 1000,
                    "output_tokens": 250,
                }
            ],
        ),
    ] = None
    video: Annotated[
        Video | None,
        Field(
            description="Frames of cameras through a model.",
            examples=[{"model": "retinanet", "cameras": 40, "frames_per_second": 5}],
        ),
    ] = None
    batch: Annotated[
        Batch | None,
        Field(
            description="Work that nobody waits for, as long as it is done within the month.",
            examples=[
                {"model": "llama-3.3-70b", "tokens_per_month": 2e9, "input_tokens": 2000, "output_tokens": 200},
            ],
        ),
    ] = None
    training: Annotated[
        Training | None,
        Field(
            description="Runs that train a model.",
            examples=[{"model": "llama-3.3-70b", "method": "lora", "tokens": 1.5e9, "runs_per_month": 4}],
        ),
    ] = None

    @model_validator(mode="after")
    def _one_form(self) -> "Demand":
        problem = demand_problem_of(self.__dict__)
        if problem is not None:
            raise PydanticCustomError(*problem)
        return self

    @property
    def form(self) -> str:
        """The key that is given."""
        return next((form for form in FORMS if getattr(self, form) is not None), "accelerators")

    @property
    def work(self) -> Serving | Video | Batch | Training | None:
        """What work is done, where that is said."""
        return self.serving or self.video or self.batch or self.training
