"""The slow, obvious second opinion: one workload, one offer, plain integers and fractions.

Written from `docs/costs.md` and `docs/constraints.md`; it shares no code with `placement.engine`.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from oracle_arithmetic import (
    annuity_micro,
    ceil_div,
    exact,
    power_of_two,
    tariff_of,
    thousandths,
    tiered,
    units_to_pay,
)
from oracle_flows import cost_apart, is_cut_off, overloads_uplink, paid
from oracle_network import NetworkOracle
from oracle_owned import Owned
from oracle_places import Places
from oracle_prices import rented_cost
from oracle_rules import Rules
from oracle_signed import signed_cost, signed_offers
from oracle_spot import gang_of, written_milli
from oracle_work import Need, WorkOracle

from placement.catalog.tables import AVAILABILITIES, HOSTINGS, Catalog, Fact, Node, Site
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.words import PAYMENTS, PURCHASES

MONTH_HOURS = 730


@dataclass(frozen=True)
class Offer:
    """One row of the world: rented by the hour, or a node bought or leased."""

    id: str
    site: Site
    accelerator: str
    units: int
    per_node: int
    fabric: bool
    purchase: str
    hosting: str = "secure"
    availability: str = ""
    price: int | None = None
    node: Node | None = None
    capex: int | None = None
    life: int | None = None
    existing: int | None = None
    each: bool = False
    """At each of several places."""
    new: int | None = None
    """The price of a new one, where that is known beside what is left of it."""
    upfront: int = 0
    """Paid at the begin of each term."""
    payment: int = 0
    months: int = 0
    """Of a rented lease."""
    signed: tuple[int, int] | None = None
    """Of what is signed already: months of the horizon after its end, and months of the terms that then begin."""


class Verdict(NamedTuple):
    """The rules an offer breaks, and what it would cost a month [micro-USD] if it breaks none."""

    broken: frozenset[str]
    cost: int | None


class Oracle(Owned, Places):
    """Every workload of an inventory against every offer there is."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self.catalog = catalog
        self.inventory = inventory
        self.policies = inventory.policies
        self.network = NetworkOracle(catalog, inventory)
        self.rules = Rules(catalog, inventory)
        self.sites = {site.id: site for site in [*catalog.sites, *self.own_sites()]}
        rented = [*self.rented()]
        keyed = [*rented, *signed_offers(self, [offer for _, offer in rented]), *self.bought()]
        keyed.sort(key=lambda pair: pair[0])
        self.offers = [offer for _, offer in keyed]
        self.work = WorkOracle(self)
        self._needs: dict[tuple[str, str, int, int, bool, bool, bool], Need] = {}
        self._at_site: dict[tuple[str, str], tuple[frozenset[str], int]] = {}

    def figure(self, name: str, tier: str = "") -> Fraction:
        return Fraction(self.assumed(name, tier).micro, 1_000_000)

    def assumed(self, name: str, tier: str = "") -> Fact:
        by_tier = self.catalog.assumptions[name]
        return by_tier.get(tier) or by_tier[""]

    def rented(self):
        table, strings = self.catalog.offers, self.catalog.strings
        for row in range(len(table.site_o)):
            site, shape = self.catalog.sites[int(table.site_o[row])], self.catalog.shapes[int(table.shape_o[row])]
            sku, purchase = strings[int(table.sku_o[row])], PURCHASES[int(table.purchase_o[row])]
            price = int(table.price_micro_o[row])
            payment = PAYMENTS[int(table.payment_o[row])]
            months = int(table.months_o[row])
            way = f"{purchase}{f'-{months}m' if months else ''}{f'-{payment}' if payment else ''}"
            yield (site.id, sku, PURCHASES.index(purchase), PAYMENTS.index(payment), months), Offer(
                f"{site.id}/{sku}/{way}", site, shape.accelerator, shape.units, shape.per_node,
                bool(shape.fabric), purchase, HOSTINGS[int(table.hosting_o[row])],
                AVAILABILITIES[int(table.availability_o[row])], price if price >= 0 else None,
                upfront=int(table.upfront_micro_o[row]), payment=PAYMENTS.index(payment), months=months,
            )  # fmt: skip

    def bought(self):
        for site in self.sites.values():
            own = self.inventory.sites[site.name] if site.provider == "own" else None
            if own is not None:
                yield from self.existing(site, own)
            if site.tier == "colo" if own is None else own.may_buy:
                for node in self.catalog.nodes.values():
                    for purchase in ("lease", "owned") if site.tier in node.tiers else ():
                        yield self.of_node(site, node, node.id, purchase, node.capex and node.capex.micro, None, None)

    def existing(self, site: Site, own):
        """Equal hardware is one stock; several stocks of one node are told apart by a number."""
        ordered = self.stocks(own)
        for number, ((name, capex, life, new), count) in enumerate(ordered, 1):
            alone = sum(key[0] == name for key, _ in ordered) == 1
            sku = f"existing-{name}" if alone else f"existing-{name}-{number}"
            node = self.catalog.nodes[name]
            yield self.of_node(site, node, sku, "owned", capex if capex >= 0 else None, life, count, new)

    def of_node(self, site: Site, node: Node, sku: str, purchase: str, capex: int | None, life, count, new=None):
        offer = Offer(f"{site.id}/{sku}/{purchase}", site, node.accelerator, node.accelerators, node.accelerators,
                      bool(node.fabric), purchase, "secure", "", None, node, capex, life, count,
                      site.spread, new)  # fmt: skip
        return (site.id, sku, PURCHASES.index(purchase), 0, 0), offer

    def verdict(self, workload: Workload, offer: Offer) -> Verdict:
        need = self.need(workload, offer)
        key = (workload.id, offer.site.id)
        if key not in self._at_site:
            self._at_site[key] = (self.broken_at(workload, offer.site), self.cost_at(workload, offer.site))
        at_site, site_cost = self._at_site[key]
        broken = at_site | self.broken_by(workload, offer, need)
        if broken or need.nodes is None:
            return Verdict(broken, None)
        return Verdict(broken, need.nodes * self.cost_per_node(workload, offer) + site_cost)

    def canonical(self, name: str) -> str:
        return name if name in self.catalog.accelerators else self.catalog.aliases[name]

    def need(self, workload: Workload, offer: Offer) -> Need:
        key = (
            workload.id,
            offer.accelerator,
            offer.units,
            offer.per_node,
            offer.fabric,
            offer.each,
            offer.purchase == "spot",
        )
        if key not in self._needs:
            once = Fraction(1)
            self._needs[key] = self.everywhere(workload, offer) if offer.each else self.share(workload, offer, once)
        return self._needs[key]

    def share(self, workload: Workload, offer: Offer, share: Fraction) -> Need:
        """What a share of the demand takes."""
        demand = workload.demand.accelerators
        if demand is None:
            return self.work.need(workload, offer, share)
        return self.part(workload, offer, share * demand.count)

    def memory(self, workload: Workload) -> Fraction | None:
        """What one replica needs [GiB]."""
        demand = workload.demand.accelerators
        if demand.memory_gib is not None:
            return Fraction(thousandths(demand.memory_gib), 1000)
        today = self.catalog.accelerators[self.canonical(demand.model)].memory_gib
        if today is None:
            return None
        return demand.accelerators_per_replica * exact(today) * self.figure("memory_usable_fraction")

    def usable(self, accelerator: str) -> Fraction | None:
        gib = self.catalog.accelerators[accelerator].memory_gib
        if gib is None:
            return None
        return Fraction(math.floor(exact(gib) * self.figure("memory_usable_fraction") * 1000), 1000)

    def ratio_milli(self, workload: Workload, accelerator: str) -> int:
        demand = workload.demand.accelerators
        today = self.canonical(demand.model)
        if accelerator == today:
            return 1000
        rows = self.catalog.ratios.get(demand.throughput_class or "", {})
        if accelerator not in rows or today not in rows or not rows[today].milli:
            return 0
        return rows[accelerator].milli * 1000 // rows[today].milli

    def part(self, workload: Workload, offer: Offer, count: Fraction) -> Need:
        """What so much of the demand takes."""
        demand = workload.demand.accelerators
        ratio = self.ratio_milli(workload, offer.accelerator)
        usable, memory = self.usable(offer.accelerator), self.memory(workload)
        same = offer.accelerator == self.canonical(demand.model)
        if same and demand.memory_gib is None:
            holds = demand.accelerators_per_replica
        elif usable is not None and memory is not None:
            holds = power_of_two(max(1, math.ceil(memory / usable)))
        elif same:
            holds = power_of_two(demand.accelerators_per_replica)
        else:
            return Need(ratio > 0, False, None, None)
        if not ratio:
            return Need(False, True, None, None)
        total = max(math.ceil(count * 1000 / ratio), holds)
        if math.ceil(count / demand.accelerators_per_replica) == 1:
            group = total
        else:
            group, total = holds, ceil_div(total, holds) * holds
        nodes = units_to_pay(total, group, offer.units, offer.per_node)
        return Need(True, True, group, nodes, nodes)

    def broken_by(self, workload: Workload, offer: Offer, need: Need) -> frozenset[str]:
        """Rules about the offer itself."""
        policies = self.policies
        allowed = policies.allowed_accelerators
        names = None if allowed is None else [self.canonical(name) for name in allowed]
        denied = [self.canonical(name) for name in policies.denied_accelerators]
        models = policies.allowed_purchase_models
        rules = {
            "isolation": self.rules.shared(workload, offer.hosting, offer.units, offer.per_node),
            "rated": not need.rated,
            "memory": not self.fits(workload, offer, need),
            "precision": not need.native,
            "token_latency": need.late,
            "deadline": need.overdue,
            "fabric": need.group is not None and need.group > offer.per_node and not offer.fabric,
            "interruptible": offer.purchase == "spot" and not workload.interruptible,
            "in_one_go": offer.purchase == "capacity_block" and workload.demand.training is None,
            "capacity": offer.existing is not None and (need.most or 0) > offer.existing,
            "power": offer.node is not None and self.overloads(offer, need.most or 0),
            "price_known": not self.priced(offer),
            "accelerator": (names is not None and offer.accelerator not in names) or offer.accelerator in denied,
            "purchase_model": models is not None and offer.purchase not in models,
            "hosting": offer.hosting in ("community", "marketplace") and not policies.community_hosts,
            "availability": offer.availability == "limited" and not policies.limited_offers,
        }
        return frozenset(name for name, broken in rules.items() if broken)

    def fits(self, workload: Workload, offer: Offer, need: Need) -> bool:
        if workload.demand.accelerators is None:
            return need.fits
        memory, usable = self.memory(workload), self.usable(offer.accelerator)
        if need.holds_known and memory is not None and usable is not None and not offer.fabric:
            return memory <= offer.per_node * usable
        return need.holds_known

    def priced(self, offer: Offer) -> bool:
        if offer.node is None:
            return offer.price is not None
        return offer.capex is not None and offer.node.max_power_kw is not None

    def site_kw_micro(self, site: Site) -> int | None:
        if site.power_kw_micro is not None:
            return site.power_kw_micro
        if site.tier != "colo":
            return None
        return (site.facility.get("max_power_kw") or self.assumed("max_power_kw", "colo")).micro

    def overloads(self, offer: Offer, nodes: int) -> bool:
        """Known power only: a node of unknown power fails `price_known`."""
        limit, power = self.site_kw_micro(offer.site), offer.node and offer.node.max_power_kw
        return limit is not None and power is not None and nodes > limit // power.micro

    def broken_at(self, workload: Workload, site: Site) -> frozenset[str]:
        """Rules about the place."""
        policies = self.policies
        users = {user.location for user in workload.users}
        providers, tiers = policies.allowed_providers, policies.allowed_tiers
        countries = self.countries(policies.allowed_countries)
        rtt, budget = self.rtt_micro_s(workload, site), self.network.budget(workload)
        rules = {
            "places": site.spread and not (workload.per_location and users == site.at),
            "offline": workload.offline and users != site.at,
            "rtt": budget is not None and (rtt is None or rtt > budget),
            "uplink": overloads_uplink(self, workload, site),
            "connected": is_cut_off(self, workload, site),
            **self.rules.broken_at(workload, site),
            "provider": (providers is not None and site.provider not in (*providers, "own"))
            or site.provider in policies.denied_providers,
            "tier": (tiers is not None and site.tier not in tiers) or site.tier in policies.denied_tiers,
            "country": (countries is not None and not site.countries <= countries)
            or bool(site.countries & {*policies.denied_countries})
            or (None in site.countries and bool(policies.denied_countries)),
            "access": site.access not in policies.allowed_access,
        }
        return frozenset(name for name, broken in rules.items() if broken)

    def countries(self, names: list[str] | None) -> set[str] | None:
        if names is None:
            return None
        return {country for name in names for country in self.catalog.groups.get(name, [name])}

    def rtt_micro_s(self, workload: Workload, site: Site) -> int | None:
        """RTT to the workload's users at its percentile, in whole microseconds; None unknown, or without users."""
        if not workload.users:
            return None
        trip, percentile = self.network.counts(workload, site)
        return trip.at(percentile)

    def cost_at(self, workload: Workload, site: Site) -> int:
        """Storage, bytes, links, updates and the cross connect: per placement, whatever is bought."""
        stored = tariff_of(site.storage, self.assumed("storage_usd_per_gb_month", site.tier))
        total = tiered(stored, thousandths(workload.storage_gb)) + self.links(site) + self.updates(workload, site)
        if site.tier == "colo":
            connect = site.facility.get("cross_connect_usd_per_month")
            total += (connect or self.assumed("cross_connect_usd_per_month", "colo")).micro
        total += cost_apart(self, workload, site)
        sent: dict[tuple[str, tuple[tuple[int, int], ...]], int] = {}
        for payee, tiers, milli in self.paid(workload, site):
            total += tiered(list(tiers), milli, sent.get((payee, tiers), 0))
            sent[payee, tiers] = sent.get((payee, tiers), 0) + milli
        return total

    def paid(self, workload: Workload, site: Site):
        """Who is paid for each flow that may share tiers with others, by which tiers, and for how much."""
        return paid(self, workload, site)

    def cost_per_node(self, workload: Workload, offer: Offer) -> int:
        if offer.node is not None:
            return self.cost_bought(offer)
        assert offer.price is not None
        milli = self.hours_milli(workload, offer)
        if offer.signed is not None:
            return signed_cost(self, offer, milli)
        if offer.purchase == "spot":
            if workload.demand.serving is not None or workload.demand.video is not None:
                return self.served_on_spot(workload, offer, milli)
            need, restarts, twin = self.need(workload, offer), self.restarts(workload, offer), self.twin(offer)
            if milli and twin is not None and need.after_milli:
                stays = ceil_div((milli - need.moved_milli) * restarts, 1000)
                return rented_cost(self, stays, offer.price) + rented_cost(self, need.after_milli, twin.price)
            milli = ceil_div(milli * restarts, 1000)
        elif offer.purchase == "capacity_block":
            milli = self.whole_days(milli)
        elif offer.purchase != "on_demand":
            term = offer.months or {"reserved_1y": 12, "reserved_3y": 36}[offer.purchase]
            ahead = annuity_micro(offer.upfront, self.rate(), term, Fraction(0))
            hours = round(self.stretch(term) * MONTH_HOURS * 1000)
            return rented_cost(self, hours, offer.price, term) + math.floor(ahead * self.stretch(term))
        return rented_cost(self, milli, offer.price)

    def whole_days(self, milli: int) -> int:
        """Paid for of a block: whole days, beyond some in steps, no more than the month has."""
        days, step = ceil_div(milli, 24_000), int(self.figure("block_step_days"))
        if days > self.figure("block_daily_days"):
            days = ceil_div(days, step) * step
        return min(days * 24_000, MONTH_HOURS * 1000)

    def rate(self) -> Fraction:
        """Yearly cost of capital."""
        stated = self.policies.discount_rate_fraction
        return exact(stated) if stated is not None else self.figure("discount_rate_fraction_per_year")

    def served_on_spot(self, workload: Workload, offer: Offer, milli: int) -> int:
        """All nodes come and go together; what they do not do is done on demand."""
        nodes = max(ceil_div(self.need(workload, offer).nodes * offer.units, offer.per_node), 1)
        gang, twin = gang_of(self, nodes, 50), self.twin(offer)
        stays = rented_cost(self, round(milli * gang.share), offer.price)
        warming = min(float(self.figure("spot_restart_hours")) / float(gang.up), 1.0)
        without = 1 - gang.share * (1 - warming)
        return stays + (rented_cost(self, round(milli * without), twin.price) if twin is not None else 0)

    def restarts(self, workload: Workload, offer: Offer) -> int:
        """Thousandths of an hour that an hour of work takes on spot."""
        need, demand = self.need(workload, offer), workload.demand.accelerators
        size, nodes = need.checkpoint_gb, need.gang
        if demand is not None:
            size, nodes = demand.checkpoint_gb, ceil_div(need.nodes * offer.units, offer.per_node)
        return gang_of(self, max(nodes, 1), written_milli(self, size, max(nodes, 1))).paid_milli

    def twin(self, offer: Offer) -> Offer | None:
        """The same on demand, if it may be had and has a price."""
        models = self.policies.allowed_purchase_models
        for other in self.offers:
            if other.id == offer.id.removesuffix("spot") + "on_demand" and other.price:
                late = other.availability == "limited" and not self.policies.limited_offers
                return None if late or (models is not None and "on_demand" not in models) else other
        return None

    def hours_milli(self, workload: Workload, offer: Offer) -> int:
        """Of use, a month."""
        demand = workload.demand.accelerators
        if demand is None:
            return 0 if workload.__dict__.get("idle") else self.need(workload, offer).hours_milli
        stated = demand.hours_per_month
        return round((exact(stated) if stated is not None else exact(demand.utilization_fraction) * MONTH_HOURS) * 1000)

    def stretch(self, term: int) -> Fraction:
        """Months paid per month of the plan."""
        horizon = self.inventory.horizon_months
        return Fraction(ceil_div(horizon, term) * term, horizon)
