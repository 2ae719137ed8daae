"""The engine and the oracle agree: on what is allowed, on what it costs, and on what is best."""

from collections import Counter

import pytest

from placement.catalog.tables import TIERS, Catalog
from placement.engine.advise import plan_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.problem import build_problem
from placement.engine.search import KEPT, NONE
from placement.engine.solve import prepare, solve
from placement.inventory.inventory import Inventory
from oracle import Oracle, Verdict
from worlds import shipped_world, world


def verdicts(oracle: Oracle) -> dict[str, dict[str, Verdict]]:
    return {
        workload.id: {offer.id: oracle.verdict(workload, offer) for offer in oracle.offers}
        for workload in oracle.inventory.workloads
    }


def ranked(oracle: Oracle, judged: dict[str, Verdict], tier: str | None) -> list[tuple[int, str]]:
    """(cost, offer) of what is feasible, cheapest first, ties in the oracle's order."""
    tiers = {offer.id: offer.site.tier for offer in oracle.offers}
    feasible = [(one.cost, name) for name, one in judged.items() if one.cost is not None]
    return sorted(((cost, name) for cost, name in feasible if tier in (None, tiers[name])), key=lambda pair: pair[0])


def agree(catalog: Catalog, inventory: Inventory) -> Counter[str]:
    """Compare everything, and count what was seen."""
    oracle = Oracle(catalog, inventory)
    truth = verdicts(oracle)
    prepared = prepare(build_problem(catalog, inventory))
    solution = solve(prepared)
    plan = plan_of(prepared, solution, "0" * 64)
    supply = prepared.problem.supply
    assert [supply.offer_id(offer) for offer in range(len(supply.site_o))] == [offer.id for offer in oracle.offers]
    seen: Counter[str] = Counter()
    for w, (workload, placement) in enumerate(zip(inventory.workloads, plan.placements, strict=True)):
        judged = truth[workload.id]
        counts = Counter(rule for one in judged.values() for rule in one.broken)
        assert {rejected.constraint: rejected.offers for rejected in placement.rejected} == counts, workload
        chosen, displaced = int(solution.chosen_w[w]), int(solution.displaced_w[w])
        best = ranked(oracle, judged, None)
        first = displaced if displaced != NONE else chosen
        assert (supply.offer_id(first) if first != NONE else None) == (best[0][1] if best else None), workload
        if chosen != NONE:
            assert int(solution.cost_w[w]) == judged[supply.offer_id(chosen)].cost
        if displaced == NONE:
            for tier, name in enumerate(TIERS):
                offers = solution.best.offer_wtk[w, tier].tolist()
                costs = solution.best.cost_wtk[w, tier].tolist()
                found = [(int(cost), supply.offer_id(offer))
                         for cost, offer in zip(costs, offers, strict=True) if offer != NONE]  # fmt: skip
                assert found == ranked(oracle, judged, name)[:KEPT], (workload, name)
        seen.update(counts.keys())
        seen.update([placement.status, "displaced" if displaced != NONE else "undisturbed"])
        if chosen != NONE:
            seen.update(["tie" if len(best) > 1 and best[0][0] == best[1][0] else "no tie", placement.tier])
            seen.update([placement.layers[0].purchase, *(line.term for line in placement.lines)])
    return seen


@pytest.mark.parametrize("first", range(0, 240, 20))
def test_random_worlds(first: int) -> None:
    """Random problems: the same offers, rejections per rule, costs to the micro-dollar, and three best per tier."""
    for seed in range(first, first + 20):
        agree(*world(seed))


def test_random_worlds_cover_what_matters() -> None:
    """The random problems meet every rule, every tier, every purchase model, ties and overdrawn capacity."""
    seen = sum((agree(*world(seed)) for seed in range(40)), Counter())
    rules = {rule.name for rule in CONSTRAINTS}
    purchases = {"on_demand", "spot", "reserved_1y", "reserved_3y", "lease", "owned"}
    terms = {"usage", "commitment", "hardware", "spares", "facility", "energy", "storage", "egress"}
    states = {"placed", "unplaced", "displaced", "tie", *TIERS}
    assert rules | purchases | terms | states <= set(seen)


@pytest.mark.parametrize("seed", range(3))
def test_shipped_catalog(seed: int) -> None:
    """The shipped catalog: the same answers for a handful of random workloads."""
    agree(*shipped_world(seed, 5))
