"""What accelerators of one's own cost, and what they save against renting them by the hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from placement.catalog.claims import Claim
from placement.claims.bench import Bench, work_of
from placement.claims.model import Figure, Found, Number
from placement.claims.parts import CLOUD, OWNED, OWNING, WHOLE, cases, list_price, monthly, nothing, swings, together
from placement.claims.spread import NINE_TENTHS, quantile
from placement.claims.verdict import flips
from placement.engine.quotes import Market, Quote, Ways
from placement.units import HOURS_PER_MONTH, MICRO

BASE = ((CLOUD,), ("on_demand",))
"""What is saved against: a hyperscaler's price on demand, the lowest there is."""


LARGEST = 1_000_000
"""Accelerators that a workload may ask for."""


def steady(bench: Bench, claim: Claim) -> list[dict[str, Any]]:
    """Accelerators that work all month."""
    del bench
    return [work_of(claim.id, claim.accelerator, claim.number, Fraction(HOURS_PER_MONTH))]


def fleet(bench: Bench, claim: Claim) -> list[dict[str, Any]]:
    """As many nodes of `count` accelerators as cost the sum named, or a little more, on demand."""
    offers = bench.market().offers(Ways(*BASE, (claim.accelerator,)))
    price = min((Fraction(offer.price_micro, MICRO * offer.units) for offer in offers), default=Fraction(0))
    if not price:
        return []
    count = int(-(-claim.usd_per_month // (price * HOURS_PER_MONTH * claim.number))) * claim.number
    return [work_of(claim.id, claim.accelerator, count, Fraction(HOURS_PER_MONTH))] if count <= LARGEST else []


def all_in_rate(bench: Bench, claim: Claim) -> Found:
    """What an accelerator of one's own costs an hour of use."""
    there = Ways(bench.homes("colo"), OWNED, (claim.accelerator,))
    market = bench.market()
    if market.best(claim.id, there) is None:
        return nothing(bench, f"{claim.accelerator} to be bought or leased in colocation")
    hours = claim.number * HOURS_PER_MONTH

    def rate(market: Market, share: Fraction) -> Fraction | None:
        cost = bench.cost(market, claim.id, there, share)
        return None if cost is None else cost / (MICRO * hours * share)

    value = rate(market, WHOLE)
    assert value is not None
    sites = _site_costs(market, claim.id, there)
    high = quantile(sites, NINE_TENTHS) / (MICRO * hours)
    figure = Figure(value, value, max(value, high), _CHEAPEST, len(sites))
    priced = cases(bench, claim.id, _by_purchase(there))
    numbers = [
        Number(f"{one.label}, an hour", Fraction(one.cost_micro, MICRO * hours), claim.unit, one.source_id, one.as_of)
        for one in priced
    ]
    notes = ("`placement tco` shows the lines that it is made of",)
    moved = tuple(swings(bench, OWNING, rate))
    turns = flips(claim, lambda share: rate(market, share))
    return Found(figure, "", priced, tuple(numbers), moved, turns, notes)


_CHEAPEST = "cheapest; to the 90th percentile of sites and ways to pay"


def sustained_saving(bench: Bench, claim: Claim) -> Found:
    """The share of a hyperscaler's price on demand that is saved elsewhere."""
    return _saving(bench, claim, lambda base, cost: 1 - cost / base if base else None)


def fleet_saving(bench: Bench, claim: Claim) -> Found:
    """Dollars a month that are saved elsewhere of so much on demand, by a fleet that costs about that."""
    if not bench.has(claim.id):
        return nothing(bench, f"{claim.accelerator} on demand at a hyperscaler")
    return _saving(bench, claim, lambda base, cost: (1 - cost / base) * claim.usd_per_month if base else None)


Saved = Callable[[Fraction, Fraction], Fraction | None]
"""What is saved, from what it costs at a hyperscaler and elsewhere [micro-USD]."""


def _saving(bench: Bench, claim: Claim, saved: Saved) -> Found:
    market, base = bench.market(), Ways(*BASE, (claim.accelerator,))
    there = Ways(bench.homes(claim.tier), _purchases(claim.tier), (claim.accelerator,))

    def measure(market: Market, share: Fraction) -> Fraction | None:
        rent, cost = bench.cost(market, claim.id, base, share), bench.cost(market, claim.id, there, share)
        return None if rent is None or cost is None else saved(rent, cost)

    value, rent = measure(market, WHOLE), bench.cost(market, claim.id, base, WHOLE)
    if value is None or rent is None:
        return nothing(bench, f"{claim.accelerator} both on demand at a hyperscaler and in the tier {claim.tier}")
    sites = _site_costs(market, claim.id, there)
    low = saved(rent, quantile(sites, NINE_TENTHS))
    figure = Figure(value, min(value, low if low is not None else value), value, _CHEAPEST, len(sites))
    priced = cases(bench, claim.id, [*_by_purchase(base), *_by_purchase(there)])
    cost = bench.cost(market, claim.id, there, WHOLE)
    assert cost is not None
    moved = [*swings(bench, OWNING, measure), *list_price(bench, claim.id, base, lambda rent: saved(rent, cost))]
    if there.purchases != OWNED:
        moved += list_price(bench, claim.id, there, lambda cost: saved(rent, cost))
    turns = flips(claim, lambda share: measure(market, share))
    return Found(figure, "", priced, monthly(priced), tuple(moved), turns)


def own_saving(bench: Bench, claim: Claim) -> Found:
    """The same for an inventory's own inference, on whatever accelerators do it."""
    market, base = bench.own(), Ways(*BASE)
    there = Ways(bench.homes(claim.tier), _purchases(claim.tier))
    pairs = [
        (rent, cost)
        for name in market.ids
        if market.kind(name) == "inference"
        for rent, cost in [(market.best(name, base), market.best(name, there))]
        if rent is not None and cost is not None and rent.cost_micro
    ]
    if not pairs:
        return nothing(bench, f"inference that may run both at a hyperscaler on demand and in the tier {claim.tier}")
    labels = ("at a hyperscaler, on demand", f"in {_named(there.tiers)}")
    return together(pairs, lambda rent, cost: 1 - cost / rent, labels)


def _purchases(tier: str) -> tuple[str, ...]:
    return OWNED if tier == "colo" else ("on_demand",)


def _site_costs(market: Market, probe: str, ways: Ways) -> list[Fraction]:
    """The cheapest of each way to pay at each site [micro-USD a month]."""
    found: list[Quote] = []
    for purchase in ways.purchases:
        found += market.best_by_site(probe, ways._replace(purchases=(purchase,)))
    return [Fraction(quote.cost_micro) for quote in found]


def _by_purchase(ways: Ways) -> Iterator[tuple[str, Ways]]:
    """Each way to pay."""
    for purchase in ways.purchases:
        yield f"{purchase} in {_named(ways.tiers)}", ways._replace(purchases=(purchase,))


def _named(tiers: Sequence[str]) -> str:
    return " or ".join(tiers)
