"""Where a workload runs today: the baseline, what binds it there, and what leaving costs."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Gigabytes, Model, Name, PurchaseModel, Usd
from placement.inventory.problem import Problem

ENDLESS = Problem("committed-until-needed", "`committed_usd_per_month` needs `committed_until`")
BEYOND = Problem("committed-above-cost", "more is committed a month than `monthly_cost_usd`")
RENTED = Problem("resale-not-owned", "only what is owned can be sold: `resale_usd` goes with `purchase: owned`")

CalendarMonth = Annotated[str, Field(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
"""`YYYY-MM`."""


def current_problem_of(current: Mapping[str, Any]) -> Problem | None:
    """What is wrong with values of a `Current` that are right each for itself."""
    committed = current.get("committed_usd_per_month")
    if committed is not None and current.get("committed_until") is None:
        return ENDLESS
    if committed is not None and committed > current["monthly_cost_usd"]:
        return BEYOND
    return RENTED if current.get("resale_usd") is not None and current.get("purchase") != "owned" else None


class Current(Model):
    """Where it runs today and what that costs: the baseline."""

    monthly_cost_usd: Annotated[
        Usd,
        Field(
            description="What it costs a month today; of this what is paid no more once it has left.", examples=[58000]
        ),
    ]
    site: Annotated[Name | None, Field(description="Where it runs, in your words.", examples=["aws/us-east-1"])] = None
    purchase: Annotated[PurchaseModel | None, Field(description="How it is bought today.", examples=["on_demand"])] = (
        None
    )
    data_gb: Annotated[
        Gigabytes,
        Field(
            description="Data that moves along once when it leaves `site`, which is then a name the inventory or the "
            "catalog knows; in decimal GB.",
            examples=[50000],
        ),
    ] = 0.0
    committed_until: Annotated[
        CalendarMonth | None,
        Field(
            description="Last month, `YYYY-MM`, of a commitment: until its end today's cost is paid, used or not. Only "
            "`placement roadmap` reads it.",
            examples=["2027-03"],
        ),
    ] = None
    committed_usd_per_month: Annotated[
        Usd | None,
        Field(
            description="How much of `monthly_cost_usd` is committed; all of it if left out.",
            examples=[40000],
        ),
    ] = None
    dual_running_months: Annotated[
        int | None,
        Field(
            ge=0,
            le=24,
            description="Months in which it runs here and at its new place; as for all others if left out.",
            examples=[0],
        ),
    ] = None
    migration_usd: Annotated[
        Usd | None,
        Field(
            description="What it costs once to move it, beside bytes and double running: people's work. Not counted if "
            "left out.",
            examples=[25000],
        ),
    ] = None
    resale_usd: Annotated[
        Usd | None,
        Field(
            description="What the organisation's own nodes fetch that it leaves, all together. Nothing is counted if "
            "left out: they are then sunk.",
            examples=[120000],
        ),
    ] = None

    @model_validator(mode="after")
    def _bound(self) -> "Current":
        problem = current_problem_of(self.__dict__)
        if problem is not None:
            raise PydanticCustomError(*problem)
        return self
