"""The oracle's part on nodes of one's own (`docs/costs.md`): what is bought, leased or there already."""

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from oracle_arithmetic import annuity_micro, ceil_div, exact, millionths, product

from placement.catalog.tables import Fact, Node, Site

if TYPE_CHECKING:
    from oracle import Offer

MONTH_HOURS = 730
CENT = 10_000


def to_the_cent(micro: Fraction) -> int:
    """Micro-dollars in whole cents, half-even."""
    return round(micro / CENT) * CENT


class Owned:
    """What an oracle says of nodes; a part of `oracle.Oracle`."""

    catalog: Any
    inventory: Any
    policies: Any

    def stocks(self, own: Any) -> list[tuple[tuple[str, int, int | None, int | None], int]]:
        """Equal hardware that is there is one stock: node, what is left of its price, months, its price when new."""
        stocks: dict[tuple[str, int, int | None, int | None], int] = {}
        for hardware in own.hardware:
            listed = self.catalog.nodes[hardware.node].capex
            price = listed.micro if listed else -1
            capex, life, new = price, hardware.life_months, None
            if hardware.capex_usd is not None:
                capex = millionths(hardware.capex_usd)
            if hardware.age_months is not None:
                life = self.plan_life() - hardware.age_months
                if hardware.capex_usd is None and price >= 0 and hardware.age_months:
                    # Straight line from the price down to what it is worth at the end of its life.
                    kept = math.floor(price * self.kept())
                    capex = to_the_cent(price - Fraction((price - kept) * hardware.age_months, self.plan_life()))
                    new = price
                elif hardware.capex_usd is None and price >= 0:
                    capex = to_the_cent(Fraction(price))
            key = (hardware.node, capex, life, new)
            stocks[key] = stocks.get(key, 0) + hardware.nodes
        return sorted(stocks.items(), key=str)

    def plan_life(self) -> int:
        """Months over which bought nodes are written off."""
        return self.policies.hardware_life_months or int(self.figure("owned_life_months"))

    def kept(self) -> Fraction:
        """The share of its price that a bought node is worth at the end of its life."""
        stated = self.policies.hardware_residual_fraction
        return self.figure("owned_residual_fraction") if stated is None else exact(stated)

    def cost_bought(self, offer: "Offer") -> int:
        """All of one node and month but what is paid for a placement as a whole."""
        node, site = offer.node, offer.site
        assert node is not None and offer.capex is not None and node.max_power_kw is not None
        kilowatt = Fraction(node.max_power_kw.micro, 1_000_000)
        failed = round(node.accelerators * self.figure("accelerator_failures_per_year") / 12 * 1000)
        listed = node.capex.micro if node.capex else offer.capex
        spare = node.replacement.micro if node.replacement else listed // node.accelerators
        rent = site.facility.get("usd_per_kw_month")
        if rent is None and site.tier == "colo":
            rent = self.assumed("facility_usd_per_kw_month", "colo")
        pue = Fraction((site.facility.get("pue") or self.assumed("pue", site.tier)).micro, 1_000_000)
        kilowatt_hours = kilowatt * self.figure("power_load_fraction") * pue * MONTH_HOURS
        network = self.switches(node, site, offer)
        return (
            self.monthly(offer, offer.capex, offer.new or offer.capex)
            + self.monthly(offer, network, network)
            + product(failed, spare)
            + self.support(site, max(0, listed - node.accelerators * spare))
            + product(failed, self.visit(site))
            + self.people(node, site)
            + (product(math.ceil(kilowatt * 1000), rent.micro) if rent else 0)
            + product(math.floor(kilowatt_hours * 1000), self.electricity(site))
        )

    def monthly(self, offer: "Offer", price: int, new: int) -> int:
        """A price as a level payment, over the lease or the life, at whose end a share of a new one's is left."""
        if offer.purchase == "lease":
            term, horizon = int(self.figure("lease_term_months")), self.inventory.horizon_months
            paid = annuity_micro(price, self.figure("lease_rate_fraction_per_year"), term, 0)
            return math.floor(Fraction(paid * ceil_div(horizon, term) * term, horizon))
        stated = self.policies.discount_rate_fraction
        rate = exact(stated) if stated is not None else self.figure("discount_rate_fraction_per_year")
        worth = math.floor(new * self.kept())
        return annuity_micro(price, rate, offer.life or self.plan_life(), worth)

    def switches(self, node: Node, site: Site, offer: "Offer") -> int:
        """Switches and cables of one further node with a fabric."""
        if offer.existing is not None or not node.fabric:
            return 0
        stated = site.facility.get("network_usd_per_node")
        if stated is not None:
            return stated.micro
        speed = self.figure("fabric_gbit_per_s_per_accelerator") * node.accelerators
        if node.link is not None:
            speed = Fraction(node.link.micro, 1_000_000)
        return to_the_cent(speed * self.assumed("fabric_usd_per_gbit_per_s").micro)

    def support(self, site: Site, price: int) -> int:
        """A support contract on what a node costs beyond its accelerators."""
        stated = site.facility.get("maintenance_fraction_per_year")
        fraction = Fraction((stated or self.assumed("maintenance_fraction_per_year")).micro, 1_000_000)
        return to_the_cent(price * fraction / 12)

    def people(self, node: Node, site: Site) -> int:
        """Who runs it."""
        stated = site.facility.get("staff_usd_per_node_month")
        if stated is not None:
            return stated.micro
        runs = Fraction(self.assumed("staff_accelerators_per_engineer", site.tier).micro, 1_000_000)
        return to_the_cent(self.assumed("staff_usd_per_engineer_year").micro * node.accelerators / runs / 12)

    def visit(self, site: Site) -> int:
        """Price of a visit [micro-USD]: hands are hired in colocation and where there are several places."""
        stated: Fact | None = site.facility.get("visit_usd")
        if stated is not None:
            return stated.micro
        hired = site.spread or site.tier == "colo"
        return self.assumed("visit_usd", site.tier).micro if hired else 0

    def electricity(self, site: Site) -> int:
        """Price per kWh [micro-USD]."""
        known = self.catalog.electricity
        if len(site.countries) > 1 and "usd_per_kwh" not in site.facility:
            unknown = self.assumed("energy_usd_per_kwh")
            return max(known.get(str(country), unknown).micro for country in site.countries)
        for fact in (site.facility.get("usd_per_kwh"), known.get(f"{site.country}-{site.subdivision}"),
                     known.get(str(site.country))):  # fmt: skip
            if fact is not None:
                return fact.micro
        return self.assumed("energy_usd_per_kwh").micro

    def assumed(self, name: str, tier: str = "") -> Fact:
        """The catalog's figure."""
        raise NotImplementedError

    def figure(self, name: str) -> Fraction:
        """The same as a number."""
        raise NotImplementedError
