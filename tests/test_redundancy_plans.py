"""What plans, checks, diffs and commands say of workloads at several sites."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from plans import json_of, plan_in
from test_redundancy import FIVE, SHA, at, mixed, plan, sites, two
from typer.testing import CliRunner
from worlds import Draft, fact, inventory, node, site, workload

from placement.checks.expectations import Facts, check_expectations
from placement.checks.guardrails import Facts as GuardFacts
from placement.checks.guardrails import check_guardrails
from placement.cli.app import app
from placement.diff.compare import Reading, compare
from placement.engine.advise import advise, plan_of
from placement.engine.explain import explain
from placement.engine.joint import solve_jointly
from placement.engine.problem import build_problem
from placement.engine.solution import prepare
from placement.inventory.guardrails import ForbiddenMove, Guardrails
from placement.plan.dump import in_order
from placement.report.explain import render_explanation


def test_a_plan_reads_back_and_adds_up(tmp_path: Path) -> None:
    """Dump and load are inverse; what redundancy costs is the members' cost less that of single sites."""
    seen = 0
    for seed in range(20):
        made = advise(*mixed(seed), SHA)
        path = tmp_path / f"{seed}.json"
        path.write_text(json_of(made))
        assert plan_in(path) == made._replace(placements=tuple(in_order(made)))
        beyond = 0
        for placement in made.placements:
            if placement.member is None or placement.member.beyond_cents is None:
                continue
            single = placement.member.single
            assert (single is not None) == (not placement.is_further)
            beyond += placement.monthly_cost_cents - (single.monthly_cost_cents if single else 0)
            seen += 1
        assert (made.summary.redundancy_cents or 0) == beyond
        whole = [one for one in made.placements if not one.is_further]
        assert made.summary.workloads == len(whole)
    assert seen > 20


GUARD = GuardFacts(date(2026, 1, 1), {})


def test_expectations_and_guardrails_are_about_members() -> None:
    """Where it may be is asked of each of its sites, what it costs of all of them; a move of one is one of it."""
    catalog = at(*FIVE).catalog()
    asked = two(apart_km=500)
    wanted = inventory(
        [asked], expect=[{"workload": "w", "countries": ["DE"]}, {"workload": "w", "max_monthly_cost_usd": 5000}]
    )
    outcomes = check_expectations(advise(catalog, wanted, SHA), wanted, Facts({}, {}))
    assert [[breach.subject for breach in outcome.breaches] for outcome in outcomes] == [["w/2"], ["w"]]
    before, after = plan(catalog, workload("w", demand={"count": 4})), plan(catalog, asked)
    diff = compare(*(Reading("", one.inputs, in_order(one)) for one in (before, after)))
    forbidden = Guardrails(
        max_workload_increase_usd=8000,
        forbidden_moves=[ForbiddenMove.model_validate({"workload": "w", "from": {"countries": ["DE"]}})],
    )
    told = {one.rule: [breach.subject for breach in one.breaches] for one in check_guardrails(diff, forbidden, GUARD)}
    assert told["max_workload_increase_usd"] == ["w"], "it costs $8,760 more than before"
    assert told["forbidden_moves"] == ["w/2"]
    lost = plan(catalog, two(apart_km=9000))
    gone = compare(*(Reading("", one.inputs, in_order(one)) for one in (before, lost)))
    (outcome,) = check_guardrails(gone, Guardrails(no_new_unplaced=True), GUARD)
    assert [breach.subject for breach in outcome.breaches] == ["w"]


def test_explain_tells_all_sites() -> None:
    """Distances, what one site would cost, and the next best set."""
    catalog = at(*FIVE).catalog()
    told = explain(catalog, inventory([two(apart_km=500), workload("x")]), "w")
    assert told.placement.workload == "w/1"
    assert [(one.member, one.offer, one.km) for one in told.several.sites] == [
        ("w/1", "lam/1/a/on_demand", ("0", "877.5")),
        ("w/2", "aws/2/a/on_demand", ("877.5", "0")),
    ]
    assert (told.several.single_offer, told.several.single_cost_cents) == ("lam/1/a/on_demand", 292_000)
    assert told.several.next_offers == ("aws/1/a/on_demand", "aws/2/a/on_demand")
    assert told.several.next_more_cents == 584_000 - 292_000
    text = "".join(render_explanation(told, (120, False)))
    assert "all sites: $11,680.00 a month, of it for redundancy $8,760.00" in text
    assert "the next best sites: aws/1/a/on_demand + aws/2/a/on_demand for $2,920.00 a month more" in text
    assert explain(catalog, inventory([two(apart_km=500)]), "w/2").placement.site == "aws/2"
    assert explain(catalog, inventory([two(), workload("x")]), "x").several is None


def test_explain_says_of_sites_what_the_plan_says() -> None:
    """Bytes share providers' tiers in the plan: costs of sites, of all of them and of redundancy are the plan's."""
    differs = set[str]()
    for seed in range(24):
        catalog, wanted = mixed(seed)
        made = advise(catalog, wanted, SHA)
        firsts = {one.member.of: one for one in made.placements if one.member is not None and not one.is_further}
        for name in list(firsts)[:2]:
            mine = [one for one in made.placements if one.member is not None and one.member.of == name]
            told = explain(catalog, wanted, name)
            assert told.placement == firsts[name]
            several = told.several
            if firsts[name].status != "placed":
                assert several.sites == ()
                continue
            assert [(one.member, one.monthly_cost_cents) for one in several.sites] == [
                (one.workload, one.monthly_cost_cents) for one in mine
            ]
            if several.single_offer:
                beyond = sum(one.member.beyond_cents for one in mine)
                assert several.monthly_cost_cents - several.single_cost_cents == beyond
            assert several.next_more_cents >= 0, "what is chosen is the cheapest set"
            differs |= {name for one in mine if any(line.sender for line in one.lines)}
    assert len(differs) > 5


def test_sites_are_compared_with_today_together() -> None:
    """One site alone is neither new nor cheaper: what all of them cost is held against what the workload costs."""
    asked = two(apart_km=500) | {"current": {"monthly_cost_usd": 10_000}}
    for member in ("w/1", "w/2"):
        told = explain(at(*FIVE).catalog(), inventory([asked]), member)
        text = "".join(render_explanation(told, (120, False)))
        assert text.count("against today") == 1
        assert "all sites: $11,680.00 a month (+17 % against today), of it for redundancy $8,760.00" in text


def test_what_does_not_move_is_not_told() -> None:
    """A site that stands by reads nothing of what the first one reads."""
    asked = two(mode="standby", apart_km=500, replication_gb_per_month=7)
    asked |= {"data_in": [{"from": "berlin", "gb_per_month": 10}], "data_out": [{"to": "berlin", "gb_per_month": 0}]}
    wanted = inventory([asked])
    first, further = (dict(explain(at(*FIVE).catalog(), wanted, name).demand) for name in ("w/1", "w/2"))
    assert (first["data in"], "data in" in further) == ("10 GB from berlin", False)
    assert "data out" not in first


def test_the_command_line_knows_workloads_and_members(tmp_path: Path) -> None:
    """`explain` takes either id; a fleet gives the same plan as the inventory's own list."""
    big = {"model": "Big", "count": 2, "hours_per_month": 730}
    asked = {"redundancy": {"mode": "standby", "standby_fraction": 0.5}, "current": {"monthly_cost_usd": 9000}}
    rows = [
        {"id": "chat", "kind": "inference", "demand": {"accelerators": big}, **asked},
        {"id": "other", "kind": "batch", "demand": {"accelerators": {**big, "count": 1}}},
    ]
    catalog = Path(__file__).parent / "cases" / "catalog"
    head = {"schema_version": 1, "name": "n"}
    (tmp_path / "fleet.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "fleet.yaml").write_text(json.dumps({**head, "workloads": {"file": "fleet.jsonl"}}))
    (tmp_path / "list.yaml").write_text(json.dumps({**head, "workloads": rows}))
    options = ["--no-shipped-catalog", "--catalog", str(catalog)]

    def run(*args: str) -> str:
        result = CliRunner().invoke(app, [*args, *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    plans = [run("advise", str(tmp_path / name), "--format", "json") for name in ("fleet.yaml", "list.yaml")]
    assert plans[0] == plans[1]
    document = json.loads(plans[0])
    assert [one["workload"] for one in document["placements"]] == ["chat/1", "chat/2", "other"]
    beyond = [Decimal(one["member"]["beyond_usd"]) for one in document["placements"][:2]]
    # alone forge/paris at 4,380; together nimbus/virginia first (5,840), and half of it at forge/paris (2,190)
    assert beyond == [1460, 2190]
    assert Decimal(document["summary"]["redundancy_usd"]) == sum(beyond)
    assert document["summary"]["baseline_usd"] == "9000.00"
    assert document["summary"]["compared_cost_usd"] == str(
        sum(Decimal(one["monthly_cost_usd"]) for one in document["placements"][:2])
    )
    for name in ("chat", "chat/2", "other"):
        assert name in run("explain", str(tmp_path / "fleet.yaml"), name)
    for name in ("chat/3", "other/1", "chat/x"):
        assert CliRunner().invoke(app, ["explain", str(tmp_path / "list.yaml"), name, *options]).exit_code == 2


def test_own_sites_of_one_place_send_for_free() -> None:
    """Two own sites at one location are different sites, of one provider, 0 km apart."""
    draft = Draft(sites=[site("lam/1", access="dedicated")], nodes=[node("n1", count=1, max_power_kw=fact(1_000_000))])
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 10, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 4, "capex_usd": 0}]}
    asked = two(replication_gb_per_month=1000) | {"users": [{"location": "berlin"}], "offline": True}
    found = plan(draft.catalog(), asked, sites={"one": own, "other": own})
    assert sites(found) == ["own/one", "own/other"]
    assert not any(line.term == "egress" and line.cost_cents for line in found.placements[1].lines)
    assert any(note.startswith("sites in one place") for note in found.notes)


def test_plan_of_a_solution_is_advise() -> None:
    """`plan_of` with the problem as it was before sites were chosen says the same."""
    catalog, wanted = mixed(3)
    prepared = prepare(build_problem(catalog, wanted))
    assert plan_of(prepared, solve_jointly(prepared), SHA) == advise(catalog, wanted, SHA)


def test_differences_of_workloads_at_several_sites_add_up() -> None:
    """Causes are of workloads, never of a site of one, and add up to each change and to the total."""
    seen = 0
    for seed in range(20):
        one, other = (advise(*mixed(number), SHA) for number in (seed, seed + 1))
        diff = compare(*(Reading("", made.inputs, in_order(made)) for made in (one, other)))
        assert (diff.old.workloads, diff.new.workloads) == (one.summary.workloads, other.summary.workloads)
        assert (diff.old.placed, diff.new.placed) == (one.summary.placed, other.summary.placed)
        assert 0 <= diff.unchanged <= other.summary.workloads
        for change in diff.changes:
            assert sum(cause.monthly_cost_cents for cause in change.causes) == change.difference_cents
            assert all(cause.subject == change.whole for cause in change.causes if cause.kind != "price")
            seen += bool(change.member_of)
        assert sum(change.difference_cents for change in diff.changes) == diff.difference_cents
        assert sum(cause.monthly_cost_cents for cause in diff.causes) == diff.difference_cents
    assert seen > 20
