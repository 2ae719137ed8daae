"""The one place where inventory and catalog become arrays.

`Problem` holds every number on the smallest axes it depends on. Requirements that many workloads share (a residency
rule, a mix of users) are kept once, as rows of a profile table, and each workload holds the number of its row.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import PURCHASES, TIERS, Catalog
from placement.engine.flows import Flows, TariffBook, Tariffs, flows
from placement.engine.network import Place, median_rtt_ms, traffic_rtt_ms
from placement.engine.sizing import Floats, Ints, SizingInputs, canonical, sizing_inputs
from placement.engine.spot import SpotTerms, spot_terms
from placement.engine.supply import Supply, build_supply, power_kw_micro, resolve_location
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.units import MICRO, MILLI, to_micro, to_milli

Bools = NDArray[np.bool_]

UNKNOWN_MS = np.nan


class Profiles(NamedTuple):
    """Requirements by row, and the row of each workload."""

    row_w: Ints
    allowed_country_rs: Bools
    residency_row_w: Ints
    missing_certifications_rs: Ints
    certification_row_w: Ints
    rtt_ms_rs: Floats
    """RTT at the workload's users and percentile; NaN unknown."""
    rtt_row_w: Ints
    at_users_rs: Bools
    """Whether the site stands where all the users are."""
    users_row_w: Ints


class Problem(NamedTuple):
    """Everything the engine computes with."""

    catalog: Catalog
    inventory: Inventory
    workloads: list[Workload]
    supply: Supply
    horizon_months: int
    discount_rate_micro: int
    life_months: int
    # workload
    hours_milli_w: Floats
    interruptible_w: Bools
    offline_w: Bools
    slo_ms_w: Floats
    """NaN without an SLO."""
    storage_milli_gb_w: Floats
    sizing: SizingInputs
    profiles: Profiles
    flows_in: Flows
    flows_out: Flows
    # site
    tier_s: Ints
    tariffs: Tariffs
    storage_tariff_s: Ints
    power_limit_kw_micro_s: Floats
    """NaN without a limit."""
    # offer
    tier_o: Ints
    node_power_kw_micro_o: Floats
    """0 for rented offers; NaN unknown."""
    spot: SpotTerms


def build_problem(catalog: Catalog, inventory: Inventory) -> Problem:
    """Join inventory and catalog. The inventory's names must have been checked (`inventory.check`)."""
    supply = build_supply(catalog, inventory)
    workloads = list(inventory.workloads)
    book = TariffBook(catalog)
    flows_in, flows_out = flows(catalog, inventory, supply.sites, book)
    storage_tariff_s = np.array([book.add(site.storage, "storage_usd_per_gb_month", site.tier) for site in supply.sites])
    policies = inventory.policies
    rate = policies.discount_rate_fraction
    tier_s = np.array([TIERS.index(site.tier) for site in supply.sites], dtype=np.int64)
    power = [
        float(power_kw_micro(supply.purchases[bought])) if bought >= 0 else 0.0 for bought in supply.bought_o.tolist()
    ]
    return Problem(
        catalog=catalog,
        inventory=inventory,
        workloads=workloads,
        supply=supply,
        horizon_months=inventory.horizon_months,
        discount_rate_micro=(
            to_micro(rate) if rate is not None else catalog.assumption("discount_rate_fraction_per_year").micro
        ),
        life_months=policies.hardware_life_months or catalog.assumption("owned_life_months").micro // MICRO,
        hours_milli_w=np.array([to_milli(workload.demand.accelerators.hours) for workload in workloads], dtype=np.float64),
        interruptible_w=np.array([workload.interruptible for workload in workloads], dtype=np.bool_),
        offline_w=np.array([workload.offline for workload in workloads], dtype=np.bool_),
        slo_ms_w=np.array([workload.slo.rtt_ms if workload.slo else np.nan for workload in workloads], dtype=np.float64),
        storage_milli_gb_w=np.array([to_milli(workload.storage_gb) for workload in workloads], dtype=np.float64),
        sizing=sizing_inputs(catalog, supply.shapes, workloads),
        profiles=_profiles(catalog, inventory, supply, workloads),
        flows_in=flows_in,
        flows_out=flows_out,
        tier_s=tier_s,
        tariffs=book.table(),
        storage_tariff_s=storage_tariff_s,
        power_limit_kw_micro_s=_power_limits(catalog, supply),
        tier_o=tier_s[supply.site_o],
        node_power_kw_micro_o=np.where(np.array(power) < 0, np.nan, power),
        spot=spot_terms(catalog),
    )


def _power_limits(catalog: Catalog, supply: Supply) -> Floats:
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


class _Rows:
    """Distinct requirements in order of first appearance."""

    def __init__(self) -> None:
        self.index: dict[object, int] = {}

    def row(self, requirement: object) -> int:
        return self.index.setdefault(requirement, len(self.index))


def _profiles(catalog: Catalog, inventory: Inventory, supply: Supply, workloads: list[Workload]) -> Profiles:
    residency, certifications, latency, users = _Rows(), _Rows(), _Rows(), _Rows()
    place_index = {name: index for index, name in enumerate(inventory.locations)}
    residency_row_w, certification_row_w, rtt_row_w, users_row_w = [], [], [], []
    common = inventory.policies.certifications
    for workload in workloads:
        mix = tuple((place_index[user.location], to_milli(user.share_fraction)) for user in workload.users)
        percentile = workload.slo.percentile if workload.slo else 50.0
        residency_row_w.append(residency.row(tuple(workload.residency)))
        certification_row_w.append(certifications.row(tuple(sorted({*workload.certifications, *common}))))
        rtt_row_w.append(latency.row((mix, percentile)))
        users_row_w.append(users.row(tuple(sorted({user.location for user in workload.users}))))
    places: list[Place] = [
        (name, *resolve_location(catalog, location)[1:]) for name, location in inventory.locations.items()
    ]
    rtt_ls = median_rtt_ms(catalog, places, supply.sites)
    sites = supply.sites
    return Profiles(
        row_w=np.arange(len(workloads)),
        allowed_country_rs=_by_row(residency, [allowed_countries(catalog, list(row)) for row in residency.index],
                                   sites, lambda allowed, site: allowed is None or site.country in allowed),
        residency_row_w=np.array(residency_row_w, dtype=np.int64),
        missing_certifications_rs=_by_row(
            certifications, list(certifications.index), sites,
            lambda needed, site: len(missing_certifications(inventory, needed, site.certifications)),
        ).astype(np.int64),
        certification_row_w=np.array(certification_row_w, dtype=np.int64),
        rtt_ms_rs=np.array([_rtt_row(catalog, rtt_ls, row, len(sites)) for row in latency.index]),
        rtt_row_w=np.array(rtt_row_w, dtype=np.int64),
        at_users_rs=_by_row(users, list(users.index), sites,
                            lambda names, site: len(names) == 1 and site.location == names[0]),
        users_row_w=np.array(users_row_w, dtype=np.int64),
    )  # fmt: skip


def _by_row(rows: _Rows, requirements, sites, rule):  # type: ignore[no-untyped-def]
    table = np.array([[rule(requirement, site) for site in sites] for requirement in requirements])
    return table.reshape(len(rows.index), len(sites))


def _rtt_row(catalog: Catalog, rtt_ls: Floats, row: object, sites: int) -> Floats:
    mix, percentile = row  # type: ignore[misc]
    if not mix:
        return np.full(sites, UNKNOWN_MS)
    return traffic_rtt_ms(catalog, rtt_ls, [place for place, _ in mix], [share for _, share in mix], percentile)


def allowed_countries(catalog: Catalog, names: list[str]) -> frozenset[str] | None:
    """Country codes meant by a list of countries and groups; None when nothing is required."""
    if not names:
        return None
    return frozenset(country for name in names for country in catalog.groups.get(name, [name]))


def missing_certifications(inventory: Inventory, needed: tuple[str, ...], held: dict[str, str]) -> list[str]:
    """Which of *needed* a site does not hold on evidence the policies accept."""
    accepted = {"audited", "claimed"} if inventory.policies.claimed_certifications else {"audited"}
    return [name for name in needed if held.get(name) not in accepted]


__all__ = ["PURCHASES", "MILLI", "Problem", "Profiles", "allowed_countries", "build_problem", "canonical",
           "missing_certifications"]  # fmt: skip
