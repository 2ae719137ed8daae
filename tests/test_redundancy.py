"""Workloads at several sites: what members take, what must hold of any choice of sites, and what plans say of them."""

from __future__ import annotations

from random import Random

import pytest
from oracle import Oracle
from oracle_arithmetic import thousandths
from oracle_flows import line_limits, line_loads
from oracle_redundancy import member as expected_member
from plans import json_of
from test_properties import without
from test_redundancy_oracle import several
from worlds import Draft, inventory, node, site, workload, world

from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.engine.constraints import CONSTRAINTS
from placement.engine.joint import solve_jointly
from placement.engine.problem import build_problem
from placement.engine.running.processes import Processes
from placement.engine.solution import prepare
from placement.inventory.asks import Asks
from placement.inventory.fleet.fleet import asks_of
from placement.inventory.inventory import Inventory
from placement.inventory.members import Members
from placement.plan.model import Plan
from placement.report.stream import stream

SHA = "0" * 64
ONE = Shape("A", 1, 1, "")


def at(*offers: tuple[str, str | None, int], **changed: object) -> Draft:
    """Sites (`provider/name`, place) with one offer of one `A` by the hour each, at so many dollars."""
    draft = Draft(sites=[site(name, place=place, **changed) for name, place, _ in offers])
    for name, _, dollars in offers:
        draft.offer(name, "a", "on_demand", ONE, price=dollars * 1_000_000)
    return draft


FIVE = (
    ("aws/1", "berlin", 2),
    ("aws/2", "paris", 3),
    ("lam/1", "berlin", 1),
    ("lam/2", "ashburn", 5),
    ("zed/1", None, 1),
)


def plan(catalog: Catalog, *asked: dict, **changed: object) -> Plan:
    return advise(catalog, inventory(list(asked), **changed), SHA)


def two(mode: str = "active_active", **changed: object) -> dict:
    return workload("w", demand={"count": 4}, redundancy={"mode": mode, **changed})


def sites(found: Plan) -> list[str]:
    return [placement.site for placement in found.placements]


def cost(found: Plan) -> float:
    """Of a plan of one workload; infinite without a place."""
    return found.summary.monthly_cost_cents if found.summary.placed else float("inf")


def test_members_are_what_the_oracle_says() -> None:
    """Rows of a fleet and models of an inventory are taken apart alike, and as documented."""
    for seed in range(40):
        _, inventories = several(seed)
        for wanted in inventories:
            (asked,) = wanted.workloads
            count = asked.redundancy.min_sites
            problem_workloads = Members(wanted.workloads, [0] * count, range(1, count + 1))
            for number, mine in enumerate(problem_workloads, 1):
                theirs = expected_member(asked, number)
                for name in ("id", "demand", "data_in", "data_out", "storage_gb", "users", "slo", "residency"):
                    assert getattr(mine, name) == getattr(theirs, name), (asked, number, name)
            asks = Asks()
            asks.add(
                [expected_member(asked, number).model_dump(exclude_defaults=True) for number in range(1, count + 1)]
            )
            found = asks_of(wanted.workloads)
            assert (repr(found.numbers), repr(found.arriving)) == (repr(asks.numbers), repr(asks.arriving))


def test_whole_replicas_and_shares() -> None:
    """24 in replicas of 8: at three sites 12 each, which are two replicas; a standby of a tenth is one."""
    demand = {"count": 24, "accelerators_per_replica": 8}
    draft = Draft(sites=[site("a/1"), site("b/1", place="paris"), site("c/1", place="tokyo")])
    for name in ("a/1", "b/1", "c/1"):
        draft.offer(name, "a", "on_demand", Shape("A", 8, 8, ""))
    for asked, counts in (
        ({"mode": "active_active", "min_sites": 3}, [16, 16, 16]),
        ({"mode": "standby", "standby_fraction": 0.1}, [24, 8]),
    ):
        found = plan(draft.catalog(), workload("w", demand=demand, redundancy=asked))
        assert [placement.layers[0].accelerators for placement in found.placements] == counts


def test_the_pair_is_chosen_together() -> None:
    """lam/1 in Berlin goes with Paris, where a distance is asked for; 9,000 km from each other is none of them."""
    catalog = at(*FIVE).catalog()
    assert sites(plan(catalog, two(apart_km=500))) == ["lam/1", "aws/2"]
    assert sites(plan(catalog, two())) == ["lam/1", "zed/1"], "no distance is asked for, so none has to be known"
    assert sites(plan(catalog, two(min_sites=3, apart_km=800))) == ["lam/1", "aws/2", "lam/2"]
    far = plan(catalog, two(apart_km=9000))
    assert [placement.status for placement in far.placements] == ["unplaced"] * 2
    assert far.placements[0].reason == "no 2 feasible sites are 9000 km apart: 6726.6 km at most"
    assert [(way.constraints, way.change, way.monthly_cost_cents) for way in far.placements[0].relaxations] == [
        (("other_site",), "leave `redundancy` out and run at one site", 292_000),
        (("apart",), "lower `redundancy.apart_km` to 6726.6", 292_000 + 1_460_000),
    ]


def test_reasons_say_what_is_missing() -> None:
    """Sites, providers, or the further sites alone."""
    one = at(("aws/1", "berlin", 1)).catalog()
    assert plan(one, two()).placements[0].reason == "2 sites are needed, feasible sites: 1"
    same = at(("aws/1", "berlin", 1), ("aws/2", "paris", 1)).catalog()
    (first, _) = plan(same, two(min_providers=2, apart_km=100)).placements
    assert first.reason == "2 sites of 2 providers are needed, feasible sites are of 1 at most"
    assert [way.constraints for way in first.relaxations] == [("other_site",), ("providers",)]
    draft = Draft(sites=[site("aws/1"), site("aws/2", place="paris")])
    for name in ("aws/1", "aws/2"):
        draft.offer(name, "a", "reserved_1y", ONE)
    (first, further) = plan(draft.catalog(), two("standby", standby_fraction=0)).placements
    assert first.reason == "there is no place for the further sites"
    assert "data_only" in {rejected.constraint for rejected in further.rejected}
    assert further.relaxations[0].change == "raise `redundancy.standby_fraction` above 0"


def test_replication_goes_from_the_cheaper_sender() -> None:
    """100 GB from aws cost $9, from lam (assumed) $6: lam is the first site, although aws costs the same."""
    draft = at(("aws/1", "berlin", 1), ("lam/1", "paris", 1))
    draft.sites[0] = draft.sites[0]._replace(tier="hyperscaler")
    found = plan(draft.catalog(), two(replication_gb_per_month=100))
    assert sites(found) == ["lam/1", "aws/1"]
    (line,) = [line for line in found.placements[1].lines if line.term == "egress"]
    assert (line.label, line.quantity, line.cost_cents) == ("egress, data in (replication from lam/1)", "100", 600)


ORDERED = {
    "apart_km": (0, 100, 300.5, 900, 6000, 9000, 20_037),
    "min_providers": (1, 2, 3),
    "min_sites": (2, 3, 4, 5),
    "replication_gb_per_month": (0, 1, 500.25, 20_000),
}


@pytest.mark.parametrize("name", ORDERED)
def test_more_redundancy_never_costs_less(name: str) -> None:
    """Of a standby: sites farther apart, of more providers, more of them, more replication.

    Less standing by may cost more: a single replica that needs several accelerators may need a fabric.
    """
    finite = 0
    for seed in range(16):
        catalog, inventories = several(seed)
        for wanted in inventories[:2]:
            (asked,) = wanted.workloads
            base = asked.redundancy.model_copy(update={"mode": "standby", "standby_fraction": 1.0, "min_sites": 3})
            base = base.model_copy(
                update={"min_providers": 1, "apart_km": 0.0} if name != "apart_km" else {"min_providers": 1}
            )
            costs = []
            for value in ORDERED[name]:
                mine = asked.model_copy(update={"redundancy": base.model_copy(update={name: value})})
                costs.append(cost(advise(catalog, wanted.model_copy(update={"workloads": [mine]}), SHA)))
            assert costs == sorted(costs), (seed, asked)
            single = wanted.model_copy(update={"workloads": [asked.model_copy(update={"redundancy": None})]})
            assert cost(advise(catalog, single, SHA)) <= costs[0], (
                "nor does a single site cost more than one with standby"
            )
            finite += costs[0] < float("inf")
    assert finite > 3


def mixed(seed: int) -> tuple[Catalog, Inventory]:
    """A world in which every other workload is at several sites, and all compete."""
    catalog, wanted = world(seed)
    _, inventories = several(seed)
    asked = [one.workloads[0] for one in inventories]
    return catalog, wanted.model_copy(update={"workloads": [*asked, *wanted.workloads[len(asked) :]]})


def test_row_order_and_processes_are_irrelevant() -> None:
    """The same plan, byte for byte, from rows in another order, and from parts written by other processes."""
    with Processes(2) as processes:
        for seed in range(12):
            catalog, wanted = mixed(seed)
            texts = []
            for order in (list(wanted.workloads), Random(seed).sample(list(wanted.workloads), len(wanted.workloads))):
                texts.append(json_of(advise(catalog, wanted.model_copy(update={"workloads": order}), SHA)))
            assert texts[0] == texts[1]
            prepared = prepare(build_problem(catalog, wanted))
            pieces: list[bytes] = []
            solution = solve_jointly(prepared, size=3, runner=processes)
            stream(prepared, solution, SHA, {"json": pieces.append}, processes, size=3)
            assert b"".join(pieces).decode() in texts[0]


def contested(workloads: list[dict], nodes: int = 1) -> Plan:
    """An own node of one `A` in Berlin, and rented ones in Berlin, Paris and Tokyo."""
    draft = at(("aws/1", "berlin", 8), ("aws/2", "paris", 9), ("lam/3", "tokyo", 10))
    draft.nodes.append(node("n1", count=1))
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": nodes, "capex_usd": 0}]}
    return plan(draft.catalog(), *workloads, sites={"hq": own})


def test_members_leave_together() -> None:
    """The own node saves a pair $8 less what it draws, and a single workload in Berlin the same: the first id has it.

    Without it the pair is chosen again: 900 km apart Paris is too near to Berlin, so both of its sites could change.
    """
    pair = workload("b", redundancy={"mode": "active_active", "apart_km": 500})
    alone = contested([pair])
    assert sites(alone) == ["own/hq", "aws/2"]
    both = {placement.workload: placement for placement in contested([workload("a"), pair]).placements}
    assert both["a"].site == "own/hq"
    assert [both["b/1"].site, both["b/2"].site] == ["aws/1", "aws/2"]
    assert both["b/1"].reason == "own/hq/existing-n1/owned is needed more by others"
    assert "needed more" not in both["b/2"].reason, "it has what it had"
    assert [single.site for single in contested([workload("a"), pair], nodes=2).placements] == [
        "own/hq",
        "own/hq",
        "aws/2",
    ]


def test_a_single_site_is_what_the_others_leave() -> None:
    """The own node is the pair's, so a single site of it would have that; of a pair that lost it, it would not."""
    pair = workload("b", redundancy={"mode": "active_active", "apart_km": 500})
    (first, _) = contested([pair]).placements
    assert first.member.single.offer == "own/hq/existing-n1/owned"
    lost = {placement.workload: placement for placement in contested([workload("a"), pair]).placements}["b/1"]
    assert lost.member.single.offer == "aws/1/a/on_demand"


def test_no_sites_left_by_others() -> None:
    """Two of three sites are taken: the pair has no place, although every rule lets it have one."""
    draft = at(("aws/2", "paris", 9))
    draft.nodes.append(node("n1", count=1))
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 1, "capex_usd": 0}]}
    pair = workload("b", redundancy={"mode": "active_active"})
    needs = workload("a", users=[{"location": "berlin"}], slo={"rtt_ms": 2})
    found = plan(draft.catalog(), needs, pair, sites={"hq": own})
    assert [placement.status for placement in found.placements] == ["placed", "unplaced", "unplaced"]
    assert found.placements[1].reason == "2 sites are needed, sites left by others: 1"
    assert found.summary.workloads - found.summary.placed == 1


FORBIDDEN = {
    "other_site": lambda: (at(("aws/1", "berlin", 1)), two()),
    "apart": lambda: (at(("aws/1", "berlin", 1), ("lam/1", "paris", 1)), two(apart_km=900)),
    "providers": lambda: (at(("aws/1", "berlin", 1), ("aws/2", "paris", 1)), two(min_providers=2)),
    "data_only": lambda: (reserved(), two("standby", standby_fraction=0)),
}


def reserved() -> Draft:
    draft = Draft(sites=[site("aws/1"), site("aws/2", place="paris")])
    for name in ("aws/1", "aws/2"):
        draft.offer(name, "a", "reserved_1y", ONE)
    return draft


def test_every_rule_about_sites_is_tried_here() -> None:
    assert {rule.name for rule in CONSTRAINTS if rule.relaxation.count("redundancy")} == set(FORBIDDEN)


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_every_rule_about_sites_forbids_something(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named; and without it the workload has a place."""
    draft, asked = FORBIDDEN[rule]()
    refused = plan(draft.catalog(), asked).placements
    assert {one.status for one in refused} == {"unplaced"}
    named = {one.constraint for placement in refused for one in placement.rejected}
    named |= {name for placement in refused for way in placement.relaxations for name in way.constraints}
    assert rule in named
    without(rule, monkeypatch)
    assert {one.status for one in plan(draft.catalog(), asked).placements} == {"placed"}


def test_lines_carry_what_members_send_together() -> None:
    """Of many worlds no line of a location is overloaded, by members of one workload or by several workloads."""
    sent = 0
    for seed in range(60):
        catalog, wanted = mixed(seed)
        oracle = Oracle(catalog, wanted)
        limits = line_limits(oracle)
        whole, placed = {one.id: one for one in wanted.workloads}, []
        for one in advise(catalog, wanted, SHA).placements:
            asked, copied = whole.get(one.workload), 0
            if asked is None:
                base, _, number = one.workload.rpartition("/")
                asked, terms = expected_member(whole[base], int(number)), whole[base].redundancy
                copied = thousandths(terms.replication_gb_per_month) * (terms.min_sites - 1) * (number == "1")
            placed += [(asked, copied, one.site)] if one.site else []
        load = line_loads(oracle, placed)
        assert all(load[name] <= carries for name, carries in limits.items()), seed
        sent += sum(amount > 0 for amount in load.values())
    assert sent
