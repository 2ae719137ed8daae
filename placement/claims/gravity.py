"""Whether work may leave the cloud region where its data is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from placement.catalog.claims import Claim
from placement.claims.bench import LONGEST, Bench, work_of
from placement.claims.model import Case, Figure, Flip, Found
from placement.claims.parts import CLOUD, OWNED, between, monthly, nothing, ratio
from placement.claims.verdict import side
from placement.engine.quotes import Market, Quote, Ways
from placement.units import HOURS_PER_MONTH

HOME = "claims-data"
"""The location of the data."""

ROUNDS, PIECES = 5, 8
"""The volume at which it turns is looked for in so many rounds, each in one of so many pieces of the last."""

MOST_GB = 10**9
"""That a flow may have a month."""

FURTHEST = 100
"""Volumes are looked at up to so many times the claim's."""


def data_gravity(bench: Bench, claim: Claim) -> Found:
    """What colocation with its reads out of the cheapest region costs relative to on demand in that region."""
    cloud = Ways((CLOUD,), ("on_demand",), (claim.accelerator,))
    away = Ways(bench.homes("colo"), OWNED, (claim.accelerator,))
    regions = _regions(bench, claim, cloud)
    ratios = _ratios(bench, claim, [(region, Fraction(claim.gb_per_month)) for region in regions], (cloud, away))
    by_region = zip(regions, ratios, strict=True)
    known = {region.partition("/")[0]: [value] for region, value in by_region if value is not None}
    value = ratios[0] if ratios else None
    if value is None:
        return nothing(bench, f"{claim.accelerator} both in colocation and on demand at a hyperscaler")
    values = [one for (one,) in known.values()]
    spread = f"data in {regions[0]}, the cheapest region; in the cheapest ones of other hyperscalers"
    priced = _cases(bench, claim, regions[0], (cloud, away))
    return Found(
        Figure(value, min(values), max(values), spread, len(values)),
        cases=priced,
        numbers=monthly(priced),
        swings=tuple(between("provider", known)),
        flips=_turns(bench, claim, regions[0], (cloud, away)),
    )


def _regions(bench: Bench, claim: Claim, cloud: Ways) -> list[str]:
    """Where such accelerators cost least on demand at each hyperscaler, the cheapest first."""
    quotes = bench.market().best_by_site(claim.id, cloud)
    best: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda quote: (quote.cost_micro, quote.offer.number)):
        best.setdefault(quote.offer.provider, quote)
    return [quote.offer.site for quote in best.values() if len(quote.offer.site) < LONGEST]


def _cases(bench: Bench, claim: Claim, region: str, ways: tuple[Ways, Ways]) -> tuple[Case, ...]:
    """Both ways with the claim's volume."""
    work, places = _reading(claim, claim.gb_per_month), {HOME: {"site": region}}
    market = bench.market_of([work], places)
    found = []
    for label, one in zip(("in the region, on demand", "in colocation, reads and all"), ways, strict=True):
        best = market.best(claim.id, one)
        if best is not None:
            document = bench.document([work], one)
            document = {**document, "locations": places} if document else {}
            offer = best.offer
            found.append(Case(label, offer.id, best.cost_micro, offer.source_id, offer.as_of, document))
    return tuple(found)


def _reading(claim: Claim, gb: Fraction | int, name: str = "", home: str = HOME) -> dict[str, Any]:
    reads = [{"from": home, "gb_per_month": float(gb)}]
    hours = Fraction(HOURS_PER_MONTH)
    return work_of(name or claim.id, claim.accelerator, claim.number, hours, data_in=reads if gb else [])


def _turns(bench: Bench, claim: Claim, region: str, ways: tuple[Ways, Ways]) -> tuple[Flip, ...]:
    """The volume from which the figure lies elsewhere than with no data; nothing where none of those looked at does."""
    low, high = Fraction(0), Fraction(min(claim.gb_per_month * FURTHEST, MOST_GB))
    before = after = None
    for _ in range(ROUNDS):
        steps = [low + (high - low) * piece / PIECES for piece in range(PIECES + 1)]
        values = _ratios(bench, claim, [(region, gb) for gb in steps], ways)
        sides = [side(claim, value) if value is not None else None for value in values]
        place = next((number for number, one in enumerate(sides) if one != sides[0]), None)
        if place is None or sides[0] is None:
            return ()
        before, after = sides[0], sides[place]
        low, high = steps[place - 1], steps[place]
    return (Flip(high / 1000, "TB/month", before, after),) if before is not None and after is not None else ()


def _ratios(
    bench: Bench, claim: Claim, reads: Sequence[tuple[str, Fraction]], ways: tuple[Ways, Ways]
) -> list[Fraction | None]:
    """The figure for data of some regions and volumes [GB a month]."""
    homes = {region: f"{HOME}-{number}" for number, region in enumerate(dict.fromkeys(region for region, _ in reads))}
    names = [f"{claim.id}-{number}" for number in range(len(reads))]
    works = [_reading(claim, gb, name, homes[region]) for name, (region, gb) in zip(names, reads, strict=True)]
    market = bench.market_of(works, {home: {"site": region} for region, home in homes.items()})
    return [_ratio(market, name, ways) for name in names]


def _ratio(market: Market, name: str, ways: tuple[Ways, Ways]) -> Fraction | None:
    here, there = (market.best(name, one) for one in ways)
    if here is None or there is None:
        return None
    return ratio(Fraction(there.cost_micro), Fraction(here.cost_micro))
