"""Datasets, and the bytes a workload moves every month."""

from typing import Annotated, Literal

from pydantic import Field

from placement.inventory.base import EMPTY_LIST, Gigabytes, Model, Name, Text
from placement.inventory.binding import CLASSES, JURISDICTIONS


class Dataset(Model):
    """Data that exists somewhere and is read by workloads."""

    size_gb: Annotated[float, Field(gt=0, le=1e9, description="Size in decimal GB.", examples=[12000])]
    home: Annotated[
        Name,
        Field(
            description="Where it lives: a key of `locations` or `sites`, or a catalog site (`provider/site`).",
            examples=["aws/eu-central-1"],
        ),
    ]
    backups: Annotated[
        list[Name],
        Field(
            **EMPTY_LIST,
            max_length=64,
            description="Where further copies live: locations, own sites or catalog sites.",
            examples=[["aws/eu-west-1"]],
        ),
    ]
    changes_gb_per_month: Annotated[
        Gigabytes | None,
        Field(
            description="How much of it changes a month, in decimal GB. With it, the plan may keep further copies "
            "where that costs less than the egress of those who read it; 0: it never changes.",
            examples=[200],
        ),
    ] = None
    classes: Annotated[list[Name], CLASSES]
    jurisdictions: Annotated[list[Name], JURISDICTIONS]
    residency: Annotated[
        list[Name],
        Field(
            **EMPTY_LIST,
            description="Countries or catalog groups that every copy of it, and whoever reads it, must stay in.",
            examples=[["EU"]],
        ),
    ]
    note: Annotated[Text | None, Field(description="A free remark.", examples=["five years of sensor data"])] = None

    @property
    def bound(self) -> bool:
        """Whether it has rules of its own, which whoever reads it inherits."""
        return bool(self.classes or self.residency)


What = Literal["reads", "ingest", "results", "updates", "replication", "checkpoints", "logs", "other"]

PerMonth = Annotated[
    Gigabytes | None,
    Field(description="Decimal GB a month. A dataset is read once a month if left out.", examples=[500]),
]
PerDay = Annotated[
    Gigabytes | None,
    Field(description="Decimal GB a day, instead: a month has 730 hours, so 30.42 days.", examples=[40]),
]
Purpose = Annotated[
    What | None,
    Field(
        description="What the bytes move for, shown in the plan; reads of a dataset, ingest from elsewhere and results "
        "if left out.",
        examples=["updates"],
    ),
]
Each = Annotated[
    bool, Field(description="The volume is of each place of a workload that lives `per_location`.", examples=[True])
]
Zones = Annotated[
    bool,
    Field(
        description="Inside its region the flow crosses zones and is priced so; elsewhere it is as any other.",
        examples=[True],
    ),
]


class Inflow(Model):
    """Bytes that travel to the accelerators."""

    source: Annotated[
        Name,
        Field(
            alias="from",
            description="A dataset, a location, an own site or a catalog site.",
            examples=["sensor-archive"],
        ),
    ]
    gb_per_month: PerMonth = None
    gb_per_day: PerDay = None
    what: Purpose = None
    each: Each = False
    between_zones: Zones = False
    copied: Annotated[
        bool,
        Field(
            alias="copy",
            description="The dataset is copied once to the accelerators and kept there; the volume is what changes.",
            examples=[True],
        ),
    ] = False


class Outflow(Model):
    """Bytes that travel from the accelerators."""

    target: Annotated[
        Name,
        Field(
            alias="to",
            description="A location, an own site, a catalog site, or `users`: where they are, by their shares.",
            examples=["hq"],
        ),
    ]
    gb_per_month: Annotated[Gigabytes | None, Field(description="Decimal GB a month.", examples=[40])] = None
    gb_per_day: PerDay = None
    what: Purpose = None
    each: Each = False
    between_zones: Zones = False


USERS = "users"
"""What an outflow names where it goes to the workload's users."""
