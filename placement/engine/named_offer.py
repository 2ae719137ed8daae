"""What is said of an offer wherever a plan names it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import AVAILABILITIES, Site
from placement.engine.problem import Problem
from placement.words import PURCHASES


class NamedOffer(NamedTuple):
    """What is said of an offer wherever it is named."""

    id: str
    site: Site
    tier: int
    availability: str
    accelerator: str
    units: int
    purchase: str
    power_kw_micro: int
    """Of a bought node; 0 for rented ones."""


def named_offer(problem: Problem, number: int) -> NamedOffer:
    """The offer of some number in the supply."""
    supply = problem.supply
    shape = supply.shapes[int(supply.shape_o[number])]
    row = int(supply.catalog_row_o[number])
    power = float(problem.node_power_kw_micro_o[number])
    return NamedOffer(
        id=supply.offer_id(number),
        site=supply.sites[int(supply.site_o[number])],
        tier=int(problem.tier_o[number]),
        availability=AVAILABILITIES[int(problem.catalog.offers.availability_o[row])] if row >= 0 else "",
        accelerator=shape.accelerator,
        units=shape.units,
        purchase=PURCHASES[int(supply.purchase_o[number])],
        power_kw_micro=0 if np.isnan(power) else int(power),
    )
