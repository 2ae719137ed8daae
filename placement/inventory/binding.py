"""What binds data and whoever holds it: kinds of data, whose law, who may operate the site, and how isolated it is."""

from typing import Annotated, Any, Literal

from pydantic import Field

from placement.inventory.base import EMPTY_LIST, Model, Name

Isolation = Literal["shared", "dedicated", "air_gapped"]
Evidence = Literal["audited", "claimed", "unknown"]

_CLASSES: dict[str, Any] = {
    "max_length": 32,
    "description": "Kinds of data, as the catalog's `rules.yaml` names them.",
    "examples": [["personal", "health"]],
}
_JURISDICTIONS: dict[str, Any] = {
    "max_length": 64,
    "description": "Whose law applies: countries, parts of them (`CA-QC`) or groups (each of their members).",
    "examples": [["DE"]],
}

CLASSES = Field(**EMPTY_LIST, **_CLASSES)
JURISDICTIONS = Field(**EMPTY_LIST, **_JURISDICTIONS)


class Data(Model):
    """What kind of data a workload handles, and whose law applies to it."""

    classes: Annotated[list[Name], Field(min_length=1, **_CLASSES)]
    jurisdictions: Annotated[list[Name], Field(min_length=1, **_JURISDICTIONS)]


class Operators(Model):
    """Of what countries the companies may be that operate a site, wherever it stands."""

    allowed: Annotated[
        list[Name] | None,
        Field(min_length=1, description="Only these countries or catalog groups, if given.", examples=[["EU"]]),
    ] = None
    denied: Annotated[
        list[Name],
        Field(**EMPTY_LIST, description="Never these countries or catalog groups.", examples=[["US"]]),
    ]
