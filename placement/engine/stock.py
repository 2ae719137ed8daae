"""Hardware that is there already: what of its price is still to be written off, and over how many months."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from placement.catalog.tables import UNKNOWN, Catalog
from placement.inventory.place import OwnHardware
from placement.inventory.policy import Policies
from placement.units import MICRO, MICRO_PER_CENT, to_micro


class Stock(NamedTuple):
    """What one node that is there still costs."""

    capex_micro: int
    """To be written off; `UNKNOWN` where nobody says."""
    life_months: int | None
    """Over which; None: the plan's life for bought hardware."""
    new_micro: int | None = None
    """Its price when new, where that is known beside what is left of it."""


def plan_life_months(catalog: Catalog, policies: Policies) -> int:
    """Months over which bought nodes are written off."""
    return policies.hardware_life_months or catalog.assumption("owned_life_months").micro // MICRO


def residual_fraction_micro(catalog: Catalog, policies: Policies) -> int:
    """Share of its price that a bought node is worth at the end of its life [millionths]."""
    stated = policies.hardware_residual_fraction
    return catalog.assumption("owned_residual_fraction").micro if stated is None else to_micro(stated)


def stock_of(catalog: Catalog, policies: Policies, hardware: OwnHardware) -> Stock:
    """What is left of hardware: as stated, or with an age of a new one's price, straight-line, in whole cents."""
    price = catalog.nodes[hardware.node].capex
    stated = None if hardware.capex_usd is None else to_micro(hardware.capex_usd)
    if hardware.age_months is None:
        return Stock(_or_unknown(stated, price.micro if price else None), hardware.life_months)
    life = plan_life_months(catalog, policies)
    left = life - hardware.age_months
    if stated is not None or price is None:
        return Stock(_or_unknown(stated, None), left)
    lost = price.micro - price.micro * residual_fraction_micro(catalog, policies) // MICRO
    worth = Fraction(price.micro * life - lost * hardware.age_months, life * MICRO_PER_CENT)
    return Stock(round(worth) * MICRO_PER_CENT, left, price.micro if hardware.age_months else None)


def _or_unknown(stated: int | None, price: int | None) -> int:
    found = price if stated is None else stated
    return UNKNOWN if found is None else found
