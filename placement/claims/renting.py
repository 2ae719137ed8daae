"""Training and what it is bought with: nodes of one's own, commitments, or hours as they are used."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from placement.catalog.claims import Claim
from placement.claims.bench import Bench, hours_of, work_of
from placement.claims.model import Figure, Found
from placement.claims.parts import (
    CLOUD,
    OWNED,
    OWNING,
    WHOLE,
    Measure,
    cases,
    list_price,
    monthly,
    nothing,
    ratio,
    swings,
    together,
)
from placement.claims.verdict import flips
from placement.engine.quotes import Market, Quote, Ways
from placement.units import HOURS_PER_MONTH, MILLI

TRAINS = ("training", "fine_tuning", "experimentation")
"""Kinds of workload that a claim about training is about."""

SUSTAINED = Fraction(1, 2)
"""Share of the month in use from which work of an inventory counts as sustained."""

_LEVERS = (*(name for name in OWNING if name != "in_use_fraction"), "spot_gang_mean_up_hours")


def job(bench: Bench, claim: Claim) -> list[dict[str, Any]]:
    """One job on all of its accelerators, for some hours a month, that checkpoints."""
    del bench
    made = work_of(claim.id, claim.accelerator, claim.number, hours_of(claim), "training", interruptible=True)
    return [made]


def own_or_rent(bench: Bench, claim: Claim) -> Found:
    """What nodes of one's own cost relative to the same hours on demand, and to hours on spot."""
    own = Ways(bench.homes("colo"), OWNED, (claim.accelerator,))
    demand, spot = (Ways((), (name,), (claim.accelerator,)) for name in ("on_demand", "spot"))
    market, used = bench.market(), hours_of(claim) / HOURS_PER_MONTH

    def against(rent: Ways) -> Measure:
        return lambda market, share: ratio(
            bench.cost(market, claim.id, own, share), bench.cost(market, claim.id, rent, share)
        )

    value, other = against(demand)(market, used), against(spot)(market, used)
    if value is None:
        return nothing(bench, f"{claim.accelerator} both to be bought and on demand for such a job")
    ends = [value, other if other is not None else value]
    figure = Figure(value, min(ends), max(ends), "own relative to on demand; to spot", len(ends))
    turns = flips(claim, lambda share: against(demand)(market, share))
    priced = cases(bench, claim.id, (("own", own), ("on demand", demand), ("spot", spot)))
    mine = bench.cost(market, claim.id, own, used)
    moved = swings(bench, _LEVERS, against(demand), used)
    moved += list_price(bench, claim.id, demand, lambda rent: ratio(mine, rent))
    return Found(figure, "", priced, monthly(priced), tuple(moved), turns)


def own_training(bench: Bench, claim: Claim) -> Found:
    """The same for an inventory's own training: what is in use for less than half the month, or for more."""
    market, bursty = bench.own(), hours_of(claim) / HOURS_PER_MONTH < SUSTAINED
    own, rent = Ways((*bench.homes("colo"), "edge"), OWNED), Ways((), ("on_demand", "spot"))
    pairs = []
    for name in market.ids:
        mine, other = market.best(name, own), market.best(name, rent)
        if mine is None or other is None or not other.cost_micro or market.kind(name) not in TRAINS:
            continue
        if (_share(other) < SUSTAINED) == bursty:
            pairs.append((mine, other))
    if not pairs:
        when = "less" if bursty else "more"
        return nothing(bench, f"training in use for {when} than half the month that may be bought for and rented")
    labels = ("own", "rented by the hour, spot where it may be interrupted")
    return together(pairs, lambda mine, other: mine / other, labels)


def committed_or_not(bench: Bench, claim: Claim) -> Found:
    """What a commitment at a hyperscaler costs relative to the cheapest of: on demand anywhere, own nodes."""
    year, three = (Ways((CLOUD,), (name,), (claim.accelerator,)) for name in ("reserved_1y", "reserved_3y"))
    others = (
        Ways((), ("on_demand",), (claim.accelerator,)),
        Ways(bench.homes("colo"), OWNED, (claim.accelerator,)),
    )
    market, used = bench.market(), hours_of(claim) / HOURS_PER_MONTH

    def against(term: Ways) -> Measure:
        def measure(market: Market, share: Fraction) -> Fraction | None:
            costs = [bench.cost(market, claim.id, ways, share) for ways in others]
            return ratio(
                bench.cost(market, claim.id, term, share),
                min((cost for cost in costs if cost is not None), default=None),
            )

        return measure

    value, longer = against(year)(market, used), against(three)(market, used)
    if value is None:
        return nothing(
            bench, f"{claim.accelerator} committed for a year at a hyperscaler, and otherwise, for such a job"
        )
    ends = [value, longer if longer is not None else value]
    figure = Figure(value, min(ends), max(ends), "1-year relative to the cheapest other way; to 3-year", len(ends))
    ways = (
        ("committed for 1 year", year),
        ("committed for 3 years", three),
        ("on demand", others[0]),
        ("own", others[1]),
    )
    priced = cases(bench, claim.id, ways)
    other = bench.cost(market, claim.id, others[0], used), bench.cost(market, claim.id, others[1], used)
    least = min((cost for cost in other if cost is not None), default=None)
    moved = swings(bench, _LEVERS, against(year), used)
    moved += list_price(bench, claim.id, year, lambda rent: ratio(rent, least))
    return Found(
        figure, "", priced, monthly(priced), tuple(moved), flips(claim, lambda share: against(year)(market, share))
    )


def break_even(bench: Bench, claim: Claim) -> Found:
    """The share of the month in use from which own nodes cost less than a hyperscaler's, and than a GPU cloud's."""
    own = Ways(bench.homes("colo"), OWNED, (claim.accelerator,))
    rents = {tier: Ways((tier,), ("on_demand",), (claim.accelerator,)) for tier in (CLOUD, "gpu_cloud")}

    def against(rent: Ways) -> Measure:
        return lambda market, share: ratio(
            bench.cost(market, claim.id, own, share), bench.cost(market, claim.id, rent, share)
        )

    market = bench.market()
    shares = {tier: against(rent)(market, WHOLE) for tier, rent in rents.items()}
    known = [share for share in shares.values() if share is not None]
    value = shares[CLOUD]
    if value is None:
        return nothing(bench, f"{claim.accelerator} both to be bought and on demand at a hyperscaler")
    figure = Figure(value, min(known), max(known), "against a hyperscaler; against a GPU cloud", len(known))
    priced = cases(bench, claim.id, (("own", own), *((f"on demand, {tier}", rent) for tier, rent in rents.items())))
    mine = bench.cost(market, claim.id, own, WHOLE)
    moved = swings(bench, tuple(name for name in OWNING if name != "in_use_fraction"), against(rents[CLOUD]))
    moved += list_price(bench, claim.id, rents[CLOUD], lambda rent: ratio(mine, rent))
    notes = ("above 1, renting by the hour costs less even when it is in use all month",)
    return Found(figure, "", priced, monthly(priced), tuple(moved), (), notes)


def _share(quote: Quote) -> Fraction:
    """Of the month in which its nodes are needed."""
    return Fraction(quote.hours_milli, MILLI * HOURS_PER_MONTH)
