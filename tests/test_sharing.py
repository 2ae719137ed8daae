"""Capacity that workloads share: nobody is offered what another holds, and memory stays flat."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from oracle import Oracle
from test_properties import crowded
from worlds import Draft, fact, inventory, node, site, workload

from placement.catalog.tables import Shape
from placement.engine import elsewhere
from placement.engine.advise import advise
from placement.engine.chunk import CHUNK
from placement.engine.elsewhere import Ranked
from placement.engine.explain import explain
from placement.engine.parts import PART
from placement.engine.problem import build_problem
from placement.engine.solution import Prepared, Worked, best_of, prepare, work
from placement.engine.solve import solve
from placement.engine.taken import draws_of, open_best
from placement.plan.model import Placement, Plan

SHA = "0" * 64


def placed(plan: Plan) -> dict[str, Placement]:
    return {one.workload: one for one in plan.placements}


def drawn(plan: Plan, oracle: Oracle, skip: str) -> tuple[Counter[str], Counter[str]]:
    """Nodes by offer and power by site that all placements but one draw."""
    nodes: Counter[str] = Counter()
    power: Counter[str] = Counter()
    offers = {offer.id: offer for offer in oracle.offers}
    for one in plan.placements:
        for layer in one.layers if one.workload != skip else ():
            offer = offers[layer.offer]
            nodes[offer.id] += layer.nodes
            if offer.node is not None and offer.node.max_power_kw is not None:
                power[one.site] += layer.nodes * offer.node.max_power_kw.micro
    return nodes, power


def test_alternatives_are_free() -> None:
    """Nothing is offered as an alternative that other workloads leave no room on."""
    refused = 0
    for seed in range(5000, 5040):
        catalog, wanted = crowded(seed)
        oracle = Oracle(catalog, wanted)
        offers = {offer.id: offer for offer in oracle.offers}
        plan = advise(catalog, wanted, SHA)
        prepared = prepare(build_problem(catalog, wanted))
        solution = solve(prepared)
        worked = work(prepared, np.arange(len(wanted.workloads)))
        best, draws = best_of(prepared, worked), draws_of(prepared.problem, solution.claims)
        free = open_best(prepared, best, worked.chunk.sizing.nodes_wh, draws, solution.barred)
        refused += int((best.offer_wtk != free.offer_wtk).any(axis=(1, 2)).sum())
        for one in plan.placements:
            nodes, power = drawn(plan, oracle, one.workload)
            for other in one.alternatives:
                offer = offers[other.offer]
                assert offer.existing is None or nodes[offer.id] + other.nodes <= offer.existing
                limit = oracle.site_kw_micro(offer.site)
                if offer.node is not None and limit is not None:
                    assert power[offer.site.id] + other.nodes * offer.node.max_power_kw.micro <= limit
    assert refused


def test_a_saving_is_against_what_can_be_had() -> None:
    """Two own nodes, both taken by `a`; `b` compares its rented node with the next rented tier, not with them."""
    draft = Draft(sites=[site("lam/1"), site("aws/1", "hyperscaler")], nodes=[node("n1", count=1)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=8_000_000)
    draft.offer("aws/1", "a", "on_demand", Shape("A", 1, 1, ""), price=10_000_000)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 2, "capex_usd": 180_000}]}
    always = workload("a", demand={"count": 2, "hours_per_month": 730})
    # Owned: 180,000 ÷ 60 and about 3,140 for power and spares = 6,140. Rented for 700 h: 5,600, and 7,000 next.
    policies = {"discount_rate_fraction": 0}
    asks = [
        always | {"offline": True, "users": [{"location": "berlin"}]},
        workload("b", demand={"hours_per_month": 700}),
    ]
    wanted = inventory(asks, sites={"hq": own}, policies=policies)
    found = placed(advise(draft.catalog(), wanted, SHA))
    assert found["a"].reason == "only on_prem passes offline"
    assert found["b"].reason == "20 % below the best hyperscaler offer"
    assert [other.offer for other in found["b"].alternatives] == ["aws/1/a/on_demand"]
    draft.rows = [row for row in draft.rows if row[0] == "lam/1"]
    found = placed(advise(draft.catalog(), wanted, SHA))
    assert found["b"].reason == "only gpu_cloud is left: other workloads hold what on_prem could give"


def contested(workloads: int):
    """One own node of one `A`, free of capital cost, and a rented one; everybody wants the first."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=8_000_000)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 1, "capex_usd": 0}]}
    return draft.catalog(), inventory([workload(f"w{row:04}") for row in range(workloads)], sites={"hq": own})


def test_explain_says_who_holds_what() -> None:
    """The own node is not called feasible for the one who did not get it."""
    told = explain(*contested(2), "w0001")
    (own,) = [tier for tier in told.tiers if tier.tier == "on_prem"]
    assert (own.offer, own.feasible, own.held_by) == ("own/hq/existing-n1/owned", 0, ("w0000",))
    assert [obstacle.rule for obstacle in own.obstacles] == ["capacity"]
    (mine,) = [tier for tier in explain(*contested(2), "w0000").tiers if tier.tier == "on_prem"]
    assert (mine.feasible, mine.held_by) == (1, ())


def test_a_held_tier_is_not_called_infeasible() -> None:
    """Rented, because the own node is another's: no rule forbids the own tier."""
    loser = placed(advise(*contested(2), SHA))["w0001"]
    assert loser.reason == "own/hq/existing-n1/owned is needed more by others"
    assert loser.rejected_tiers == ()
    assert loser.alternatives == ()


def test_claimants_are_searched_again_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many want the same node, no more are computed at once than anywhere else."""
    sizes: list[int] = []

    def counted(prepared: Prepared, w: np.ndarray) -> Worked:
        sizes.append(len(w))
        return work(prepared, w)

    monkeypatch.setattr(elsewhere, "work", counted)
    catalog, wanted = contested(CHUNK + 5)
    different = [{"storage_gb": float(row)} for row in range(CHUNK + 5)]
    every = [one.model_copy(update=more) for one, more in zip(wanted.workloads, different, strict=True)]
    solution = solve(prepare(build_problem(catalog, wanted.model_copy(update={"workloads": every}))))
    assert int((solution.displaced_w >= 0).sum()) == CHUNK + 4
    assert max(sizes) <= CHUNK
    assert sum(sizes) >= CHUNK + 5


@pytest.mark.parametrize("ranks", [1, 3, 24])
def test_what_is_left_is_looked_up_as_it_is_searched(ranks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever others hold: the same offers, costs and nodes from the cheapest that are kept as from another search."""
    monkeypatch.setattr(elsewhere, "RANKS", ranks)
    monkeypatch.setattr(elsewhere, "RUN", 2)
    asked = 0
    for seed in range(60):
        prepared = prepare(build_problem(*crowded(seed)))
        held = sorted(solve(prepared).claims)
        ranked, draw = Ranked(prepared), Random(seed)
        for _ in range(3 if held else 0):
            count = len(prepared.problem.ids)
            w = np.array(sorted(draw.sample(range(count), draw.randint(1, count))))
            barred = {number: frozenset(draw.sample(held, draw.randint(1, len(held)))) for number in w.tolist()}
            for mine, theirs in zip(ranked.without(w, barred), elsewhere.without(prepared, w, barred), strict=True):
                assert np.array_equal(mine, theirs), seed
            asked += len(w)
    assert asked > 100


def test_what_is_left_with_room_goes_back() -> None:
    """`a` has the own nodes rather than `b`, then loses the site's power to `c`; now `b` has room for one of them.

    Power is 20.4 kW, two nodes' worth. `a` needs two nodes of one kind, `b` one of them, `c` one of another kind and
    has nowhere else to go.
    """
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1), node("n2", "B", 1)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=8_000_000)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 20.4, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 2, "capex_usd": 0}, {"node": "n2", "nodes": 1, "capex_usd": 0}]}
    asks = [workload("a", demand={"count": 2}), workload("b"), workload("c", demand={"model": "B"})]
    found = placed(advise(draft.catalog(), inventory(asks, sites={"hq": own}), SHA))
    chosen = {name: one.layers[0].offer for name, one in found.items()}
    assert chosen == {"a": "lam/1/a/on_demand", "b": "own/hq/existing-n1/owned", "c": "own/hq/existing-n2/owned"}
    assert found["a"].reason == "own/hq/existing-n1/owned is needed more by others"
    assert "needed more" not in found["b"].reason


def test_a_large_claimant_is_not_crowded_out_by_small_ones() -> None:
    """One workload of great loss beside many small ones of more loss per kW: with all of them it would not fit.

    The site feeds 480 nodes and 50 small ones; one more small one must not cost the 480 their place.
    """
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1"), node("n2", "B", 1, max_power_kw=fact(60_000))])
    for accelerator, price in (("A", 2_000_000), ("B", 2_000_000)):
        draft.offer("lam/1", accelerator, "on_demand", Shape(accelerator, 1, 1, ""), price=price)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 4896 + 50 * 0.06, "may_buy": False}
    own |= {"hardware": [{"node": name, "nodes": 9999, "capex_usd": 0} for name in ("n1", "n2")]}
    small = [workload(f"s{row:02}", demand={"model": "B"}) for row in range(51)]
    wanted = inventory([workload("big", demand={"count": 3840}), *small], sites={"hq": own})
    found = placed(advise(draft.catalog(), wanted, SHA))
    assert found["big"].tier == "on_prem"
    assert [name for name, one in found.items() if one.tier != "on_prem"] == ["s50"]


def test_whoever_lacks_power_is_told_so() -> None:
    """Two of three nodes stay unused, since the site feeds one: more nodes would not help."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1)])
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 15, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 3, "capex_usd": 0}]}
    lone = placed(advise(draft.catalog(), inventory([workload("a"), workload("b")], sites={"hq": own}), SHA))["b"]
    assert lone.reason == "the power of hq is needed more by others"
    (way,) = lone.relaxations
    assert (way.constraints, way.change) == (("power",), "raise the site's `power_kw` to 20.4")
    both = [{"node": "n1", "nodes": 1, "capex_usd": 0}]
    tight = inventory([workload("a"), workload("b")], sites={"hq": own | {"hardware": both}})
    (way,) = placed(advise(draft.catalog(), tight, SHA))["b"].relaxations
    assert way.constraints == ("capacity", "power")
    assert way.change == "have 1 more such nodes there and raise the site's `power_kw` to 20.4"


@pytest.mark.parametrize("rows", [300, PART + 300])
def test_rows_in_another_order_share_a_line_alike(rows: int) -> None:
    """Many who are alike compete for a line, nodes and power: whoever is barred from which, order means nothing."""
    draft = Draft(sites=[site("lam/1", place="paris")], nodes=[node("n8", capex=fact(300_000))])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 8, ""), price=2_000_000)
    locations = {"berlin": {"city": "berlin", "uplink_mbit_s": rows / 10}, "paris": {"city": "paris"}}
    own = {"tier": "on_prem", "location": "berlin", "power_kw": rows, "hardware": [{"node": "n8", "nodes": rows // 20}]}
    asked = [
        workload(
            f"w{number:05}",
            demand={"count": 1 + number % 3, "hours_per_month": 50 + 97 * (number % 7)},
            data_in=[{"from": "berlin", "gb_per_month": 20 + number % 5 * 30}],
        )
        for number in range(rows)
    ]
    plans = []
    for seed in range(2):
        wanted = inventory(Random(seed).sample(asked, rows), sites={"hq": own}, locations=locations)
        plans.append(advise(draft.catalog(), wanted, SHA))
    assert placed(plans[0]) == placed(plans[1])
    assert (plans[0].summary, plans[0].notes) == (plans[1].summary, plans[1].notes)
    sent = sum(20 + int(one.workload[1:]) % 5 * 30 for one in plans[0].placements if one.site == "lam/1")
    assert 0.99 < sent / (rows / 10 * 229.95) <= 1
    assert {"gpu_cloud", "on_prem"} <= {one.tier for one in plans[0].placements}
