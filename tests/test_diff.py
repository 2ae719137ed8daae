"""Comparing plans: hand arithmetic, parts that add up, causes that depend on no order, nothing lost on the way."""

import json
import os
import random
from itertools import combinations, permutations
from math import factorial
from pathlib import Path

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import json_of
from typer.testing import CliRunner, Result

from placement.cli.app import app
from placement.diff.compare import Reading, compare
from placement.diff.model import CAUSES, PlanDiff
from placement.diff.recompute import apportioned, shapley_values
from placement.engine.advise import advise
from placement.plan.dump import in_order
from placement.plan.model import Plan
from placement.report.diff import DIFF_RENDERERS

DIFFS = Path(__file__).parent / "diffs"
CATALOG = Path(__file__).parent / "cases" / "catalog"
FORMS = {
    "diff80.txt": ("table", 80),
    "diff160.txt": ("table", 160),
    "diff.md": ("markdown", 80),
    "diff.json": ("json", 80),
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACEMENT_NO_CACHE", "1")


def run(*args: str | Path, width: int = 80) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": str(width)})


def catalogs(layer: Path | None = None) -> list[str]:
    shared = ["--no-shipped-catalog", "--catalog", str(CATALOG)]
    return [*shared, "--base-catalog", str(CATALOG), "--catalog", str(layer)] if layer else shared


@pytest.mark.parametrize("file", FORMS)
def test_a_comparison_prints_what_it_printed(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form is what it was when a person last looked at it."""
    form, width = FORMS[file]
    folder = DIFFS / "mixed"
    monkeypatch.chdir(folder)
    result = run("diff", "old.yaml", "new.yaml", *catalogs(folder / "layer"), "--format", form, width=width)
    assert result.exit_code == 0, result.stderr
    if os.environ.get("PLACEMENT_UPDATE"):
        (folder / file).write_text(result.stdout, encoding="utf-8")
    assert result.stdout == (folder / file).read_text(encoding="utf-8")


def causes(result: Result) -> dict[tuple[str, str], str]:
    assert result.exit_code == 0, result.stderr
    return {
        (cause["kind"], cause["subject"]): cause["monthly_cost_usd"] for cause in json.loads(result.stdout)["causes"]
    }


BY_HAND = {
    ("added", "begins"): "70.00",
    ("removed", "ends"): "-30.00",
    ("unplaced", "loses-its-place"): "-400.00",
    ("demand", "grows"): "130.00",
    ("price", "forge"): "475.00",
}
"""The arithmetic in the comments of `tests/diffs/mixed/new.yaml`."""


def test_causes_of_two_inventories_are_those_computed_by_hand() -> None:
    folder = DIFFS / "mixed"
    result = run("diff", folder / "old.yaml", folder / "new.yaml", *catalogs(folder / "layer"), "--format", "json")
    assert causes(result) == BY_HAND | {("policy", "goes-home"): "200.00"}
    assert json.loads(result.stdout)["method"] == "recomputed"


def test_causes_of_two_plan_files_are_those_computed_by_hand(tmp_path: Path) -> None:
    """Without the inputs, a move that two changed inputs could explain is a switch."""
    folder = DIFFS / "mixed"
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    assert run("advise", folder / "old.yaml", *catalogs(), "--output", old).exit_code == 0
    assert run("advise", folder / "new.yaml", *catalogs(), "--catalog", folder / "layer", "-o", new).exit_code == 0
    result = run("diff", old, new, "--format", "json")
    assert causes(result) == BY_HAND | {("switch", "goes-home"): "200.00"}
    assert json.loads(result.stdout)["method"] == "lines"
    mixed = run("diff", old, folder / "new.yaml", *catalogs(), "--catalog", folder / "layer", "--format", "json")
    assert causes(mixed) == causes(result)


def plan_of(seed: int) -> Plan:
    catalog, inventory = worlds.world(seed)
    return advise(catalog, inventory, "digest")


def difference(old: Plan, new: Plan) -> PlanDiff:
    return compare(Reading("old", old.inputs, in_order(old)), Reading("new", new.inputs, in_order(new)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_parts_add_up_and_turn_around(one: int, other: int) -> None:
    """Causes add up to each change and to the total; the way back is the same with the other sign."""
    old, new = plan_of(one), plan_of(other)
    diff, back = difference(old, new), difference(new, old)
    total = new.summary.monthly_cost_cents - old.summary.monthly_cost_cents
    assert diff.difference_cents == total == -back.difference_cents
    assert sum(cause.monthly_cost_cents for cause in diff.causes) == total
    assert sum(change.difference_cents for change in diff.changes) == total
    for change in diff.changes:
        assert sum(cause.monthly_cost_cents for cause in change.causes) == change.difference_cents
    lines = {change.workload: change for change in back.changes}
    for change in diff.changes:
        assert lines[change.workload].difference_cents == -change.difference_cents
    assert {cause.kind for cause in diff.causes} <= set(CAUSES)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_plan_does_not_differ_from_itself(seed: int) -> None:
    diff = difference(plan_of(seed), plan_of(seed))
    assert (diff.changes, diff.causes, diff.difference_cents) == ((), (), 0)


GROUPS = ("demand", "price", "policy", "own_sites")


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4), st.randoms(use_true_random=False))
def test_shapley_values_are_the_mean_over_all_orders(count: int, draw: random.Random) -> None:
    """The formula against its definition: what a group adds, averaged over every order of exchanging the groups."""
    groups = GROUPS[:count]
    worth = {
        frozenset(chosen): draw.randint(-(10**9), 10**9)
        for size in range(count + 1)
        for chosen in combinations(groups, size)
    }
    expected = dict.fromkeys(groups, 0)
    for order in permutations(groups):
        for position, group in enumerate(order):
            before = frozenset(order[:position])
            expected[group] += worth[before | {group}] - worth[before]
    values = shapley_values(groups, worth)
    assert values == [expected[group] for group in groups]
    total = worth[frozenset(groups)] - worth[frozenset()]
    parts = apportioned(values, factorial(count), total)
    assert sum(parts) == total
    assert all(
        abs(part * factorial(count) - value) < factorial(count) for part, value in zip(parts, values, strict=True)
    )


def test_a_group_that_makes_no_difference_gets_nothing() -> None:
    worth = {frozenset(c): 700 if "price" in c else 100 for size in range(3) for c in combinations(GROUPS[:2], size)}
    assert apportioned(shapley_values(GROUPS[:2], worth), 2, 600) == [0, 600]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


OWN = """schema_version: 1
name: own
locations: {berlin: {city: Berlin}}
sites:
  hall: {tier: on_prem, location: berlin, power_kw: 100, may_buy: false, hardware: [{node: big-8x, nodes: 1}]}
workloads:
"""
TAKES = (
    "  - {{id: {name}, kind: batch, demand: "
    "{{accelerators: {{model: Big, count: 8, hours_per_month: 730, {more}}}}}}}\n"
)


def test_a_new_workload_that_takes_the_place_of_another_is_its_cause(tmp_path: Path) -> None:
    """`old-hand` has to leave the only own node because `a-rival` loses more by going elsewhere."""
    mine = TAKES.format(name="old-hand", more="accelerators_per_replica: 1")
    rival = TAKES.format(name="a-rival", more="accelerators_per_replica: 8")
    old, new = write(tmp_path, "old.yaml", OWN + mine), write(tmp_path, "new.yaml", OWN + mine + rival)
    document = json.loads(run("diff", old, new, *catalogs(), "--format", "json").stdout)
    moved = {change["workload"]: change for change in document["changes"]}
    assert moved["old-hand"]["sign"] == "→"
    (cause,) = moved["old-hand"]["causes"]
    assert (cause["kind"], cause["monthly_cost_usd"]) == ("workloads", moved["old-hand"]["difference_usd"])
    plans = []
    for path in (old, new):
        plans.append(tmp_path / f"{path.stem}.json")
        assert run("advise", path, *catalogs(), "--output", plans[-1]).exit_code == 0
    document = json.loads(run("diff", *plans, "--format", "json").stdout)
    (cause,) = next(change for change in document["changes"] if change["workload"] == "old-hand")["causes"]
    assert cause["kind"] == "switch"


def test_own_sites_and_rates_are_causes(tmp_path: Path) -> None:
    """A dearer kWh is the own site's doing, a higher cost of capital the policy's."""
    text = OWN + TAKES.format(name="steady", more="")
    old = write(tmp_path, "old.yaml", text)
    dearer = write(tmp_path, "dearer.yaml", text.replace("power_kw: 100", "power_kw: 100, usd_per_kwh: 0.3"))
    capital = write(tmp_path, "capital.yaml", text + "policies: {discount_rate_fraction: 0.1}\n")
    for new, kind in ((dearer, "own_sites"), (capital, "policy")):
        document = json.loads(run("diff", old, new, *catalogs(), "--format", "json").stdout)
        assert [cause["kind"] for cause in document["causes"]] == [kind]
        assert document["difference_usd"] == document["causes"][0]["monthly_cost_usd"] != "0.00"


def test_nothing_to_exchange_inputs_with_falls_back_to_lines(tmp_path: Path) -> None:
    """The old side's catalog does not know the accelerator that the new inventory asks for."""
    layer = tmp_path / "layer"
    layer.mkdir()
    write(layer, "accelerators.csv", (CATALOG / "accelerators.csv").read_text().replace("Pocket", "Rocket"))
    old = write(tmp_path, "old.yaml", OWN.replace("[{node: big-8x, nodes: 1}]", "[]") + TAKES.format(name="a", more=""))
    text = old.read_text().replace("model: Big", "model: Rocket").replace("count: 8", "count: 4")
    new = write(tmp_path, "new.yaml", text)
    result = run("diff", old, new, *catalogs(), "--base-catalog", CATALOG, "--catalog", layer, "--format", "json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["method"] == "lines"
    (note,) = document["notes"]
    assert note == "causes are read from cost lines: with the new demand alone, unknown accelerator `Rocket`"


def test_exit_codes(tmp_path: Path) -> None:
    """0 whatever changed, 1 with --exit-code or an outdated --locked plan, 2 for bad input."""
    folder = DIFFS / "mixed"
    two = (folder / "old.yaml", folder / "new.yaml")
    layers = catalogs(folder / "layer")
    assert run("diff", *two, *layers).exit_code == 0
    assert run("diff", *two, *layers, "--exit-code").exit_code == 1
    assert run("diff", two[0], two[0], *catalogs(), "--exit-code").exit_code == 0
    assert run("diff", two[0], *catalogs()).exit_code == 2
    assert run("diff", two[0], tmp_path / "none.yaml", *catalogs()).exit_code == 2


def test_locked(tmp_path: Path) -> None:
    """An up-to-date plan is advised as always; an outdated one is refused with the differences."""
    folder = DIFFS / "mixed"
    plan = tmp_path / "plan.json"
    assert run("advise", folder / "old.yaml", *catalogs(), "--output", plan).exit_code == 0
    before = plan.read_bytes()
    same = run("advise", folder / "old.yaml", *catalogs(), "--locked", plan)
    assert (same.exit_code, same.stderr) == (0, "")
    assert same.stdout == run("advise", folder / "old.yaml", *catalogs()).stdout
    other = run("advise", folder / "new.yaml", *catalogs(), "--catalog", folder / "layer", "--locked", plan)
    assert other.exit_code == 1
    assert "plan.json needs to be updated: " in other.stderr
    assert "+$445.00 a month" in other.stdout
    text = (folder / "old.yaml").read_text().replace("name: before", "name: renamed")
    renamed = run("advise", write(tmp_path, "renamed.yaml", text), *catalogs(), "--locked", plan)
    assert renamed.exit_code == 1
    assert "no cost changes" in renamed.stderr
    assert plan.read_bytes() == before


HOSTILE = ["[red]x[/red]", "=1+1", "a|b", "<script>", "**b**", "`id`", "%0A::error::x", "x" * 120, "名前"]


def hostile(old: bool) -> str:
    rows = "".join(TAKES.format(name=json.dumps(name), more="") for name in HOSTILE)
    return f"schema_version: 1\nname: {json.dumps(HOSTILE[0])}\nworkloads:\n" + rows.replace(
        "month: 730", "month: 300" if old else "month: 730"
    )


@pytest.mark.parametrize("form", sorted(DIFF_RENDERERS))
def test_hostile_names_are_shown_and_do_nothing(form: str, tmp_path: Path) -> None:
    old, new = write(tmp_path, "old.yaml", hostile(True)), write(tmp_path, "new.yaml", hostile(False))
    text = run("diff", old, new, *catalogs(), "--format", form, width=300).stdout
    assert "\x1b" not in text
    if form == "markdown":
        assert "<script>" not in text
        assert "**b**" not in text
        assert max(len(line.split(" | ")) for line in text.splitlines() if line.startswith("| →")) == 7
    if form == "json":
        assert {change["workload"] for change in json.loads(text)["changes"]} == set(HOSTILE)


def test_markdown_fits_into_a_comment(tmp_path: Path) -> None:
    """A thousand changes are cut politely, and what is left out is counted with its cost."""
    rows = [TAKES.format(name=f"workload-{number:04d}-{'x' * 90}", more="") for number in range(1000)]
    head = "schema_version: 1\nname: many\nworkloads:\n"
    old = write(tmp_path, "old.yaml", head + "".join(rows).replace("month: 730", "month: 300"))
    new = write(tmp_path, "new.yaml", head + "".join(rows))
    text = run("diff", old, new, *catalogs(), "--format", "markdown").stdout
    assert len(text) <= 65_536
    assert "more changes of +$" in text.replace("\\", "")
    assert text.endswith("\n")


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    folder = DIFFS / "mixed"
    head, *entries = (folder / "new.yaml").read_text().split("  - id: ")
    shuffled = write(tmp_path, "new.yaml", head + "".join(f"  - id: {entry}" for entry in reversed(entries)))
    layers = catalogs(folder / "layer")
    one = json.loads(run("diff", folder / "old.yaml", folder / "new.yaml", *layers, "--format", "json").stdout)
    other = json.loads(run("diff", folder / "old.yaml", shuffled, *layers, "--format", "json").stdout)
    assert one["changes"] == other["changes"]
    assert one["causes"] == other["causes"]


def test_plans_in_another_layout_are_the_same_plan(tmp_path: Path) -> None:
    """A formatter may have been over the file."""
    text = json_of(plan_of(7))
    one, other = write(tmp_path, "one.json", text), write(tmp_path, "other.json", json.dumps(json.loads(text)))
    assert json.loads(run("diff", one, other, "--format", "json").stdout)["changes"] == []
