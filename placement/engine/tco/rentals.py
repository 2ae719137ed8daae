"""What the same accelerator is rented for: of each tier and purchase model the cheapest."""

from __future__ import annotations

import numpy as np

from placement.catalog.listing import takeable
from placement.engine.ledger import fixed_costs, offers_micro
from placement.engine.tco.model import Owned, Rental, Versus, hourly_micro
from placement.engine.tco.question import Question, offers_of, own_lines
from placement.engine.terms.hardware import capex_provenance
from placement.engine.terms.rented import offer_provenance
from placement.units import HOURS_PER_MONTH, MICRO, MICRO_PER_CENT
from placement.words import BY_THE_HOUR, PURCHASES, TIERS


def rentals_of(question: Question, site: str) -> tuple[Rental, ...]:
    """By tier and purchase model; a lease is of the same node at *site*, with all that it costs there."""
    problem, supply = question.problem, question.problem.supply
    rented = np.flatnonzero(supply.catalog_row_o >= 0)
    open_r = takeable(problem.catalog)[supply.catalog_row_o[rented]]
    same_r = np.array(
        [supply.shapes[h].accelerator == question.node.accelerator for h in supply.shape_o[rented].tolist()], dtype=bool
    )
    offers = rented[open_r & same_r]
    costs = question.costs._replace(site_micro_wk=np.zeros_like(question.costs.site_micro_wk))
    month_o = offers_micro(problem, fixed_costs(problem), costs, 0, offers, np.ones(len(offers)))
    units_o = np.array([supply.shapes[h].units for h in supply.shape_o[offers].tolist()], dtype=np.float64)
    each_o = np.floor(month_o / (units_o * HOURS_PER_MONTH) + 0.5)
    found: dict[tuple[int, int], Rental] = {}
    for place in np.argsort(each_o, kind="stable").tolist():
        offer = int(offers[place])
        tier, purchase = int(problem.tier_o[offer]), int(supply.purchase_o[offer])
        name = PURCHASES[purchase]
        source = offer_provenance(problem, offer)
        rental = Rental(TIERS[tier], name, supply.offer_id(offer), name in BY_THE_HOUR, int(each_o[place]), source)
        found.setdefault((purchase, tier), rental)
    return (*(found[key] for key in sorted(found)), *_leased(question, site))


def _leased(question: Question, site: str) -> list[Rental]:
    offer = offers_of(question, "lease").get(site)
    if offer is None:
        return []
    problem = question.problem
    cents = sum(line.cents for line in own_lines(question, offer))
    tier = TIERS[int(problem.tier_o[offer])]
    source = capex_provenance(problem, offer)
    name = problem.supply.offer_id(offer)
    return [Rental(tier, "lease", name, False, hourly_micro(question.node, cents), source)]


def versus(question: Question, owned: Owned, rental: Rental) -> Versus:
    """Where owning pays: the share of the month in use, and the months until what is paid at once is back."""
    month_micro = rental.micro_per_hour * question.node.accelerators * HOURS_PER_MONTH
    own_micro = owned.counts.cents * MICRO_PER_CENT
    even = None
    if rental.by_the_hour and month_micro:
        even = (2 * own_micro * MICRO + month_micro) // (2 * month_micro)
    saved_micro = month_micro - owned.running_cents * MICRO_PER_CENT
    payback = -(-owned.upfront_cents * MICRO_PER_CENT // saved_micro) if saved_micro > 0 else None
    return Versus(rental, even, own_micro <= month_micro, payback)
