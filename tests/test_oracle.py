"""The engine and the oracle agree: on what is allowed, on what it costs, and on what is best."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from oracle import Oracle, Verdict
from worlds import shipped_world, world
from worlds_places import spread_world

from placement.catalog.tables import Catalog
from placement.engine.advise import plan_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.problem import build_problem
from placement.engine.rtt_model import STEPS
from placement.engine.search import KEPT, NONE
from placement.engine.solution import best_of, prepare, work
from placement.engine.solve import solve
from placement.engine.terms import TERMS
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.plan.model import Placement
from placement.words import TIERS


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


class Case:
    """One problem, solved by the engine and judged by the oracle."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self.oracle = Oracle(catalog, inventory)
        self.truth = verdicts(self.oracle)
        prepared = prepare(build_problem(catalog, inventory))
        self.solution = solve(prepared)
        self.placements = plan_of(prepared, self.solution, "0" * 64).placements
        self.best = best_of(prepared, work(prepared, np.arange(len(inventory.workloads))))
        supply = prepared.problem.supply
        self.ids = [supply.offer_id(offer) for offer in range(len(supply.site_o))]
        assert self.ids == [offer.id for offer in self.oracle.offers]

    def name(self, offer: int) -> str | None:
        return self.ids[offer] if offer != NONE else None

    def check(self, w: int) -> list[str]:
        """Compare one workload; what was seen."""
        workload, placement = self.oracle.inventory.workloads[w], self.placements[w]
        judged = self.truth[workload.id]
        counts = Counter(rule for one in judged.values() for rule in one.broken)
        assert {rejected.constraint: rejected.offers for rejected in placement.rejected} == counts, workload
        chosen, displaced = int(self.solution.offer_w[w]), int(self.solution.displaced_w[w])
        best = ranked(self.oracle, judged, None)
        first = displaced if displaced != NONE else chosen
        assert self.name(first) == (best[0][1] if best else None), workload
        self.check_tiers(w, judged)
        seen = [*counts, placement.status, "displaced" if displaced != NONE else "undisturbed"]
        if chosen == NONE:
            return seen
        assert int(self.solution.cost_w[w]) == judged[self.ids[chosen]].cost
        seen += self.check_rtt(workload, placement)
        tie = len(best) > 1 and best[0][0] == best[1][0]
        lines = [line.term for line in placement.lines]
        return [*seen, "tie" if tie else "no tie", placement.tier, placement.layers[0].purchase, *lines]

    def check_tiers(self, w: int, judged: dict[str, Verdict]) -> None:
        """The cheapest few of every tier, whoever else wants them."""
        for tier, name in enumerate(TIERS):
            offers, costs = self.best.offer_wtk[w, tier].tolist(), self.best.cost_wtk[w, tier].tolist()
            found = [(int(cost), self.ids[offer]) for cost, offer in zip(costs, offers, strict=True) if offer != NONE]
            assert found == ranked(self.oracle, judged, name)[:KEPT], name

    def check_rtt(self, workload: Workload, placement: Placement) -> list[str]:
        """The stated RTT, its step and band, and whether the band breaks the SLO."""
        stated = (placement.rtt_ms, placement.rtt_low_ms, placement.rtt_high_ms)
        site = next(offer.site for offer in self.oracle.offers if offer.id == placement.layers[0].offer)
        network = self.oracle.network
        rtt = self.oracle.rtt_micro_s(workload, site)
        if rtt is None:
            assert stated == ("", "", "") and not placement.rtt_step
            return []
        trip, percentile = network.counts(workload, site)
        low, high = trip.ends(percentile)
        assert tuple(round(Decimal(text) * 1000) for text in stated) == (rtt, low, high)
        assert placement.rtt_step == trip.step
        budget = network.budget(workload)
        assert placement.rtt_at_risk == (budget is not None and high > budget)
        return [f"rtt {trip.step}", "at risk" if placement.rtt_at_risk else "not at risk"]


def agree(catalog: Catalog, inventory: Inventory) -> Counter[str]:
    """Compare everything, and count what was seen."""
    case = Case(catalog, inventory)
    return Counter(seen for w in range(len(inventory.workloads)) for seen in case.check(w))


@pytest.mark.parametrize("first", range(0, 240, 20))
def test_random_worlds(first: int) -> None:
    """Random problems: the same offers, rejections per rule, costs to the micro-dollar, and three best per tier."""
    for seed in range(first, first + 20):
        agree(*world(seed))


def test_random_worlds_cover_what_matters() -> None:
    """The random problems meet every rule, every tier, every purchase model, ties and overdrawn capacity."""
    seen = sum((agree(*world(seed)) for seed in range(80)), Counter())
    seen += sum((agree(*spread_world(seed)) for seed in range(20)), Counter())
    about_sites = {"other_site", "apart", "providers", "data_only"}  # see `test_redundancy_oracle.py`
    about_work = {"precision", "token_latency", "deadline"}  # see `test_oracle_work.py`
    rules = {rule.name for rule in CONSTRAINTS} - about_sites - about_work
    purchases = {"on_demand", "spot", "reserved_1y", "reserved_3y", "lease", "owned"}
    terms = {term.name for term in TERMS} - {"block"}  # of training alone
    steps = {f"rtt {step}" for step in STEPS} | {"at risk", "not at risk"}
    states = {"placed", "unplaced", "displaced", "tie", *TIERS}
    assert rules | purchases | terms | states | steps <= set(seen)


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_shipped_catalog(seed: int) -> None:
    """The shipped catalog: the same answers for a handful of random workloads."""
    agree(*shipped_world(seed, 2))
