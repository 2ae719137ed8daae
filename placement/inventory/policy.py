"""Rules and rates that hold for the whole organisation."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Access, Country, Model, Name, PurchaseModel, Tier
from placement.inventory.binding import Evidence, Operators
from placement.inventory.guardrails import Guardrails
from placement.inventory.transition import Transition

_ALLOWED = "Only these, if given."
_DENIED = "Never these."


class Policies(Model):
    """What the organisation allows, and the rates it reckons with."""

    allowed_providers: Annotated[list[Name] | None, Field(description=_ALLOWED, examples=[["aws", "equinix"]])] = None
    denied_providers: Annotated[list[Name], Field(description=_DENIED, examples=[["vast"]])] = []
    allowed_tiers: Annotated[list[Tier] | None, Field(description=_ALLOWED, examples=[["hyperscaler", "colo"]])] = None
    denied_tiers: Annotated[list[Tier], Field(description=_DENIED, examples=[["edge"]])] = []
    allowed_countries: Annotated[
        list[Name] | None, Field(description="Only these countries or catalog groups.", examples=[["EU", "US"]])
    ] = None
    denied_countries: Annotated[list[Country], Field(description=_DENIED, examples=[["CN"]])] = []
    allowed_accelerators: Annotated[list[Name] | None, Field(description=_ALLOWED, examples=[["H100-SXM"]])] = None
    denied_accelerators: Annotated[list[Name], Field(description=_DENIED, examples=[["T4"]])] = []
    allowed_purchase_models: Annotated[
        list[PurchaseModel] | None, Field(description=_ALLOWED, examples=[["on_demand", "reserved_1y"]])
    ] = None
    allowed_access: Annotated[
        list[Access],
        Field(
            description="Kinds of region that may be used (government, China and dedicated ones need a contract).",
            examples=[["general", "government"]],
        ),
    ] = ["general"]
    certifications: Annotated[
        list[Name], Field(description="Certifications every workload's site must hold.", examples=[["SOC 2"]])
    ] = []
    certification_evidence: Annotated[
        Evidence,
        Field(
            description="The weakest evidence for a certification that suffices: a report (`audited`), the provider's "
            "own word (`claimed`), or none as long as nothing says it is not held (`unknown`).",
            examples=["claimed"],
        ),
    ] = "audited"
    claimed_certifications: Annotated[
        bool,
        Field(description="The older way to write `certification_evidence: claimed`.", examples=[False]),
    ] = False
    operators: Annotated[
        Operators | None,
        Field(
            description="Of what countries the companies that operate sites may be; own sites always pass.",
            examples=[{"denied": ["US"]}],
        ),
    ] = None
    community_hosts: Annotated[
        bool, Field(description="Whether other people's machines and open marketplaces may be used.", examples=[False])
    ] = False
    limited_offers: Annotated[
        bool,
        Field(
            description="Whether offers may be used that the catalog marks `limited`: priced, but hardly to be had.",
            examples=[False],
        ),
    ] = False
    transfer_devices: Annotated[
        list[Name],
        Field(
            description="Providers whose devices may carry what moves once by post, where that costs less than the "
            "internet; of other providers' devices the plan only says what they would save.",
            examples=[["aws"]],
        ),
    ] = []
    mixing: Annotated[
        Literal["any", "same_accelerator", "one_site", "none"],
        Field(
            description="How far a workload whose load changes may be mixed of several offers, a base by the month and "
            "the rest by the hour: at two sites with one accelerator (`same_accelerator`) or `any`, only at one site, "
            "or not at all.",
            examples=["any"],
        ),
    ] = "same_accelerator"
    guardrails: Annotated[
        Guardrails,
        Field(
            default_factory=Guardrails.model_construct,  # there is nothing in it to validate
            description="What a changed plan must not do; `placement diff` checks it.",
            examples=[{"max_increase_usd": 20000, "no_new_countries": True}],
        ),
    ]
    roadmap: Annotated[
        Transition,
        Field(
            default_factory=Transition.model_construct,
            description="How workloads move to where the plan puts them; `placement roadmap` keeps to it.",
            examples=[{"dual_running_months": 2, "max_workloads_per_wave": 4}],
        ),
    ]
    discount_rate_fraction: Annotated[
        float | None,
        Field(ge=0, le=1, description="Yearly cost of capital; the catalog's figure if left out.", examples=[0.08]),
    ] = None
    rental_price_change_fraction_per_year: Annotated[
        float | None,
        Field(
            ge=-0.9,
            le=1,
            description="How rental prices are taken to change every year, of what is paid by the hour and of "
            "commitments that are renewed; the catalog's figure if left out.",
            examples=[-0.15],
        ),
    ] = None
    hardware_life_months: Annotated[
        int | None,
        Field(ge=12, le=120, description="Months over which bought nodes are written off.", examples=[60]),
    ] = None
    hardware_residual_fraction: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            description="Share of their price that bought nodes are worth at the end of that life; below 1.",
            examples=[0.1],
        ),
    ] = None

    @model_validator(mode="after")
    def _said_once(self) -> "Policies":
        stated = "certification_evidence" in self.model_fields_set
        if self.claimed_certifications and stated and self.certification_evidence != "claimed":
            raise PydanticCustomError(
                "evidence-twice", "`claimed_certifications` says something else than `certification_evidence`"
            )
        return self

    @model_validator(mode="after")
    def _loses_value(self) -> "Policies":
        if self.hardware_residual_fraction == 1:
            message = "bought nodes that keep their whole price are never written off: `hardware_residual_fraction` < 1"
            raise PydanticCustomError("residual-whole", message)
        return self

    @property
    def weakest_evidence(self) -> Evidence:
        """The weakest evidence for a certification that suffices."""
        return "claimed" if self.claimed_certifications else self.certification_evidence

    def deciding(self) -> dict[str, Any]:
        """What a plan depends on: everything but the guardrails, which only judge it, and how workloads move to it.

        What is not said and was not there to say in older inventories is left out, as it is of them.
        """
        younger = (
            *("transfer_devices", "mixing", "hardware_residual_fraction"),
            "rental_price_change_fraction_per_year",
        )
        unsaid = {name for name in younger if getattr(self, name) == Policies.model_fields[name].default}
        unsaid |= {"guardrails", "roadmap"}
        return self.model_dump(mode="json", exclude=unsaid)
