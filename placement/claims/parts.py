"""What experiments share: swings of levers, quantiles of figures, cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from placement.catalog.claims import IN_USE, NODE_PRICE, RENT, Lever
from placement.claims.bench import Bench
from placement.claims.model import Case, Figure, Found, Number, Swing
from placement.claims.spread import NINE_TENTHS, P10_TO_P90, TENTH, median, quantile
from placement.engine.quotes import Market, Offered, Quote, Ways
from placement.units import HOURS_PER_MONTH, MICRO
from placement.words import BY_THE_HOUR

Measure = Callable[[Market, Fraction], Fraction | None]
"""A figure in a market, at a share of the month in use."""

WHOLE = Fraction(1)

OWNING = (
    IN_USE,
    "owned_life_months",
    NODE_PRICE,
    RENT,
    "discount_rate_fraction_per_year",
    "lease_rate_fraction_per_year",
    "power_load_fraction",
)
"""Levers of what nodes of one's own cost."""

OWNED = ("owned", "lease")

CLOUD = "hyperscaler"


def swings(bench: Bench, names: Sequence[str], measure: Measure, share: Fraction = WHOLE) -> list[Swing]:
    """What becomes of a figure at both ends of the catalog's levers; in the frame of an inventory nothing is changed.

    Settings without a figure are left out.
    """
    if bench.framed:
        return []
    found = []
    for lever in bench.catalog.levers:
        if lever.name in names:
            low, high = (_at(bench, lever, micro, measure, share) for micro in (lever.low_micro, lever.high_micro))
            if low is not None and high is not None:
                found.append(swing_of(lever, low, high))
    return found


def _at(bench: Bench, lever: Lever, micro: int, measure: Measure, share: Fraction) -> Fraction | None:
    used = Fraction(micro, MICRO) if lever.name == IN_USE else share
    return measure(bench.market(lever, micro), used)


def list_price(bench: Bench, probe: str, rented: Ways, measure: Callable[[Fraction], Fraction | None]) -> list[Swing]:
    """From the lowest list price to the median of the sites; *measure* is told what the month costs [micro-USD]."""
    if bench.framed:
        return []
    rents = [Fraction(quote.cost_micro) for quote in bench.market().best_by_site(probe, rented)]
    if not rents:
        return []
    ends = (min(rents), median(rents))
    low, high = (measure(rent) for rent in ends)
    if low is None or high is None:
        return []
    hours = bench.hours(probe) if set(rented.purchases) <= BY_THE_HOUR else HOURS_PER_MONTH
    per_hour = MICRO * hours * bench.count(probe)
    name = (
        f"list price {_LIST[rented.purchases[0]]} in {' or '.join(rented.tiers) or 'any tier'}, lowest to median site"
    )
    return [Swing(name, "USD/accelerator-hour", ends[0] / per_hour, ends[1] / per_hour, low, high, "", "")]


_LIST = {"on_demand": "on demand", "reserved_1y": "of a year"}


def swing_of(lever: Lever, low: Fraction, high: Fraction) -> Swing:
    """The swing of a lever, with the figure at its low and at its high end."""
    least, most = (Fraction(micro, MICRO) for micro in (lever.low_micro, lever.high_micro))
    return Swing(lever.name, lever.unit, least, most, low, high, lever.source_id, lever.as_of)


def between(name: str, groups: Mapping[str, Sequence[Fraction]]) -> list[Swing]:
    """From the group with the lowest median to that with the highest; nothing where there are not two."""
    middles = sorted((median(values), group) for group, values in groups.items())
    if len(middles) < 2:
        return []
    (low, lowest), (high, highest) = middles[0], middles[-1]
    return [Swing(name, "", lowest, highest, low, high, "", "")]


def distribution(values: Sequence[Fraction], of: str) -> Figure:
    """The median of some figures, and where most of them lie."""
    ordered = sorted(values)
    low, high = quantile(ordered, TENTH), quantile(ordered, NINE_TENTHS)
    return Figure(median(ordered), low, high, f"median; {P10_TO_P90} of {of}", len(ordered))


def grouped(pairs: Iterable[tuple[str, Fraction]]) -> dict[str, list[Fraction]]:
    """Figures by a name."""
    groups: dict[str, list[Fraction]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def cases(bench: Bench, probe: str, ways: Iterable[tuple[str, Ways]]) -> tuple[Case, ...]:
    """The cheapest offer of each way, with the inventory that gives it; nothing for a way without an offer."""
    found = []
    for label, one in ways:
        best = bench.market().best(probe, one)
        if best is not None:
            document = bench.document([bench.probe(probe)], one)
            offer = best.offer
            found.append(Case(label, offer.id, best.cost_micro, offer.source_id, offer.as_of, document))
    return tuple(found)


def monthly(priced: Iterable[Case]) -> tuple[Number, ...]:
    """What ways cost a month."""
    return tuple(
        Number(f"{one.label}, a month", Fraction(one.cost_micro, MICRO), "USD/month", one.source_id, one.as_of)
        for one in priced
    )


Pairs = Sequence[tuple[Quote, Quote]]
"""Each workload of an inventory in two ways."""


def together(pairs: Pairs, figure: Callable[[Fraction, Fraction], Fraction], labels: tuple[str, str]) -> Found:
    """A figure of all workloads' costs together, and where most of the workloads' own lie."""
    sums = [Fraction(sum(pair[place].cost_micro for pair in pairs)) for place in (0, 1)]
    value = figure(*sums)
    each = [figure(Fraction(one.cost_micro), Fraction(other.cost_micro)) for one, other in pairs]
    low, high = min(quantile(each, TENTH), value), max(quantile(each, NINE_TENTHS), value)
    spread = f"all together; {P10_TO_P90} of workloads"
    numbers = (Number(label, total / MICRO, "USD/month", "", "") for label, total in zip(labels, sums, strict=True))
    return Found(Figure(value, low, high, spread, len(each)), numbers=tuple(numbers))


def ratio(over: Fraction | None, under: Fraction | None) -> Fraction | None:
    """None where one is unknown, or nothing is to be compared with."""
    return over / under if over is not None and under else None


def price_number(label: str, offer: Offered) -> Number:
    """A price per accelerator and hour."""
    value = Fraction(offer.price_micro, MICRO * offer.units)
    return Number(f"{label}: {offer.id}", value, "USD/accelerator-hour", offer.source_id, offer.as_of)


def nothing(bench: Bench, what: str) -> Found:
    """There is nothing to judge by."""
    return Found(None, f"no {what}" + (" under this inventory's policies" if bench.framed else " in this catalog"))
