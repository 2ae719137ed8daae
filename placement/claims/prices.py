"""List prices, and what they are worth beside each other: by the hour, on spot, committed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from placement.catalog.claims import Claim
from placement.claims.bench import Bench
from placement.claims.model import Figure, Found, Number, Swing
from placement.claims.parts import between, distribution, grouped, nothing, price_number
from placement.claims.spread import median
from placement.claims.verdict import side
from placement.engine.quotes import Offered, Ways
from placement.units import MICRO


def list_prices(bench: Bench, claim: Claim) -> Found:
    """What one accelerator costs an hour in a tier, over all offers of it."""
    ways = Ways((claim.tier,), (claim.purchase,), (claim.accelerator,))
    offers = bench.market().offers(ways)
    if not offers:
        return nothing(bench, f"{claim.accelerator} {claim.purchase} in the tier {claim.tier}")
    values = [_each(offer) for offer in offers]
    providers = grouped((offer.provider, _each(offer)) for offer in offers)
    numbers = [*_ends(offers), *_medians(providers, "USD/accelerator-hour")]
    return Found(
        distribution(values, "offers"),
        numbers=tuple(numbers),
        swings=tuple(between("provider", providers)),
        notes=_estimates(offers),
        source_ids=_sources(offers),
    )


def lowest_price(bench: Bench, claim: Claim) -> Found:
    """A provider's lowest price relative to the lowest of the others."""
    ways = Ways((claim.tier,), (claim.purchase,), (claim.accelerator,))
    offers = bench.market().offers(ways)
    theirs = [offer for offer in offers if offer.provider == claim.provider]
    others = [offer for offer in offers if offer.provider != claim.provider]
    if not theirs or not others:
        return nothing(bench, f"{claim.accelerator} of {claim.provider}, or none of others,")
    mine, other = min(theirs, key=_each), min(others, key=_each)
    mine_each, least = _each(mine), _each(other)
    if not least:
        return nothing(bench, "price above zero")
    ratio = mine_each / least
    providers = {offer.provider for offer in offers}
    cheaper = {offer.provider for offer in others if _each(offer) < _each(mine)}
    figure = Figure(ratio, ratio, ratio, f"lowest prices; {len(cheaper)} of {len(providers) - 1} others are lower", 2)
    lowest = [min(values) for values in grouped((offer.provider, _each(offer)) for offer in others).values()]
    middle = median(lowest)
    swings = [
        Swing(
            "other providers, the lowest to the median",
            "USD/accelerator-hour",
            least,
            middle,
            ratio,
            mine_each / middle,
            "",
            "",
        )
    ]
    numbers = (price_number(claim.provider, mine), price_number("cheapest other", other))
    return Found(figure, numbers=numbers, swings=tuple(swings))


def discounts(bench: Bench, claim: Claim) -> Found:
    """How much less than on demand the same thing costs at the same site, over all pairs of prices."""
    offers = [offer for offer in bench.market().offers(Ways((), (claim.purchase,))) if offer.on_demand_micro]
    if not offers:
        return nothing(bench, f"{claim.purchase} beside a price on demand")
    values = [_discount(offer) for offer in offers]
    providers = grouped((offer.provider, _discount(offer)) for offer in offers)
    accelerators = grouped((offer.accelerator, _discount(offer)) for offer in offers)
    swings = [*between("provider", providers), *between("accelerator", accelerators)]
    inside = sum(side(claim, value) == "within" for value in values)
    numbers = [
        Number("share of the pairs inside the claim", Fraction(inside, len(values)), "fraction", "", ""),
        *_medians(providers, "fraction"),
        *_medians({name: accelerators[name] for name in sorted(accelerators)}, "fraction"),
    ]
    figure = distribution(values, "pairs of prices")
    return Found(figure, "", (), tuple(numbers), tuple(swings), (), _estimates(offers), _sources(offers))


def _each(offer: Offered) -> Fraction:
    """USD per accelerator and hour."""
    return Fraction(offer.price_micro, MICRO * offer.units)


def _discount(offer: Offered) -> Fraction:
    assert offer.on_demand_micro
    return 1 - Fraction(offer.price_micro, offer.on_demand_micro)


def _ends(offers: Sequence[Offered]) -> list[Number]:
    """The lowest and the highest price, of equal ones the first."""
    return [price_number("lowest", min(offers, key=_each)), price_number("highest", max(offers, key=_each))]


def _medians(groups: dict[str, list[Fraction]], unit: str) -> list[Number]:
    return [
        Number(f"median of {name} ({len(values)})", median(values), unit, "", "")
        for name, values in sorted(groups.items())
    ]


def _estimates(offers: Sequence[Offered]) -> tuple[str, ...]:
    count = sum(offer.estimate for offer in offers)
    return (f"{count:,} of {len(offers):,} prices are estimates that nobody lists",) if count else ()


def _sources(offers: Sequence[Offered]) -> tuple[str, ...]:
    return tuple(sorted({offer.source_id for offer in offers}))
