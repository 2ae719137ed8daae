"""`placement roadmap` from the command line: what the inventory says of today, which options hold, hostile names."""

import csv
import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from plans import HOSTILE, START, hostile_plan
from typer.testing import CliRunner

from placement.cli.app import app
from placement.cli.commands import load
from placement.diagnostics import InputError
from placement.finance.cells import unguarded
from placement.finance.months import Month
from placement.report.roadmap import render_roadmap
from placement.roadmap.inputs import Stated, settings_of, todays_of
from placement.roadmap.make import roadmap
from placement.roadmap.model import Figure, Settings, Today

ROOT = Path(__file__).parent.parent
ENTERPRISE = ROOT / "examples" / "enterprise.yaml"
CASES = Path(__file__).parent / "cases"
SMALL = ["--no-shipped-catalog", "--catalog", str(CASES / "catalog")]
WORK = {"kind": "batch", "demand": {"accelerators": {"model": "Big", "count": 8, "hours_per_month": 730}}}


def run(*args: str | Path) -> str:
    result = CliRunner().invoke(app, list(map(str, args)), env={"NO_COLOR": "1"})
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def inventory_in(folder: Path, *workloads: dict[str, Any], **head: Any) -> Path:
    path = folder / "inventory.yaml"
    stated = {"schema_version": 1, "name": "x", "locations": {"berlin": {"city": "Berlin"}}, **head}
    rows = [deepcopy({"id": f"w{number}", **WORK, **one}) for number, one in enumerate(workloads)]
    path.write_text(yaml.safe_dump({**stated, "workloads": rows}), encoding="utf-8")
    return path


def test_the_example_has_a_way(tmp_path: Path) -> None:
    """The plan of a file gives the same roadmap; the end is the plan's, and its own figures agree."""
    plan = tmp_path / "plan.json"
    run("advise", ENTERPRISE, "--output", plan)
    road = json.loads(run("roadmap", ENTERPRISE, "--format", "json"))
    assert json.loads(run("roadmap", ENTERPRISE, "--plan", plan, "--format", "json")) == road
    total = json.loads(plan.read_text())["summary"]["monthly_cost_usd"]
    last = road["months"][-1]
    assert (road["plan_cost_usd"], cents(last["cost_usd"]) + cents(last["new_cost_usd"])) == (total, cents(total))
    assert len(road["waves"]) > 1
    assert road["worth"] == {key: road["waves"][-1]["if_stopped"][key] for key in road["worth"]}
    assert [stay["workload"] for stay in road["not_within_horizon"]] == []
    written = tmp_path / "way.csv"
    assert run("roadmap", ENTERPRISE, "--output", written) == ""
    rows = list(csv.DictReader(io.StringIO(written.read_text())))
    assert len(rows) == 17
    assert sum(cents(row["saving_usd"]) for row in rows if row["saving_usd"]) == cents(road["worth"]["saving_usd"])


def cents(text: str) -> int:
    return int(text.replace(".", ""))


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_fits(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = run("roadmap", ENTERPRISE)
    assert max(map(len, text.splitlines())) <= width
    assert all(heading in text for heading in ("Waves", "If nothing more moves after it", "Assumptions"))


def todays(path: Path, start: Month = START) -> dict[str, Today]:
    return todays_of(load(path, [CASES / "catalog"], False).inventory, start)


def test_what_is_said_of_today(tmp_path: Path) -> None:
    """From 2027-01 a commitment until 2027-03 is three months; an own site has its prefix; what is past is nothing."""
    own = {"hall": {"tier": "on_prem", "location": "berlin", "power_kw": 1}}
    path = inventory_in(
        tmp_path,
        {"current": {"monthly_cost_usd": 70.005, "site": "hall", "committed_until": "2027-03", "purchase": "owned",
                     "resale_usd": 5, "migration_usd": 0}},
        {"current": {"monthly_cost_usd": 70, "site": "own/hall", "committed_until": "2026-12",
                     "dual_running_months": 4}},
        {"current": {"monthly_cost_usd": 70, "committed_until": "2028-01", "committed_usd_per_month": 0}},
        {},
        sites=own,
    )  # fmt: skip
    assert todays(path) == {
        "w0": Today("own/hall", "owned", "2027-03", 3, 7001, 0, 500),
        "w1": Today("own/hall", "", "2026-12", dual_months=4),
        "w2": Today("", "", "2028-01", 13, 0),
    }


@pytest.mark.parametrize(
    "rule",
    [
        {"slo": {"rtt_ms": 50}, "users": [{"location": "berlin"}]},
        {"residency": ["DE"]},
        {"certifications": ["SOC 2"]},
        {"operators": {"denied": ["US"]}},
        {"offline": True, "users": [{"location": "berlin"}]},
        {"isolation": "dedicated"},
        {"redundancy": {"mode": "standby", "min_sites": 2}},
        {"data": {"classes": ["personal"], "jurisdictions": ["DE"]}},
    ],
)
def test_rules_and_slos_are_critical(rule: dict[str, Any], tmp_path: Path) -> None:
    current = {"current": {"monthly_cost_usd": 1}}
    found = todays(inventory_in(tmp_path, {**rule, **current}, {**current, "interruptible": True}))
    assert [one.is_critical for one in found.values()] == [True, False]


def test_what_is_stated_holds_first(tmp_path: Path) -> None:
    """The command line before the inventory, that before the catalog (0 months, no limit)."""

    def chosen(dual: int | None, most: int | None, every: int | None = None, **head: Any) -> tuple[Any, ...]:
        loaded = load(inventory_in(tmp_path, {}, **head), [CASES / "catalog"], False)
        found = settings_of(loaded.catalog, loaded.inventory, START, Stated(dual, most, every))
        return found.dual_months.value, found.dual_months.source_id, found.most_per_wave, found.every_months

    said = {"dual_running_months": 2, "max_workloads_per_wave": 3, "months_between_waves": 6}
    policy = {"policies": {"roadmap": said}}
    assert chosen(None, None) == (0, "t1", None, 1)
    assert chosen(None, None, **policy) == (2, "inventory", 3, 6)
    assert chosen(0, 1, 2, **policy) == (0, "command line", 1, 2)


def test_how_workloads_move_is_in_no_fingerprint(tmp_path: Path) -> None:
    """A plan stays the plan of its inventory when the policy of moving changes."""
    digests = set()
    for policy in ({}, {"roadmap": {"dual_running_months": 2}}):
        path = inventory_in(tmp_path, {}, policies=policy)
        digests.add(load(path, [CASES / "catalog"], False).digest)
    assert len(digests) == 1


@pytest.mark.parametrize(
    "current",
    [
        {"committed_until": "2027-13"},
        {"committed_until": 2027},
        {"committed_until": "2027-01", "committed_usd_per_month": -1},
        {"migration_usd": float("nan")},
        {"resale_usd": 1e10, "purchase": "owned"},
    ],
)
def test_nonsense_is_refused(current: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load(inventory_in(tmp_path, {"current": {"monthly_cost_usd": 1, **current}}), [CASES / "catalog"], False)


@pytest.mark.parametrize(
    "option",
    [["--dual-running-months", "25"], ["--max-per-wave", "0"], ["--months-between-waves", "0"], ["--by", "line"]],
)
def test_wrong_options_are_usage(option: list[str]) -> None:
    result = CliRunner().invoke(app, ["roadmap", str(ENTERPRISE), *option])
    assert (result.exit_code, result.stdout) == (2, "")


def test_names_never_act() -> None:
    """In CSV they come back, and no cell begins a formula; nothing is markup for the terminal or Markdown."""
    made = hostile_plan()
    names = [one.workload for one in made.placements]
    todays = {name: Today(name, name, "2030-01", 1, 1) for name in names}
    lead = {name: Figure(1, "1", "weeks", name, name) for name in HOSTILE}
    road = roadmap(made.inputs, made.placements, todays, Settings(START, Figure(1, "1", "months"), lead))
    rows = list(csv.reader(io.StringIO("".join(render_roadmap(road, "csv", "workload", (80, False))))))
    column = rows[0].index("workload")
    assert sorted(unguarded(row[column]) for row in rows[1:]) == sorted(names)
    numbers = {at for at, name in enumerate(rows[0]) if name.endswith("_usd") or name == "saving_usd_per_month"}
    for row in rows[1:]:
        assert not [cell for at, cell in enumerate(row) if at not in numbers and cell.lstrip()[:1] in "=+-@" and cell]
    for form in ("table", "markdown"):
        text = "".join(render_roadmap(road, form, "", (160, False)))
        assert "\x1b" not in text and "\u202e" not in text
    assert "<script>" not in "".join(render_roadmap(road, "markdown", "", (80, False)))
