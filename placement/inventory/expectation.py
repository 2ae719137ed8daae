"""What the organisation expects of a plan: checked like tests, never a rule of the plan itself."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Fraction, Model, Name, Names, PurchaseModel, Text, Tier, Usd
from placement.inventory.patterns import matcher
from placement.inventory.workload import Kind, Workload

SELECTORS = ("workload", "tag", "kind")
"""Fields that say which workloads an entry is about."""


class Expectation(Model):
    """One entry: what it is called, which workloads it is about, and what must hold for them."""

    name: Annotated[
        Name | None, Field(description="What it is called in reports.", examples=["Radiology never leaves the EU"])
    ] = None
    workload: Annotated[
        Name | None,
        Field(
            description="Only the workload of this id; `*` stands for any characters, `?` for any one. "
            "Without `workload`, `tag` and `kind` the whole plan is meant; with several, what all of them select.",
            examples=["chat-*"],
        ),
    ] = None
    tag: Annotated[
        dict[Name, Text] | None,
        Field(
            min_length=1, max_length=50, description="Only workloads with these tags.", examples=[{"team": "search"}]
        ),
    ] = None
    kind: Annotated[Kind | None, Field(description="Only workloads of this kind.", examples=["inference"])] = None
    placed: Annotated[
        bool | None,
        Field(description="Whether each has a place; `false` for what is known to have none yet.", examples=[True]),
    ] = None
    countries: Annotated[
        Names | None, Field(description="Each is in one of these countries or catalog groups.", examples=[["EU", "CH"]])
    ] = None
    not_countries: Annotated[
        Names | None, Field(description="None is in any of these countries or catalog groups.", examples=[["US"]])
    ] = None
    tiers: Annotated[
        list[Tier] | None,
        Field(min_length=1, description="Each is on one of these tiers.", examples=[["on_prem", "edge"]]),
    ] = None
    providers: Annotated[
        Names | None,
        Field(description="Each is at one of these providers; `own` for own sites.", examples=[["own", "equinix"]]),
    ] = None
    not_providers: Annotated[
        Names | None, Field(description="None is at any of these providers.", examples=[["vast"]])
    ] = None
    sites: Annotated[
        Names | None,
        Field(
            description="Each is at one of these sites: keys of `sites`, or catalog sites (`provider/site`).",
            examples=[["munich-dc", "aws/eu-central-1"]],
        ),
    ] = None
    purchase_models: Annotated[
        list[PurchaseModel] | None,
        Field(min_length=1, description="Each is bought in one of these ways.", examples=[["reserved_1y", "owned"]]),
    ] = None
    accelerators: Annotated[
        Names | None, Field(description="Each runs on one of these accelerators.", examples=[["H100-SXM", "B200"]])
    ] = None
    max_rtt_ms: Annotated[
        float | None,
        Field(
            gt=0,
            le=10_000,
            description="Most round-trip time to the users of each, in ms, at the percentile of its `slo` (the median "
            "without one). An unknown one fails.",
            examples=[40],
        ),
    ] = None
    max_monthly_cost_usd: Annotated[
        Usd | None, Field(description="Most that each costs a month, at all of its sites together.", examples=[50000])
    ] = None
    max_total_monthly_cost_usd: Annotated[
        Usd | None, Field(description="Most that all of them together cost a month.", examples=[2000000])
    ] = None
    min_saving_fraction: Annotated[
        Fraction | None,
        Field(
            description="Least share of today's cost that they save together, of those that state `current`; fails "
            "when none does.",
            examples=[0.4],
        ),
    ] = None
    max_provider_share_fraction: Annotated[
        Fraction | None,
        Field(
            description="Most of their cost that may go to any one provider; own sites are not one.",
            examples=[0.6],
        ),
    ] = None

    @model_validator(mode="after")
    def _expects_something(self) -> "Expectation":
        if all(getattr(self, check) is None for check in CHECKS):
            raise PydanticCustomError("expect-empty", "this expects nothing: say what must hold, like `placed: true`")
        return self


CHECKS = tuple(field for field in Expectation.model_fields if field not in ("name", *SELECTORS))
"""Fields that say what must hold, in the order of reports."""


def selects(expectation: Expectation) -> Callable[[Workload], bool]:
    """Whether a workload is one the entry is about."""
    tests = [_TESTS[key](getattr(expectation, key)) for key in SELECTORS if getattr(expectation, key) is not None]
    return lambda workload: all(test(workload) for test in tests)


def _named(name: str) -> Callable[[Workload], bool]:
    matches = matcher(name)
    return lambda workload: matches(workload.id)


def _tagged(tags: dict[str, str]) -> Callable[[Workload], bool]:
    return lambda workload: tags.items() <= workload.tags.items()


def _of_kind(kind: str) -> Callable[[Workload], bool]:
    return lambda workload: workload.kind == kind


_TESTS: dict[str, Callable[[Any], Callable[[Workload], bool]]] = {"workload": _named, "tag": _tagged, "kind": _of_kind}
