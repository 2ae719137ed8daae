"""Workloads at several sites: the engine's choice is the cheapest of all sets of sites, to the micro-dollar."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from oracle import Offer, Oracle
from oracle_flows import Way, may_go_privately, named
from oracle_redundancy import broken, goes_with, member, seatings
from worlds import redundancy, world

from placement.catalog.tables import Catalog
from placement.engine.advise import plan_of
from placement.engine.problem import build_problem
from placement.engine.search import NONE
from placement.engine.solution import Solution, prepare
from placement.engine.solve import solve
from placement.inventory.data import Inflow
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.plan.model import Placement

ROUNDING = 4
"""Micro-dollars: one for each tier that bytes are parted by."""


def several(seed: int) -> tuple[Catalog, list[Inventory]]:
    """The workloads of a random world, each alone and at several sites."""
    catalog, wanted = world(seed)
    random = Random(seed)
    found = []
    for workload in wanted.workloads[:5]:
        asked = workload.model_copy(update={"redundancy": redundancy(random), "offline": False})
        found.append(wanted.model_copy(update={"workloads": [asked]}))
    return catalog, found


def solved(catalog: Catalog, wanted: Inventory) -> tuple[list[str], Solution, tuple[Placement, ...]]:
    prepared = prepare(build_problem(catalog, wanted))
    solution = solve(prepared)
    supply = prepared.problem.supply
    names = [supply.offer_id(offer) if offer != NONE else "" for offer in solution.offer_w.tolist()]
    return names, solution, plan_of(prepared, solution, "0" * 64).placements


def check(catalog: Catalog, wanted: Inventory) -> list[str]:
    """One workload at several sites, alone; what was seen."""
    (workload,) = wanted.workloads
    oracle = Oracle(catalog, wanted)
    every = sorted(seatings(oracle, workload), key=lambda pair: pair[0])
    best = every[0][1] if every else None
    names, solution, placements = solved(catalog, wanted)
    assert names == [offer.id for offer in best.offers] if best else set(names) == {""}, workload
    if best is None:
        assert all(placement.status == "unplaced" and placement.reason for placement in placements)
        return ["unplaced", *(rule for one in placements for way in one.relaxations for rule in way.constraints)]
    # The sender's tiers count replication with the member's other bytes, each of them rounded.
    for cost, bill in zip(solution.cost_w.tolist(), billed(oracle, workload, best.offers), strict=True):
        assert bill is None or abs(cost - bill) <= ROUNDING, workload
    counts = rejected(oracle, workload, [offer.site for offer in best.offers])
    for placement, expected in zip(placements, counts, strict=True):
        assert {one.constraint: one.offers for one in placement.rejected} == expected, workload
    tie = "tie" if len(every) > 1 and every[1][1].total == best.total else "no tie"
    providers = f"{len({offer.site.provider for offer in best.offers})} providers"
    seen = ["placed", workload.redundancy.mode, tie, providers, f"{len(best.offers)} sites"]
    return [*seen, *(rule for one in counts for rule in one)]


def billed(oracle: Oracle, workload: Workload, offers: tuple[Offer, ...]) -> list[int | None]:
    """What each member costs at its site, with replication from the first one among the bytes it gets.

    None where such bytes might take a private port, or be too many for a line: replication does not ask.
    """
    gb, sender = workload.redundancy.replication_gb_per_month, named(offers[0].site)
    sent = [Inflow.model_validate({"from": sender, "gb_per_month": gb})]
    found = []
    for number, offer in enumerate(offers, 1):
        mine = member(workload, number)
        mine = mine.model_copy(update={"id": f"{mine.id} with", "data_in": mine.data_in + (sent if number > 1 else [])})
        private = number > 1 and may_go_privately(oracle, Way(offer.site, sender, True))
        found.append(None if private else oracle.verdict(mine, offer).cost)
    return found


def rejected(oracle: Oracle, workload: Workload, sites: list) -> list[Counter]:
    """What each member's rules forbid, once the others are where they are."""
    found = []
    for number in range(1, len(sites) + 1):
        mine, others = member(workload, number), [*sites[: number - 1], *sites[number:]]
        found.append(Counter(rule for one in oracle.offers for rule in broken(workload, oracle, mine, one, others)))
    return found


def seen_in(first: int, count: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in range(first, first + count):
        catalog, inventories = several(seed)
        for wanted in inventories:
            seen.update(check(catalog, wanted))
    return seen


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_the_sites_are_the_cheapest_of_all(first: int) -> None:
    """Random workloads alone: sites, offers and costs are those of a search through every set."""
    seen_in(first, 20)


def test_random_workloads_meet_what_matters() -> None:
    """Both modes, ties, several providers, sites that are not there, and every rule about sites."""
    seen = seen_in(0, 60)
    rules = {"other_site", "apart", "providers", "data_only"}
    states = {"placed", "unplaced", "active_active", "standby", "tie", "2 providers", "2 sites", "3 sites"}
    assert rules | states <= set(seen)


def test_members_among_others_keep_every_rule_and_limit() -> None:
    """Worlds where workloads compete: no member breaks a rule, and sites go together; or none is placed."""
    placed = 0
    for seed in range(60):
        catalog, wanted = world(seed)
        random = Random(seed)
        workloads = [
            one.model_copy(update={"redundancy": redundancy(random), "offline": False})
            if random.random() < 0.5
            else one
            for one in wanted.workloads
        ]
        wanted = wanted.model_copy(update={"workloads": workloads})
        oracle = Oracle(catalog, wanted)
        offers = {offer.id: offer for offer in oracle.offers}
        placements = {one.workload: one for one in solved(catalog, wanted)[2]}
        for workload in workloads:
            if workload.redundancy is None:
                continue
            asked = workload.redundancy
            mine = [placements[f"{workload.id}/{number}"] for number in range(1, asked.min_sites + 1)]
            states = {one.status for one in mine}
            assert len(states) == 1, "all sites or none"
            if states == {"unplaced"}:
                continue
            placed += 1
            chosen = [offers[one.layers[0].offer] for one in mine]
            sites = [offer.site for offer in chosen]
            for number, offer in enumerate(chosen, 1):
                others = [*sites[: number - 1], *sites[number:]]
                assert not broken(workload, oracle, member(workload, number), offer, others)
                assert all(goes_with(asked, offer.site, other) for other in others)
    assert placed > 20
