"""The inventory: one organisation's workloads and the places they touch."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, GetPydanticSchema, PrivateAttr
from pydantic_core import PydanticCustomError

from placement.inventory.base import Model, Name, Text
from placement.inventory.commitment import Commitment
from placement.inventory.curves import Curve, hourly_curve
from placement.inventory.data import Dataset
from placement.inventory.expectation import Expectation
from placement.inventory.loads import Load
from placement.inventory.own_model import OwnModel
from placement.inventory.place import Location, OwnSite
from placement.inventory.policy import Policies
from placement.inventory.workload import Workload

SCHEMA_VERSION = 1
MAX_WORKLOADS = 1_000_000


def _known(version: int) -> int:
    if version != SCHEMA_VERSION:
        raise PydanticCustomError("unknown-version", "this release reads version 1 of the format")
    return version


class Head(Model):
    """An inventory without its workloads."""

    schema_version: Annotated[
        int,
        AfterValidator(_known),
        Field(description="Version of this format: 1.", examples=[1], json_schema_extra={"const": SCHEMA_VERSION}),
    ]
    name: Annotated[Name, Field(description="The organisation or team.", examples=["Example AG"])]
    horizon_months: Annotated[int, Field(ge=1, le=120, description="Months the plan looks ahead.", examples=[36])] = 36
    locations: Annotated[
        dict[Name, Location],
        Field(description="Where users and data are.", examples=[{"hq": {"city": "Frankfurt"}}]),
    ] = {}
    sites: Annotated[
        dict[Name, OwnSite],
        Field(
            description="Own places that can host accelerators.",
            examples=[{"server-room": {"tier": "on_prem", "location": "hq", "power_kw": 40}}],
        ),
    ] = {}
    datasets: Annotated[
        dict[Name, Dataset],
        Field(description="Data with a home.", examples=[{"tickets": {"size_gb": 8000, "home": "aws/eu-central-1"}}]),
    ] = {}
    models: Annotated[
        dict[Name, OwnModel],
        Field(
            description="Models of your own, beside those of the catalog; where names agree, these count.",
            examples=[
                {"house-13b": {"parameters": 1.3e10, "layers": 40, "hidden": 5120, "kv_heads": 40, "head_dim": 128}}
            ],
        ),
    ] = {}
    loads: Annotated[
        dict[Name, Load],
        Field(
            description="How demand changes over time, for workloads that say what work they do.",
            examples=[{"office": {"hourly_file": "office.csv"}}],
        ),
    ] = {}
    commitments: Annotated[
        list[Commitment],
        Field(
            max_length=10_000,
            description="What is signed already, and paid until it ends, whether or not it is used.",
            examples=[[{"offer": "aws/us-east-1/p4d.24xlarge/reserved_1y", "nodes": 4, "ends": "2027-08"}]],
        ),
    ] = []
    policies: Annotated[
        Policies,
        Field(
            default_factory=Policies,
            description="Rules and rates for everything.",
            examples=[{"certifications": ["ISO 27001"]}],
        ),
    ]
    expect: Annotated[
        list[Expectation],
        Field(
            max_length=1000,
            description="What `placement check` tests a plan for; the plan does not depend on it.",
            examples=[[{"name": "Everything has a place", "placed": True}]],
        ),
    ] = []
    note: Annotated[Text | None, Field(description="A free remark.", examples=["budget round 2027"])] = None

    _curves: dict[str, Curve] | None = PrivateAttr(default=None)

    @property
    def curves(self) -> dict[str, Curve]:
        """What the loads are reduced to: those of files too once they have been read, see `with_curves`."""
        if self._curves is not None:
            return self._curves
        return {name: hourly_curve(load.hourly) for name, load in self.loads.items() if load.hourly is not None}

    def with_curves(self, curves: Mapping[str, Curve]) -> Self:
        """The same with what its loads are reduced to."""
        copy = self.model_copy()
        copy._curves = dict(curves)
        return copy


class Inventory(Head):
    """What the organisation has and needs."""

    workloads: Annotated[
        Sequence[Workload],
        GetPydanticSchema(lambda _, handler: handler(list[Workload])),
        Field(
            min_length=1,
            max_length=MAX_WORKLOADS,
            description="What runs on accelerators.",
            examples=[
                [
                    {
                        "id": "chat",
                        "kind": "inference",
                        "demand": {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}},
                    }
                ]
            ],
        ),
    ]


class FleetFile(Model):
    """Workloads in a file of their own, one a row."""

    file: Annotated[
        str,
        Field(
            min_length=1,
            max_length=4096,
            description="JSON lines (`.jsonl`) or CSV (`.csv`), from the inventory's folder.",
            examples=["fleet.jsonl"],
        ),
    ]


class FleetInventory(Head):
    """An inventory that names the file of its workloads."""

    workloads: Annotated[FleetFile, Field(description="What runs on accelerators.", examples=[{"file": "fleet.jsonl"}])]
