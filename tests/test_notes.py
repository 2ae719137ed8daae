"""What a plan says of itself: hardware that stays, dates, places nobody can find, and what it assumes."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from worlds import Draft, assumed, inventory, node, site, workload

from placement.catalog.load import load_catalog
from placement.catalog.tables import Shape
from placement.dates import latest_day
from placement.engine.advise import advise
from placement.engine.annuity import monthly_payment_micro, remaining_micro
from placement.engine.explain import explain
from placement.plan.model import Plan

SHA = "0" * 64
BERLIN = [{"location": "berlin"}]
ONE = Shape("A", 1, 1, "")


def own(*hardware: dict, **changed: object) -> dict:
    plain = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False, "hardware": list(hardware)}
    return {"hq": plain | changed}


def advised(*workloads: dict, price: int = 90_000_000, **changed: object) -> Plan:
    """One rented offer, dear unless stated, and nodes of one `A` for $100,000."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1)])
    draft.offer("lam/1", "a", "on_demand", ONE, price=price)
    policies = {"discount_rate_fraction": 0}
    return advise(draft.catalog(), inventory(list(workloads), policies=policies, **changed), SHA)


def noted(plan: Plan, words: str) -> list[str]:
    return [note for note in plan.notes if words in note]


def test_unused_nodes_are_named_with_their_cost() -> None:
    """Two of three used; the third at 60,000 ÷ 60 = 1,000 a month. Free ones have no cost to name."""
    two = workload(demand={"count": 2})
    paid = advised(two, sites=own({"node": "n1", "nodes": 3, "capex_usd": 60_000}))
    assert noted(paid, "unused") == ["1 of 3 existing n1 at hq stays unused; its $1,000 a month is in no total"]
    free = advised(two, sites=own({"node": "n1", "nodes": 4, "capex_usd": 0}))
    assert noted(free, "unused") == ["2 of 4 existing n1 at hq stay unused"]
    assert noted(advised(two, sites=own({"node": "n1", "nodes": 2})), "unused") == []


@pytest.mark.parametrize(
    ("hardware", "left"),
    [
        # 60,000 over 60 months, 24 of them after the horizon of 36: 24 × 1,000
        ({"capex_usd": 60_000}, "$24,000 is"),
        # Its own life of 40 months: 4 × 1,500
        ({"capex_usd": 60_000, "life_months": 40}, "$6,000 is"),
        # Written off before the horizon ends, or free: nothing is left
        ({"capex_usd": 60_000, "life_months": 36}, None),
        ({"capex_usd": 0}, None),
    ],
)
def test_what_is_left_to_write_off(hardware: dict, left: str | None) -> None:
    """In dollars, by the life and price of the very nodes used."""
    plan = advised(workload(), sites=own({"node": "n1", "nodes": 1, **hardware}))
    assert plan.placements[0].tier == "on_prem"
    found = noted(plan, "outlive")
    assert found == (
        [f"bought nodes outlive the 36-month horizon: {left} still to be written off at its end"] if left else []
    )


def test_short_horizons_flatter_what_is_bought() -> None:
    """A node for $100,000 over 60 months against renting; in 36 months only 60,000 of it are charged.

    Owned: 1,666.67, spares 68 and about 3,074 for power = 4,810 a month; with the 40,000 left over 36 months 5,920.
    Rented: 730 h × $7 = 5,110 lies between, 730 h × $9 = 6,570 above both.
    """
    for price, flattered in ((7_000_000, True), (9_000_000, False)):
        plan = advised(workload(), price=price, sites=own(may_buy=True))
        assert plan.placements[0].layers[0].purchase == "owned"
        (note,) = noted(plan, "outlive")
        assert note.endswith("they would cost more than leased or rented ones: w") == flattered


def test_remaining_debt() -> None:
    """After 12 of 36 payments as much is owed as interest and payments leave over; without interest P × n."""
    payment = monthly_payment_micro(36_000_000_000, 120_000, 36)
    left = 36_000_000_000.0
    for _ in range(12):
        left = left * 1.12 ** (1 / 12) - payment
    assert abs(remaining_micro(payment, 120_000, 24) - left) < 1_000_000
    assert remaining_micro(1_000_000, 0, 24) == 24_000_000


def test_a_place_nobody_can_find_is_named() -> None:
    """An SLO that hangs on a location without coordinates is said to; other users' locations are not."""
    asked = {"slo": {"rtt_ms": 50}, "users": [{"location": "nowhere"}]}
    plan = advised(workload("far", **asked), workload("near", users=BERLIN, slo={"rtt_ms": 50}), workload("free"))
    assert noted(plan, "coordinates") == [
        "nowhere: no coordinates are known, so no RTT to other places is; "
        "give `latitude` and `longitude`, the SLO may hang on it: far"
    ]
    assert noted(advised(workload(users=[{"location": "nowhere"}])), "coordinates") == []


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2026", date(2026, 12, 31)),
        ("2026-11", date(2026, 11, 30)),
        ("2026-01", date(2026, 1, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2026-11-05", date(2026, 11, 5)),
        ("undated", None),
    ],
)
def test_latest_day(text: str, last: date | None) -> None:
    """The last day of a year or a month."""
    assert latest_day(text) == last


def spot(count: int) -> list[str]:
    draft = Draft(sites=[site("lam/1")], assumptions=assumed())
    draft.offer("lam/1", "a", "spot", ONE)
    plan = advise(draft.catalog(), inventory([workload(interruptible=True, demand={"count": count})]), SHA)
    return [assumption.name for assumption in plan.assumptions if assumption.name.startswith("spot")]


def test_one_spot_node_is_no_gang() -> None:
    """The interruption figure that is stated is the one that was charged."""
    assert spot(1) == ["spot_mean_up_hours", "spot_available_fraction"]
    assert spot(2) == ["spot_gang_mean_up_hours", "spot_gang_available_fraction"]


@pytest.mark.parametrize(
    ("layers", "latest"),
    [
        (["2026-11", "2026"], "2026"),
        (["2026", "2026-11"], "2026"),
        (["2026-11", "2026-11-05"], "2026-11"),
        (["2026-11-05", "2026-11"], "2026-11"),
        (["2025", "2026-01"], "2026-01"),
        (["2026-02", "2025-12-31"], "2026-02"),
    ],
)
def test_the_latest_layer_dates_the_catalog(layers: list[str], latest: str, tmp_path: Path) -> None:
    """By the last day each can mean, in whatever order they are laid; 2026 ends after November 2026."""
    shutil.copytree(Path(__file__).parent / "errors/ok/catalog", tmp_path / "0")
    for number, as_of in enumerate(layers):
        folder = tmp_path / str(number)
        folder.mkdir(exist_ok=True)
        (folder / "catalog.yaml").write_text(f'schema_version: 1\nname: x\nas_of: "{as_of}"\n')
    assert load_catalog([tmp_path / str(number) for number in range(len(layers))], None).as_of == latest


@pytest.mark.parametrize(("limit_ms", "where", "at_risk"), [(0.6, "own/hq", False), (9, "lam/1", True)])
def test_no_estimate_is_at_risk_at_the_users_own_place(limit_ms: float, where: str, at_risk: bool) -> None:
    """0.5 ms within the hall is no estimate from distance; 5.15 ms across town may be 7.797, and 3 for fibre."""
    hq = own({"node": "n1", "nodes": 1}) if where == "own/hq" else {}
    plan = advised(workload(users=BERLIN, slo={"rtt_ms": limit_ms, "percentile": 50}), sites=hq)
    assert (plan.placements[0].site, plan.placements[0].rtt_at_risk) == (where, at_risk)


def test_explain_shows_the_offer_that_breaks_fewest_rules() -> None:
    """The dearer offer breaks one rule, the cheaper two: the first is nearer to being had."""
    draft = Draft(sites=[site("lam/1"), site("lam/2", access="china"), site("aws/1", "hyperscaler")])
    draft.offer("lam/1", "a", "spot", ONE, price=9_000_000)
    draft.offer("lam/2", "a", "spot", ONE, price=1_000_000)
    draft.offer("aws/1", "a", "on_demand", ONE)
    tiers = explain(draft.catalog(), inventory([workload()]), "w").tiers
    (cloud,) = [one for one in tiers if one.tier == "gpu_cloud"]
    assert (cloud.offer, [obstacle.rule for obstacle in cloud.obstacles]) == ("lam/1/a/spot", ["interruptible"])


def test_lead_time_is_said_of_what_is_ordered() -> None:
    """12 weeks for bought nodes; nothing for rented ones, for those that are there, and where there is no wait."""
    bought = advised(workload(), sites=own(may_buy=True))
    assert noted(bought, "weeks after they are ordered") == [
        "bought and leased nodes arrive about 12 weeks after they are ordered (on_prem; an assumption, source s1); "
        "until then these run where they do today, or on rented ones: w"
    ]
    assert noted(advised(workload(), sites=own({"node": "n1", "nodes": 3, "capex_usd": 60_000})), "ordered") == []
    assert noted(advised(workload(), price=1_000), "ordered") == []
    at_once = Draft(
        sites=[site("lam/1")], nodes=[node("n1", count=1)], assumptions=assumed(procurement_lead_time_weeks=0)
    )
    plan = advise(at_once.catalog(), inventory([workload()], sites=own(may_buy=True)), SHA)
    assert plan.placements[0].layers[0].purchase in ("owned", "lease")
    assert noted(plan, "ordered") == []
