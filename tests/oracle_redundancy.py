"""The oracle's view of workloads at several sites, written from `docs/redundancy.md`: every set of sites is tried."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from oracle import Offer, Oracle
from oracle_arithmetic import ceil_div, exact, great_circle_km, thousandths, tiered
from oracle_flows import Way, line_limits, line_load, named, overloads_uplink, tariff

from placement.catalog.tables import Site
from placement.inventory.workload import Workload


class Seat(NamedTuple):
    """The best offer of a member at one site, with its place in the canonical order."""

    cost: int
    rank: int
    offer: Offer


class Seating(NamedTuple):
    """Sites of all members."""

    total: int
    costs: tuple[int, ...]
    offers: tuple[Offer, ...]


def member(workload: Workload, number: int) -> Workload:
    """The member at site *number*, from 1, as an ordinary workload."""
    asked = workload.redundancy
    demand = workload.demand.accelerators
    count, hours, part = demand.count if demand is not None else 0, {}, 1.0
    data_in, data_out = workload.data_in, workload.data_out
    if asked.mode == "active_active":
        part = 1 / (asked.min_sites - 1)
        count = whole(demand, Fraction(count, asked.min_sites - 1)) if demand is not None else 0
        data_in = [flow if flow.copied else even(flow, asked.min_sites) for flow in data_in]
        data_out = [even(flow, asked.min_sites) for flow in data_out]
    elif number > 1:
        nothing = {"gb_per_month": 0.0, "gb_per_day": None}
        data_in = [flow if flow.copied else flow.model_copy(update=nothing) for flow in data_in]
        data_out = []
        if asked.standby_fraction == 0:
            hours = {"hours_per_month": 0.0, "utilization_fraction": None}
        else:
            kept = Fraction(max(1, round(asked.standby_fraction * 1000)), 1000)
            part = float(kept)
            count = whole(demand, count * kept) if demand is not None else 0
    update = {"id": f"{workload.id}/{number}", "data_in": data_in, "data_out": data_out, "redundancy": None}
    if workload.current is not None and number > 1:
        update["current"] = workload.current.model_copy(update={"data_gb": None})  # it moves along to the first site
    if demand is None:  # the part of the work, which no key of a workload says
        return workload.model_copy(update=update | {"part": part, "idle": bool(hours)})
    accelerators = demand.model_copy(update={"count": count, **hours})
    return workload.model_copy(
        update=update | {"demand": workload.demand.model_copy(update={"accelerators": accelerators})}
    )


def even(flow, sites: int):
    """The same flow with an even share of its volume, if one is given."""
    given = {name: getattr(flow, name) for name in ("gb_per_month", "gb_per_day")}
    return flow.model_copy(update={name: gb / sites for name, gb in given.items() if gb is not None})


def whole(demand, part: Fraction) -> int:
    """So many accelerators in whole replicas, no more than there are."""
    needed = ceil_div(part.numerator, part.denominator)
    return min(demand.count, ceil_div(needed, demand.accelerators_per_replica) * demand.accelerators_per_replica)


def is_idle(workload: Workload) -> bool:
    demand = workload.demand.accelerators
    return bool(workload.__dict__.get("idle")) if demand is None else demand.hours_per_month == 0


def kilometres(one: Site, other: Site) -> Fraction | None:
    if None in (one.latitude, other.latitude):
        return None
    return great_circle_km((one.latitude, one.longitude), (other.latitude, other.longitude))


def goes_with(asked, one: Site, other: Site) -> bool:
    """Whether two sites of a workload may be these."""
    km = kilometres(one, other)
    far = not asked.apart_km or (km is not None and km >= exact(asked.apart_km))
    return one.id != other.id and far


def broken(workload: Workload, oracle: Oracle, mine: Workload, offer: Offer, others: list[Site]) -> set[str]:
    """The rules that an offer breaks for a member whose others are at these sites; without others, by itself."""
    asked = workload.redundancy
    found = set(oracle.verdict(mine, offer).broken)
    if is_idle(mine) and offer.purchase != "on_demand":
        found.add("data_only")
    copied = thousandths(asked.replication_gb_per_month) * (asked.min_sites - 1)
    if mine.id.endswith("/1") and overloads_uplink(oracle, mine, offer.site, copied):
        found.add("uplink")
    if copied and oracle.rules.gapped(offer.site) and offer.site.provider == "own":
        found.add("connected")
    if any(offer.site.id == other.id for other in others):
        found.add("other_site")
    distances = [kilometres(offer.site, other) for other in others]
    if asked.apart_km and any(km is None or km < exact(asked.apart_km) for km in distances):
        found.add("apart")
    if others and len({offer.site.provider, *(other.provider for other in others)}) < asked.min_providers:
        found.add("providers")
    return found


def seats(oracle: Oracle, workload: Workload, number: int) -> dict[str, Seat]:
    """The best offer of a member at every site where it has one."""
    mine, first = member(workload, number), member(workload, 1)
    found: dict[str, Seat] = {}
    ranks: dict[str, tuple] = {}
    for rank, offer in enumerate(oracle.offers):
        if broken(workload, oracle, mine, offer, []):
            continue
        cost = oracle.verdict(mine, offer).cost
        in_use = oracle.cost_per_node(first, offer) * oracle.need(first, offer).nodes if is_idle(mine) else 0
        key = (cost, in_use, rank)
        if offer.site.id not in ranks or key < ranks[offer.site.id]:
            ranks[offer.site.id], found[offer.site.id] = key, Seat(cost, rank, offer)
    return found


def replication(oracle: Oracle, workload: Workload, sender: Site, receiver: Site) -> int:
    milli = thousandths(workload.redundancy.replication_gb_per_month)
    return tiered(tariff(oracle, Way(receiver, named(sender), True)), milli) if milli else 0


def carried(oracle: Oracle, workload: Workload, places: list[Site]) -> bool:
    """Whether the lines of all locations carry what the members at these sites send together."""
    asked = workload.redundancy
    copied = thousandths(asked.replication_gb_per_month) * (asked.min_sites - 1)
    mine = [member(workload, number) for number in range(1, len(places) + 1)]
    return all(
        sum(
            line_load(oracle, one, site, name, copied * (number == 0))
            for number, (one, site) in enumerate(zip(mine, places, strict=True))
        )
        <= carries
        for name, carries in line_limits(oracle).items()
    )


def seatings(oracle: Oracle, workload: Workload) -> Iterator[tuple[tuple, Seating]]:
    """Every set of sites that goes together, with what decides between them."""
    asked = workload.redundancy
    firsts, others = seats(oracle, workload, 1), seats(oracle, workload, 2)
    for first in firsts.values():
        site = first.offer.site
        paid = {
            seat.offer.site.id: seat._replace(cost=seat.cost + replication(oracle, workload, site, seat.offer.site))
            for seat in others.values()
            if goes_with(asked, site, seat.offer.site)
        }
        ordered = sorted(paid.values(), key=lambda seat: (seat.cost, seat.rank))
        for rest in combinations(ordered, asked.min_sites - 1):
            places = [site, *(seat.offer.site for seat in rest)]
            if len({place.provider for place in places}) < asked.min_providers:
                continue
            if all(goes_with(asked, *pair) for pair in combinations(places, 2)) and carried(oracle, workload, places):
                chosen = [first, *rest]
                total = sum(seat.cost for seat in chosen)
                key = (total, *((seat.cost, seat.rank) for seat in chosen))
                yield key, Seating(total, tuple(seat.cost for seat in chosen), tuple(seat.offer for seat in chosen))
