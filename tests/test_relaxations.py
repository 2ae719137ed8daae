"""What would have to give: every change, made in the inventory or the catalog, gives the quoted offer at its cost."""

import re
from collections import Counter

import numpy as np
import pytest
from worlds import Draft, fact, inventory, node, site, workload, world

from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.engine.chunk import chunk_of, rows_of
from placement.engine.constraints import CONSTRAINTS, MEMORY
from placement.engine.judging import judge
from placement.engine.problem import build_problem
from placement.engine.relaxing import relaxations
from placement.engine.solution import prepare, work
from placement.engine.story import tell
from placement.inventory.inventory import Inventory
from placement.plan.ruled import Relaxation
from placement.units import cents

SHA = "0" * 64
OPEN = {
    "allowed_providers": None, "denied_providers": [], "allowed_tiers": None, "denied_tiers": [],
    "allowed_countries": None, "denied_countries": [], "allowed_accelerators": None, "denied_accelerators": [],
    "allowed_purchase_models": None, "community_hosts": True, "limited_offers": True,
    "allowed_access": ["general", "government", "china", "dedicated", "air_gapped"],
}  # fmt: skip
WORKLOAD = {
    "offline": {"offline": False}, "residency": {"residency": []}, "certification": {"certifications": []},
    "interruptible": {"interruptible": True}, "operator": {"operators": None}, "isolation": {"isolation": "shared"},
}  # fmt: skip
WORDS = ("shrink", "state a fabric", "contract", "power_kw` to")
POLICIES = ("provider", "tier", "country", "access", "accelerator", "purchase_model", "hosting", "availability")


def value(change: str, before: str) -> float:
    found = re.search(rf"{before}([0-9.]+)", change)
    assert found, change
    return float(found[1])


def applied(catalog: Catalog, wanted: Inventory, made: Relaxation) -> tuple[Catalog, Inventory]:
    """The world with the change made: the fields of the one workload, of its site, or of a catalog layer."""
    (one,) = wanted.workloads
    update: dict[str, object] = {}
    demand = one.demand.accelerators
    policies = wanted.policies
    rules = set(made.constraints)
    for rule in rules & set(WORKLOAD):
        update |= WORKLOAD[rule]
    datasets = wanted.datasets
    if "residency" in rules:
        datasets = {name: each.model_copy(update={"residency": []}) for name, each in datasets.items()}
    if "air_gap" in rules and "isolation" not in rules:
        update["isolation"] = "dedicated"
    if "operator" in rules:
        policies = policies.model_copy(update={"operators": None})
    if "certification" in rules:
        policies = policies.model_copy(update={"certifications": []})
    if "rtt" in rules and one.slo:
        raised = [name for name in ("rtt_ms", "end_to_end_ms") if f"`slo.{name}`" in made.change]
        assert raised, made
        update["slo"] = one.slo.model_copy(update={name: value(made.change, f"`slo.{name}` to ") for name in raised})
    if "shrink" in made.change:
        demand = demand.model_copy(update={"memory_gib": value(made.change, "replica to ")})
        update["demand"] = one.demand.model_copy(update={"accelerators": demand})
    if rules & set(POLICIES):
        policies = policies.model_copy(update=OPEN)
    if "state a fabric" in made.change:
        catalog = catalog._replace(
            shapes=[shape._replace(fabric="stated") for shape in catalog.shapes],
            nodes={name: each._replace(fabric="stated") for name, each in catalog.nodes.items()},
        )
    site_id = "/".join(made.offer.split("/")[:2])
    sites = dict(wanted.sites)
    name = site_id.removeprefix("own/")
    if "power" in rules and name in sites:
        kw = value(made.change, "`power_kw` to ")
        sites[name] = sites[name].model_copy(update={"power_kw": kw})
    elif "power" in rules:
        kw = {"max_power_kw": fact(round(value(made.change, "contract ") * 1_000_000))}
        fed = [each._replace(facility=each.facility | kw) if each.id == site_id else each for each in catalog.sites]
        catalog = catalog._replace(sites=fed)
    if "connected" in rules:  # a network brings users and flows as near as they need to be
        sites[name] = sites[name].model_copy(update={"air_gapped": False})
        update["isolation"] = "dedicated" if one.isolation == "air_gapped" else one.isolation
    if "capacity" in rules:
        more = int(value(made.change, "have "))
        hardware = [each.model_copy(update={"nodes": each.nodes + more}) for each in sites[name].hardware]
        sites[name] = sites[name].model_copy(update={"hardware": hardware})
    locations = dict(wanted.locations)
    for place, speed in re.findall(r"`uplink_mbit_s` of (\S+) to (\d+)", made.change):
        locations[place] = locations[place].model_copy(update={"uplink_mbit_s": float(speed)})
    changed = {"workloads": [one.model_copy(update=update)], "policies": policies, "sites": sites, "datasets": datasets}
    changed["locations"] = locations
    return catalog, wanted.model_copy(update=changed)


def cost_of(catalog: Catalog, wanted: Inventory, offer: str) -> int | None:
    """Cents of one offer for the one workload; None where a rule forbids it."""
    prepared = prepare(build_problem(catalog, wanted))
    supply = prepared.problem.supply
    number = next(o for o in range(len(supply.site_o)) if supply.offer_id(o) == offer)
    story = tell(prepared, work(prepared, chunk_of(prepared.problem, [0]).w), 0)
    return cents(float(story.cost_o[number])) if story.feasible_o[number] else None


def each_alone(seed: int):
    catalog, wanted = world(seed)
    for one in wanted.workloads:
        yield catalog, wanted.model_copy(update={"workloads": [one]})


def test_every_change_does_what_it_says() -> None:
    """Made in the inventory, each change gives a plan at no more than its cost, and exactly its cost for its offer."""
    seen: Counter[str] = Counter()
    for seed in range(6000, 6160):
        for catalog, wanted in each_alone(seed):
            (refused,) = advise(catalog, wanted, SHA).placements
            for made in refused.relaxations:
                after = applied(catalog, wanted, made)
                (found,) = advise(*after, SHA).placements
                assert found.monthly_cost_cents is not None, made
                rounding = len(found.lines)  # a plan's cost is the sum of its lines' cents
                assert found.monthly_cost_cents <= made.monthly_cost_cents + rounding, made
                assert cost_of(*after, made.offer) == made.monthly_cost_cents, made
                seen.update(made.constraints)
                seen.update(word for word in WORDS if word in made.change)
    assert {"memory", "fabric", "rtt", "residency", "certification", "capacity", "power"} <= set(seen)
    assert seen["contract"] and seen["power_kw` to"]
    assert seen["shrink"] > 5
    assert seen["state a fabric"] > 5


def test_a_smaller_replica_needs_fewer_nodes() -> None:
    """One replica of 300 GiB in units of one A (72 GiB usable): 8 of them; of 72 GiB: one, at an eighth of the cost."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=1_000_000)
    (made,) = advise(draft.catalog(), inventory([workload(demand={"memory_gib": 300})]), SHA).placements[0].relaxations
    assert (made.change, made.monthly_cost_cents) == ("shrink the replica to 72 GiB", 73_000)


def floor(power_kw: float, nodes: int) -> tuple[Catalog, dict]:
    draft = Draft(sites=[site("lam/1", access="dedicated")], nodes=[node("n1", count=1)])
    hardware = [{"node": "n1", "nodes": nodes}]
    own = {"tier": "edge", "location": "berlin", "power_kw": power_kw, "may_buy": False, "hardware": hardware}
    return draft.catalog(), {"floor": own}


def asked(count: int, identity: str) -> dict:
    return workload(identity, demand={"count": count}, users=[{"location": "berlin"}])


@pytest.mark.parametrize(
    ("power_kw", "nodes", "rule", "change"),
    [
        # Two of three nodes are taken: four need three more
        (1000, 3, "capacity", "have 3 more such nodes there"),
        # Six nodes of 10.2 kW at 35.6 kW: three may run, two do; six need 61.2
        (35.6, 6, "power", "raise the site's `power_kw` to 61.2"),
    ],
)
def test_what_others_draw_is_not_promised_again(power_kw: float, nodes: int, rule: str, change: str) -> None:
    catalog, sites = floor(power_kw, nodes)
    wanted = inventory([asked(2, "first"), asked(4, "second")], sites=sites)
    refused = next(one for one in advise(catalog, wanted, SHA).placements if one.workload == "second")
    assert refused.status == "unplaced"
    assert [(made.constraints, made.change) for made in refused.relaxations] == [((rule,), change)]


def test_only_one_tier_is_feasible() -> None:
    """One rule that forbids every other offer is named alone; else each tier with the rule that forbids most of it."""

    def draft() -> Draft:
        made = Draft(sites=[site("lam/1"), site("aws/1", "hyperscaler", "tokyo"), site("aws/2", "hyperscaler")])
        for where in ("lam/1", "aws/1", "aws/2"):
            made.offer(where, "a", "on_demand", Shape("A", 1, 1, ""))
        return made

    near = {"users": [{"location": "berlin"}], "slo": {"rtt_ms": 50}}
    first = draft()
    first.sites[2] = first.sites[2]._replace(certifications={})
    first.sites[0] = first.sites[0]._replace(certifications={"SOC 2": "audited"})
    plan = advise(first.catalog(), inventory([workload(certifications=["SOC 2"])]), SHA)
    assert plan.placements[0].reason == "only gpu_cloud passes certification"
    second = draft()
    second.sites[0] = second.sites[0]._replace(certifications={"SOC 2": "audited"})
    second.sites[1] = second.sites[1]._replace(certifications={"SOC 2": "audited"})
    plan = advise(second.catalog(), inventory([workload(certifications=["SOC 2"], **near)]), SHA)
    assert plan.placements[0].reason == "only gpu_cloud is feasible: rtt forbids 1 of 2 hyperscaler offers"


def test_reasons_fit_a_cell() -> None:
    """However many tiers a reason speaks of, it stays readable in a table."""
    long = 0
    for seed in range(5000, 5060):
        for one in advise(*world(seed), SHA).placements:
            assert len(one.reason) <= 90, one.reason
            long += "is feasible: " in one.reason
    assert long


def far() -> Catalog:
    """An hour at $1 in Tokyo, for users in Berlin too far away."""
    draft = Draft(sites=[site("lam/1", place="tokyo")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=1_000_000)
    return draft.catalog()


def near(identity: str, **demand: object) -> dict:
    return workload(identity, demand=demand, users=[{"location": "berlin"}], slo={"rtt_ms": 50})


def test_workloads_of_one_kind_that_differ_in_hours_get_costs_of_their_own() -> None:
    """The same rule is in the way of all, at the same value: 100, 730 and again 100 hours at $1."""
    hours = (100, 730, 100)
    wanted = inventory([near(f"w{number}", hours_per_month=value) for number, value in enumerate(hours)])
    made = [placement.relaxations for placement in advise(far(), wanted, SHA).placements]
    assert [one.monthly_cost_cents for (one,) in made] == [10_000, 73_000, 10_000]
    assert len({(one.constraints, one.change, one.offer) for (one,) in made}) == 1


def test_workloads_of_one_kind_are_shrunk_to_costs_of_their_own() -> None:
    """Replicas of 300 and 200 GiB in units of one A (72 GiB usable), for 100 and 730 hours at $1."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=1_000_000)
    asked_for = [(300, 100), (300, 730), (200, 730)]
    rows = [
        workload(f"w{number}", demand={"memory_gib": gib, "hours_per_month": hours})
        for number, (gib, hours) in enumerate(asked_for)
    ]
    made = [placement.relaxations for placement in advise(draft.catalog(), inventory(rows), SHA).placements]
    assert [one.change for (one,) in made] == ["shrink the replica to 72 GiB"] * 3
    assert [one.monthly_cost_cents for (one,) in made] == [10_000, 73_000, 73_000]


@pytest.mark.parametrize("seed", range(6000, 6060))
def test_changes_are_of_the_fewest_rules_and_of_the_story_of_their_offer(seed: int) -> None:
    """Counted together for all workloads, they are those that every offer judged alone has."""
    prepared = prepare(build_problem(*world(seed)))
    problem = prepared.problem
    worked = work(prepared, chunk_of(problem, range(len(problem.ids))).w)
    stories = [tell(prepared, worked, row) for row in range(len(problem.ids))]
    rows = [row for row, story in enumerate(stories) if not story.feasible_o.any()]
    judged = judge(prepared, problem, rows_of(worked.chunk, np.array(rows, dtype=np.int64)))
    for row, changes in zip(rows, relaxations(prepared, worked, judged, problem, rows), strict=True):
        story = stories[row]
        open_o = ~np.isnan(story.cost_o) & ~np.isneginf(story.slack_co).any(axis=0)
        broken_co = story.slack_co < 0
        assert bool(changes) == bool(open_o.any())
        for made in changes:
            assert open_o[made.offer]
            missed = [rule for rule, broken in zip(CONSTRAINTS, broken_co[:, made.offer], strict=True) if broken]
            assert len(missed) == broken_co.sum(axis=0)[open_o].min()
            assert set(made.rules) <= set(missed)
            if MEMORY not in made.rules:
                assert made.cost_micro == story.cost_o[made.offer]
                alike_o = open_o & (broken_co == broken_co[:, made.offer, None]).all(axis=0)
                worst_o = np.where(broken_co, story.slack_co, np.inf).min(axis=0)
                least_o = alike_o & (worst_o == worst_o[alike_o].max())
                assert least_o[made.offer]
                assert made.cost_micro == story.cost_o[least_o].min()
