"""Inventory and catalog → what binds workloads where they run today, and what the roadmap keeps to."""

from __future__ import annotations

from typing import NamedTuple

from placement.catalog.tables import Catalog, Fact
from placement.finance.months import Month, month_of
from placement.inventory.current import Current
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.roadmap.model import Figure, Settings, Today
from placement.units import MICRO, to_cents
from placement.words import OWN

ORDERED_TIERS = ("colo", "on_prem", "edge")
"""Tiers at which nodes are bought or leased."""

_DAYS_PER_WEEK, _DAYS_PER_YEAR, _MONTHS_PER_YEAR = 7, 365, 12


def todays_of(inventory: Inventory, start: Month) -> dict[str, Today]:
    """By workload, of those that say where they run today; month 1 is *start*."""
    return {one.id: _today(one, one.current, inventory, start) for one in inventory.workloads if one.current}


def _today(workload: Workload, current: Current, inventory: Inventory, start: Month) -> Today:
    until = month_of(current.committed_until or "")
    committed = max(0, start.months_to(until) + 1) if until else 0
    stated = current.committed_usd_per_month
    return Today(
        site=_site(current.site or "", inventory),
        purchase=current.purchase or "",
        committed_until=current.committed_until or "",
        committed_months=committed,
        committed_cents=to_cents(current.monthly_cost_usd if stated is None else stated) if committed else 0,
        migration_cents=None if current.migration_usd is None else to_cents(current.migration_usd),
        resale_cents=None if current.resale_usd is None else to_cents(current.resale_usd),
        is_critical=_is_critical(workload),
        dual_months=current.dual_running_months,
    )


def _site(name: str, inventory: Inventory) -> str:
    """As the plan writes it: an own site may be named with or without its prefix."""
    return f"{OWN}/{name}" if name in inventory.sites else name


def _is_critical(workload: Workload) -> bool:
    rules = (workload.residency, workload.certifications, workload.data, workload.operators, workload.redundancy)
    return any(rules) or workload.slo is not None or workload.offline or workload.isolation != "shared"


class Stated(NamedTuple):
    """What is stated for one roadmap; None where nothing is."""

    dual_months: int | None = None
    most_per_wave: int | None = None
    every_months: int | None = None


def settings_of(catalog: Catalog, inventory: Inventory, start: Month, stated: Stated) -> Settings:
    """What is stated for this roadmap holds before the inventory's policy, and that before the catalog's figure."""
    policy = inventory.policies.roadmap
    dual, by = policy.dual_running_months, "inventory"
    if stated.dual_months is not None:
        dual, by = stated.dual_months, "command line"
    fact = catalog.assumption("dual_running_months")
    leads = {tier: catalog.assumption("procurement_lead_time_weeks", tier) for tier in ORDERED_TIERS}
    return Settings(
        start,
        _figure(fact, -(-fact.micro // MICRO), "months") if dual is None else Figure(dual, str(dual), "months", by),
        {tier: _figure(lead, months_of_weeks(lead.micro), "weeks") for tier, lead in leads.items()},
        policy.max_workloads_per_wave if stated.most_per_wave is None else stated.most_per_wave,
        policy.months_between_waves if stated.every_months is None else stated.every_months,
    )


def months_of_weeks(weeks_micro: int) -> int:
    """Millionths of weeks in whole months of 365 ÷ 12 days, rounded up."""
    return -(-weeks_micro * _DAYS_PER_WEEK * _MONTHS_PER_YEAR // (_DAYS_PER_YEAR * MICRO))


def _figure(fact: Fact, value: int, unit: str) -> Figure:
    return Figure(value, fact.text, unit, fact.source_id, fact.as_of, fact.note)
