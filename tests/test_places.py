"""Sites of several places: who shares what, and how plans of them are written."""

from typing import Any

import numpy as np
import pytest
from worlds import Draft, inventory, node, site, workload
from worlds_places import spread_world

from placement.catalog.tables import Shape
from placement.engine.advise import advise, plan_of
from placement.engine.borders import TooManyPartsError, parts_of
from placement.engine.explain import explain
from placement.engine.problem import build_problem
from placement.engine.solution import prepare
from placement.engine.solve import solve
from placement.engine.spread import asked_for
from placement.inventory.fleet.fleet import asks_of
from placement.inventory.names import Names
from placement.plan.model import Placement

SHA = "0" * 64
LOCATIONS = {
    "north": {"city": "berlin", "count": 10},
    "south": {"city": "paris", "count": 20},
    "office": {"city": "berlin"},
}


def lives(identity: str, *at: str, count: int = 30, **changed: Any) -> dict[str, Any]:
    """A workload at all places of some locations, evenly."""
    users = [{"location": name, "share_fraction": round(1 / len(at), 3)} for name in at]
    return workload(identity, demand={"count": count, "memory_gib": 10}, users=users, per_location=True, **changed)


def places(
    *workloads: dict[str, Any], price: int = 90_000_000, policies: dict[str, Any] | None = None, **changed: Any
) -> dict[str, Placement]:
    """Where the workloads go: one existing node of one `A` at each place, or a rented `A`, dear unless stated."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1, capex=None, max_power_kw=node("x").max_power_kw)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=price)
    own = {"tier": "edge", "locations": ["north", "south"], "power_kw": 100, "may_buy": False,
           "hardware": [{"node": "n1", "nodes": 1, "capex_usd": 600}], **changed}  # fmt: skip
    made = inventory(list(workloads), locations=LOCATIONS, sites={"shops": own}, policies=policies or {})
    return {placement.workload: placement for placement in advise(draft.catalog(), made, SHA).placements}


def test_places_are_sized_by_their_own_share() -> None:
    """North: 15 ÷ 10 = 1.5, so two at each place; south: 15 ÷ 20 = 0.75, so one; ⌈0.1 × 40⌉ = 4 spares."""
    found = places(lives("w", "north", "south", spares_fraction=0.1), hardware=[
        {"node": "n1", "nodes": 2, "capex_usd": 600}
    ])["w"]  # fmt: skip
    assert (found.site, found.places, found.country) == ("own/shops", 30, "DE+FR")
    assert found.layers[0].nodes == 2 * 10 + 20 + 4
    assert found.layers[0].accelerators_needed == 40


def test_different_places_are_not_shared() -> None:
    """One node a place is enough for one workload in the north and one in the south, but not for two in the north."""
    found = places(lives("a", "north", count=10), lives("b", "south", count=20))
    assert {name: one.layers[0].offer for name, one in found.items()} == {
        "a": "own/shops@north/existing-n1/owned",
        "b": "own/shops@south/existing-n1/owned",
    }
    assert {one.site for one in found.values()} == {"own/shops"}


def test_who_overlaps_at_one_location_shares_its_places() -> None:
    """`both` would take the only node of every place; `a` and `b` lose more together by going elsewhere."""
    asked = [lives("a", "north", count=10), lives("b", "south", count=20), lives("both", "north", "south", count=20)]
    found = places(*asked)
    assert {name: one.site for name, one in found.items()} == {"a": "own/shops", "b": "own/shops", "both": "lam/1"}
    assert found["both"].reason == "own/shops/existing-n1/owned is needed more by others"
    assert places(*reversed(asked)) == found


def test_power_of_a_place_is_shared_by_location() -> None:
    """10.2 kW feed one node: two workloads in the north do not fit, one in the north and one in the south do."""
    two = [{"node": "n1", "nodes": 2, "capex_usd": 600}]
    apart = places(lives("a", "north", count=10), lives("b", "south", count=20), power_kw=10.2, hardware=two)
    assert {one.site for one in apart.values()} == {"own/shops"}
    same = places(lives("a", "north", count=10), lives("b", "north", count=10), power_kw=10.2, hardware=two)
    assert sorted(one.site for one in same.values()) == ["lam/1", "own/shops"]
    assert "the power of shops is needed more by others" in {one.reason for one in same.values()}


def test_nodes_nobody_uses_are_counted_over_all_places() -> None:
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1)])
    own = {"tier": "edge", "locations": ["north", "south"], "power_kw": 100, "may_buy": False,
           "hardware": [{"node": "n1", "nodes": 2, "capex_usd": 600}]}  # fmt: skip
    made = inventory([lives("a", "north", count=10)], locations=LOCATIONS, sites={"shops": own})
    notes = advise(draft.catalog(), made, SHA).notes
    # 2 × 30 there, one used at each of the ten places in the north
    assert any(note.startswith("50 of 60 existing n1 at shops stay unused") for note in notes)


def test_a_workload_that_does_not_live_there_is_kept_out() -> None:
    draft = Draft(nodes=[node("n1", count=1)])
    own = {"tier": "edge", "locations": ["north", "south"], "power_kw": 100}
    users = [{"location": "north", "share_fraction": 1}]
    made = inventory([workload(users=users)], locations=LOCATIONS, sites={"shops": own})
    (found,) = advise(draft.catalog(), made, SHA).placements
    assert found.status == "unplaced"
    assert [one.constraint for one in found.rejected] == ["places"]
    assert found.relaxations == ()


def test_residency_and_offline_look_at_every_place() -> None:
    at_home = lives("w", "north", "south", count=20, offline=True, residency=["EU"])
    assert places(at_home)["w"].site == "own/shops"
    assert places({**at_home, "residency": ["DE"]})["w"].status == "unplaced"
    assert places(lives("w", "north", count=10, offline=True, residency=["DE"]))["w"].site == "own/shops"


def test_explain_tells_of_places() -> None:
    catalog, made = spread_world(1)
    for one in made.workloads:
        words = dict(explain(catalog, made, one.id).demand)
        assert ("lives" in words) == bool(one.per_location or one.spares_fraction or one.hands_on_updates_per_year)


@pytest.mark.parametrize("seed", range(12))
def test_the_size_of_chunks_decides_nothing(seed: int) -> None:
    catalog, made = spread_world(seed)
    prepared = prepare(build_problem(catalog, made))
    whole, parts = solve(prepared), solve(prepared, size=2, runner=_one_by_one)
    assert np.array_equal(whole.offer_w, parts.offer_w)
    assert plan_of(prepared, whole, SHA) == plan_of(prepared, parts, SHA, size=3)


def _one_by_one(work: Any, common: Any, rows: Any) -> Any:
    return (work(common, some) for some in rows)


def test_parts_that_nobody_asks_for_are_not_made() -> None:
    made = inventory(
        [lives("a", "north"), lives("b", "north"), lives("c", "office"), workload("d", users=[{"location": "south"}])],
        locations=LOCATIONS,
    )
    assert asked_for(asks_of(made.workloads)) == [frozenset({"north"}), frozenset({"office"})]


def test_too_many_parts_are_refused() -> None:
    catalog, made = spread_world(0)
    whole = next(one for one in build_problem(catalog, made).supply.sites if one.spread)
    many = whole._replace(stands=tuple(whole.stands[0]._replace(location=f"l{number:02}") for number in range(11)))
    sets = [frozenset(f"l{bit:02}" for bit in range(11) if number >> bit & 1) for number in range(1, 1002)]
    with pytest.raises(TooManyPartsError):
        list(parts_of(many, sets))
    assert len(list(parts_of(many, sets[:1000]))) == 1001


def test_what_others_hold_at_a_place_is_no_alternative() -> None:
    """`brief` rents for an hour; it could live in the north, but not where `a` has the only node of each place."""
    brief = lives("brief", "north", count=10)
    brief["demand"]["accelerators"]["hours_per_month"] = 1
    taken = places(lives("a", "north", count=10), brief)["brief"]
    assert (taken.site, taken.alternatives) == ("lam/1", ())
    free = places(lives("a", "south", count=20), brief)["brief"]
    assert [other.offer for other in free.alternatives] == ["own/shops@north/existing-n1/owned"]


def test_what_is_missing_is_missing_at_each_place() -> None:
    """Two that must be in the north need two nodes at each place: one more there, not ten."""
    offline = [lives(name, "north", count=10, offline=True) for name in ("a", "b")]
    lost = next(one for one in places(*offline).values() if one.status == "unplaced")
    assert [way.change for way in lost.relaxations] == ["have 1 more such nodes there"]
    two = [{"node": "n1", "nodes": 2, "capex_usd": 600}]
    lost = next(one for one in places(*offline, power_kw=15, hardware=two).values() if one.status == "unplaced")
    assert [way.change for way in lost.relaxations] == ["raise the site's `power_kw` to 20.4"]


def test_a_conflict_counts_the_nodes_of_each_place() -> None:
    """One node at each of 30 places is there; what shuts them is the policy, and the certificate the rented ones."""
    asked = lives("w", "north", "south", count=20, certifications=["iso27001"])
    found = places(asked, certifications=["iso27001"], policies={"denied_tiers": ["edge"]})["w"]
    assert [one.rule for one in found.conflict] == ["certification", "tier"]


def test_each_place_moves_its_own() -> None:
    """Ten GB for each of 300 and of 100 places, and 5 GB from each to its users, whatever their share of the work."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    locations = {"de": {"city": "berlin", "count": 300}, "fr": {"city": "paris", "count": 100}}
    asked = workload(
        per_location=True,
        users=[{"location": "de", "share_fraction": 0.9}, {"location": "fr", "share_fraction": 0.1}],
        data_in=[{"from": name, "gb_per_month": 10, "each": True} for name in ("de", "fr")],
        data_out=[{"to": "users", "gb_per_month": 5, "each": True}],
    )
    problem = build_problem(draft.catalog(), inventory([asked], locations=locations))
    assert dict(zip(problem.flows_in.labels, problem.flows_in.volume_milli_wk[0].tolist(), strict=True)) == {
        "de": 3_000_000, "fr": 1_000_000,
    }  # fmt: skip
    assert dict(zip(problem.flows_out.labels, problem.flows_out.volume_milli_wk[0].tolist(), strict=True)) == {
        "de": 1_500_000, "fr": 500_000,
    }  # fmt: skip


@pytest.mark.parametrize("count", [7, 16, 64])
def test_even_shares_are_even(count: int) -> None:
    """A volume is split as the shares say, to the millionth, and is whole again."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    locations = {f"l{number}": {"city": "berlin"} for number in range(count)}
    users = [{"location": name, "share_fraction": round(1 / count, 6)} for name in locations]
    asked = workload(users=users, data_out=[{"to": "users", "gb_per_month": 100_000}])
    wanted = inventory([asked], locations=locations)
    findings = Names(wanted, draft.catalog()).workload(wanted.workloads[0], ("workloads", 0))
    assert not list(findings)
    volumes = build_problem(draft.catalog(), wanted).flows_out.volume_milli_wk[0]
    assert len(volumes) == count
    assert set(volumes.tolist()) == {round(100_000_000 * round(1 / count, 6))}
