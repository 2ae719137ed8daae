"""Every guardrail holds and breaks, at its very limit, from the inventory and from the command line."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from placement.checks.guardrails import RULES, Facts, check_guardrails
from placement.checks.outcome import Breach
from placement.cli.app import app
from placement.diff.model import ADDED, CHANGED, MOVED, REMOVED, Change, Home, PlanDiff, Side, Stayed
from placement.inventory.guardrails import ForbiddenMove, Guardrails
from placement.plan.model import Inputs

DIFFS = Path(__file__).parent / "diffs"
CATALOG = Path(__file__).parent / "cases" / "catalog"
FACTS = Facts(date(2026, 11, 23), {"EU": ["DE", "FR"]})
INPUTS = Inputs("i", "a", "c", "b", "2026-11", "1", 36, "0.08", "p", "s")


def home(provider: str = "aws", country: str = "DE", tier: str = "hyperscaler", purchase: str = "on_demand") -> Home:
    site = f"{provider}/{country.lower()}-1"
    return Home(tier, provider, site, country, f"{site}/x/{purchase}", purchase, "8 × H100")


def change(name: str, sign: str, old: int | None, new: int | None, was: Home | None, now: Home | None) -> Change:
    return Change(name, sign, was, now, old, new, (), "blocked by residency")


def side(cents: int, providers: str = "aws", countries: str = "DE", dates: dict[str, str] | None = None) -> Side:
    return Side("plan", INPUTS, 3, 3, cents, frozenset(providers.split()), frozenset(countries.split()), dates or {})


def diff(old: Side, new: Side, *changes: Change) -> PlanDiff:
    return PlanDiff(old, new, changes, (), "lines")


MOVE = change("chat-eu", MOVED, 10_000, 12_000, home(), home("gcp", "FR", "hyperscaler", "spot"))
LOST = change("robots", MOVED, 10_000, None, home(), None)
GROWN = change("search", CHANGED, 10_000, 15_000, home(), home())
NEW = change("new", ADDED, None, 99_000, None, home())
GONE = change("gone", REMOVED, 99_000, None, home(), None)

UP = diff(side(100_000), side(110_000), GROWN)

CASES: list[tuple[str, Any, Any, PlanDiff]] = [
    # name, a limit that holds, one that breaks, the change
    ("max_increase_usd", 100.0, 99.99, UP),
    ("max_increase_fraction", 0.1, 0.0999, UP),
    ("max_increase_fraction", 1000.0, 0.0, diff(side(1), side(500), NEW)),
    ("max_workload_increase_usd", 50.0, 49.99, UP),
    ("max_workload_increase_usd", 0.0, None, diff(side(0), side(99_000), NEW, GONE)),
    ("max_workload_increase_fraction", 0.5, 0.4999, UP),
    ("max_price_age_days", 100, 99, diff(side(0), side(0, dates={"2026-08-15": "chat", "2026": "x"}))),
    ("max_price_age_days", 54, 53, diff(side(0), side(0, dates={"2026-09": "chat"}))),
]


@pytest.mark.parametrize(("name", "holds", "breaks", "about"), CASES)
def test_limits_are_exact(name: str, holds: Any, breaks: Any, about: PlanDiff) -> None:
    (outcome,) = check_guardrails(about, Guardrails(**{name: holds}), FACTS)
    assert (outcome.rule, outcome.ok, outcome.breaches) == (name, True, ())
    if breaks is not None:
        (outcome,) = check_guardrails(about, Guardrails(**{name: breaks}), FACTS)
        assert not outcome.ok
        assert outcome.breaches
        assert outcome.path == ("policies", "guardrails", name)


@pytest.mark.parametrize(
    ("name", "holds", "breaks", "who"),
    [
        ("no_new_providers", diff(side(0, "aws gcp"), side(0, "gcp")), diff(side(0, "aws"), side(0, "aws gcp")), "gcp"),
        ("no_new_countries", diff(side(0), side(0)), diff(side(0), side(0, "aws", "DE FR")), "FR"),
        ("no_new_unplaced", diff(side(0), side(0), MOVE, GONE), diff(side(0), side(0), LOST), "robots"),
    ],
)
def test_nothing_new(name: str, holds: PlanDiff, breaks: PlanDiff, who: str) -> None:
    (outcome,) = check_guardrails(holds, Guardrails(**{name: True}), FACTS)
    assert outcome.ok
    (outcome,) = check_guardrails(breaks, Guardrails(**{name: True}), FACTS)
    assert [breach.subject for breach in outcome.breaches] == [who]


def test_an_unknown_country_is_a_new_one() -> None:
    known, unknown = side(0), side(0)._replace(countries=frozenset({"DE", ""}))
    (outcome,) = check_guardrails(diff(known, unknown), Guardrails(no_new_countries=True), FACTS)
    assert outcome.measured == "unknown country"


def test_an_undated_price_is_too_old() -> None:
    about = diff(side(0), side(0, dates={"undated": "chat", "2026-11": "x"}))
    (outcome,) = check_guardrails(about, Guardrails(max_price_age_days=10_000), FACTS)
    assert [(breach.subject, breach.measured) for breach in outcome.breaches] == [("chat", "undated")]


def test_nothing_before_breaks_no_comparison() -> None:
    """The first plan of all: what it is compared with does not exist."""
    nothing = Side("nothing", None, 0, 0, 0, frozenset(), frozenset(), {})
    rules = Guardrails(max_increase_fraction=0.0, no_new_providers=True, no_new_countries=True, no_new_unplaced=True)
    outcomes = check_guardrails(diff(nothing, side(99_000), NEW), rules, FACTS)
    assert [outcome.ok for outcome in outcomes] == [True] * 4


MOVES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"from": {"countries": ["DE"]}}, True),
    ({"from": {"countries": ["FR"]}}, False),
    ({"from": {"countries": ["DE", "FR"]}}, False),
    ({"to": {"providers": ["gcp"]}}, True),
    ({"to": {"providers": ["vast"]}}, False),
    ({"to": {"purchase_models": ["spot"]}}, True),
    ({"to": {"tiers": ["edge"]}}, False),
    ({"from": {"tiers": ["hyperscaler"]}, "to": {"sites": ["gcp/fr-*"]}}, True),
    ({"from": {"tiers": ["hyperscaler"]}, "to": {"sites": ["gcp/us-*"]}}, False),
    ({"to": {"countries": ["FR"], "providers": ["aws"]}}, False),
    ({"workload": "chat-*", "to": {"countries": ["FR"]}}, True),
    ({"workload": "train-*", "to": {"countries": ["FR"]}}, False),
    ({"from": {"countries": ["EU"]}}, False),
    ({"to": {"countries": ["EU"]}}, True),
    ({"to": {"countries": ["US", "EU"]}, "from": {"countries": ["EU"]}}, True),
]


@pytest.mark.parametrize(("move", "broken"), MOVES)
def test_forbidden_moves(move: dict[str, Any], broken: bool) -> None:
    rules = Guardrails(forbidden_moves=[ForbiddenMove.model_validate(move)])
    (outcome,) = check_guardrails(diff(side(0), side(0), MOVE, GROWN, NEW, GONE, LOST), rules, FACTS)
    assert outcome.ok is not broken
    assert [breach.subject for breach in outcome.breaches] == (["chat-eu"] if broken else [])
    assert outcome.path == ("policies", "guardrails", "forbidden_moves", 0)


OUTSIDE: list[tuple[str, str, bool]] = [
    # was in, is in, whether a part of it has left the EU: Germany and France
    ("DE", "US", True),
    ("DE", "FR", False),
    ("DE", "DE+US", True),
    ("DE+FR", "FR+US", True),
    ("DE+US", "FR+US", False),
    ("DE+US", "US", True),
    ("US", "CA", False),
    ("DE", "", True),
]


@pytest.mark.parametrize(("was", "now", "broken"), OUTSIDE)
def test_groups_and_homes_at_several_places(was: str, now: str, broken: bool) -> None:
    """A group stands for its countries; who lives at several places leaves when one of them is newly outside."""
    rules = Guardrails(forbidden_moves=[ForbiddenMove.model_validate({"from": {"countries": ["EU"]}})])
    moved = change("chat", MOVED, 1, 1, home("aws", was), home("gcp", now))
    (outcome,) = check_guardrails(diff(side(0), side(0), moved), rules, FACTS)
    assert outcome.ok is not broken


@pytest.mark.parametrize("site", ["hall", "own/hall", "own/*", "h?ll"])
def test_own_sites_go_by_either_name(site: str) -> None:
    rules = Guardrails(forbidden_moves=[ForbiddenMove.model_validate({"from": {"sites": [site]}})])
    hall = home("own")._replace(site="own/hall")
    (outcome,) = check_guardrails(diff(side(0), side(0), change("a", MOVED, 1, 1, hall, home())), rules, FACTS)
    assert not outcome.ok


def test_brackets_are_plain_characters() -> None:
    rules = Guardrails(forbidden_moves=[ForbiddenMove(workload="[ab]"), ForbiddenMove(workload="[a*")])
    moved = [change(name, MOVED, 1, 1, home(), home("gcp")) for name in ("[ab]", "a")]
    outcomes = check_guardrails(diff(side(0), side(0), *moved), rules, FACTS)
    assert [[breach.subject for breach in outcome.breaches] for outcome in outcomes] == [["[ab]"], ["[ab]"]]


def site_of(number: int, sign: str, old: int | None, new: int | None, was: Home | None, now: Home | None) -> Change:
    return change(f"chat/{number}", sign, old, new, was, now)._replace(member_of="chat")


STAYED = tuple(Stayed(f"chat/{number}", "chat", home(), 10_000) for number in (1, 2))


def judged(rules: Guardrails, *changes: Change, stayed: tuple[Stayed, ...] = STAYED) -> dict[str, list[Breach]]:
    outcomes = check_guardrails(diff(side(0), side(0), *changes)._replace(stayed=stayed), rules, FACTS)
    return {outcome.rule: list(outcome.breaches) for outcome in outcomes}


def test_a_site_more_makes_the_workload_dearer() -> None:
    """Two sites of $100 become three: $50 more is a quarter of what all of them cost."""
    third = site_of(3, ADDED, None, 5_000, None, home("gcp", "US"))
    breaks = Guardrails(max_workload_increase_usd=49.99, max_workload_increase_fraction=0.2499, no_new_unplaced=True)
    assert judged(breaks, third) == {
        "max_workload_increase_usd": [Breach("chat", "50.00")],
        "max_workload_increase_fraction": [Breach("chat", "0.2500")],
        "no_new_unplaced": [],
    }
    holds = Guardrails(max_workload_increase_usd=50, max_workload_increase_fraction=0.25)
    assert not any(judged(holds, third).values())


def test_what_one_site_costs_more_another_may_cost_less() -> None:
    """One for $60 less and one for $50 more: the workload is cheaper; without its second site, it is anyway."""
    less = site_of(1, CHANGED, 10_000, 4_000, home(), home())
    more = site_of(2, CHANGED, 10_000, 15_000, home(), home())
    gone = site_of(2, REMOVED, 10_000, None, home(), None)
    rules = Guardrails(max_workload_increase_usd=0)
    assert judged(rules, less, more, stayed=()) == {"max_workload_increase_usd": []}
    assert judged(rules, gone, stayed=STAYED[:1]) == {"max_workload_increase_usd": []}
    assert judged(rules, more, gone._replace(workload="chat/3"), stayed=STAYED[:1]) == {"max_workload_increase_usd": []}


def test_a_site_more_or_less_is_a_move() -> None:
    """A new site is moved to from those there were; of one that is given up the work may go to any that is left."""
    german, american = home("aws", "DE"), home("gcp", "US")
    rules = Guardrails(forbidden_moves=[ForbiddenMove.model_validate({"from": {"countries": ["DE"]}})])
    added = site_of(3, ADDED, None, 5_000, None, american)
    assert judged(rules, added)["forbidden_moves"] == [Breach("chat/3", f"{german.offer} → {american.offer}")]
    assert judged(rules, added._replace(new=german))["forbidden_moves"] == []
    gone = site_of(3, REMOVED, 5_000, None, german._replace(offer="x"), None)
    assert judged(rules, gone)["forbidden_moves"] == []
    abroad = (Stayed("chat/1", "chat", american, 1),)
    assert judged(rules, gone, stayed=abroad)["forbidden_moves"] == [Breach("chat/3", f"x → {american.offer}")]


def test_sites_without_a_place_are_one_workload_without_one() -> None:
    lost = [site_of(number, MOVED, 10_000, None, home(), None) for number in (1, 2)]
    assert judged(Guardrails(no_new_unplaced=True), *lost, stayed=()) == {
        "no_new_unplaced": [Breach("chat", "blocked by residency")]
    }


def test_every_guardrail_is_tried_here_and_documented() -> None:
    assert list(RULES) == list(Guardrails.model_fields)
    tried = {name for name, *_ in CASES} | {
        "no_new_providers",
        "no_new_countries",
        "no_new_unplaced",
        "forbidden_moves",
    }
    assert tried == set(RULES)
    text = (Path(__file__).parent.parent / "docs" / "diff.md").read_text(encoding="utf-8")
    assert [name for name in RULES if f"`{name}`" not in text] == []


def run(*args: str | Path) -> Result:
    shared = ["--no-shipped-catalog", "--catalog", str(CATALOG), "--as-of", "2026-11-23"]
    return CliRunner().invoke(app, [*map(str, args), *shared], env={"PLACEMENT_NO_CACHE": "1", "COLUMNS": "100"})


def test_the_command_line_goes_before_the_inventory(tmp_path: Path) -> None:
    """Guardrails of the new inventory apply; an option of the same name replaces one."""
    old, text = DIFFS / "mixed" / "old.yaml", (DIFFS / "mixed" / "new.yaml").read_text()
    new = tmp_path / "new.yaml"
    new.write_text(text + "policies: {guardrails: {max_workload_increase_usd: 10}}\n")
    assert run("diff", old, new).exit_code == 1
    assert run("diff", old, new, "--max-workload-increase-usd", "1000").exit_code == 0
    assert run("diff", old, new, "--max-workload-increase-usd", "1000", "--no-new-unplaced").exit_code == 1
    document = json.loads(run("diff", old, new, "--format", "json").stdout)
    assert document["guardrails"]["failed"] == 1
    assert document["guardrails"]["checks"][0]["line"] == text.count("\n") + 1
    for bad in ("-1", "nan", "inf", "x"):
        assert run("diff", old, new, "--max-increase-usd", bad).exit_code == 2


def test_forms_for_machines(tmp_path: Path) -> None:
    """Annotations point at the lines of the inventory; names cannot begin a command of their own."""
    name = "chat%0A::error::x"
    text = (
        "schema_version: 1\nname: n\nworkloads:\n"
        f"  - {{id: '{name}', kind: batch, demand: "
        "{accelerators: {model: Big, count: 1, hours_per_month: HOURS}}}\n"
    )
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(text.replace("HOURS", "10"))
    new.write_text(text.replace("HOURS", "20"))
    github = run("diff", old, new, "--format", "github", "--max-increase-usd", "1").stdout.splitlines()
    assert [line.partition(" ")[0] for line in github] == ["::notice", "::error", "placement:"]
    assert "line=4,col=10,title=chat%250A%3A%3Aerror%3A%3Ax changed::" in github[0]
    gitlab = json.loads(run("diff", old, new, "--format", "gitlab", "--max-increase-usd", "1").stdout)
    assert [(one["severity"], one["location"]["lines"]["begin"]) for one in gitlab] == [("info", 4), ("major", 1)]
    assert len({one["fingerprint"] for one in gitlab}) == 2
    suites = ElementTree.fromstring(run("diff", old, new, "--format", "junit", "--max-increase-usd", "1").stdout)
    assert suites.get("failures") == "1"
    assert run("diff", old, new, "--format", "junit").exit_code == 0


def test_guardrails_of_plan_files(tmp_path: Path) -> None:
    """Two plan files have no inventory: the command line's guardrails are all there are."""
    plans = []
    for name in ("old", "new"):
        plans.append(tmp_path / f"{name}.json")
        shared = ["--no-shipped-catalog", "--catalog", str(CATALOG), "--output", str(plans[-1])]
        CliRunner().invoke(app, ["advise", str(DIFFS / "mixed" / f"{name}.yaml"), *shared])
    assert run("diff", *plans).exit_code == 0
    assert run("diff", *plans, "--no-new-unplaced").exit_code == 1


def test_a_changed_guardrail_is_noted(tmp_path: Path) -> None:
    """A pull request that loosens its own limits says so."""
    old, new = tmp_path / "i.yaml", (DIFFS / "mixed" / "new.yaml").read_text()
    old.write_text(new + "policies: {guardrails: {max_increase_usd: 10}}\n")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    old.write_text(new + "policies: {guardrails: {max_increase_usd: 1000}}\n")
    document = json.loads(run("diff", "--against", "HEAD", old, "--format", "json").stdout)
    assert document["notes"] == ["the guardrails themselves change; the new ones are applied"]


def test_groups_of_the_catalog_count_on_the_command_line(tmp_path: Path) -> None:
    """From France to the US leaves the EU, which the catalog spells out."""
    row = "{id: w, kind: batch, residency: [FR], demand: {accelerators: {model: Big, count: 1, hours_per_month: 9}}}"
    rule = "{from: {countries: [EU], providers: [own, forge, nimbus]}}"
    text = f"schema_version: 1\nname: n\nworkloads: [{row}]\npolicies: {{guardrails: {{forbidden_moves: [{rule}]}}}}\n"
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(text)
    new.write_text(text.replace("FR", "US"))
    (found,) = json.loads(run("diff", old, new, "--format", "json").stdout)["guardrails"]["checks"]
    assert (found["status"], [breach["subject"] for breach in found["breaches"]]) == ("failed", ["w"])
    assert found["limit"] == "*: from providers own|forge|nimbus, countries EU"
    assert run("diff", new, old).exit_code == 0
