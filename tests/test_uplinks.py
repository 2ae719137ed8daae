"""Lines of locations: what one workload may send, what several send together, and who is told."""

from __future__ import annotations

from typing import Any

import pytest
from worlds import Draft, inventory, node, site, workload

from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.engine.explain import explain
from placement.inventory.inventory import Inventory
from placement.plan.model import Plan

SHA = "0" * 64
MBIT_S_GB = 328.5 * 0.7
"""GB a month over 1 Mbit/s, at the share that lines are planned with."""

RACK = {
    "tier": "on_prem", "location": "berlin", "power_kw": 100, "may_buy": False,
    "hardware": [{"node": "n8", "nodes": 1, "capex_usd": 1_000_000}],
}  # fmt: skip


WIDE = RACK | {"hardware": [{"node": "n8", "nodes": 3, "capex_usd": 1_000_000}]}


def market(workloads: list[dict[str, Any]], mbit_s: float = 1, **changed: Any) -> tuple[Catalog, Inventory]:
    """A cheap cloud, a dear rack in Berlin, and the line between them."""
    draft = Draft(sites=[site("lam/1", place="paris")], nodes=[node("n8")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    locations = {"berlin": {"city": "berlin", "uplink_mbit_s": mbit_s}, "paris": {"city": "paris"}}
    return draft.catalog(), inventory(workloads, locations=locations, **changed)


def planned(workloads: list[dict[str, Any]], mbit_s: float = 1, **changed: Any) -> Plan:
    return advise(*market(workloads, mbit_s, **changed), SHA)


def sending(gb: float, name: str = "w", source: str = "berlin") -> dict[str, Any]:
    return workload(name, data_in=[{"from": source, "gb_per_month": gb}])


@pytest.mark.parametrize(("gb", "where"), [(229.95, "lam/1"), (229.951, "own/rack")])
def test_what_does_not_fit_is_processed_at_the_source(gb: float, where: str) -> None:
    """1 Mbit/s × 0.7 carries 229.95 GB a month; a thousandth more stays."""
    (placed,) = planned([sending(gb)], sites={"rack": RACK}).placements
    assert placed.site == where


@pytest.mark.parametrize("source", ["rack", "archive"])
def test_sites_and_datasets_at_a_location_share_its_line(source: str) -> None:
    datasets = {"archive": {"size_gb": 10, "home": "rack"}}
    (placed,) = planned([sending(230, source=source)], sites={"rack": RACK}, datasets=datasets).placements
    assert placed.site == "own/rack"


def test_results_leave_by_the_line_too() -> None:
    """At the rack the results would need the line; in the cloud they need none of it."""
    out = workload(data_out=[{"to": "paris", "gb_per_month": 230}])
    plan = planned([out | {"data_in": [{"from": "berlin", "gb_per_month": 1}]}], sites={"rack": RACK})
    assert plan.placements[0].site == "lam/1"
    assert "uplink" in {one.constraint for one in plan.placements[0].rejected}


def test_the_way_out_is_a_faster_line() -> None:
    """Nothing is at the source: the relaxation names the line and the speed that just does."""
    (unplaced,) = planned([sending(MBIT_S_GB * 3.01)]).placements
    (relaxation,) = unplaced.relaxations
    assert (relaxation.constraints, relaxation.change) == (("uplink",), "raise `uplink_mbit_s` of berlin to 4")
    (placed,) = planned([sending(MBIT_S_GB * 3.01)], mbit_s=4).placements
    assert placed.status == "placed"


def test_the_way_out_names_every_line_that_is_short() -> None:
    """Two sources behind two lines, and neither carries it."""
    asked = workload(data_in=[{"from": name, "gb_per_month": MBIT_S_GB * 2} for name in ("berlin", "paris")])
    draft = Draft(sites=[site("lam/1", place="tokyo")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    locations = {name: {"city": name, "uplink_mbit_s": 1} for name in ("berlin", "paris")}
    (unplaced,) = advise(draft.catalog(), inventory([asked], locations=locations), SHA).placements
    (relaxation,) = unplaced.relaxations
    assert relaxation.change == "raise `uplink_mbit_s` of berlin to 2 and `uplink_mbit_s` of paris to 2"


def test_what_moves_once_has_time() -> None:
    """A copy of 10,000 GB over the same line, with no more than its changes every month."""
    datasets = {"archive": {"size_gb": 10_000, "home": "berlin"}}
    copied = workload(data_in=[{"from": "archive", "copy": True, "gb_per_month": 200}])
    (placed,) = planned([copied], datasets=datasets).placements
    assert placed.site == "lam/1"


def test_several_share_a_line() -> None:
    """Three times 100 GB, each of which fits, over a line of 229.95 GB: who loses least stays at the source."""
    asked = [sending(100, name) for name in "abc"]
    asked[1]["demand"]["accelerators"]["hours_per_month"] = 10.0  # the rack's nodes cost the same: it loses most
    plan = planned(asked, sites={"rack": WIDE})
    assert [one.site for one in plan.placements] == ["lam/1", "lam/1", "own/rack"]
    assert plan.placements[2].reason == "the line of berlin is needed more by others"
    assert [one.site for one in planned(asked, mbit_s=2, sites={"rack": WIDE}).placements] == ["lam/1"] * 3


def test_who_finds_a_line_full_is_told_its_speed() -> None:
    """Nothing is at the source, and 200 GB are on the line: 300 GB take 2 Mbit/s (1.30)."""
    asked = [sending(100, name) for name in "abc"]
    plan = planned(asked)
    placed = {one.workload: one for one in plan.placements}
    assert [name for name, one in placed.items() if one.status == "placed"] == ["a", "b"]
    assert placed["c"].reason == "the line of berlin is needed more by others"
    (way,) = placed["c"].relaxations
    assert (way.constraints, way.change) == (("uplink",), "raise `uplink_mbit_s` of berlin to 2")
    assert {one.status for one in planned(asked, mbit_s=2).placements} == {"placed"}


def test_what_is_processed_at_the_source_leaves_room_for_others() -> None:
    """The largest stays and takes nothing of 229.95 GB: 200 fit. With 40 GB of results that leave, one more stays."""
    asked = [sending(300, "a"), sending(100, "b"), sending(100, "c")]
    plan = planned(asked, sites={"rack": WIDE})
    assert [one.site for one in plan.placements] == ["own/rack", "lam/1", "lam/1"]
    asked[0]["data_out"] = [{"to": "paris", "gb_per_month": 40}]
    plan = planned(asked, sites={"rack": WIDE})
    assert [one.site for one in plan.placements] == ["own/rack", "lam/1", "own/rack"]


def test_alternatives_are_what_the_line_leaves_room_for() -> None:
    """`b` is processed at the source, and the cloud is no way out for it: `a` has the line."""
    asked = [sending(200, "a"), sending(100, "b")]
    asked[0]["demand"]["accelerators"]["hours_per_month"] = 10.0
    plan = planned(asked, sites={"rack": WIDE})
    assert [one.site for one in plan.placements] == ["lam/1", "own/rack"]
    assert not plan.placements[1].alternatives
    told = explain(*market(asked, sites={"rack": WIDE}), "b")
    (cloud,) = [tier for tier in told.tiers if tier.tier == "gpu_cloud"]
    assert (cloud.feasible, cloud.held_by) == (0, ("a",))
    assert [(one.rule, one.margin) for one in cloud.obstacles] == [("uplink", "0.305")]


MANY = {"tier": "edge", "locations": ["shops", "depots"], "power_kw": 100, "may_buy": False,
        "hardware": [{"node": "n8", "nodes": 1, "capex_usd": 1_000_000}]}  # fmt: skip


def at_places(mbit_s: float = 1, sites: dict[str, Any] | None = None, **changed: Any) -> Any:
    """Where a workload goes that may live in ten shops and two depots; only shops state their lines."""
    draft = Draft(sites=[site("lam/1", place="paris")], nodes=[node("n8")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    locations = {
        "shops": {"city": "berlin", "count": 10, "uplink_mbit_s": mbit_s},
        "depots": {"city": "berlin", "count": 2},
        "paris": {"city": "paris"},
    }
    users = [{"location": "shops", "share_fraction": 0.75}, {"location": "depots", "share_fraction": 0.25}]
    asked = workload("w", users=users, per_location=True, **changed)
    made = inventory([asked], locations=locations, sites=sites if sites is not None else {"many": MANY})
    return advise(draft.catalog(), made, SHA).placements[0]


@pytest.mark.parametrize(("gb", "where"), [(2299.5, "lam/1"), (2299.501, "own/many")])
def test_each_of_many_places_has_a_line(gb: float, where: str) -> None:
    """Ten lines carry 2,299.5 GB; what does not fit is processed where it arises, in the shops."""
    assert at_places(data_in=[{"from": "shops", "gb_per_month": gb}]).site == where


@pytest.mark.parametrize(("gb", "stays"), [(3066, True), (3066.004, False)])
def test_results_leave_many_places_by_their_lines(gb: float, stays: bool) -> None:
    """Three quarters of 3,066 GB are the 2,299.5 GB of the shops; the depots have no bound."""
    placed = at_places(
        data_out=[{"to": "paris", "gb_per_month": gb}], data_in=[{"from": "shops", "gb_per_month": 2300}]
    )
    assert placed.site == ("own/many" if stays else "")
    if not stays:
        assert placed.relaxations[0].change == "raise `uplink_mbit_s` of shops to 2"


@pytest.mark.parametrize(("gb", "stays"), [(229.95, True), (229.951, False)])
def test_what_each_place_sends_leaves_by_its_own_line(gb: float, stays: bool) -> None:
    """Ten shops of twelve places have three quarters of the work, but each place sends as much as any other."""
    placed = at_places(
        data_out=[{"to": "paris", "gb_per_month": gb, "each": True}],
        data_in=[{"from": "shops", "gb_per_month": 2300}],
    )
    assert placed.site == ("own/many" if stays else "")


def test_results_to_its_own_places_need_no_line() -> None:
    flows = {"data_in": [{"from": "shops", "gb_per_month": 2300}], "data_out": [{"to": "users", "gb_per_day": 1000}]}
    assert at_places(**flows).site == "own/many"


@pytest.mark.parametrize(("gb", "first"), [(114.975, "own/rack"), (114.976, "lam/1")])
def test_replication_leaves_by_the_line(gb: float, first: str) -> None:
    """Two further sites at 114.975 GB each fill 1 Mbit/s; beyond it another site writes."""
    draft = Draft(sites=[site("lam/1", place="paris"), site("lam/2", place="paris")], nodes=[node("n8")])
    for name in ("lam/1", "lam/2"):
        draft.offer(name, "a", "on_demand", Shape("A", 1, 1, ""))
    asked = workload("w", redundancy={"mode": "standby", "min_sites": 3, "replication_gb_per_month": gb})
    rack = RACK | {"hardware": [{"node": "n8", "nodes": 1, "capex_usd": 0}]}
    locations = {"berlin": {"city": "berlin", "uplink_mbit_s": 1}}
    made = inventory([asked], locations=locations, sites={"rack": rack})
    placed = advise(draft.catalog(), made, SHA).placements
    assert {one.site for one in placed} == {"own/rack", "lam/1", "lam/2"}
    assert (placed[0].site == "own/rack") == (first == "own/rack")


def test_own_sites_send_over_the_line_of_their_location() -> None:
    """1,000 GB a month from the rack at the 2.5 $ per GB of its location; nothing where its link is paid as such."""
    out = workload(data_out=[{"to": "paris", "gb_per_month": 1000}])
    metered = {"berlin": {"city": "berlin", "uplink_usd_per_gb": 2.5}, "paris": {"city": "paris"}}
    draft = Draft(sites=[], nodes=[node("n8")])
    for links, cents in (({}, 250_000), ({"backhaul_usd_per_month": 50}, 0)):
        made = inventory([out], locations=metered, sites={"rack": RACK | links})
        (placed,) = advise(draft.catalog(), made, SHA).placements
        assert sum(line.cost_cents for line in placed.lines if line.term == "egress") == cents


@pytest.mark.parametrize(("gb", "fits"), [(459.9, True), (459.902, False)])
def test_what_a_site_of_several_places_sends_leaves_by_all_their_lines(gb: float, fits: bool) -> None:
    """Half of it is in each of two places, and each line carries 229.95 GB."""
    draft = Draft(sites=[site("lam/1", place="tokyo")], nodes=[node("n8")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    lines = {name: {"city": name, "uplink_mbit_s": 1} for name in ("berlin", "paris")}
    boxes = {"box": MANY | {"locations": ["berlin", "paris"], "hardware": []}}
    asked = workload(data_in=[{"from": "box", "gb_per_month": gb}])
    (placed,) = advise(draft.catalog(), inventory([asked], locations=lines, sites=boxes), SHA).placements
    assert (placed.status == "placed") == fits
