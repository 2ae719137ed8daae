"""The catalog in memory: small named tuples, and the offers as columns.

One constructor, `Catalog.from_payload`, serves both a fresh reading of the files and the column cache.
"""

from typing import Any, NamedTuple

from placement.catalog.claims import Claim, Lever, claims_of, levers_of
from placement.catalog.legal_rules import LegalRule, legal_rule
from placement.catalog.measured import NO_MEASUREMENTS, MeasuredColumns, Measurements
from placement.catalog.network import NO_NETWORK, Network, Pairs
from placement.catalog.offers import Contract, Offers
from placement.catalog.work import (
    Accelerator,
    Mfu,
    Model,
    Roofline,
    accelerators_of,
    mfus_of,
    models_of,
    rooflines_of,
)
from placement.units import from_micro

TIER_FOLDERS = ("hyperscaler", "gpu_cloud", "colo", "edge")
"""Tiers with providers, a folder each in a catalog."""

NETWORK_FOLDER = "network"
"""Where a catalog has its round-trip times."""

RENTED = frozenset({"on_demand", "spot", "capacity_block", "reserved_1y", "reserved_3y", "lease"})
HOSTINGS = ("secure", "community", "serverless", "marketplace")
AVAILABILITIES = ("listed", "unverified", "limited")
BASES = ("list", "estimate")
EVERYWHERE = "*"
"""Of rules: all countries, or data of all classes."""

UNKNOWN = -1
"""Stands for an unknown price in integer columns; such an offer is never eligible."""


class Fact(NamedTuple):
    """A figure with its provenance; `micro` is its value in millionths."""

    micro: int
    unit: str
    as_of: str
    source_id: str
    note: str
    name: str = ""
    tier: str = ""
    assumed: bool = False

    @property
    def text(self) -> str:
        """The value as a plain decimal."""
        return str(from_micro(self.micro))


class Tariff(NamedTuple):
    """A price per GB that falls or rises with the month's volume.

    `tiers` holds (from, price): whole GB of which the tier begins in thousandths, price in micro-dollars.
    """

    tiers: tuple[tuple[int, int], ...]
    as_of: str
    source_id: str
    note: str
    assumed: bool = False


class Route(NamedTuple):
    """What some destinations cost that a site's other bytes of that kind do not; one of the three says which."""

    to: str
    """`internet` or `same_provider`."""
    sites: tuple[str, ...]
    """Ids of sites of the provider."""
    countries: tuple[str, ...]
    continent: str
    """`same` as the sender's, or any `other`."""
    tariff: Tariff


class Port(NamedTuple):
    """A private port into a provider's network, rented by the hour."""

    product: str
    mbit_per_s_milli: int
    price: Fact
    """USD per hour."""


class Device(NamedTuple):
    """A device of a provider that carries data by post."""

    product: str
    usable_milli_gb: int
    price: Fact
    """USD per job: one device, there and back."""
    outwards: Tariff | None
    """Per GB that leaves the provider; None where that is not known to be offered."""
    inwards: Tariff | None
    only_for: str
    """Who may order it; empty: anybody."""


class Stand(NamedTuple):
    """Where an own site stands: a location, its country (`None` is unknown), and how many places it stands for."""

    location: str
    country: str | None
    places: int


class Site(NamedTuple):
    """A place that can compute, or several that are alike; `None` is unknown."""

    id: str
    provider: str
    tier: str
    name: str
    country: str | None
    subdivision: str | None
    latitude: float | None
    longitude: float | None
    access: str
    certifications: dict[str, str]
    egress_internet: Tariff | None
    egress_same_provider: Tariff | None
    storage: Tariff | None
    facility: dict[str, Fact]
    location: str | None = None
    """Key of the inventory's `locations`, for own sites."""
    power_kw_micro: int | None = None
    """At each place."""
    egress_between_zones: Tariff | None = None
    egress_interconnect: Tariff | None = None
    """Through a private port; None where the provider is not known to offer it there."""
    routes: tuple[Route, ...] = ()
    """Destinations with tariffs of their own; the first that holds wins."""
    devices: tuple[Device, ...] = ()
    """What data may leave or reach it in, by post."""
    stands: tuple[Stand, ...] = ()
    """Of own sites, in the order of their locations."""
    spread: bool = False
    """Whether it stands at several places, or is that part of such a site which some workload asks for."""

    @property
    def at(self) -> frozenset[str]:
        """The locations it stands at."""
        return frozenset(stand.location for stand in self.stands)

    @property
    def places(self) -> int:
        """How many places it is."""
        return sum(stand.places for stand in self.stands) if self.spread else 1

    @property
    def countries(self) -> frozenset[str | None]:
        """The countries it is in."""
        return frozenset(stand.country for stand in self.stands) if self.spread else frozenset((self.country,))


class Shape(NamedTuple):
    """Hardware as it is sold: `units` accelerators together, at most `per_node` in one node."""

    accelerator: str
    units: int
    per_node: int
    fabric: str
    shared: bool = False
    """Machines that others run on as well, however many accelerators are taken (serverless)."""
    each: bool = False
    """Whether it stands at each of several places, which are sized one by one."""
    spot: bool = False
    """Whether it may be taken away at any time, where that matters for its size."""


class Ratio(NamedTuple):
    """Work per hour relative to one H100-SXM, in thousandths."""

    milli: int
    p10_milli: int
    p90_milli: int
    sources: int
    as_of: str
    source_id: str


class Node(NamedTuple):
    """A node one can buy or lease."""

    id: str
    name: str
    accelerator: str
    accelerators: int
    tiers: tuple[str, ...]
    capex: Fact | None
    max_power_kw: Fact | None
    replacement: Fact | None
    fabric: str
    link: Fact | None = None
    """What its fabric carries to and from the node [Gbit/s]; None where there is none, or its speed is unknown."""
    claimed: tuple[Fact, Fact] | None = None
    """What others say an hour of one accelerator costs in colocation, all in: from and to."""


class City(NamedTuple):
    """A place an inventory may name."""

    name: str
    country: str
    latitude: float
    longitude: float


class Columns(NamedTuple):
    """What a catalog has so much of that it is kept as columns of whole numbers."""

    offers: Offers
    pairs: Pairs
    measured: MeasuredColumns


class Catalog(NamedTuple):
    """Everything the engine may know about the world."""

    name: str
    as_of: str
    digest: str
    sources: dict[str, tuple[str, str]]
    providers: dict[str, str]
    accelerators: dict[str, Accelerator]
    aliases: dict[str, str]
    ratios: dict[str, dict[str, Ratio]]
    nodes: dict[str, Node]
    assumptions: dict[str, dict[str, Fact]]
    cities: dict[str, list[City]]
    groups: dict[str, list[str]]
    electricity: dict[str, Fact]
    sites: list[Site]
    shapes: list[Shape]
    strings: list[str]
    offers: Offers
    network: Network = NO_NETWORK
    rules: tuple[LegalRule, ...] = ()
    """In the order of their ids."""
    classes: dict[str, tuple[str, ...]] = {}
    """Kinds of data, each with the others it is one of as well."""
    operators: dict[str, Fact] = {}
    """By provider, of what country the topmost company is that operates it (`unit`); absent where unknown."""
    certificates: dict[str, dict[str, tuple[str, str]]] = {}
    """By site and certification the source of what is said of it there, and its date."""
    ports: dict[str, tuple[Port, ...]] = {}
    """By provider, the slowest first."""
    continents: dict[str, str] = {}
    """By country."""
    models: dict[str, Model] = {}
    model_aliases: dict[str, str] = {}
    """Other names of models, with their keys."""
    measured: Measurements = NO_MEASUREMENTS
    roofline: dict[tuple[str, str, str], Roofline] = {}
    """By vendor, accelerator or `*`, and precision."""
    training: dict[tuple[str, str, str], Mfu] = {}
    """By accelerator, precision and kind."""
    claims: tuple[Claim, ...] = ()
    """What articles say, for `placement claims`; no plan looks at it."""
    levers: tuple[Lever, ...] = ()
    contracts: tuple[Contract, ...] = ()

    def assumption(self, name: str, tier: str = "") -> Fact:
        """The assumed figure for *tier*, or the one for all tiers. Raises `KeyError` when the catalog has neither."""
        by_tier = self.assumptions[name]
        return by_tier[tier] if tier in by_tier else by_tier[""]

    @staticmethod
    def from_payload(payload: dict[str, Any], columns: Columns, digest: str) -> "Catalog":
        """Build the tables from plain lists (see `assemble`) and the columns."""
        sites, models = _sites(payload), models_of(payload["models"])
        return Catalog(
            name=payload["name"],
            as_of=payload["as_of"],
            digest=digest,
            sources={key: (text, licence) for key, text, licence in payload["sources"]},
            providers=payload["providers"],
            accelerators=accelerators_of(payload["accelerators"]),
            aliases=payload["aliases"],
            ratios={
                group: {name: Ratio(*row) for name, row in rows.items()} for group, rows in payload["ratios"].items()
            },
            nodes={row[0]: _node(row) for row in payload["nodes"]},
            assumptions={
                name: {tier: Fact(*fact) for tier, fact in facts.items()}
                for name, facts in payload["assumptions"].items()
            },
            cities={name: [City(*row) for row in rows] for name, rows in payload["cities"].items()},
            groups=payload["groups"],
            electricity={key: Fact(*fact) for key, fact in payload["electricity"].items()},
            sites=sites,
            shapes=[Shape(*row) for row in payload["shapes"]],
            strings=payload["strings"],
            offers=columns.offers,
            network=Network.from_payload(payload["network"], columns.pairs),
            rules=tuple(legal_rule(row) for row in payload["rules"]),
            classes={name: tuple(implied) for name, implied in payload["classes"].items()},
            operators={name: Fact(*fact) for name, fact in payload["operators"].items()},
            certificates=_certificates(payload),
            ports={
                provider: tuple(Port(product, speed, Fact(*price)) for product, speed, price in found)
                for provider, found in payload["ports"].items()
            },
            continents=payload["continents"],
            models=models,
            model_aliases={alias: model.id for model in models.values() for alias in model.aliases},
            measured=Measurements(columns.measured, payload["measured_texts"]),
            roofline=rooflines_of(payload["roofline"]),
            training=mfus_of(payload["training"]),
            claims=claims_of(payload["claims"]),
            levers=levers_of(payload["levers"]),
            contracts=tuple(Contract(*row) for row in payload["contracts"]),
        )


def _sites(payload: dict[str, Any]) -> list[Site]:
    """The sites, with what many of them share."""
    tariffs = [Tariff(tuple((a, b) for a, b in tiers), *rest) for tiers, *rest in payload["tariffs"]]
    certifications = [{name: evidence for name, (evidence, *_) in held.items()} for held in payload["certifications"]]
    facilities = [{item: Fact(*fact) for item, fact in entry.items()} for entry in payload["facilities"]]
    routes = [tuple(_route(route, tariffs) for route in found) for found in payload["routes"]]
    devices = [tuple(_device(device, tariffs) for device in found) for found in payload["devices"]]

    def tariff(index: int) -> Tariff | None:
        return tariffs[index] if index >= 0 else None

    return [
        Site._make(
            [
                *row[:9],
                certifications[row[9]],
                *map(tariff, row[10:13]),
                facilities[row[13]],
                *(None, None),
                *map(tariff, row[14:16]),
                routes[row[16]],
                devices[row[17]],
                *((), False),
            ]
        )
        for row in payload["sites"]
    ]


def _certificates(payload: dict[str, Any]) -> dict[str, dict[str, tuple[str, str]]]:
    """By site; those of which the same is said share it."""
    told = [{name: (source, as_of) for name, (_, source, as_of) in held.items()} for held in payload["certifications"]]
    return {row[0]: told[row[9]] for row in payload["sites"]}


def _route(row: list[Any], tariffs: list[Tariff]) -> Route:
    to, sites, countries, continent, tariff = row
    return Route(to, tuple(sites), tuple(countries), continent, tariffs[tariff])


def _device(row: list[Any], tariffs: list[Tariff]) -> Device:
    product, usable, price, *directions, only_for = row
    outwards, inwards = (tariffs[index] if index >= 0 else None for index in directions)
    return Device(product, usable, Fact(*price), outwards, inwards, only_for)


def _node(row: list[Any]) -> Node:
    identity, name, accelerator, count, tiers, *figures, fabric = row
    facts = [Fact(*fact) if fact is not None else None for fact in figures]
    *costs, link, low, high = facts
    claimed = (low, high) if low is not None and high is not None else None
    return Node._make([identity, name, accelerator, count, tuple(tiers), *costs, fabric, link, claimed])
