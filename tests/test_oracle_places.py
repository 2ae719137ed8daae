"""The engine and the oracle agree on sites of many places; and what is shared there holds at every place."""

from collections import Counter, defaultdict

import pytest
from oracle import Offer
from test_oracle import Case
from worlds_places import spread_world

from placement.engine.search import NONE


def agree(seed: int) -> Counter[str]:
    case = Case(*spread_world(seed))
    within_limits(case)
    seen = Counter(seen for w in range(len(case.oracle.inventory.workloads)) for seen in case.check(w))
    for placement in case.placements:
        seen["many places"] += placement.places > 1
        seen["part of a site"] += "@" in (placement.layers[0].offer if placement.layers else "")
        seen["over a border"] += "+" in placement.country
    return seen


def within_limits(case: Case) -> None:
    """At each place no more nodes than are there, and no more power than it has."""
    oracle = case.oracle
    offers: dict[str, Offer] = {offer.id: offer for offer in oracle.offers}
    nodes: dict[tuple[str, str, str], int] = defaultdict(int)
    power: dict[tuple[str, str], int] = defaultdict(int)
    for w, workload in enumerate(oracle.inventory.workloads):
        number = int(case.solution.offer_w[w])
        offer = offers[case.ids[number]] if number != NONE else None
        if offer is None or not offer.each:
            continue
        for location in oracle.shares(workload):
            need = oracle.at_place(workload, offer, location)
            power[offer.site.name, location] += need.nodes * offer.node.max_power_kw.micro
            sku = offer.id.split("/")[-2]
            nodes[offer.site.name, location, sku] += need.nodes
            assert offer.existing is None or nodes[offer.site.name, location, sku] <= offer.existing
            assert power[offer.site.name, location] <= offer.site.power_kw_micro


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_random_places(first: int) -> None:
    """The same offers, rejections, costs and best offers per tier; limits hold at every place."""
    for seed in range(first, first + 20):
        agree(seed)


def test_random_places_cover_what_matters() -> None:
    """Sites and parts of them, over borders, shared and overdrawn, with every line of theirs."""
    seen = sum((agree(seed) for seed in range(40)), Counter())
    lines = {"visits", "backhaul", "spares", "energy", "egress"}
    states = {"many places", "part of a site", "over a border", "displaced", "places", "power", "capacity"}
    assert lines | states <= {name for name, count in seen.items() if count}
