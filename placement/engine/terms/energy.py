"""Electricity of bought nodes: typical draw × PUE × every hour of the month × the local price."""

from __future__ import annotations

import numpy as np

from placement.catalog.tables import Catalog, Fact, Site
from placement.engine.problem import Problem
from placement.engine.supply import pue_fact
from placement.engine.terms.base import Provenance, Rate, Term, nothing_variable
from placement.units import HOURS_PER_MONTH, MICRO


def energy_fact(catalog: Catalog, site: Site) -> Fact:
    """Price per kWh: the site's own, else its state's, else its country's, else the catalog's assumption.

    At places in several countries it is the highest of theirs.
    """
    stated = site.facility.get("usd_per_kwh")
    if stated is not None:
        return stated
    if len(site.countries) > 1:
        otherwise = catalog.assumption("energy_usd_per_kwh")
        found = [(catalog.electricity.get(str(country), otherwise), str(country)) for country in site.countries]
        dearest, country = max(found, key=lambda pair: (pair[0].micro, pair[1]))
        return dearest._replace(assumed=True, note=f"the highest of its countries' prices, {country}'s")
    for key in (f"{site.country}-{site.subdivision}", str(site.country)):
        if key in catalog.electricity:
            return catalog.electricity[key]
    return catalog.assumption("energy_usd_per_kwh")


def _rates(problem: Problem) -> list[Rate]:
    """KWh per node-month; the load fraction applies around the clock, which is generous to idle nodes."""
    supply, catalog = problem.supply, problem.catalog
    hosting_s = np.zeros(len(supply.sites), dtype=np.bool_)
    hosting_s[supply.site_o[supply.bought_o >= 0]] = True
    facts: list[Fact | None] = [
        energy_fact(catalog, site) if hosts else None
        for site, hosts in zip(supply.sites, hosting_s.tolist(), strict=True)
    ]
    price_s = np.array([fact.micro if fact is not None else 0 for fact in facts], dtype=np.float64)
    pue_s = np.array(
        [
            pue_fact(catalog, site).micro if hosts else 0
            for site, hosts in zip(supply.sites, hosting_s.tolist(), strict=True)
        ],
        dtype=np.float64,
    )
    load = catalog.assumption("power_load_fraction").micro
    pue_o = pue_s[supply.site_o]
    quantity_o = np.zeros(len(supply.site_o))
    power_o = np.where(
        (supply.bought_o >= 0) & ~np.isnan(problem.node_power_kw_micro_o), problem.node_power_kw_micro_o, 0
    )
    for power, pue in sorted(set(zip(power_o.tolist(), pue_o.tolist(), strict=True))):
        kwh_milli = int(power) * load * int(pue) * HOURS_PER_MONTH * 1000 // MICRO**3
        quantity_o[(power_o == power) & (pue_o == pue)] = kwh_milli

    def provenance(_row: int, offer: int) -> Provenance:
        fact = facts[int(supply.site_o[offer])]
        return Provenance.of(fact) if fact is not None else Provenance("", "")

    return [Rate("energy", "electricity", "kWh", "o", quantity_o, price_s[supply.site_o], provenance)]


ENERGY = Term("energy", "electricity of bought nodes", _rates, nothing_variable)
