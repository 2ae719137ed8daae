"""Who charges for bytes that come in: every line says so, whatever the inventory calls the place."""

from __future__ import annotations

import pytest
from plans import focus_of
from test_copies import FLAT, STORED, market, wanted
from test_explain_flows import copied
from test_finance_focus import rows
from worlds import Draft, fact, inventory, node, site, workload, world

from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.plan.model import Plan

SHA = "0" * 64


def senders(plan: Plan) -> dict[str, str]:
    """By line, of those that are charged elsewhere than where the work is."""
    return {line.label: line.sender for one in plan.placements for line in one.lines if line.sender}


def read_from(name: str, **places: object) -> Plan:
    asked = workload("w", data_in=[{"from": name, "gb_per_month": 10}])
    catalog = market()._replace(nodes={"n1": node("n1", count=1, max_power_kw=fact(1_000_000))})
    return advise(catalog, inventory([asked], **places), SHA)


BERLIN = {"latitude": 52.5, "longitude": 13.4, "country": "DE"}
HALL = {"tier": "on_prem", "location": "berlin/office", "power_kw": 1, "may_buy": False}


@pytest.mark.parametrize(
    ("name", "places", "sender", "paid"),
    [
        ("aws/1", {}, "aws/1", "aws"),
        ("svc", {"locations": {"svc": {"site": "aws/1"}}}, "aws/1", "aws"),
        ("svc", {"locations": {"svc": {"site": "aws/1", "uplink_usd_per_gb": 0.5}}}, "own/svc", "random"),
        ("berlin/office", {"locations": {"berlin/office": BERLIN}}, "own/berlin/office", "random"),
        ("hall", {"locations": {"berlin/office": BERLIN}, "sites": {"hall": HALL}}, "own/hall", "random"),
    ],
)
def test_the_place_that_sends_is_named(name: str, places: dict[str, object], sender: str, paid: str) -> None:
    """A location in a provider's region is that region, unless it has a line of its own; slashes mean nothing."""
    plan = read_from(name, **places)
    assert senders(plan) == {f"egress, data in (ingest from {name})": sender}
    (row,) = [one for one in rows(focus_of(plan)) if one["x_Term"] == "egress"]
    assert (row["ProviderName"], row["RegionId"]) == (paid, sender)


def test_copies_are_brought_by_whoever_has_the_dataset() -> None:
    """What changes, and the whole once; storage is where the copy is."""
    plan = advise(market(), wanted({"a": 4_500}), SHA)
    assert senders(plan) == {
        "egress, changes for the copy of images at lam/1": "aws/1",
        "move, copy of images at lam/1": "aws/1",
    }
    paid = {row["x_Line"]: (row["ProviderName"], row["RegionId"]) for row in rows(focus_of(plan))}
    assert set(paid.values()) == {("aws", "aws/1"), ("lam", "lam/1")}
    assert paid["storage, copy of images at lam/1"] == ("lam", "lam/1")
    assert paid["move, copy of images at lam/1"] == ("aws", "aws/1")


def test_replication_is_paid_to_the_first_site() -> None:
    draft = Draft()
    draft.sites = [site(name, egress_internet=FLAT, storage=STORED) for name in ("aws/1", "lam/1")]
    for name, price in (("aws/1", 1_000_000), ("lam/1", 1_100_000)):
        draft.offer(name, "a", "on_demand", Shape("A", 1, 1, ""), price)
    asked = workload("w", redundancy={"mode": "active_active", "replication_gb_per_month": 10})
    plan = advise(draft.catalog(), inventory([asked]), SHA)
    assert [one.site for one in plan.placements] == ["aws/1", "lam/1"]
    assert senders(plan) == {"egress, data in (replication from aws/1)": "aws/1"}


@pytest.mark.parametrize("make", [world, copied])
def test_all_that_comes_in_and_nothing_else_has_a_sender(make: object) -> None:
    """In random worlds: known places only, and who charges is who the label names, where that is a site."""
    seen = 0
    for seed in range(24):
        catalog, asked = make(seed)
        known = _known(catalog, asked.locations, asked.sites)
        for one in advise(catalog, asked, SHA).placements:
            for line in one.lines:
                inside = f" from {one.site})" in line.label or f" from {one.site}," in line.label
                comes_in = line.term == "moves" or (line.term == "egress" and ", data out" not in line.label)
                here = inside or f"device of {one.provider})" in line.label
                assert bool(line.sender) == (comes_in and not here), line
                if line.sender:
                    assert line.sender in known, line
                    named = [name for name in catalog_ids(catalog) if f" from {name}" in line.label]
                    assert not named or line.sender in named, line
                    seen += 1
    assert seen > 100


def _known(catalog: Catalog, locations: dict[str, object], sites: dict[str, object]) -> set[str]:
    return {*catalog_ids(catalog), *(f"own/{name}" for name in (*locations, *sites))}


def catalog_ids(catalog: Catalog) -> list[str]:
    return [one.id for one in catalog.sites]
