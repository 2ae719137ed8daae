"""Latency as people state it and read it: objectives, places in sites, layers of measurements, explanations, CSV."""

import csv
import io
import os
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from test_cases import CASES, plan_of
from typer.testing import CliRunner
from worlds import Draft, inventory, site, workload

from placement.catalog.load import load_catalog
from placement.catalog.tables import Shape
from placement.cli.app import app
from placement.engine.advise import advise
from placement.engine.explain import explain
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Slo
from placement.plan.model import Placement
from placement.report import render

SHA = "0" * 64
UPDATE = os.environ.get("PLACEMENT_UPDATE")
BERLIN = [{"location": "berlin"}]


def placed(slo: dict, users: list[dict] = BERLIN, **changed: object) -> Placement:
    """One offer in Berlin: 5.15 ms, × 1.191 = 6.134 and 6.001 for fibre, 12.135 ms at the P95."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    (found,) = advise(draft.catalog(), inventory([workload(users=users, slo=slo)], **changed), SHA).placements
    return found


@pytest.mark.parametrize(
    ("slo", "change"),
    [
        ({"rtt_ms": 12.135}, None),
        ({"rtt_ms": 12.134}, "raise `slo.rtt_ms` to 12.2"),
        ({"end_to_end_ms": 72.135, "service_ms": 60}, None),
        ({"end_to_end_ms": 72.134, "service_ms": 60}, "raise `slo.end_to_end_ms` to 72.2"),
        # Of both forms the tighter counts, and only what is too tight has to give
        ({"end_to_end_ms": 72, "service_ms": 60, "rtt_ms": 100}, "raise `slo.end_to_end_ms` to 72.2"),
        ({"end_to_end_ms": 200, "service_ms": 60, "rtt_ms": 10}, "raise `slo.rtt_ms` to 12.2"),
        ({"end_to_end_ms": 65, "service_ms": 60, "rtt_ms": 10},
         "raise `slo.rtt_ms` to 12.2 and raise `slo.end_to_end_ms` to 72.2"),
        # 120 − 59.9 is no float of its own
        ({"end_to_end_ms": 72.035, "service_ms": 59.9, "rtt_ms": 12.135}, None),
    ],
)  # fmt: skip
def test_budgets(slo: dict, change: str | None) -> None:
    """What the service leaves is for the network, and what must give is named by its own name."""
    found = placed(slo)
    assert [made.change for made in found.relaxations] == ([change] if change else [])
    assert found.status == ("unplaced" if change else "placed")


@pytest.mark.parametrize(
    ("slo", "code"),
    [
        ({}, "slo-nothing"),
        ({"percentile": 99}, "slo-nothing"),
        ({"service_ms": 5}, "slo-half"),
        ({"end_to_end_ms": 5, "rtt_ms": 4}, "slo-half"),
        ({"end_to_end_ms": 5, "service_ms": 5}, "slo-spent"),
        ({"end_to_end_ms": 5, "service_ms": 4.999}, None),
        ({"end_to_end_ms": 5, "service_ms": 0}, None),
    ],
)
def test_objectives_that_say_too_little(slo: dict, code: str | None) -> None:
    if code is None:
        Slo.model_validate(slo)
        return
    with pytest.raises(ValidationError) as refused:
        Slo.model_validate(slo)
    assert refused.value.errors()[0]["type"] == code


@pytest.mark.parametrize(("rtt_ms", "at_risk"), [(12.135, True), (15.287, True), (15.288, False), (100, False)])
def test_at_risk_until_the_high_end_of_the_band(rtt_ms: float, at_risk: bool) -> None:
    """6.134 × 1.514 = 9.287 and 6.001 for fibre: 15.288 ms."""
    found = placed({"rtt_ms": rtt_ms})
    assert (found.rtt_ms, found.rtt_low_ms, found.rtt_high_ms, found.rtt_step) == (
        "12.135", "11.074", "15.288", "pooled")  # fmt: skip
    assert found.rtt_at_risk == at_risk


def test_a_location_may_be_a_site_of_the_catalog() -> None:
    """Services inside the very site: 0.5 ms; its country and coordinates serve elsewhere, too."""
    locations = {"berlin": {"site": "lam/1"}}
    found = placed({"rtt_ms": 0.5}, locations=locations)
    assert (found.rtt_ms, found.rtt_step, found.rtt_at_risk) == ("0.5", "same_place", False)


def test_own_measurements_are_laid_over_the_catalog(tmp_path: Path) -> None:
    """A layer's pair replaces the shipped one, whatever its date; its points are places where services can be."""
    layer = tmp_path / "ours/network"
    layer.mkdir(parents=True)
    (layer.parent / "sources.csv").write_text("source_id,source,licence\nours,our own pings,none\n")
    (layer / "points.csv").write_text(
        "point,country,latitude,longitude,as_of,source_id\nours/hq,DE,52.4,13,2024,ours\n"
    )
    (layer / "pairs.csv").write_text(
        "point_a,point_b,rtt_ms,p95_ms,statistic,as_of,source_id\n"
        "nimbus/berlin,nimbus/virginia,88,95,p50,2020,ours\nours/hq,nimbus/berlin,2,,p50,2020,ours\n"
    )
    before, after = (load_catalog([CASES / "catalog", *more], None).network for more in ([], [layer.parent]))
    names = [point.id for point in after.points]
    assert "ours/hq" in names and len(after.pairs.a_m) == len(before.pairs.a_m) + 1
    of = {(names[a], names[b]): rtt for a, b, rtt in zip(*(column.tolist() for column in after.pairs[:3]), strict=True)}
    assert of["nimbus/berlin", "nimbus/virginia"] == 88_000
    inventory_file = tmp_path / "inventory.yaml"
    text = (CASES / "latency/inventory.yaml").read_text(encoding="utf-8").replace("nimbus/virginia}", "ours/hq}")
    inventory_file.write_text(text, encoding="utf-8")
    layers = ["--no-shipped-catalog", "--catalog", str(CASES / "catalog"), "--catalog", str(layer.parent)]
    told = CliRunner().invoke(app, ["explain", str(inventory_file), "api", *layers])
    assert told.exit_code == 0, told.output
    assert "2.4 ms, measured" in told.output


def test_rows_of_the_csv_say_how_sure_the_rtt_is() -> None:
    plan = plan_of("latency")
    rows = {row["workload"]: row for row in csv.DictReader(io.StringIO("".join(render(plan, "csv", (80, False)))))}
    told = {
        name: [row[f"rtt_{key}"] for key in ("ms", "step", "low_ms", "high_ms", "at_risk")]
        for name, row in rows.items()
    }
    assert told["api"] == ["99", "measured", "89.1", "108.9", "true"]
    assert told["translate"] == ["101.642", "continent", "91.678", "121.57", "false"]
    assert told["hurry"] == [""] * 5


def test_steps_are_stated_with_their_workloads() -> None:
    plan = plan_of("latency")
    counts = {one.name: one.workloads for one in plan.assumptions if one.name.startswith("rtt_")}
    assert counts == {"rtt_same_place": 1, "rtt_measured": 1, "rtt_proxy": 1, "rtt_continent": 1, "rtt_pooled": 1}
    assert [one.workloads for one in plan.assumptions if one.name == "last_mile"] == [2]


def far_apart() -> tuple:
    draft = Draft(sites=[site(f"lam/{place}", place=place) for place in ("berlin", "paris", "tokyo")])
    for place in ("berlin", "paris", "tokyo"):
        draft.offer(
            f"lam/{place}", "a", "on_demand", Shape("A", 1, 1, ""), 1_000_000 if place == "tokyo" else 2_000_000
        )
    users = [{"location": "berlin", "share_fraction": 0.75}, {"location": "paris", "share_fraction": 0.25}]
    return draft.catalog(), users


def test_explain_lists_users_and_the_nearest_sites() -> None:
    """By mean distance of the traffic; whether the objective holds is said of each."""
    catalog, users = far_apart()
    told = explain(catalog, inventory([workload(users=users, slo={"rtt_ms": 30})]), "w").latency
    assert told is not None
    assert [(row.location, row.share, row.access, row.step) for row in told.served[0].users] == [
        ("berlin", "75", "fibre (assumed)", "pooled"),
        ("paris", "25", "fibre (assumed)", "pooled"),
    ]
    # 0.25 × 877.5 = 219 km; 0.75 × 877.5 = 658 km. To Paris and back 28.6 ms at the P95, 40.2 at the high end.
    # Paris–Tokyo 9,713 km: (5.15 + 0.01576 × 9,713) × 1.191 = 188.4 and 6 ms; 188.4 × 1.514 + 6 = 291.3
    assert [(row.site, row.km, row.rtt_ms, row.high_ms, row.verdict) for row in told.sites] == [
        ("lam/berlin", "219", "28.6", "40.2", "at risk"),
        ("lam/paris", "658", "28.6", "40.2", "at risk"),
        ("lam/tokyo", "9,115", "194.4", "291.3", "no"),
    ]
    assert told.limit_ms == "30" and [one.site for one in told.served] == ["lam/berlin"]


def test_explain_of_an_unplaced_workload_looks_at_the_nearest_site() -> None:
    catalog, users = far_apart()
    told = explain(catalog, inventory([workload(users=users, slo={"rtt_ms": 1})]), "w").latency
    assert told is not None and told.served[0].site == "lam/berlin"
    assert {row.verdict for row in told.sites} == {"no"}
    assert explain(catalog, inventory([workload()]), "w").latency is None


def test_explain_lists_users_for_both_sites_of_a_mix() -> None:
    """The base stands in a cage, the rest is bought by the hour in Paris (the case `mixed`)."""
    catalog = load_catalog([CASES / "catalog"], None)
    written = yaml.safe_load((CASES / "mixed/inventory.yaml").read_text(encoding="utf-8"))
    (photos,) = (one for one in written["workloads"] if one["id"] == "photos")
    photos["users"] = [{"location": "paris"}]
    told = explain(catalog, Inventory.model_validate({**written, "workloads": [photos]}), "photos").latency
    assert told is not None
    assert [one.site for one in told.served] == ["cage/B1", "forge/paris"]
    assert [[row.location for row in one.users] for one in told.served] == [["paris"], ["paris"]]


@pytest.mark.parametrize("width", [80, 160])
def test_explain_of_latency_as_it_was_looked_at(width: int) -> None:
    """The tables fit, and say what they said when a person last looked at them."""
    path = CASES / f"latency/explain{width}.txt"
    args = ["explain", str(CASES / "latency/inventory.yaml"), "dispatch", "--no-shipped-catalog",
            "--catalog", str(CASES / "catalog")]  # fmt: skip
    said = CliRunner().invoke(app, args, env={"COLUMNS": str(width), "NO_COLOR": "1", "PLACEMENT_NO_CACHE": "1"}).stdout
    first, *rest = said[said.index("Round trip to") :].split("\n\n")
    told = f"{first}\n\n{rest[0]}\n"
    if UPDATE:
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
    assert max(map(len, told.splitlines())) <= width


def test_workloads_that_differ_in_a_budget_alone_are_told_apart() -> None:
    """The same but for one figure of the objective: each gets its own verdict and its own words."""
    draft = Draft(sites=[site("lam/1")])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""))
    slos = [
        {"rtt_ms": 13},
        {"rtt_ms": 12},
        {"end_to_end_ms": 70, "service_ms": 60},
        {"end_to_end_ms": 71, "service_ms": 61},
        {"end_to_end_ms": 71, "service_ms": 61, "rtt_ms": 10},
        {"end_to_end_ms": 90, "service_ms": 61, "rtt_ms": 10},
    ]
    asked = [workload(f"w{number}", users=BERLIN, slo=slo) for number, slo in enumerate(slos)]
    found = advise(draft.catalog(), inventory(asked), SHA).placements
    assert [[made.change for made in one.relaxations] for one in found] == [
        [],
        ["raise `slo.rtt_ms` to 12.2"],
        ["raise `slo.end_to_end_ms` to 72.2"],
        ["raise `slo.end_to_end_ms` to 73.2"],
        ["raise `slo.rtt_ms` to 12.2 and raise `slo.end_to_end_ms` to 73.2"],
        ["raise `slo.rtt_ms` to 12.2"],
    ]
