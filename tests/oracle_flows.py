"""The oracle's bytes: what moves, over which way, at whose price; written from `docs/`, as the rest of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from oracle_arithmetic import ceil_div, exact, millionths, product, tariff_of, thousandths, tiered

from placement.catalog.tables import Site
from placement.inventory.workload import Workload

MILLI_GB_PER_MBIT_S = Fraction(730 * 3600 * 10**6, 8 * 10**9) * 1000
"""What 1 Mbit/s carries in a month."""


class End(NamedTuple):
    """The other end of a flow, whether it crosses zones there, and whether it is of each place."""

    name: str
    between_zones: bool = False
    each: bool = False


Amounts = dict[End, int]
"""Thousandths of a GB."""

Tiers = list[tuple[int, int]]


def month_milli(flow: Any) -> int | None:
    """What a flow states, as thousandths of a GB a month."""
    if flow.gb_per_day is not None:
        return round(Fraction(thousandths(flow.gb_per_day) * 365, 12))
    return thousandths(flow.gb_per_month) if flow.gb_per_month is not None else None


def places(oracle: Any, workload: Workload, flow: Any, end: str) -> int:
    """How often a flow happens: at each place of a workload that lives at many, or of the location it is about."""
    if not (flow.each and workload.per_location):
        return 1
    mine = {user.location for user in workload.users}
    return sum(oracle.inventory.locations[name].count for name in (mine & {end} or mine))


def arriving(oracle: Any, workload: Workload) -> Amounts:
    found: Amounts = {}
    for flow in workload.data_in:
        dataset = oracle.inventory.datasets.get(flow.source)
        milli = month_milli(flow)
        if milli is None:
            milli = 0 if flow.copied else thousandths(dataset.size_gb)
        end = End(dataset.home if dataset else flow.source, flow.between_zones, flow.each)
        found[end] = found.get(end, 0) + milli * places(oracle, workload, flow, flow.source)
    return found


def leaving(oracle: Any, workload: Workload) -> Amounts:
    found: Amounts = {}
    for flow in workload.data_out:
        ends = [(flow.target, Fraction(1))]
        if flow.target == "users":
            part = {user.location: Fraction(millionths(user.share_fraction), 1_000_000) for user in workload.users}
            ends = [(name, Fraction(1) if flow.each else share) for name, share in part.items()]
        for name, share in ends:
            end = End(name, flow.between_zones, flow.each)
            milli = month_milli(flow)
            assert milli is not None
            found[end] = found.get(end, 0) + round(milli * share) * places(oracle, workload, flow, name)
    return found


def copied(oracle: Any, workload: Workload) -> list[tuple[str, int]]:
    """Home and size of every dataset that is copied."""
    datasets = [oracle.inventory.datasets[flow.source] for flow in workload.data_in if flow.copied]
    return [(dataset.home, thousandths(dataset.size_gb)) for dataset in datasets]


def once(oracle: Any, workload: Workload) -> Amounts:
    found: Amounts = {}
    moved = copied(oracle, workload)
    if workload.current and workload.current.data_gb:
        moved.append((workload.current.site, thousandths(workload.current.data_gb)))
    for home, milli in moved:
        found[End(home)] = found.get(End(home), 0) + milli
    return found


def site_of(oracle: Any, name: str) -> Site | None:
    """The site an end is, or is inside of; None for any other location."""
    location = oracle.inventory.locations.get(name)
    if location is not None and location.site is not None and location.uplink_usd_per_gb is None:
        stood_at = any(name in site.at for site in oracle.sites.values())
        return None if stood_at else oracle.sites.get(location.site)
    return oracle.sites.get(f"own/{name}" if name in oracle.inventory.sites else name)


def near(oracle: Any, site: Site, name: str) -> bool:
    """Whether an end is in the same place as *site*."""
    other = site_of(oracle, name)
    if other is None:
        return name in site.at
    return site.id == other.id or (bool(site.at) and site.at <= other.at)


def line(oracle: Any, location: str) -> Tiers:
    """What the line of a location charges."""
    stated = oracle.inventory.locations[location].uplink_usd_per_gb
    if stated is not None:
        return [(0, millionths(stated))]
    return tariff_of(None, oracle.assumed("egress_usd_per_gb", "on_prem"))


class Way(NamedTuple):
    """Bytes between a site that computes and another end."""

    site: Site
    end: str
    arrives: bool
    zones: bool = False

    def sender(self, oracle: Any) -> Site | None:
        return site_of(oracle, self.end) if self.arrives else self.site

    def receiver(self, oracle: Any) -> Site | None:
        return self.site if self.arrives else site_of(oracle, self.end)


def tariff(oracle: Any, way: Way) -> Tiers:
    """What whoever sends charges."""
    source, target = way.sender(oracle), way.receiver(oracle)
    if near(oracle, way.site, way.end):
        if way.zones and source is not None and target is not None and source.id == target.id:
            otherwise = oracle.assumed("egress_same_provider_usd_per_gb", source.tier)
            return tariff_of(source.egress_between_zones, otherwise)
        return []
    if source is None:
        return line(oracle, way.end)
    shared = target is not None and source.provider == target.provider != "own"
    kind = "same_provider" if shared else "internet"
    there = target.country if target is not None else oracle.network.place(way.end)[0]
    for rank in ("sites", "countries", "continent"):
        for route in source.routes:
            if route.to == kind and getattr(route, rank) and leads(oracle, route, source, target, there):
                return list(route.tariff.tiers)
    if shared:
        return tariff_of(source.egress_same_provider, oracle.assumed("egress_same_provider_usd_per_gb", source.tier))
    return tariff_of(source.egress_internet, oracle.assumed("egress_usd_per_gb", source.tier))


def leads(oracle: Any, route: Any, source: Site, target: Site | None, there: str | None) -> bool:
    if route.sites:
        return target is not None and target.id in route.sites
    if route.countries:
        return there in route.countries
    continents = oracle.catalog.continents
    mine, other = continents.get(source.country), continents.get(there)
    return None not in (mine, other) and (mine == other) == (route.continent == "same")


def ports_to(oracle: Any, way: Way) -> set[str]:
    """Providers to whom a port is possible at the place that receives."""
    inventory, target = oracle.inventory, way.receiver(oracle)
    if target is None:
        return set(inventory.locations[way.end].interconnect)
    if target.provider != "own":
        return set()
    own = inventory.sites[target.name]
    at = [own.location] if own.location is not None else own.locations
    return {*own.interconnect} | set.intersection(*(set(inventory.locations[one].interconnect) for one in at))


def may_go_privately(oracle: Any, way: Way) -> bool:
    """Whether a private port is possible for bytes from one place to another."""
    source = way.sender(oracle)
    if source is None or source.egress_interconnect is None or source.provider not in ports_to(oracle, way):
        return False
    return bool(oracle.catalog.ports.get(source.provider))


def cheaper_way(oracle: Any, way: Way, milli: int) -> int:
    """The cost of a flow that may take private ports [micro-USD]."""
    source = way.sender(oracle)
    assert source is not None
    public = tiered(tariff(oracle, way), milli)
    usable = oracle.figure("link_usable_fraction")
    rents = []
    for port in oracle.catalog.ports[source.provider]:
        capacity = int(Fraction(port.mbit_per_s_milli, 1000) * usable * MILLI_GB_PER_MBIT_S)
        rents.append(product(ceil_div(milli, capacity) * 730 * 1000, port.price.micro))
    return min(public, min(rents) + tiered(list(source.egress_interconnect.tiers), milli))


def named(site: Site) -> str:
    """A site as an inventory names it."""
    return site.name if site.provider == "own" else site.id


def flows_at(oracle: Any, workload: Workload, site: Site) -> Iterator[tuple[Way, int]]:
    """The way and the volume of every flow of a month."""
    for end, milli in arriving(oracle, workload).items():
        yield Way(site, end.name, True, end.between_zones), milli
    for end, milli in leaving(oracle, workload).items():
        yield Way(site, end.name, False, end.between_zones), milli


def paid(oracle: Any, workload: Workload, site: Site) -> Iterator[tuple[str, tuple[tuple[int, int], ...], int]]:
    """Who is paid for each flow that goes by the internet, by which tiers, and for how much."""
    for way, milli in flows_at(oracle, workload, site):
        if not may_go_privately(oracle, way):
            source = way.sender(oracle)
            yield source.provider if source else way.end, tuple(tariff(oracle, way)), milli


def cost_apart(oracle: Any, workload: Workload, site: Site) -> int:
    """Flows that may go privately, what moves once by the month, and the copies that are kept: no tiers are shared."""
    total = 0
    for way, milli in flows_at(oracle, workload, site):
        if may_go_privately(oracle, way):
            total += cheaper_way(oracle, way, milli)
    for end, milli in once(oracle, workload).items():
        total += once_by_month(oracle, Way(site, end.name, True), milli)
    kept: dict[str, int] = {}
    for flow in workload.data_in:
        if flow.copied:
            kept[flow.source] = kept.get(flow.source, 0) + thousandths(oracle.inventory.datasets[flow.source].size_gb)
    stored = tariff_of(site.storage, oracle.assumed("storage_usd_per_gb_month", site.tier))
    for name, milli in kept.items():
        if not near(oracle, site, oracle.inventory.datasets[name].home):
            total += tiered(stored, milli)
    return total


def is_cloud(site: Site | None) -> bool:
    """Whether a site is a provider's own, where no hardware of others stands."""
    return site is not None and site.provider != "own" and site.tier != "colo"


def one_place(oracle: Any, end: str, site: Site | None) -> bool:
    return not site.spread if site is not None else oracle.inventory.locations[end].count == 1


def posted(oracle: Any, way: Way) -> list[tuple[int, int, Tiers]]:
    """Of each device that may be ordered for bytes from one place to another: what it holds, its fee, its tiers."""
    source, target = way.sender(oracle), way.receiver(oracle)
    if near(oracle, way.site, way.end) or is_cloud(source) == is_cloud(target):
        return []
    cloud, other = (source, target) if is_cloud(source) else (target, source)
    if cloud.provider not in oracle.policies.transfer_devices or not one_place(oracle, way.end, other):
        return []
    offered = [(one, one.outwards if cloud is source else one.inwards) for one in cloud.devices]
    return [(one.usable_milli_gb, one.price.micro, list(priced.tiers)) for one, priced in offered if priced]


def once_by_month(oracle: Any, way: Way, milli: int) -> int:
    """A month's share of what moves once: by the cheapest device if that costs less than the internet, as a whole."""
    tiers, months = tariff(oracle, way), oracle.inventory.horizon_months
    ways = [(tiered(tiers, milli), spread(tiers, milli, months))]
    for usable, fee, priced in posted(oracle, way):
        jobs = ceil_div(milli, usable) * 1000
        by_month = product(ceil_div(jobs, months), fee) + spread(priced, milli, months)
        ways.append((product(jobs, fee) + tiered(priced, milli), by_month))
    return min(ways, key=lambda costs: costs[0])[1]  # the first of equal ones: the internet, then the devices in order


def spread(tiers: Tiers, milli: int, months: int) -> int:
    """A month's share of what moves once: of each tier's part, rounded up to 0.001 GB."""
    total = 0
    for number, (start, price) in enumerate(tiers):
        end = tiers[number + 1][0] if number + 1 < len(tiers) else milli
        total += product(ceil_div(max(0, min(milli, end) - start), months), price)
    return total


def overloads_uplink(oracle: Any, workload: Workload, site: Site, copied: int = 0) -> bool:
    """Whether more would leave a location than its lines carry; *copied* leaves the site for elsewhere besides."""
    for name, carries in line_limits(oracle).items():
        if line_load(oracle, workload, site, name, copied) > carries:
            return True
    return False


def line_limits(oracle: Any) -> dict[str, int]:
    """Thousandths of a GB that the lines of each location carry in a month, where they state their speed."""
    usable = oracle.figure("link_usable_fraction") * MILLI_GB_PER_MBIT_S
    return {
        name: int(exact(location.uplink_mbit_s) * usable * location.count)
        for name, location in oracle.inventory.locations.items()
        if location.uplink_mbit_s is not None
    }


def line_load(oracle: Any, workload: Workload, site: Site, location: str, copied: int) -> Fraction:
    """What would leave all places of a location if the workload ran at a site."""

    def part(end: End) -> Fraction:
        """Of what an end sends the part that leaves by the line: own sites spread it evenly over their places."""
        if end.name in oracle.inventory.locations:
            return Fraction(end.name == location)
        here = oracle.inventory.locations[location].count
        stands = {stand.location: stand.places for stand in site_of(oracle, end.name).stands}
        return Fraction(here, sum(stands.values())) if location in stands else Fraction(0)

    if location in site.at:
        gone = {end: milli for end, milli in leaving(oracle, workload).items() if not near(oracle, site, end.name)}
        away = sum(milli for end, milli in gone.items() if not end.each)
        if not site.spread:
            return Fraction(sum(gone.values()) + copied)
        if not workload.per_location or location not in oracle.shares(workload):
            return Fraction(0)
        every = sum(oracle.inventory.locations[name].count for name in oracle.shares(workload))
        each = Fraction(sum(milli for end, milli in gone.items() if end.each), every)
        work = Fraction((away + copied) * oracle.shares(workload)[location], 1_000_000)
        return work + each * oracle.inventory.locations[location].count
    return Fraction(sum(math.ceil(milli * part(end)) for end, milli in arriving(oracle, workload).items()))


def is_cut_off(oracle: Any, workload: Workload, site: Site) -> bool:
    """Whether an air-gapped own site would need a network: to a user, or for what moves every month."""
    if site.provider != "own" or not oracle.inventory.sites[site.name].air_gapped:
        return False
    ends = [*arriving(oracle, workload).items(), *leaving(oracle, workload).items()]
    beyond = any(milli and not near(oracle, site, end.name) for end, milli in ends)
    return beyond or any(user.location not in site.at for user in workload.users)


def line_loads(oracle: Any, placed: Iterable[tuple[Workload, int, str]]) -> dict[str, Fraction]:
    """What leaves by each limited line in all: of workloads, with what they copy to further sites, at a site each."""
    load = dict.fromkeys(line_limits(oracle), Fraction(0))
    for workload, copied, site in placed:
        for name in load:
            load[name] += line_load(oracle, workload, oracle.sites[site], name, copied)
    return load
