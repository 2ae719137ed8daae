"""What must hold of every plan, whatever the world."""

import math
import sys
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from oracle_flows import line_limits, line_loads
from worlds import Draft, fact, inventory, model, node, site, workload, world

from placement.catalog.tables import Catalog, Offers, Shape, Tariff
from placement.catalog.work import Mfu, Roofline
from placement.engine.advise import advise
from placement.engine.constraints import CONSTRAINTS
from placement.engine.joint import solve_jointly
from placement.engine.problem import build_problem
from placement.engine.solution import cheapest, prepare, work
from placement.engine.solve import solve
from placement.inventory.inventory import Inventory
from placement.plan.model import Plan

SEEDS = range(5000, 5060)
CENT = Decimal("0.01")
SHA = "0" * 64


def alone(catalog: Catalog, wanted: Inventory) -> dict[str, float]:
    """The best cost of every workload as if it were alone; infinite where nothing is allowed."""
    prepared = prepare(build_problem(catalog, wanted))
    worked = work(prepared, np.arange(len(wanted.workloads)))
    _, cost_w, _ = cheapest(prepared, worked)
    return {one.id: float(cost) for one, cost in zip(wanted.workloads, cost_w, strict=True)}


def displaced(catalog: Catalog, wanted: Inventory) -> set[str]:
    solution = solve(prepare(build_problem(catalog, wanted)))
    return {one.id for one, w in zip(wanted.workloads, solution.displaced_w, strict=True) if w >= 0}


def changed(wanted: Inventory, **values: object) -> Inventory:
    return wanted.model_copy(update=values)


def each_workload(wanted: Inventory, **values: object) -> Inventory:
    return changed(wanted, workloads=[one.model_copy(update=values) for one in wanted.workloads])


def crowded(seed: int) -> tuple[Catalog, Inventory]:
    """A world in which every workload is there three times, so that shared capacity runs out."""
    catalog, wanted = world(seed)
    copies = [one.model_copy(update={"id": f"{one.id}-{n}"}) for n in range(3) for one in wanted.workloads]
    return catalog, changed(wanted, workloads=copies)


@pytest.mark.parametrize("make", [world, crowded])
def test_row_order_is_irrelevant(make) -> None:
    """The same workloads in another order get the same placements, also where they compete for capacity."""
    moved = 0
    for seed in SEEDS:
        catalog, wanted = make(seed)
        shuffled = Random(seed).sample(wanted.workloads, len(wanted.workloads))
        plan, again = (advise(catalog, changed(wanted, workloads=rows), SHA) for rows in (wanted.workloads, shuffled))
        assert {one.workload: one for one in plan.placements} == {one.workload: one for one in again.placements}
        assert plan.summary == again.summary
        assert plan.assumptions == again.assumptions
        assert plan.sources == again.sources
        moved += len(displaced(catalog, wanted))
    assert moved or make is world


def test_fewer_offers_never_cost_less() -> None:
    """Every offer that is there can only help: half of the rented rows taken away never lowers a best cost."""
    for seed in SEEDS:
        catalog, wanted = world(seed)
        kept = np.array(Random(seed).choices((True, False), k=len(catalog.offers.site_o)), dtype=bool)
        poorer = catalog._replace(offers=Offers(*(column[kept] for column in catalog.offers)))
        before, after = alone(catalog, wanted), alone(poorer, wanted)
        assert all(after[name] >= cost for name, cost in before.items())


RELAXED = {
    "residency": lambda wanted: each_workload(wanted, residency=[]),
    "certification": lambda wanted: each_workload(wanted, certifications=[]),
    "rtt": lambda wanted: each_workload(wanted, slo=None),
    "offline": lambda wanted: each_workload(wanted, offline=False),
    "interruptible": lambda wanted: each_workload(wanted, interruptible=True),
    "policies": lambda wanted: changed(wanted, policies=wanted.policies.model_copy(update={
        "allowed_providers": None, "denied_providers": [], "allowed_tiers": None, "denied_tiers": [],
        "allowed_countries": None, "denied_countries": [], "allowed_accelerators": None, "denied_accelerators": [],
        "allowed_purchase_models": None, "certifications": [], "community_hosts": True,
        "allowed_access": ["general", "government", "china", "dedicated", "air_gapped"], "operators": None,
    })),
}  # fmt: skip


@pytest.mark.parametrize("rule", RELAXED)
def test_a_relaxed_rule_never_costs_more(rule: str) -> None:
    """Asking for less never raises a best cost, and lowers some."""
    lower = 0
    for seed in range(5000, 5060):
        catalog, wanted = world(seed)
        before, after = alone(catalog, wanted), alone(catalog, RELAXED[rule](wanted))
        assert all(after[name] <= cost for name, cost in before.items())
        lower += sum(after[name] < cost for name, cost in before.items())
    assert lower


def test_doubled_prices_double_the_total() -> None:
    """Rented offers only, no storage, no bytes: twice the price is twice the cost, to the micro-dollar."""
    for seed in SEEDS:
        catalog, wanted = world(seed)
        stay = wanted.policies.model_copy(update={"rental_price_change_fraction_per_year": 0.0})
        rented = changed(wanted, sites={}, policies=stay)
        wanted = each_workload(rented, storage_gb=0.0, data_in=[], data_out=[], current=None)
        rented = catalog._replace(nodes={}, sites=[one._replace(tier="gpu_cloud") for one in catalog.sites])
        price = catalog.offers.price_micro_o
        dollars = np.where(price < 0, price, price // 1000 * 1000)
        nothing = np.zeros_like(price)  # what is paid ahead is an annuity in whole cents
        once, twice = (
            rented._replace(
                offers=catalog.offers._replace(
                    price_micro_o=np.where(price < 0, price, dollars * factor), upfront_micro_o=nothing
                )
            )
            for factor in (1, 2)
        )
        single, double = alone(once, wanted), alone(twice, wanted)
        assert double == {name: 2 * cost for name, cost in single.items()}


def decimal_cents(cents: int | None) -> Decimal:
    return Decimal(cents or 0) / 100


def check_sums(plan: Plan) -> None:
    placed = [one for one in plan.placements if one.status == "placed"]
    for one in placed:
        for line in one.lines:
            product = Decimal(line.quantity) * Decimal(line.unit_price_usd)
            assert decimal_cents(line.cost_cents) == product.quantize(CENT, ROUND_HALF_UP), line
        assert one.monthly_cost_cents == sum(line.cost_cents for line in one.lines)
    total = sum(one.monthly_cost_cents or 0 for one in placed)
    assert plan.summary.monthly_cost_cents == total
    assert plan.summary.placed == len(placed)
    for shares in (plan.summary.by_tier, plan.summary.by_provider, plan.summary.by_purchase):
        assert sum(share.monthly_cost_cents for share in shares) == total
        assert sum(share.workloads for share in shares) == len(placed)


def test_lines_add_up() -> None:
    """Each line is quantity × unit price half-up, each placement the sum of its lines, each total of its placements."""
    for seed in SEEDS:
        check_sums(advise(*world(seed), SHA))


def test_lines_are_the_cost_that_was_minimised() -> None:
    """The printed cost differs from the searched one by rounding: half a cent a line, half a micro-dollar a node."""
    for seed in SEEDS:
        catalog, wanted = world(seed)
        solution = solve_jointly(prepare(build_problem(catalog, wanted)))
        cost_w = solution.cost_w + (solution.joint.shift_w if solution.joint else 0)
        for one, cost in zip(advise(catalog, wanted, SHA).placements, cost_w.tolist(), strict=True):
            if one.status == "placed":
                allowed = len(one.lines) * (5_000 + one.layers[0].nodes)
                assert abs((one.monthly_cost_cents or 0) * 10_000 - int(cost)) <= allowed


def test_shared_limits_hold() -> None:
    """Existing nodes and the power of a site are never drawn on beyond what there is."""
    full = 0
    for seed in SEEDS:
        catalog, wanted = crowded(seed)
        oracle = Oracle(catalog, wanted)
        offers = {offer.id: offer for offer in oracle.offers}
        nodes: dict[str, int] = {}
        power: dict[str, int] = {}
        for one in advise(catalog, wanted, SHA).placements:
            for layer in one.layers:
                offer = offers[layer.offer]
                nodes[offer.id] = nodes.get(offer.id, 0) + layer.nodes
                if offer.node is not None and offer.node.max_power_kw is not None:
                    power[one.site] = power.get(one.site, 0) + layer.nodes * offer.node.max_power_kw.micro
        for name, count in nodes.items():
            existing = offers[name].existing
            assert existing is None or count <= existing
            full += existing == count
        for name, drawn in power.items():
            limit = oracle.site_kw_micro(oracle.sites[name])
            assert limit is None or drawn <= limit
    assert full


def test_lines_carry_what_is_sent_over_them() -> None:
    """All workloads together never send more over a location's line than it carries."""
    full = sent = 0
    for seed in SEEDS:
        catalog, wanted = crowded(seed)
        oracle = Oracle(catalog, wanted)
        limits = line_limits(oracle)
        asked = {one.id: one for one in wanted.workloads}
        placements = advise(catalog, wanted, SHA).placements
        load = line_loads(oracle, ((asked[one.workload], 0, one.site) for one in placements if one.site))
        full += sum("the line of " in one.reason for one in placements)
        sent += sum(amount > 0 for amount in load.values())
        assert all(load[name] <= carries for name, carries in limits.items())
    assert full and sent


def test_a_contended_line_is_split_at_least_cost() -> None:
    """One line of 460 GB and a dear rack behind it: the total is the least of all splits that fit."""
    for seed in range(12):
        random = Random(seed)
        draft = Draft(sites=[site("lam/1", place="paris")], nodes=[node("n8", capex=fact(300_000))])
        draft.offer("lam/1", "a", "on_demand", Shape("A", 8, 8, "fabric"), 10_000_000)
        asked = [
            workload(
                f"w{row}",
                demand={"count": 8 * random.randint(1, 3), "hours_per_month": random.randint(10, 90)},
                data_in=[{"from": "berlin", "gb_per_month": random.randint(40, 230)}],
            )
            for row in range(7)
        ]
        own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000}
        locations = {"berlin": {"city": "berlin", "uplink_mbit_s": 2}}
        catalog = draft.catalog()
        wanted = inventory(random.sample(asked, 7), sites={"hq": own}, locations=locations)
        oracle = Oracle(catalog, wanted)
        cost = {offer.id: [oracle.verdict(one, offer).cost or 0 for one in wanted.workloads] for offer in oracle.offers}
        rent, keep = cost["lam/1/a/on_demand"], cost["own/hq/n8/owned"]
        assert all(rented < kept for kept, rented in zip(keep, rent, strict=True))
        gb = [one.data_in[0].gb_per_month or 0 for one in wanted.workloads]
        splits = [
            sum(rented if away else kept for kept, rented, away in zip(keep, rent, choice, strict=True))
            for choice in product((False, True), repeat=7)
            if sum(volume for volume, away in zip(gb, choice, strict=True) if away) <= 459.9
        ]
        assert int(solve(prepare(build_problem(catalog, wanted))).cost_w.sum()) == min(splits)


def test_one_overdrawn_resource_is_split_at_least_cost() -> None:
    """One stock of nodes and one place to rent: the total is the least of all splits that fit."""
    for seed in range(12):
        random = Random(seed)
        draft = Draft(sites=[site("lam/1")], nodes=[node("n8", capex=fact(0))])
        draft.offer("lam/1", "a", "on_demand", Shape("A", 8, 8, "fabric"), 20_000_000)
        demands = [{"count": 8 * random.randint(1, 4), "hours_per_month": random.randint(400, 730)} for _ in range(7)]
        asked = [workload(f"w{row}", demand=demand) for row, demand in enumerate(demands)]
        own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
        own |= {"hardware": [{"node": "n8", "nodes": 6}]}
        catalog, wanted = draft.catalog(), inventory(random.sample(asked, 7), sites={"hq": own})
        oracle = Oracle(catalog, wanted)
        cost = {offer.id: [oracle.verdict(one, offer).cost or 0 for one in wanted.workloads] for offer in oracle.offers}
        rent, keep = cost["lam/1/a/on_demand"], cost["own/hq/existing-n8/owned"]
        nodes = [one.demand.accelerators.count // 8 for one in wanted.workloads]
        assert all(kept < rented for kept, rented in zip(keep, rent, strict=True))
        splits = [
            sum(kept if here else rented for kept, rented, here in zip(keep, rent, choice, strict=True))
            for choice in product((False, True), repeat=7)
            if sum(count for count, here in zip(nodes, choice, strict=True) if here) <= 6
        ]
        assert int(solve(prepare(build_problem(catalog, wanted))).cost_w.sum()) == min(splits)


def test_alternatives_are_not_cheaper() -> None:
    """Nothing shown beside the choice costs less, but for the cents of rounding; only the displaced had better."""
    for seed in SEEDS:
        catalog, wanted = crowded(seed)
        moved = displaced(catalog, wanted)
        for one in advise(catalog, wanted, SHA).placements:
            for other in one.alternatives if one.workload not in moved else ():
                assert other.monthly_cost_cents >= (one.monthly_cost_cents or 0) - len(one.lines)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    starts = sorted(draw(st.sets(st.integers(1, 200_000), max_size=4)))
    prices = draw(st.lists(st.integers(0, 300_000), min_size=len(starts) + 1, max_size=len(starts) + 1))
    return Tariff(tuple(zip([0, *(start * 1000 for start in starts)], prices, strict=True)), "2026", "s1", "")


@given(tariffs(), st.lists(st.integers(0, 300_000_000), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_egress_is_zero_at_zero_monotone_and_continuous(tariff: Tariff, volumes_milli: list[int]) -> None:
    """More bytes never cost less, none cost nothing, and a thousandth of a GB more costs that much of a price."""
    draft = Draft(sites=[site("lam/1", egress_internet=tariff)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=0)
    starts = [start for start, _ in tariff.tiers]
    milli = sorted({0, *volumes_milli, *starts, *(volume + 1 for volume in (*volumes_milli, *starts))})
    wanted = inventory([
        workload(f"{volume:012}", data_out=[{"to": "tokyo", "gb_per_month": volume / 1000}]) for volume in milli
    ])  # fmt: skip
    cost = {int(name): micro for name, micro in alone(draft.catalog(), wanted).items()}
    assert cost[0] == 0
    ordered = [cost[volume] for volume in milli]
    assert ordered == sorted(ordered)
    dearest = max(price for _, price in tariff.tiers)
    for volume in milli:
        if volume + 1 in cost:
            assert cost[volume + 1] - cost[volume] <= dearest / 1000 + len(tariff.tiers)


BERLIN = [{"location": "berlin"}]
ONE = Shape("A", 1, 1, "")


def rented(
    offer: dict | None = None,
    place: dict | None = None,
    policies: dict | None = None,
    locations: dict | None = None,
    **asked: object,
):
    """One rented offer and one workload."""
    draft = Draft(sites=[site("lam/1", **(place or {}))])
    draft.offer("lam/1", "a", **({"purchase": "on_demand", "shape": ONE} | (offer or {})))
    told = {} if locations is None else {"locations": locations}
    return draft.catalog(), inventory([workload(**asked)], policies=policies or {}, **told)


def owned(power_kw: float, count: int, air_gapped: bool = False, **asked: object):
    """One node of eight `A`, already there, and one workload."""
    draft = Draft(sites=[site("lam/1", access="dedicated")], nodes=[node("n8")])
    own = {"tier": "on_prem", "location": "berlin", "power_kw": power_kw, "may_buy": False,
           "hardware": [{"node": "n8", "nodes": 1}], "air_gapped": air_gapped}  # fmt: skip
    return draft.catalog(), inventory([workload(demand={"count": count}, **asked)], sites={"hq": own})


def scattered():
    """Nodes of eight `A` at each of two places, and a workload that lives at one of them and at another."""
    draft = Draft(sites=[site("lam/1", access="dedicated")], nodes=[node("n8")])
    own = {"tier": "on_prem", "locations": ["berlin", "tokyo"], "power_kw": 100}
    users = [{"location": name, "share_fraction": 0.5} for name in ("berlin", "paris")]
    return draft.catalog(), inventory([workload(users=users, per_location=True)], sites={"hq": own})


def working(**form: dict):
    """One `A` of 2,000 GB/s and 300 TFLOPS, FP8 among its precisions, that is rented for work."""
    draft = Draft(sites=[site("lam/1")], models=[model()])
    draft.offer("lam/1", "a", "on_demand", ONE)
    draft.silicon["A"] = {"vendor": "NVIDIA", "bandwidth_gb_per_s": 2000.0,
                          "tflops": {"bf16": 300.0, "fp8": 600.0, "int8": 600.0},
                          "precisions": ("fp8", "bf16")}  # fmt: skip
    fitted = (0.7, 0.5, 0.5, 0.0, 0.0, 1.0, 0.8, 1.2, 9, "2026", "s1", "")
    draft.roofline = [Roofline("NVIDIA", "*", precision, *fitted) for precision in ("fp8", "fp16", "int8")]
    draft.training = [Mfu("A", "bf16", "lora", 0.4, 0.8, 1.2, 9, "2026", "s1", "")]
    asked = {"id": "w", "kind": "inference", "demand": form}
    return draft.catalog(), inventory([asked])


TOKENS = {"model": "m", "input_tokens": 1000, "output_tokens": 200, "tokens_per_second": 100}

FORBIDDEN = {
    "places": scattered,
    "offline": lambda: rented(users=BERLIN, offline=True),
    # Berlin to Tokyo: 5.15 + 0.01576 · 8,918 km = 146 ms
    "rtt": lambda: rented(place={"place": "tokyo"}, users=BERLIN, slo={"rtt_ms": 100}),
    "residency": lambda: rented(residency=["FR"]),
    "legal": lambda: rented(data={"classes": ["payment"], "jurisdictions": ["JP"]}),
    "operator": lambda: rented(operators={"denied": ["US"]}),
    "air_gap": lambda: rented(isolation="air_gapped"),
    "connected": lambda: owned(100, 8, air_gapped=True, data_out=[{"to": "paris", "gb_per_month": 1}]),
    "isolation": lambda: rented({"shape": Shape("A", 1, 8, "")}, isolation="dedicated"),
    "certification": lambda: rented(place={"certifications": {"SOC 2": "claimed"}}, certifications=["SOC 2"]),
    "rated": lambda: rented({"shape": Shape("E", 1, 1, "")}, demand={"memory_gib": 10}),
    "memory": lambda: rented({"shape": Shape("D", 1, 1, "")}, demand={"throughput_class": "train"}),
    "fabric": lambda: rented(demand={"count": 2, "accelerators_per_replica": 2, "memory_gib": 10}),
    "interruptible": lambda: rented({"purchase": "spot"}),
    "in_one_go": lambda: rented({"purchase": "capacity_block"}),
    # 1 Mbit/s × 0.7 carries 229.95 GB a month
    "uplink": lambda: rented(
        locations={"berlin": {"city": "berlin", "uplink_mbit_s": 1}}, data_in=[{"from": "berlin", "gb_per_month": 230}]
    ),
    # 16 accelerators are two nodes of 8, and there is one
    "capacity": lambda: owned(power_kw=100, count=16),
    # ⌊5 ÷ 10.2⌋ = 0 nodes
    "power": lambda: owned(power_kw=5, count=8),
    "price_known": lambda: rented({"price": -1}),
    "provider": lambda: rented(policies={"allowed_providers": ["aws"]}),
    "tier": lambda: rented(policies={"denied_tiers": ["gpu_cloud"]}),
    "country": lambda: rented(policies={"allowed_countries": ["ADEQUATE"]}),
    "access": lambda: rented(place={"access": "china"}),
    "accelerator": lambda: rented(policies={"denied_accelerators": ["A-alias"]}),
    "purchase_model": lambda: rented(policies={"allowed_purchase_models": ["spot"]}),
    "hosting": lambda: rented({"hosting": "community"}),
    "availability": lambda: rented({"availability": "limited"}),
    "precision": lambda: working(serving=TOKENS | {"precision": "int8"}),
    # reading 8 GB at 1,400 GB/s takes 5.7 ms
    "token_latency": lambda: working(serving=TOKENS | {"tpot_ms": 5}),
    # 3,750 tokens/s: 1e9 take 74 h
    "deadline": lambda: working(training={"model": "m", "method": "lora", "tokens": 1e9, "deadline_hours": 24}),
}


def without(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget one rule wherever the tuple of rules is used."""
    fewer = tuple(one for one in CONSTRAINTS if one.name != rule)
    for name, module in list(sys.modules.items()):
        if name.startswith("placement.engine") and getattr(module, "CONSTRAINTS", None) is CONSTRAINTS:
            monkeypatch.setattr(module, "CONSTRAINTS", fewer)


def test_every_rule_is_tried() -> None:
    """Here, or with the rules about several sites in `test_redundancy.py`, about work in `test_oracle_work.py`."""
    about_sites, about_work = (
        {"other_site", "apart", "providers", "data_only"},
        {"precision", "token_latency", "deadline"},
    )
    assert {rule.name for rule in CONSTRAINTS} == {*FORBIDDEN, *about_sites, *about_work}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_every_rule_forbids_something(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One workload, one offer, one rule against it: it is named; and without the rule the offer is taken."""
    case = FORBIDDEN[rule]()
    (refused,) = advise(*case, SHA).placements
    assert refused.status == "unplaced"
    assert rule in {one.constraint for one in refused.rejected}
    assert math.isinf(alone(*case)["w"])
    without(rule, monkeypatch)
    assert math.isfinite(alone(*case)["w"])
