"""What an hour of an owned accelerator costs, against what it is rented for."""

from __future__ import annotations

from placement.catalog.tables import Catalog
from placement.engine.problem import Problem
from placement.engine.tco.levers import claim_of
from placement.engine.tco.model import AtLife, Compared, Owned, Tco
from placement.engine.tco.question import HOME, Asked, Question, ask, cheapest_country, colo_sites, offers_of, own_lines
from placement.engine.tco.rentals import rentals_of, versus
from placement.engine.terms.network import network_of
from placement.units import cents
from placement.words import OWN

LIVES = (48, 60, 72)
"""Book lives that are shown [months]."""

CAPITAL = frozenset(("hardware", "network"))
"""Terms that pay for what is bought at once."""


def tco(catalog: Catalog, asked: Asked) -> Tco:
    """The costs of one node at a colocation site and at home, at several book lives, against all rentals.

    The node must be in the catalog, with its price and its power, and the site, if it is named, must hold nodes.
    """
    node = catalog.nodes[asked.node]
    site = asked.site
    if site is None:
        site = _cheapest(ask(catalog, asked, None))
    country = (
        cheapest_country(catalog)
        if site is None
        else next((one.country for one in catalog.sites if one.id == site), None)
    )
    question = ask(catalog, asked, country)
    offers = offers_of(question, "owned")
    places = tuple(
        _compared(question, offers[name]) for name in (site, f"{OWN}/{HOME}") if name is not None and name in offers
    )
    return Tco(
        node,
        catalog.as_of,
        catalog.digest,
        question.problem.discount_rate_micro,
        asked.nodes,
        places,
        {key: about for key, (about, _) in catalog.sources.items()},
    )


def _cheapest(question: Question) -> str | None:
    """The colocation site where a node costs least; of equal ones the first by id. None where there is none."""
    sites = {site.id for site in colo_sites(question.problem.catalog)}
    costs = [
        (sum(line.cents for line in own_lines(question, offer)), name)
        for name, offer in offers_of(question, "owned").items()
        if name in sites
    ]
    return min(costs)[1] if costs else None


def _compared(question: Question, offer: int) -> Compared:
    owned = _owned(question, offer)
    rentals = rentals_of(question, owned.site.id)
    return Compared(owned, tuple(versus(question, owned, one) for one in rentals), claim_of(question, owned, offer))


def _owned(question: Question, offer: int) -> Owned:
    problem = question.problem

    def at(life_months: int) -> AtLife:
        changed: Problem = problem._replace(life_months=life_months)
        return AtLife(life_months, own_lines(question, offer, changed))

    purchase = problem.supply.bought(offer)
    assert purchase is not None
    counts = at(problem.life_months)
    lives = sorted({*LIVES, problem.life_months})
    return Owned(
        problem.supply.sites[int(problem.supply.site_o[offer])],
        tuple(at(life) for life in lives),
        counts,
        cents(purchase.capex_micro + network_of(problem, offer).capex_micro),
        sum(line.cents for line in counts.lines if line.term not in CAPITAL),
    )
