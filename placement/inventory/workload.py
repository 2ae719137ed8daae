"""A workload: what it needs, what binds it, and what it costs today."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import (
    EMPTY_LIST,
    EMPTY_MAPPING,
    Fraction,
    Gigabytes,
    Model,
    Name,
    Text,
)
from placement.inventory.binding import Data, Isolation, Operators
from placement.inventory.current import Current
from placement.inventory.data import Inflow, Outflow
from placement.inventory.demand import Demand
from placement.inventory.redundancy import Redundancy
from placement.inventory.slo import slo_problem_of

Kind = Literal["training", "fine_tuning", "inference", "batch", "experimentation"]


class Users(Model):
    """A share of a workload's users at one location."""

    location: Annotated[Name, Field(description="Key of `locations`.", examples=["berlin"])]
    share_fraction: Annotated[
        Fraction, Field(gt=0, description="Share of the traffic; they add up to 1.", examples=[0.6])
    ] = 1.0


class Slo(Model):
    """How quickly users must be reached."""

    rtt_ms: Annotated[
        float | None,
        Field(gt=0, le=10_000, description="Network round-trip time to stay within, in ms.", examples=[40]),
    ] = None
    end_to_end_ms: Annotated[
        float | None,
        Field(
            gt=0,
            le=100_000,
            description="Round trip and `service_ms` together to stay within, in ms; of this and `rtt_ms` the tighter "
            "counts.",
            examples=[120],
        ),
    ] = None
    service_ms: Annotated[
        float | None,
        Field(ge=0, le=100_000, description="What the service itself takes of `end_to_end_ms`, in ms.", examples=[60]),
    ] = None
    percentile: Annotated[
        float,
        Field(
            ge=50,
            le=100,
            description="Share of the traffic, in per cent, that must stay within it.",
            examples=[95],
        ),
    ] = 95

    @model_validator(mode="after")
    def _complete(self) -> "Slo":
        problem = slo_problem_of(self.__dict__)
        if problem is not None:
            raise PydanticCustomError(*problem)
        return self


class Workload(Model):
    """One thing that runs on accelerators."""

    id: Annotated[Name, Field(description="Its name; unique in the inventory.", examples=["chat-eu"])]
    kind: Annotated[
        Kind, Field(description="What it does; shown in the plan, decides nothing.", examples=["inference"])
    ]
    demand: Annotated[
        Demand,
        Field(
            description="How much work there is.",
            examples=[{"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}}],
        ),
    ]
    users: Annotated[
        list[Users],
        Field(
            **EMPTY_LIST,
            description="Where the users are, by share of the traffic.",
            examples=[[{"location": "berlin", "share_fraction": 1.0}]],
        ),
    ]
    slo: Annotated[Slo | None, Field(description="Latency to keep.", examples=[{"rtt_ms": 40}])] = None
    data_in: Annotated[
        list[Inflow],
        Field(
            **EMPTY_LIST,
            description="Bytes that travel to it every month.",
            max_length=64,
            examples=[[{"from": "sensor-archive", "gb_per_month": 500}]],
        ),
    ]
    data_out: Annotated[
        list[Outflow],
        Field(
            **EMPTY_LIST,
            description="Bytes that leave it every month.",
            max_length=64,
            examples=[[{"to": "hq", "gb_per_month": 40}]],
        ),
    ]
    storage_gb: Annotated[
        Gigabytes, Field(description="Data kept beside the accelerators, in decimal GB.", examples=[2000])
    ] = 0.0
    residency: Annotated[
        list[Name],
        Field(
            **EMPTY_LIST,
            description="Countries (ISO codes) or catalog groups (EU, EEA) it must stay in.",
            examples=[["EU"]],
        ),
    ]
    data: Annotated[
        Data | None,
        Field(
            description="What kind of data it handles, and whose law applies.",
            examples=[{"classes": ["personal", "health"], "jurisdictions": ["DE"]}],
        ),
    ] = None
    operators: Annotated[
        Operators | None,
        Field(
            description="Of what countries the site's operator may be; own sites always pass.",
            examples=[{"denied": ["US"]}],
        ),
    ] = None
    isolation: Annotated[
        Isolation,
        Field(
            description="Whether others may use the same machines (`dedicated`: none), or the site any network at all.",
            examples=["dedicated"],
        ),
    ] = "shared"
    certifications: Annotated[
        list[Name],
        Field(
            **EMPTY_LIST,
            description="Certifications the site must hold.",
            examples=[["SOC 2", "HIPAA BAA"]],
        ),
    ]
    interruptible: Annotated[
        bool, Field(description="It checkpoints and may be stopped at any time: spot is allowed.", examples=[True])
    ] = False
    offline: Annotated[
        bool, Field(description="It must work without any network: only a site where its users are.", examples=[True])
    ] = False
    per_location: Annotated[
        bool,
        Field(
            description="It may live at every place of its users' locations, which shares its demand (the total over "
            "all places) by their `share_fraction`: own sites of several places are open to it, and to no other.",
            examples=[True],
        ),
    ] = False
    spares_fraction: Annotated[
        Fraction,
        Field(description="Spare nodes at sites of several places, as a share of those in use.", examples=[0.1]),
    ] = 0.0
    hands_on_updates_per_year: Annotated[
        float,
        Field(ge=0, le=1000, description="Updates a year that need somebody at each place.", examples=[4]),
    ] = 0.0
    redundancy: Annotated[
        Redundancy | None,
        Field(
            description="Several sites instead of one.",
            examples=[{"mode": "active_active", "min_sites": 2, "apart_km": 300}],
        ),
    ] = None
    current: Annotated[
        Current | None,
        Field(description="Today's placement and cost.", examples=[{"monthly_cost_usd": 58000}]),
    ] = None
    cost_centre: Annotated[
        Name | None, Field(description="Who is charged; carried into every export.", examples=["CC-4711"])
    ] = None
    tags: Annotated[
        dict[Name, Text],
        Field(
            **EMPTY_MAPPING,
            max_length=50,
            description="Labels for finance and search; carried into every export.",
            examples=[{"team": "search", "env": "production"}],
        ),
    ]
    note: Annotated[Text | None, Field(description="A free remark.", examples=["owner: platform team"])] = None
