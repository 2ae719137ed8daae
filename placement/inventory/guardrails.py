"""What a changed plan must not do compared with the plan before."""

from typing import Annotated

from pydantic import Field

from placement.inventory.base import Model, Name, Names, PurchaseModel, Tier, Usd


class HomePattern(Model):
    """A set of homes: every list that is given must hold the home."""

    tiers: Annotated[
        list[Tier] | None, Field(min_length=1, description="Any of these tiers.", examples=[["gpu_cloud"]])
    ] = None
    providers: Annotated[
        Names | None, Field(description="Any of these providers; `own` for own sites.", examples=[["vast"]])
    ] = None
    countries: Annotated[
        Names | None, Field(description="Any of these countries or catalog groups.", examples=[["EU", "CH"]])
    ] = None
    sites: Annotated[
        Names | None,
        Field(
            description="Any of these sites: keys of `sites`, or catalog sites (`provider/site`); `*` stands for any "
            "characters, `?` for any one.",
            examples=[["aws/eu-*"]],
        ),
    ] = None
    purchase_models: Annotated[
        list[PurchaseModel] | None,
        Field(min_length=1, description="Any of these purchase models.", examples=[["spot"]]),
    ] = None


class ForbiddenMove(Model):
    """Moves that must not happen."""

    workload: Annotated[
        Name,
        Field(
            description="Workloads it is about; `*` stands for any characters, `?` for any one.", examples=["chat-*"]
        ),
    ] = "*"
    source: Annotated[
        HomePattern | None,
        Field(
            alias="from",
            description="Homes that must not be left; anywhere if left out.",
            examples=[{"countries": ["DE"]}],
        ),
    ] = None
    target: Annotated[
        HomePattern | None,
        Field(
            alias="to",
            description="Homes that must not be moved to; if left out, any that `from` does not hold.",
            examples=[{"tiers": ["gpu_cloud"]}],
        ),
    ] = None


class Guardrails(Model):
    """Limits of what a change may do; `placement diff` exits with 1 when one is broken."""

    max_increase_usd: Annotated[
        Usd | None, Field(description="How much the monthly total may rise.", examples=[20000])
    ] = None
    max_increase_fraction: Annotated[
        float | None,
        Field(ge=0, le=1000, description="How much it may rise as a share of what it was.", examples=[0.05]),
    ] = None
    max_workload_increase_usd: Annotated[
        Usd | None, Field(description="How much one workload's monthly cost may rise.", examples=[5000])
    ] = None
    max_workload_increase_fraction: Annotated[
        float | None,
        Field(ge=0, le=1000, description="How much it may rise as a share of what it was.", examples=[0.2]),
    ] = None
    no_new_providers: Annotated[
        bool, Field(description="Whether a provider the plan did not use is forbidden.", examples=[True])
    ] = False
    no_new_countries: Annotated[
        bool, Field(description="Whether a country the plan did not use is forbidden.", examples=[True])
    ] = False
    no_new_unplaced: Annotated[
        bool, Field(description="Whether every workload that had a place must have one.", examples=[True])
    ] = False
    max_price_age_days: Annotated[
        int | None,
        Field(ge=0, le=10_000, description="How old a price may be; an undated one is too old.", examples=[365]),
    ] = None
    forbidden_moves: Annotated[
        list[ForbiddenMove],
        Field(max_length=1000, description="Moves that must not happen.", examples=[[{"from": {"countries": ["DE"]}}]]),
    ] = []
