"""Several sites for one workload: what is asked for, and what each of its members takes of the work.

A workload at several sites is taken apart into members, each of them an ordinary workload: its first site and, alike,
its further ones. Rows are taken apart while they are read off, so that all that is asked of the workload is asked of
every member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from placement.inventory.accelerators import AcceleratorDemand
from placement.inventory.base import Fraction, Gigabytes, Model
from placement.units import percent_text, plain_text

FEWEST_SITES, MOST_SITES = 2, 5
FARTHEST_KM = 20_037
"""Half of the equator."""

MARK = "/"
"""Between a workload's id and the number of a member."""


class Redundancy(Model):
    """Several sites, so that the loss of one is borne."""

    mode: Annotated[
        Literal["active_active", "standby"],
        Field(
            description="All sites share the work and any one can be lost; or one site works and the others wait.",
            examples=["active_active"],
        ),
    ]
    min_sites: Annotated[
        int, Field(ge=FEWEST_SITES, le=MOST_SITES, description="How many sites it is placed at.", examples=[2])
    ] = FEWEST_SITES
    min_providers: Annotated[
        int, Field(ge=1, le=MOST_SITES, description="Of how many providers they are at least.", examples=[2])
    ] = 1
    apart_km: Annotated[
        float,
        Field(
            ge=0,
            le=FARTHEST_KM,
            description="How far any two of the sites are apart at least, in km as the crow flies; 0: it is enough "
            "that they are different sites.",
            examples=[300],
        ),
    ] = 0.0
    standby_fraction: Annotated[
        Fraction,
        Field(
            description="Of `mode: standby`: the share of the accelerators that a waiting site keeps running. 0: it "
            "keeps the data alone, and nodes are taken on demand when they are needed, if there are any.",
            examples=[0.5],
        ),
    ] = 1.0
    replication_gb_per_month: Annotated[
        Gigabytes,
        Field(description="Decimal GB a month that each further site gets from the first one.", examples=[50]),
    ] = 0.0


class Terms(NamedTuple):
    """The same as plain values."""

    mode: str
    min_sites: int
    min_providers: int
    apart_km: float
    standby_fraction: float
    replication_gb_per_month: float


def terms_of(asked: Mapping[str, Any]) -> Terms:
    """The terms in a row's `redundancy`, which may leave out what is at its default."""
    return Terms(*(asked.get(name, _DEFAULTS[name]) for name in Terms._fields))


def member_id(workload: str, number: int) -> str:
    """The id of a workload's member at its site *number*, counted from 1."""
    return f"{workload}{MARK}{number}"


def role_of(mode: str, number: int) -> Literal["active", "standby"]:
    """What the member at site *number* does: it serves, or it waits."""
    return "active" if mode == "active_active" or number == 1 else "standby"


def redundancy_words(asked: Redundancy) -> str:
    """What is asked for, for people."""
    parts = [f"{asked.mode.replace('_', '-')} at {asked.min_sites} sites"]
    parts += [f"of {asked.min_providers} providers"] if asked.min_providers > 1 else []
    parts += [f"{plain_text(asked.apart_km)} km apart"] if asked.apart_km else []
    if asked.mode == "standby":
        kept = asked.standby_fraction
        parts.append(f"{percent_text(kept)} % standing by" if kept else "only data standing by")
    sent = asked.replication_gb_per_month
    return ", ".join([*parts, f"{plain_text(sent)} GB a month to each further site"] if sent else parts)


def is_data_only(terms: Terms) -> bool:
    """Whether further sites have no accelerators before they are needed."""
    return terms.mode == "standby" and terms.standby_fraction == 0


def members_of(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of its members, which take the place of one with `redundancy`."""
    single = {key: value for key, value in row.items() if key != "redundancy"}
    further = {**single, "current": {**single["current"], "data_gb": None}} if single.get("current") else single
    terms = terms_of(row["redundancy"])
    for number in range(1, terms.min_sites + 1):
        mine = single if number == 1 else further  # what moves along goes to the first site
        yield {**mine, **_share(single, terms, number), "id": member_id(row["id"], number)}


def _share(single: Mapping[str, Any], terms: Terms, number: int) -> dict[str, Any]:
    """What the member at site *number* takes: the keys in which it differs from the work at a single site."""
    if terms.mode == "active_active":
        others = terms.min_sites - 1
        parts = {key: [_even(flow, terms.min_sites) for flow in single[key]] for key in _FLOWS if key in single}
        demand = single["demand"].get("accelerators")
        if demand is None:
            return {"work_fraction": 1 / others, **parts}
        return {"demand": {"accelerators": {**demand, "count": whole_replicas(demand, 1, others)}}, **parts}
    if number == 1:
        return {}
    data_in = [flow if flow.get("copied") else {**flow, **_NOTHING} for flow in single.get("data_in", ())]
    return {
        **_waiting(single["demand"].get("accelerators"), terms),
        **({"data_in": data_in} if data_in else {}),
        "data_out": (),
    }


def _waiting(demand: Mapping[str, Any] | None, terms: Terms) -> dict[str, Any]:
    """What a site that waits keeps running; without accelerators it keeps what it would take, for no hour a month.

    Of work it keeps ready for that part of it.
    """
    milli = max(round(terms.standby_fraction * 1000), 1)
    if demand is None:
        return {"waiting": 1} if is_data_only(terms) else {"work_fraction": milli / 1000}
    if is_data_only(terms):
        kept = {**demand, "hours_per_month": 0.0, "utilization_fraction": None}
    else:
        kept = {**demand, "count": whole_replicas(demand, milli, 1000)}
    return {"demand": {"accelerators": kept}}


def whole_replicas(demand: Mapping[str, Any], part: int, whole: int) -> int:
    """*part* of *whole* of the accelerators in whole replicas, never less than one replica nor more than there are."""
    count: int = demand["count"]
    replica: int = demand.get("accelerators_per_replica", _REPLICA)
    needed = -(-count * part // whole)
    return min(count, -(-needed // replica) * replica)


def _even(flow: Mapping[str, Any], sites: int) -> dict[str, Any]:
    """One site's part of a flow; a dataset that is read as a whole, or copied, is so by each site."""
    if flow.get("copied"):
        return dict(flow)
    given = {key: flow[key] / sites for key in _VOLUMES if flow.get(key) is not None}
    return {**flow, **given}


_FLOWS = ("data_in", "data_out")
_VOLUMES = ("gb_per_month", "gb_per_day")
_NOTHING = {"gb_per_month": 0.0, "gb_per_day": None}
"""The volume of what does not flow while a site waits; what is read binds it all the same."""

_REPLICA: int = AcceleratorDemand.model_fields["accelerators_per_replica"].default
_DEFAULTS = {name: Redundancy.model_fields[name].default for name in Terms._fields}
