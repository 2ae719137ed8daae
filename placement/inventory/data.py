"""Datasets, and the bytes a workload moves every month."""

from typing import Annotated

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
    gb_per_month: Annotated[
        Gigabytes | None,
        Field(description="Decimal GB a month; a dataset is read once a month if left out.", examples=[500]),
    ] = None


class Outflow(Model):
    """Bytes that travel from the accelerators."""

    target: Annotated[
        Name,
        Field(alias="to", description="A location, an own site or a catalog site.", examples=["hq"]),
    ]
    gb_per_month: Annotated[Gigabytes, Field(description="Decimal GB a month.", examples=[40])]
