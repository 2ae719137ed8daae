"""Tiers that count what all workloads send together: exact totals, no gain left for anyone, and a bound that holds."""

from decimal import Decimal
from random import Random

import numpy as np
import pytest
from oracle import Oracle
from oracle_pools import PoolOracle, pools_micro
from test_properties import crowded
from worlds import Draft, inventory, site, workload, world

from placement.catalog.tables import Catalog, Shape, Tariff
from placement.engine import joint, unsettled
from placement.engine.advise import advise, plan_of
from placement.engine.joint import solve_jointly
from placement.engine.problem import Problem, build_problem
from placement.engine.reach import Reach
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Solution, prepare
from placement.engine.solve import solve
from placement.inventory.inventory import Inventory

SHA = "0" * 64
TARIFFS = (
    ((0, 90_000), (10_240_000, 85_000), (51_200_000, 70_000), (153_600_000, 50_000)),
    ((0, 0), (100_000, 120_000), (10_240_000, 80_001)),
    ((0, 95_000), (40_000_000, 20_003)),
)
VOLUMES = (50, 4_000, 12_000.5, 30_000, 61_440.123)


def sending(seed: int, workloads: int = 5) -> tuple[Catalog, Inventory]:
    """Providers with different tiers, and workloads that send much; every offer is allowed."""
    random = Random(seed)
    draft = Draft()
    for number, tiers in enumerate(random.sample(TARIFFS, random.choice((2, 3)))):
        for place in ("berlin", "tokyo")[: random.choice((1, 2))]:
            name = f"p{number}/{place}"
            tariff = Tariff(tiers, "2026", "s1", "")
            draft.sites.append(site(name, "hyperscaler", place, egress_internet=tariff))
            draft.offer(name, "a", "on_demand", Shape("A", 1, 1, ""), random.choice((1_000_000, 1_300_000, 1_900_000)))
    homes = [found.id for found in draft.sites]
    asks = [
        workload(
            f"w{row:03}",
            data_in=[{"from": random.choice(homes), "gb_per_month": random.choice(VOLUMES)}] * random.choice((0, 1)),
            data_out=[
                {"to": random.choice(("berlin", "paris", *homes)), "gb_per_month": random.choice(VOLUMES)}
                for _ in range(random.choice((0, 1, 2)))
            ],
        )
        for row in range(workloads)
    ]
    return draft.catalog(), inventory(random.sample(asks, len(asks)))


def solved(seed: int) -> tuple[Prepared, Solution, PoolOracle, list[str]]:
    catalog, wanted = sending(seed)
    prepared = prepare(build_problem(catalog, wanted))
    solution = solve_jointly(prepared)
    offers = [prepared.problem.supply.offer_id(int(offer)) for offer in solution.offer_w]
    return prepared, solution, PoolOracle(Oracle(catalog, wanted)), offers


def total_micro(solution: Solution) -> int:
    shift = 0.0 if solution.joint is None else solution.joint.shift_w
    return int((solution.cost_w + shift).sum())


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_the_whole_is_what_the_pools_cost(first: int) -> None:
    """The total is that of the joint tiers, nobody gains by moving, and the best of all plans is within the gap."""
    for seed in range(first, first + 10):
        _, solution, oracle, offers = solved(seed)
        plan = oracle.plan(offers)
        slack = oracle.rounding(plan)
        assert abs(total_micro(solution) - oracle.total(plan)) <= slack, seed
        if solution.joint is None:
            assert not any(part.sent for part in plan)
            continue
        best = oracle.best()
        assert solution.joint.settled
        assert oracle.total(plan) <= min(oracle.moves(plan)) + slack, seed
        assert best <= oracle.total(plan) <= best + solution.joint.gap_micro + slack, seed


def test_random_worlds_cost_what_their_pools_cost() -> None:
    """Whatever else there is in a world: the lines of the whole plan are the joint tiers of everything that is sent."""
    pooled = 0
    for seed in range(80):
        catalog, wanted = (crowded if seed % 2 else world)(seed)
        prepared = prepare(build_problem(catalog, wanted))
        solution = solve_jointly(prepared)
        placed = np.flatnonzero(solution.offer_w != NONE).tolist()
        oracle = Oracle(catalog, wanted)
        offers = {offer.id: offer for offer in oracle.offers}
        sent, apart = [], 0
        for w in placed:
            workload = wanted.workloads[w]
            offer = offers[prepared.problem.supply.offer_id(int(solution.offer_w[w]))]
            flows = [((payee, tiers), milli) for payee, tiers, milli in oracle.paid(workload, offer.site)]
            flows = [(pool, milli) for pool, milli in flows if len(pool[1]) > 1 and milli]
            apart += (oracle.verdict(workload, offer).cost or 0) - pools_micro(flows)
            sent += flows
        total = int(np.floor(solution.cost_w[placed]).sum())
        total += int(solution.joint.shift_w[placed].sum()) if solution.joint else 0
        assert abs(total - apart - pools_micro(sent)) <= sum(len(pool[1]) for pool, _ in sent), seed
        pooled += solution.joint is not None
    assert pooled > 20


def test_random_plans_are_nearly_always_the_best() -> None:
    """That nobody gains alone does not prove a plan the best; here it is in most cases, and never far off."""
    found = []
    for seed in range(100, 160):
        _, _, oracle, offers = solved(seed)
        best = oracle.best()
        found.append((oracle.total(oracle.plan(offers)) - best) / best)
    assert sum(excess < 1e-9 for excess in found) >= 50
    assert max(found) < 0.1


def test_joint_plans_are_not_dearer() -> None:
    """Counting tiers over all workloads never costs more than counting each flow alone, where tiers fall."""
    gained = 0
    for seed in range(200, 240):
        catalog, wanted = sending(seed)
        prepared = prepare(build_problem(catalog, wanted))
        alone = int(solve(prepared).cost_w.sum())
        whole = total_micro(solve_jointly(prepared))
        tariffs = prepared.problem.tariffs
        if all(tariff.tiers[0][1] for tariff, pooled in zip(tariffs.values, tariffs.pooled_t, strict=True) if pooled):
            assert whole <= alone + 100
            gained += whole < alone
    assert gained


def test_lines_fill_the_tiers_in_the_order_of_ids() -> None:
    """Three workloads send 8,000 GB each: 10,240 GB at 9 cents, the rest at 8.5; lines and alternatives by hand."""
    tariff = Tariff(((0, 90_000), (10_240_000, 85_000)), "2026", "s1", "")
    draft = Draft(sites=[site("aws/1", "hyperscaler", egress_internet=tariff), site("lam/1")])
    draft.offer("aws/1", "a", "on_demand", Shape("A", 1, 1, ""), 1_000_000)
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), 4_000_000)
    asks = [workload(name, data_out=[{"to": "paris", "gb_per_month": 8_000}]) for name in ("c", "a", "b")]
    plan = advise(draft.catalog(), inventory(asks), SHA)
    lines = {
        one.workload: [(line.quantity, line.unit_price_usd) for line in one.lines if line.term == "egress"]
        for one in plan.placements
    }
    assert lines == {
        "a": [("8000", "0.09")],
        "b": [("2240", "0.09"), ("5760", "0.085")],
        "c": [("8000", "0.085")],
    }
    egress = [line.cost_cents for one in plan.placements for line in one.lines if line.term == "egress"]
    assert sum(egress) == 1_024_000 * 9 // 100 + (2_400_000 - 1_024_000) * 85 // 1000
    # Each adds 8,000 × 0.085 = 680 to 730 of compute. Elsewhere: 2,920 and 8,000 × 0.06 = 480, so 1,990 more for each.
    for one in plan.placements:
        (other,) = one.alternatives
        assert other.monthly_cost_cents - (one.monthly_cost_cents or 0) == 199_000


def test_a_shared_tier_draws_workloads_together() -> None:
    """Alone each is cheaper at `b`; together they reach the cheap tier of `a`, one after the other."""
    steep = Tariff(((0, 100_000), (10_000_000, 10_000)), "2026", "s1", "")
    flat = Tariff(((0, 90_000), (10**12, 89_000)), "2026", "s1", "")
    draft = Draft(sites=[site("a/1", egress_internet=steep), site("b/1", egress_internet=flat)])
    for name in ("a/1", "b/1"):
        draft.offer(name, "a", "on_demand", Shape("A", 1, 1, ""), 1_000_000)
    asks = [workload("x", data_out=[{"to": "paris", "gb_per_month": 12_000}])]
    asks += [workload(f"w{row}", data_out=[{"to": "paris", "gb_per_month": 9_000}]) for row in range(4)]
    catalog, wanted = draft.catalog(), inventory(asks)
    prepared = prepare(build_problem(catalog, wanted))
    apart = [prepared.problem.supply.offer_id(int(offer)) for offer in solve(prepared).offer_w]
    assert apart == ["a/1/a/on_demand", *["b/1/a/on_demand"] * 4]
    plan = plan_of(prepared, solve_jointly(prepared), SHA)
    assert {one.site for one in plan.placements} == {"a/1"}
    # 5 × 730 + 10,000 × 0.10 + 38,000 × 0.01
    assert plan.summary.monthly_cost_cents == 365_000 + 100_000 + 38_000
    # Nothing that is sent from `a` costs less than the average of all 48,000 GB, which is what is paid.
    assert any("no plan costs less than $5,0" in note for note in plan.notes), plan.notes


@pytest.mark.parametrize("part", [2, 7])
def test_fleets_find_as_good_plans(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools estimated from a sample, bounds without a search, and chunks of any size: still settled, still bounded."""
    for seed in range(300, 320):
        catalog, wanted = sending(seed, 30)
        whole = solve_jointly(prepare(build_problem(catalog, wanted)))
        with monkeypatch.context() as patch:
            for module in (joint,):
                patch.setattr(module, "PART", 10)
            patch.setattr(joint, "SAMPLE", 10)
            patch.setattr(unsettled, "FEW", 0)
            prepared = prepare(build_problem(catalog, wanted))
            found = solve_jointly(prepared, size=part)
        if found.joint is None or whole.joint is None:
            continue
        assert found.joint.settled
        assert not (found.offer_w == NONE).any()
        least = total_micro(whole) - whole.joint.gap_micro
        assert total_micro(found) >= least - 200
        assert total_micro(found) - found.joint.gap_micro <= total_micro(whole) + 200


def test_who_reaches_nothing_cheaper_need_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same plans when everybody is taken to reach every site; of those asked then, rules keep some from it."""
    monkeypatch.setattr(joint, "PART", 10)
    monkeypatch.setattr(joint, "SAMPLE", 10)
    monkeypatch.setattr(unsettled, "FEW", 0)
    fewer, asking_all = 0, False

    def counted(before: Problem, after: Problem, chosen: unsettled.Chosen) -> np.ndarray:
        nonlocal fewer
        rows = unsettled.unsettled(before, after, chosen)
        with monkeypatch.context() as patch:
            patch.setattr(Reach, "any_of", lambda _self, w, _sites: np.ones(len(w), dtype=bool))
            every = unsettled.unsettled(before, after, chosen)
        assert set(rows.tolist()) <= set(every.tolist())
        fewer += len(rows) < len(every)
        return every if asking_all else rows

    monkeypatch.setattr(joint, "unsettled", counted)
    for seed in range(900, 940):
        catalog, wanted = sending(seed, 30)
        draw = Random(seed)
        bound = [one.model_copy(update={"residency": draw.choice(([], ["DE"], ["JP"]))}) for one in wanted.workloads]
        found = []
        for asking in (False, True):
            asking_all = asking
            solution = solve_jointly(prepare(build_problem(catalog, wanted.model_copy(update={"workloads": bound}))))
            found.append((solution.offer_w.tolist(), solution.cost_w.tolist(), solution.joint and solution.joint[2:]))
        assert repr(found[0]) == repr(found[1]), seed
    assert fewer


def test_order_of_rows_is_irrelevant() -> None:
    """The same placements, whatever the order of the inventory's rows."""
    for seed in range(400, 410):
        catalog, wanted = sending(seed, 12)
        plans = []
        for order in (wanted.workloads, wanted.workloads[::-1]):
            plan = advise(catalog, wanted.model_copy(update={"workloads": order}), SHA)
            plans.append(sorted((one.workload, one.layers, one.lines, one.alternatives) for one in plan.placements))
        assert plans[0] == plans[1]


def test_nothing_sent_costs_nothing_more() -> None:
    """A further workload that sends nothing changes no line of the others; more bytes never make the whole cheaper."""
    for seed in range(500, 510):
        catalog, wanted = sending(seed)
        silent = Inventory.model_validate(
            {**wanted.model_dump(by_alias=True, exclude={"workloads", "policies"}),
             "workloads": [*(one.model_dump(by_alias=True) for one in wanted.workloads), workload("zz")]}
        )  # fmt: skip
        before, after = advise(catalog, wanted, SHA), advise(catalog, silent, SHA)
        assert [one.lines for one in before.placements] == [one.lines for one in after.placements[:-1]]
        assert np.all([Decimal(line.quantity) > 0 for one in after.placements for line in one.lines])
