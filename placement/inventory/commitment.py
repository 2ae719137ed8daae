"""Commitments that are signed already: paid until they end, whether or not their nodes are used."""

from typing import Annotated

from pydantic import Field

from placement.inventory.base import Model, Name, Text

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A calendar month, `YYYY-MM`."""


class Commitment(Model):
    """Nodes of one committed offer that are paid for until a month ends."""

    offer: Annotated[
        Name,
        Field(
            description="What was signed: the id of an offer of the catalog, `provider/site/sku/reserved_…`.",
            examples=["aws/us-east-1/p4d.24xlarge/reserved_1y"],
        ),
    ]
    nodes: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many, in the units in which the offer is sold.", examples=[4])
    ]
    ends: Annotated[Month, Field(description="The last month that is paid for, `YYYY-MM`.", examples=["2027-08"])]
    usd_per_hour: Annotated[
        float | None,
        Field(
            ge=0,
            le=1e6,
            description="What an hour of one of them costs; the catalog's price if left out.",
            examples=[20.5],
        ),
    ] = None
    note: Annotated[Text | None, Field(description="A free remark.", examples=["EDP of 2024"])] = None
