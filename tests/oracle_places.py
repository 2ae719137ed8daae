"""The oracle's part on sites of several places and on workloads that live at each of them (`docs/edge.md`)."""

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from oracle_arithmetic import exact, millionths, product, thousandths

from placement.catalog.tables import Fact, Site, Stand, Tariff
from placement.inventory.workload import Workload

if TYPE_CHECKING:
    from oracle import Need, Offer

FACTS = (
    *("usd_per_kwh", "usd_per_kw_month", "pue", "visit_usd", "backhaul_usd_per_month"),
    *("staff_usd_per_node_month", "maintenance_fraction_per_year", "network_usd_per_node"),
)


class Places:
    """What an oracle says of places; a part of `oracle.Oracle`."""

    catalog: Any
    inventory: Any

    def own_sites(self) -> list[Site]:
        """Every own site, and every part of one at exactly whose places some workload wants to live."""
        found = []
        wanted = {
            frozenset(user.location for user in workload.users)
            for workload in self.inventory.workloads
            if workload.per_location
        }
        for name, own in self.inventory.sites.items():
            at = [own.location] if own.location is not None else own.locations
            found.append(self.own_site(name, frozenset(at), f"own/{name}"))
            if found[-1].spread:
                parts = [part for part in wanted if part and part < frozenset(at)]
                found += [
                    self.own_site(name, part, f"own/{name}@{'+'.join(one.replace('+', '++') for one in sorted(part))}")
                    for part in parts
                ]
        return found

    def own_site(self, name: str, at: frozenset[str], identity: str) -> Site:
        own = self.inventory.sites[name]
        places = {one: self.inventory.locations[one].count for one in own.locations or [own.location]}
        spread = sum(places.values()) > 1
        known = {one: self.network.place(one) for one in sorted(at)}
        countries = {country for country, _ in known.values()}
        country, point = known[min(at)]
        if spread:
            country = None if None in countries else "+".join(sorted(countries))
            point = None
        told = {item: getattr(own, item) for item in FACTS}
        facts = {item: Fact(millionths(value), item, "", "", "") for item, value in told.items() if value is not None}
        priced = [self.inventory.locations[one].uplink_usd_per_gb for one in places]
        metered = [millionths(price) for price in priced if price is not None]
        flat = own.backhaul_usd_per_month is not None
        line = Tariff(((0, 0 if flat else max(metered)),), "", "", "") if flat or metered else None
        pue = exact(own.pue) if own.pue is not None else Fraction(self.assumed("pue", own.tier).micro, 1_000_000)
        feed = own.power_kw if own.power_kw is not None else own.grid_power_kw
        limit = millionths(feed) if own.power_kw is not None else math.floor(millionths(feed) / pue)
        stands = tuple(Stand(one, known[one][0], places[one]) for one in sorted(at))
        return Site(
            identity, "own", own.tier, name, country, None, *(point or (None, None)), "general",
            dict.fromkeys(own.certifications, "audited"), line, None, None, facts,
            None if spread else own.location or own.locations[0], limit, stands=stands, spread=spread,
        )  # fmt: skip

    def shares(self, workload: Workload) -> dict[str, int]:
        """Millionths of the demand by location."""
        found: dict[str, int] = {}
        for user in workload.users:
            found[user.location] = found.get(user.location, 0) + millionths(user.share_fraction)
        return found

    def at_place(self, workload: Workload, offer: "Offer", location: str) -> "Need":
        """What one place of a location takes: its even part of the location's share."""
        places = self.inventory.locations[location].count
        return self.share(workload, offer, Fraction(self.shares(workload)[location], 1_000_000 * places))

    def everywhere(self, workload: Workload, offer: "Offer") -> "Need":
        """Nodes of all places and the spares; nothing for workloads that do not live everywhere."""
        pooled = self.share(workload, offer, Fraction(1))
        if not workload.per_location or pooled.nodes is None:
            return pooled._replace(group=None, nodes=None, most=None)
        each = {name: self.at_place(workload, offer, name) for name in self.shares(workload)}
        used = sum(self.inventory.locations[name].count * need.nodes for name, need in each.items())
        return pooled._replace(
            group=max(need.group for need in each.values()),
            nodes=used + math.ceil(exact(workload.spares_fraction) * used),
            most=max(need.nodes for need in each.values()),
            late=any(need.late for need in each.values()),
            overdue=any(need.overdue for need in each.values()),
        )

    def updates(self, workload: Workload, site: Site) -> int:
        """A twelfth of a year's updates by hands."""
        visits = Fraction(thousandths(workload.hands_on_updates_per_year) * site.places, 12)
        return product(round(visits), self.visit(site))

    def links(self, site: Site) -> int:
        """The links of all places."""
        stated = site.facility.get("backhaul_usd_per_month")
        return product(site.places * 1000, stated.micro) if stated is not None else 0

    def line(self, location: str) -> list[tuple[int, int]]:
        """The tariff of a location's line: metered, or the flat rate of the assumption."""
        stated = self.inventory.locations[location].uplink_usd_per_gb
        on_prem = self.assumed("egress_usd_per_gb", "on_prem").micro
        return [(0, on_prem if stated is None else millionths(stated))]

    def beside(self, sender: Site, receiver: Site, end: str) -> bool:
        """Whether the site that computes stands where the other is, *end* by name, and nowhere else."""
        other, mine = (sender, receiver) if sender.id in (end, f"own/{end}") else (receiver, sender)
        return bool(mine.at) and mine.at <= other.at
