"""Whose doing a difference is: what is demand and what a rule, sites of one workload, and what is not recomputed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from plans import line, placement
from test_diff import BY_HAND, DIFFS, catalogs, causes, run, write

from placement.diff.compare import Reading, compare
from placement.plan.model import Member, Placement


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACEMENT_NO_CACHE", "1")


def told(old: Path, new: Path, *more: str) -> dict[str, Any]:
    result = run("diff", old, new, *catalogs(), *more, "--format", "json")
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def planned(folder: Path, path: Path) -> Path:
    plan = folder / f"{path.stem}.json"
    assert run("advise", path, *catalogs(), "--output", plan).exit_code == 0
    return plan


MOVING = """schema_version: 1
name: moving
workloads:
  - id: w
    kind: batch
    demand: {accelerators: {model: Big, count: 1, hours_per_month: 100}}
    residency: RESIDENCY
    current: {monthly_cost_usd: 5000, site: nimbus/virginia, data_gb: GB}
"""


def test_what_moves_along_is_demand(tmp_path: Path) -> None:
    """Another rule that decides nothing does not take the blame for what is to be moved from today's site."""
    old = write(tmp_path, "old.yaml", MOVING.replace("RESIDENCY", "[FR]").replace("GB", "1"))
    new = write(tmp_path, "new.yaml", MOVING.replace("RESIDENCY", "[FR, EU]").replace("GB", "50000"))
    document = told(old, new)
    assert document["method"] == "recomputed"
    (cause,) = document["causes"]
    assert (cause["kind"], cause["subject"], cause["monthly_cost_usd"]) == ("demand", "w", document["difference_usd"])
    assert document["difference_usd"] != "0.00"
    (line,) = told(planned(tmp_path, old), planned(tmp_path, new))["causes"]
    assert line == cause


def test_what_has_no_place_in_between_is_noted(tmp_path: Path) -> None:
    """`Small` is not to be had in the US: with the new rule alone there is no cost to share out."""
    row = "{id: w, kind: batch, residency: [FR], demand: {accelerators: {model: Small, count: 1, hours_per_month: 9}}}"
    old = write(tmp_path, "old.yaml", f"schema_version: 1\nname: n\nworkloads: [{row}]\n")
    document = told(old, write(tmp_path, "new.yaml", old.read_text().replace("FR", "US").replace("Small", "Big")))
    assert [cause["kind"] for cause in document["causes"]] == ["switch"]
    assert document["notes"] == [
        "causes of one workload are read from cost lines: with only some of the changes there would be no place"
    ]


def test_too_many_to_compute_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = several(tmp_path, 2), several(tmp_path, 3)
    monkeypatch.setattr("placement.diff.recompute.MOST_PLACEMENTS", 5)
    document = told(old, new)
    assert document["method"] == "lines"
    assert document["notes"] == [
        "causes are read from cost lines: these are too many workloads to compute every combination of changes"
    ]
    assert told(old, old)["notes"] == []


def test_today_s_cost_is_no_cause(tmp_path: Path) -> None:
    old = write(tmp_path, "old.yaml", MOVING.replace("RESIDENCY", "[FR]").replace("GB", "1"))
    new = write(tmp_path, "new.yaml", old.read_text().replace("5000", "9000"))
    assert told(old, new)["changes"] == []


@pytest.mark.parametrize("where", ["workload", "policies"])
def test_operators_alone_are_policy(where: str, tmp_path: Path) -> None:
    """`forge` is French, the others are not."""
    row = "  - {id: w, kind: batch, demand: {accelerators: {model: Big, count: 1, hours_per_month: 100}}}\n"
    head = "schema_version: 1\nname: n\nworkloads:\n"
    old = write(tmp_path, "old.yaml", head + row + "policies: {allowed_tiers: [hyperscaler, gpu_cloud]}\n")
    cheapest = told(old, old)["new"]["monthly_cost_usd"]
    denied = "operators: {denied: [FR]}"
    place = "{id: w, " if where == "workload" else "policies: {"
    new = write(tmp_path, "new.yaml", old.read_text().replace(place, f"{place}{denied}, "))
    document = told(old, new)
    assert document["new"]["monthly_cost_usd"] != cheapest
    for found in (document, told(planned(tmp_path, old), planned(tmp_path, new))):
        assert [(cause["kind"], cause["subject"]) for cause in found["causes"]] == [("policy", "w")]


def test_what_only_judges_a_plan_does_not_change_the_method(tmp_path: Path) -> None:
    """Expectations and guardrails about what one side alone has."""
    folder = DIFFS / "mixed"
    judging = "expect: [{workload: begins, placed: true}]\n"
    judging += "policies: {guardrails: {forbidden_moves: [{workload: begins}]}}\n"
    new = write(tmp_path, "new.yaml", (folder / "new.yaml").read_text() + judging)
    result = run("diff", folder / "old.yaml", new, *catalogs(folder / "layer"), "--format", "json")
    assert causes(result) == BY_HAND | {("policy", "goes-home"): "200.00"}
    assert json.loads(result.stdout)["method"] == "recomputed"


SITES = """schema_version: 1
name: sites
workloads:
  - id: chat
    kind: inference
    demand: {accelerators: {model: Big, count: COUNT, hours_per_month: 730}}
    redundancy: {mode: standby, min_sites: SITES}
  - id: other
    kind: batch
    demand: {accelerators: {model: Big, count: 1, hours_per_month: 730}}
"""


def several(folder: Path, sites: int, count: int = 1) -> Path:
    text = SITES.replace("SITES", str(sites)).replace("COUNT", str(count))
    text = text if sites > 1 else text.replace("    redundancy: {mode: standby, min_sites: 1}\n", "")
    return write(folder, f"sites{sites}-{count}.yaml", text)


@pytest.mark.parametrize(("one", "other", "signs"), [(2, 3, "+"), (3, 2, "-"), (1, 2, "-++"), (2, 1, "+--")])
def test_sites_of_a_workload_are_no_workloads(one: int, other: int, signs: str, tmp_path: Path) -> None:
    """A site more or less is what policies and rules do to the workload; workloads are counted, not their sites."""
    old, new = several(tmp_path, one), several(tmp_path, other)
    recomputed = told(old, new)
    for document in (recomputed, told(planned(tmp_path, old), planned(tmp_path, new))):
        assert [(side["workloads"], side["placed"]) for side in (document["old"], document["new"])] == [(2, 2), (2, 2)]
        assert document["unchanged"] == 1
        assert [change["sign"] for change in document["changes"]] == list(signs)
        (cause,) = document["causes"]
        assert cause == {"kind": "policy", "subject": "chat", "monthly_cost_usd": document["difference_usd"]}
    table = run("diff", old, new, *catalogs(), width=160).stdout
    assert ", 2 workloads, 1 unchanged" in table
    github = run("diff", old, new, *catalogs(), "--format", "github").stdout.splitlines()
    assert all("line=4,col=9" in line for line in github[:-1])
    gitlab = json.loads(run("diff", old, new, *catalogs(), "--format", "gitlab").stdout)
    assert {finding["location"]["lines"]["begin"] for finding in gitlab} == {4}


def test_a_site_more_and_more_accelerators_are_two_causes(tmp_path: Path) -> None:
    """Of the third site half of what more accelerators cost is demand, the rest is the rule that asks for it."""
    document = told(several(tmp_path, 2), several(tmp_path, 3, count=4))
    third = next(change for change in document["changes"] if change["workload"] == "chat/3")
    small = next(
        change["new_cost_usd"]
        for change in told(several(tmp_path, 2), several(tmp_path, 3))["changes"]
        if change["workload"] == "chat/3"
    )
    dearer = Decimal(third["new_cost_usd"]) - Decimal(small)
    shares = {cause["kind"]: Decimal(cause["monthly_cost_usd"]) for cause in third["causes"]}
    assert shares == {"demand": dearer / 2, "policy": Decimal(third["new_cost_usd"]) - dearer / 2}
    assert {cause["subject"] for cause in document["causes"]} == {"chat"}


def test_a_workload_that_begins_at_several_sites_is_one_cause(tmp_path: Path) -> None:
    new = several(tmp_path, 3)
    alone = write(tmp_path, "alone.yaml", SITES[: SITES.index("  - id: chat")] + SITES[SITES.index("  - id: other") :])
    document = told(alone, new)
    assert (document["old"]["workloads"], document["new"]["workloads"], document["unchanged"]) == (1, 2, 1)
    (cause,) = document["causes"]
    assert cause == {"kind": "added", "subject": "chat", "monthly_cost_usd": document["difference_usd"]}


def test_only_sites_beside_changed_ones_are_carried_along() -> None:
    """Ids that sort between the sites of a workload, or that begin like it, do not part them."""

    def placed(name: str, of: str, cents: int) -> Placement:
        return placement(name, [line(cents)], member=Member(of, "active", 3) if of else None)

    names = ["a/1", "a/2", "chat", "chat-eu", "chat/1", "chat/1x", "chat/2", "chat/3", "chat0"]
    wholes = {name: name.partition("/")[0] for name in names if name[-1] in "123"}
    old = [placed(name, wholes.get(name, ""), 100) for name in names if name != "chat/3"]
    new = [placed(name, wholes.get(name, ""), 100) for name in names]
    found = compare(Reading("old", None, old), Reading("new", None, new))
    assert [(site.workload, site.member_of, site.cost_cents) for site in found.stayed] == [
        ("chat/1", "chat", 100),
        ("chat/2", "chat", 100),
    ]
    assert [change.workload for change in found.changes] == ["chat/3"]
