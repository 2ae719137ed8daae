"""The one place where inventory and catalog become arrays.

`Problem` holds every number on the smallest axes it depends on.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import UNKNOWN, Catalog
from placement.engine.alike import Alike, alike
from placement.engine.apart import Apart, Several, apart_of, several_of
from placement.engine.arrays import Bools, Floats, Ints, to_milli_x
from placement.engine.contact import contact_of
from placement.engine.copying import Copying, copying_of
from placement.engine.devices import Devices, devices_of
from placement.engine.flows import Copies, Flows, flows
from placement.engine.interconnect import Links, links_of
from placement.engine.legal import Legal, legal_of
from placement.engine.meets import meeting
from placement.engine.price_path import PricePath
from placement.engine.profiles import (
    Profile,
    at_users_profile,
    certification_profile,
)
from placement.engine.senders import Senders
from placement.engine.sizing import SizingInputs, sizing_inputs
from placement.engine.slo import Slos, slos_of
from placement.engine.spot import SpotTerms, spot_terms
from placement.engine.spread import Whole, asked_for, mixes_of, whole_of
from placement.engine.stock import plan_life_months
from placement.engine.supply import Supply, build_supply, power_kw_micro
from placement.engine.tariffs import TariffBook, Tariffs
from placement.engine.traffic import Traffic, traffic_of
from placement.engine.uplinks import Uplinks, uplinks_of
from placement.engine.work.build import trains, trains_w
from placement.inventory.asks import Asks
from placement.inventory.fleet.fleet import asks_of, ids_of
from placement.inventory.inventory import Inventory
from placement.inventory.members import parted, parted_ids
from placement.inventory.policy import Policies
from placement.inventory.workload import Workload
from placement.units import to_micro
from placement.words import TIERS


class Problem(NamedTuple):
    """Everything the engine computes with."""

    catalog: Catalog
    inventory: Inventory
    workloads: Sequence[Workload]
    ids: list[str]
    """Of the workloads."""
    supply: Supply
    horizon_months: int
    discount_rate_micro: int
    life_months: int
    # workload
    hours_milli_w: Floats
    interruptible_w: Bools
    trains_w: Bools
    """Its work is training runs, one after the other."""
    offline_w: Bools
    slo: Slos
    per_location_w: Bools
    """It lives at every place of its users' locations, if it lives at several."""
    hands_on_milli_w: Floats
    """Updates a year that need somebody at each place."""
    storage_milli_gb_w: Floats
    sizing: SizingInputs
    legal: Legal
    certification: Profile
    traffic: Traffic
    at_users: Profile
    contact: Profile
    flows_in: Flows
    flows_out: Flows
    flows_once: Flows
    copies: Flows
    meets_w: Bools
    """Tiers count several of its flows together at some kind of site."""
    links: Links
    devices: Devices
    copying: Copying | None
    """None where no dataset may have further copies."""
    uplinks: Uplinks
    apart: Apart
    several: Several | None
    """None where no workload is at several sites."""
    # site
    tier_s: Ints
    spread_s: Bools
    """Of several places."""
    whole: Whole
    tariffs: Tariffs
    pool_milli_t: Floats
    """What is sent under each pooled tariff in the plan as it stands; 0 where it is not known yet."""
    storage_tariff_s: Ints
    power_limit_kw_micro_s: Floats
    """NaN without a limit."""
    # offer
    tier_o: Ints
    node_power_kw_micro_o: Floats
    """0 for rented offers; NaN unknown."""
    spot: SpotTerms
    path: PricePath
    """Of the prices of what is rented."""
    # classes
    twins: Alike
    """Workloads that differ in nothing the engine computes with."""
    kinds: dict[str, Alike]
    """Workloads for which rules on the axes `wh` (what they need), `ws` (where they may be) and `wp` say the same."""
    charging: Alike
    """Sites whose tariffs are the same: terms on (workload, site) depend on nothing else of a site."""


def build_problem(catalog: Catalog, inventory: Inventory, copies: Copies | None = None) -> Problem:
    """Join inventory and catalog. The inventory's names must have been checked (`inventory.check`).

    Datasets are read from *copies* where these are.
    """
    asks = asks_of(inventory.workloads)
    supply = build_supply(catalog, inventory, asked_for(asks), trains(asks))
    book = TariffBook(catalog)
    storage_tariff_s, senders = _storage_tariffs(supply, book), Senders(catalog, inventory, supply.sites, book)
    mixes = mixes_of(inventory, asks)
    moved = flows(asks, inventory.datasets, senders, storage_tariff_s, mixes, copies or {})
    several = several_of(asks, supply.sites, senders)
    links, moved = links_of(catalog, inventory, supply.sites, senders, book, moved)
    devices, moved = devices_of(inventory, supply.sites, senders, book, moved)
    copying = copying_of(inventory, senders, copies or {})
    traffic = traffic_of(catalog, inventory, asks, supply)
    tariffs = book.table()  # of all that were met before
    count = len(asks.numbers["count"])
    problem = Problem(
        catalog=catalog,
        inventory=inventory,
        workloads=parted(inventory.workloads, asks.redundant, count),
        ids=parted_ids(ids_of(inventory.workloads), asks.redundant),
        supply=supply,
        horizon_months=inventory.horizon_months,
        discount_rate_micro=_discount_rate_micro(catalog, inventory.policies),
        life_months=plan_life_months(catalog, inventory.policies),
        **_stated(asks),
        sizing=sizing_inputs(catalog, inventory, supply.shapes, asks, mixes),
        legal=legal_of(catalog, inventory, asks, supply),
        certification=certification_profile(inventory, asks, supply),
        traffic=traffic,
        at_users=at_users_profile(asks, supply),
        contact=contact_of(inventory, supply.sites, senders, moved, traffic, several),
        **moved._asdict(),
        links=links,
        devices=devices,
        copying=copying,
        uplinks=uplinks_of(catalog, inventory, supply.sites, senders, moved, mixes, several),
        apart=apart_of(count, supply.sites, several),
        several=several,
        **_offered(catalog, inventory, supply),
        whole=whole_of(inventory, supply.sites, supply.site_o),
        tariffs=tariffs,
        pool_milli_t=np.zeros(len(tariffs.values)),
        storage_tariff_s=storage_tariff_s,
        **_UNCLASSED,
    )
    return classed(problem)


def _stated(asks: Asks) -> dict[str, Any]:
    """What workloads say of themselves in numbers, `w`."""
    numbers = asks.numbers
    return {
        "hours_milli_w": to_milli_x(numbers["hours"]),
        "interruptible_w": np.array(numbers["interruptible"]) > 0,
        "trains_w": trains_w(asks),
        "offline_w": np.array(numbers["offline"]) > 0,
        "slo": slos_of(numbers),
        "per_location_w": np.array(numbers["per_location"]) > 0,
        "hands_on_milli_w": to_milli_x(numbers["hands_on_updates"]),
        "storage_milli_gb_w": to_milli_x(numbers["storage_gb"]),
        "meets_w": np.zeros(len(numbers["count"]), dtype=np.bool_),
    }


def _offered(catalog: Catalog, inventory: Inventory, supply: Supply) -> dict[str, Any]:
    """What sites and offers say of themselves, `s` and `o`, and what is known of spot and of prices to come."""
    tier_s = np.array([TIERS.index(site.tier) for site in supply.sites], dtype=np.int64)
    return {
        "tier_s": tier_s,
        "spread_s": np.array([site.spread for site in supply.sites], dtype=np.bool_),
        "power_limit_kw_micro_s": power_limits(catalog, supply),
        "tier_o": tier_s[supply.site_o],
        "node_power_kw_micro_o": _node_power(supply),
        "spot": spot_terms(catalog),
        "path": _price_path(catalog, inventory),
    }


def _storage_tariffs(supply: Supply, book: TariffBook) -> Ints:
    return np.array([book.add(site.storage, "storage_usd_per_gb_month", site.tier) for site in supply.sites])


def _discount_rate_micro(catalog: Catalog, policies: Policies) -> int:
    rate = policies.discount_rate_fraction
    return catalog.assumption("discount_rate_fraction_per_year").micro if rate is None else to_micro(rate)


def _price_path(catalog: Catalog, inventory: Inventory) -> PricePath:
    stated = inventory.policies.rental_price_change_fraction_per_year
    change = catalog.assumption("rental_price_change_fraction_per_year").micro if stated is None else to_micro(stated)
    return PricePath(change, _discount_rate_micro(catalog, inventory.policies), inventory.horizon_months)


_UNKNOWN = Alike(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
_UNCLASSED: dict[str, Any] = {"twins": _UNKNOWN, "kinds": {}, "charging": _UNKNOWN}


def classed(problem: Problem) -> Problem:
    """The problem with its classes, and what else is found from its other arrays."""
    count, needs, legal = len(problem.ids), problem.sizing, problem.legal
    kinds: dict[str, list[NDArray[Any]]] = {
        "wh": [
            *(needs.count_w, needs.per_replica_w, needs.memory_milli_gib_w, needs.memory_stated_w, needs.ratio_row_w),
            legal.dedicated_r[legal.row_w],
            *(needs.mix_w, needs.spares_milli_w, needs.recipe_w, needs.load_w, needs.fraction_w),
            needs.checkpoint_milli_gb_w,
        ],
        "ws": [
            *(profile.row_w for profile in (legal, problem.certification, problem.traffic, problem.at_users)),
            problem.contact.row_w,
            *(problem.offline_w, *problem.slo, problem.uplinks.class_w, problem.per_location_w),
        ],
        "wp": [problem.interruptible_w, problem.trains_w],
    }
    if problem.several is not None:
        kinds["ws"].append(problem.apart.row_w)
        kinds["wp"].append(problem.hours_milli_w == 0)
    found = {axes: alike(count, columns) for axes, columns in kinds.items()}
    amounts: list[NDArray[Any]] = [problem.hours_milli_w, problem.storage_milli_gb_w, problem.hands_on_milli_w]
    for flow in (problem.flows_in, problem.flows_out, problem.flows_once, problem.copies):
        amounts += [flow.endpoint_wk, flow.volume_milli_wk, flow.stands_wk, flow.begin_milli_wk]
    twins = alike(count, [*(kind.class_x for kind in found.values()), *amounts])
    charging = _charging(problem)
    meets_w = meeting((problem.flows_in, problem.flows_out), problem.tariffs.pooled_t, charging.first_k)
    return problem._replace(twins=twins, kinds=found, charging=charging, meets_w=meets_w)


def _charging(problem: Problem) -> Alike:
    """Sites by everything that terms on (workload, site) may look at: tier, tariffs and stated facility prices."""
    sites = problem.supply.sites
    facilities: dict[object, int] = {}
    number_s = [facilities.setdefault(tuple(sorted(site.facility.items())), len(facilities)) for site in sites]
    moving = (problem.flows_in, problem.flows_out, problem.flows_once, problem.copies)
    all_doors = (problem.links.arriving, problem.links.leaving, problem.devices.doors)
    ways = [table.T for doors in all_doors for table in doors]
    tariffs = (*(flow.tariff_es.T for flow in moving), *ways, problem.storage_tariff_s)
    places_s = np.array([site.places for site in sites], dtype=np.int64)
    return alike(len(sites), [problem.tier_s, np.array(number_s, dtype=np.int64), places_s, problem.spread_s, *tariffs])


def _node_power(supply: Supply) -> Floats:
    power_o = supply.per_purchase([power_kw_micro(purchase) for purchase in supply.purchases])
    return np.where(power_o == UNKNOWN, np.nan, power_o)


def power_limits(catalog: Catalog, supply: Supply) -> Floats:
    """Power of each site [millionths of a kW]; NaN where it is the landlord's business."""
    limits = []
    for site in supply.sites:
        if site.power_kw_micro is not None:
            limits.append(float(site.power_kw_micro))
        elif site.tier == "colo":
            fact = site.facility.get("max_power_kw") or catalog.assumption("max_power_kw", "colo")
            limits.append(float(fact.micro))
        else:
            limits.append(np.nan)
    return np.array(limits)
