"""Every example advises without errors, the same way each time, and its lines add up.

`PLACEMENT_UPDATE=1 pytest tests/test_examples.py` rewrites the summaries in tests/cases/examples.
"""

import json
import os
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases" / "examples"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
NAMES = [path.stem for path in EXAMPLES]


def run(path: Path, seed: str = "0") -> str:
    """The plan of an inventory as the command prints it; it has to leave with exit code 0 and say nothing else."""
    command = [sys.executable, "-m", "placement", "advise", str(path), "--format", "json"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def text_of(name: str) -> str:
    return run(ROOT / "examples" / f"{name}.yaml")


def plan_of(name: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(text_of(name))
    return plan


def summary(plan: dict[str, Any]) -> dict[str, Any]:
    """What a reader would check first: each workload's offer and cost, and the totals."""
    placed = {}
    for placement in plan["placements"]:
        layers = [{key: layer[key] for key in ("offer", "nodes", "accelerators")} for layer in placement["layers"]]
        placed[placement["workload"]] = {
            "status": placement["status"],
            "layers": layers,
            "monthly_cost_usd": placement["monthly_cost_usd"],
        }
    totals = {key: plan["summary"][key] for key in ("monthly_cost_usd", "baseline_usd", "saving_usd")}
    return {"workloads": placed, **totals}


def dollars(text: str | None) -> Decimal:
    return Decimal(text or "0")


def test_there_are_examples() -> None:
    assert {"minimal", "enterprise", "llm_production", "unplaced"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_summary_is_as_recorded(name: str) -> None:
    found = json.dumps(summary(plan_of(name)), ensure_ascii=False, indent=2) + "\n"
    case = CASES / f"{name}.json"
    if os.environ.get("PLACEMENT_UPDATE"):
        case.parent.mkdir(parents=True, exist_ok=True)
        case.write_text(found, encoding="utf-8")
    assert found == case.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_same_plan_every_time(name: str) -> None:
    assert run(ROOT / "examples" / f"{name}.yaml", seed="4711") == text_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_lines_add_up(name: str) -> None:
    plan = plan_of(name)
    for placement in plan["placements"]:
        lines = sum((dollars(line["cost_usd"]) for line in placement["lines"]), Decimal(0))
        assert lines == dollars(placement["monthly_cost_usd"]), placement["workload"]
        for line in placement["lines"]:
            exact = Decimal(line["quantity"]) * Decimal(line["unit_price_usd"])
            assert abs(exact - dollars(line["cost_usd"])) <= Decimal("0.005"), (placement["workload"], line["label"])
    total = sum((dollars(placement["monthly_cost_usd"]) for placement in plan["placements"]), Decimal(0))
    assert total == dollars(plan["summary"]["monthly_cost_usd"])


@pytest.mark.parametrize("name", NAMES)
def test_baseline_and_saving_add_up(name: str) -> None:
    plan = plan_of(name)
    compared = [placement for placement in plan["placements"] if placement.get("baseline_usd")]
    baseline = sum((dollars(placement["baseline_usd"]) for placement in compared), Decimal(0))
    cost = sum((dollars(placement["monthly_cost_usd"]) for placement in compared), Decimal(0))
    assert baseline == dollars(plan["summary"]["baseline_usd"])
    assert baseline - cost == dollars(plan["summary"]["saving_usd"])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "unplaced"])
def test_everything_has_a_place(name: str) -> None:
    assert {placement["status"] for placement in plan_of(name)["placements"]} == {"placed"}


@pytest.mark.parametrize("path", EXAMPLES, ids=NAMES)
def test_what_an_example_expects_holds(path: Path) -> None:
    if "\nexpect:" not in path.read_text(encoding="utf-8"):
        pytest.skip("it expects nothing")
    done = subprocess.run([sys.executable, "-m", "placement", "check", str(path)], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_three_countries_prove_every_copy_under_every_law() -> None:
    """French scans: at the site that works, the one that stands by, at home and in the backup; what to sign is said."""
    by_id = {placement["workload"]: placement for placement in plan_of("three_countries")["placements"]}
    laws, copies = {"eu-gdpr", "eu-ai-act", "fr-hds"}, {"compute", "home of scans-fr", "backup of scans-fr"}
    for member in ("radiology-fr/1", "radiology-fr/2"):
        proved = {(proof["copy"], proof["rule"]) for proof in by_id[member]["proofs"]}
        assert {(copy, law) for copy in copies for law in laws} <= proved
    assert any("business associate agreement" in words for words in by_id["radiology-us"]["to_sign"])
    assert any("Data Privacy Framework" in words for words in by_id["care-chat/2"]["to_sign"])
    assert by_id["care-chat/2"]["rtt_at_risk"] is True


def test_three_countries_are_placed_by_physics() -> None:
    """5 ms and a line that is too slow keep video in the plants, metered lines in the shops, tunnels in the cars."""
    by_id = {placement["workload"]: placement for placement in plan_of("three_countries")["placements"]}
    sites = {name: by_id[name]["site"] for name in ("pump-inspection-de", "pump-inspection-us", "ambulance-monitor")}
    assert set(sites.values()) == {"own/stuttgart-hall", "own/cleveland-hall", "own/ambulance-box"}
    shelves, assistant = by_id["shelf-cameras"], by_id["pharmacy-assistant"]
    assert (shelves["places"], shelves["crossover"]["edge_pays"]) == (600, "above")
    assert "Jetson-AGX-Thor: token_latency" in assistant["no_edge"]
    ports = [line["cost_usd"] for line in by_id["model-evaluation"]["lines"] if "private port" in line["label"]]
    assert ports == ["3000.00", "219.00"]  # 75,000 GB × 0.04 and 730 h × 0.30; the internet would be 6,060.20


def test_what_has_no_place_says_what_would_have_to_give() -> None:
    by_id = {placement["workload"]: placement for placement in plan_of("unplaced")["placements"]}
    rules = {name: [set(way["constraints"]) for way in place["relaxations"]] for name, place in by_id.items()}
    assert all(place["status"] == "unplaced" for place in by_id.values())
    assert "memory" in {clash["rule"] for clash in by_id["shop-floor-70b"]["conflict"]}
    assert {"power"} in rules["shop-floor-70b"]
    assert {"power"} in rules["inspection"]
    assert {"rtt"} in rules["inspection"]
