"""Locations (where users and data are) and own sites (where the organisation can compute)."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import AccessKind, Country, Model, Name, Text, Usd

Interconnect = Annotated[
    list[Name],
    Field(
        description="Providers into whose network a private port is possible here; it is rented where that is cheaper "
        "than the internet.",
        examples=[["aws", "oci"]],
    ),
]


class Location(Model):
    """A place where users or data are: somewhere on the map, or inside a site of the catalog."""

    city: Annotated[
        Name | None,
        Field(description="A city the catalog knows; its country and coordinates follow.", examples=["Frankfurt"]),
    ] = None
    country: Annotated[
        Country | None, Field(description="ISO 3166-1 alpha-2 country code; needed without `city`.", examples=["DE"])
    ] = None
    latitude: Annotated[
        float | None, Field(ge=-90, le=90, description="Degrees north; with `longitude`.", examples=[48.78])
    ] = None
    longitude: Annotated[
        float | None, Field(ge=-180, le=180, description="Degrees east; with `latitude`.", examples=[9.18])
    ] = None
    site: Annotated[
        Name | None,
        Field(
            description="A site of the catalog, or a point of its measurements, in place of all other keys: the users "
            "are services there.",
            examples=["aws/eu-central-1"],
        ),
    ] = None
    access: Annotated[
        AccessKind | None,
        Field(
            description="How its users are connected; the network adds what that takes. `same_building`: they sit "
            "beside the own site at this location.",
            examples=["5g"],
        ),
    ] = None
    uplink_mbit_s: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e8,
            description="Speed of its line to the outside, with `count` of each place's, in Mbit/s: bounds what can "
            "leave; no bound if left out.",
            examples=[200],
        ),
    ] = None
    interconnect: Interconnect = []
    count: Annotated[
        int,
        Field(
            ge=1,
            le=100_000,
            description="How many alike places this stands for: shops, vehicles, masts; users and data are spread "
            "evenly over them.",
            examples=[400],
        ),
    ] = 1
    uplink_usd_per_gb: Annotated[
        float | None,
        Field(
            ge=0,
            le=1000,
            description="What bytes cost that leave it, where its line is metered (mobile radio, satellite); a flat "
            "rate if left out.",
            examples=[2.5],
        ),
    ] = None
    note: Annotated[Text | None, Field(description="A free remark.", examples=["main plant"])] = None

    @model_validator(mode="after")
    def _complete(self) -> "Location":
        if self.site is not None:
            if (self.city, self.country, self.latitude, self.longitude) != (None,) * 4:
                raise PydanticCustomError("location-twice", "`site` says where this is: leave the other keys out")
            if self.access is not None:
                raise PydanticCustomError("location-access", "`access` is how people go online; at a `site` are none")
            return self
        if self.city is None and self.country is None:
            raise PydanticCustomError("location-nowhere", "a location needs a `city`, a `country` or a `site`")
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("location-half", "`latitude` and `longitude` go together")
        return self


_YOUNG = frozenset(("age_months", "staff_usd_per_node_month", "maintenance_fraction_per_year", "network_usd_per_node"))


def _but_unsaid(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in _YOUNG or value is not None}


class OwnHardware(Model):
    """Nodes the organisation already has at a site, or at each of its places."""

    node: Annotated[Name, Field(description="A node of the catalog (`nodes.yaml`).", examples=["dgx-h100"])]
    nodes: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many of them are free to use, at each place.", examples=[4])
    ]
    capex_usd: Annotated[
        Usd | None,
        Field(
            description="What one node costs this plan: its resale value, or the book value still to be written off; "
            "0 if it would stand idle otherwise; the catalog's purchase price if left out.",
            examples=[180000],
        ),
    ] = None
    life_months: Annotated[
        int | None,
        Field(ge=1, le=240, description="Months over which that value is written off.", examples=[36]),
    ] = None
    age_months: Annotated[
        int | None,
        Field(
            ge=0,
            le=240,
            description="Instead of `life_months`: how old it is; it is written off over what is left of the life of "
            "bought nodes, and costs what is left of the catalog's price unless `capex_usd` is given.",
            examples=[20],
        ),
    ] = None

    @model_validator(mode="after")
    def _written_off_once(self) -> "OwnHardware":
        if self.age_months is not None and self.life_months is not None:
            raise PydanticCustomError(
                "hardware-age", "`life_months` says how long it is still written off: leave `age_months` out"
            )
        return self


class OwnSite(Model):
    """A place of the organisation's own that can host accelerators, or many places that are alike.

    A site stands at several places where it has several locations, or one that stands for several. Power and hardware
    are then those of each place.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": ["location"]}, {"required": ["locations"]}]},
                {"oneOf": [{"required": ["power_kw"]}, {"required": ["grid_power_kw"]}]},
            ]
        }
    )

    tier: Annotated[
        Literal["on_prem", "colo", "edge"],
        Field(description="Own data centre, rented space in one, or a place beside the users.", examples=["on_prem"]),
    ]
    location: Annotated[
        Name | None, Field(description="The location it stands at (key of `locations`).", examples=["hq"])
    ] = None
    locations: Annotated[
        list[Name] | None,
        Field(
            min_length=1,
            max_length=1000,
            description="Instead of `location`: it stands at every place of all of these.",
            examples=[["shops-de", "shops-fr"]],
        ),
    ] = None
    power_kw: Annotated[
        float | None,
        Field(
            gt=0, le=1e6, description="IT power it can feed to accelerator nodes at each place, in kW.", examples=[120]
        ),
    ] = None
    grid_power_kw: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e7,
            description="Instead of `power_kw`: the whole feed of each place in kW, of which nodes take their power "
            "times the PUE.",
            examples=[180],
        ),
    ] = None
    usd_per_kwh: Annotated[
        float | None,
        Field(ge=0, le=10, description="Electricity price; the country's figure if left out.", examples=[0.14]),
    ] = None
    usd_per_kw_month: Annotated[
        float | None,
        Field(
            ge=0,
            le=10_000,
            description="Rent for space and cooling per kW of IT power and month (colo); 0 if the building is paid.",
            examples=[190],
        ),
    ] = None
    pue: Annotated[
        float | None,
        Field(ge=1, le=5, description="Power usage effectiveness; the tier's figure if left out.", examples=[1.35]),
    ] = None
    interconnect: Interconnect = []
    certifications: Annotated[
        list[Name], Field(description="Audits the site has passed.", examples=[["ISO 27001", "SOC 2"]])
    ] = []
    hardware: Annotated[
        list[OwnHardware],
        Field(description="Nodes that are already there.", examples=[[{"node": "dgx-h100", "nodes": 4}]]),
    ] = []
    air_gapped: Annotated[
        bool, Field(description="Whether it is connected to no outside network.", examples=[True])
    ] = False
    may_buy: Annotated[
        bool, Field(description="Whether further nodes may be bought or leased for this site.", examples=[True])
    ] = True
    visit_usd: Annotated[
        Usd | None,
        Field(
            description="What one visit by hands costs, for repairs and updates; if left out, the catalog's figure in "
            "colocation and at sites of several places, and nothing at others.",
            examples=[180],
        ),
    ] = None
    staff_usd_per_node_month: Annotated[
        Usd | None,
        Field(
            description="What the people cost who run one node for a month; the catalog's figure per accelerator if "
            "left out, 0 if they are there anyway.",
            examples=[250],
        ),
    ] = None
    maintenance_fraction_per_year: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            description="What a support contract costs a year, as a share of what a node costs beyond its "
            "accelerators; the catalog's figure if left out.",
            examples=[0.08],
        ),
    ] = None
    network_usd_per_node: Annotated[
        Usd | None,
        Field(
            description="What switches and cables for one further node with a fabric cost; the catalog's figure if "
            "left out, 0 if ports are free.",
            examples=[12000],
        ),
    ] = None
    backhaul_usd_per_month: Annotated[
        Usd | None,
        Field(
            description="Flat rate of the link of each place; with it, bytes that leave cost nothing more.",
            examples=[45],
        ),
    ] = None
    note: Annotated[Text | None, Field(description="A free remark.", examples=["liquid cooling from 2027"])] = None

    @model_validator(mode="after")
    def _complete(self) -> "OwnSite":
        if (self.location is None) == (self.locations is None):
            raise PydanticCustomError("site-location", "give exactly one of `location` and `locations`")
        if (self.power_kw is None) == (self.grid_power_kw is None):
            raise PydanticCustomError("site-power", "give exactly one of `power_kw` and `grid_power_kw`")
        return self

    def deciding(self) -> dict[str, Any]:
        """What it says, without what it does not say of keys that are younger than other inventories' fingerprints."""
        said = self.model_dump(mode="json")
        said["hardware"] = [_but_unsaid(hardware) for hardware in said["hardware"]]
        return _but_unsaid(said)

    @property
    def stands_at(self) -> tuple[str, ...]:
        """The locations it stands at."""
        return tuple(self.locations or ()) if self.location is None else (self.location,)
