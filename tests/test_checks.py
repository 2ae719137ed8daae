"""Expectations: every check holds and fails where it should, to the cent; order and layout do not matter."""

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from worlds import inventory as small_inventory
from worlds import workload as small_workload
from worlds import world

from placement.checks.expectations import RULES, Facts, check_expectations
from placement.checks.outcome import Breach, Outcome
from placement.engine.advise import advise
from placement.inventory.digests import inventory_digest, parts_digests
from placement.inventory.expectation import CHECKS, SELECTORS, Expectation, selects
from placement.inventory.guardrails import Guardrails
from placement.inventory.inventory import Inventory
from placement.plan.model import Digests, Inputs, Layer, Member, Placement, Plan, Summary

ROOT = Path(__file__).parent.parent
FACTS = Facts({"EU": ["DE", "FR"]}, {"A-alias": "A"})
SHA = "0" * 64
EXAMPLES = [field.examples[0] for name, field in Expectation.model_fields.items() if name in CHECKS and field.examples]


def layer(purchase: str, accelerator: str) -> Layer:
    return Layer("offer", accelerator, purchase, 1, 8, 8, "730")


def place(name: str, **changed: Any) -> Placement:
    """A placement on 8 A at aws in Germany: $100.00, $200.00 today, 20 ms."""
    layers = (layer(changed.pop("purchase", "on_demand"), changed.pop("accelerator", "A")),)
    return Placement(
        workload=name, kind="inference", status="placed", reason="", digests=Digests("", ""), layers=layers,
        **{"monthly_cost_cents": 100_00, "baseline_cents": 200_00, "rtt_ms": "20", "rtt_high_ms": "27.42",
           "tier": "hyperscaler",
           "provider": "aws", "site": "aws/eu", "country": "DE", **changed},
    )  # fmt: skip


def nowhere(name: str) -> Placement:
    return place(name)._replace(status="unplaced", monthly_cost_cents=None, layers=(), country="", tier="", site="",
                                provider="", rtt_ms="")  # fmt: skip


def plan_of(*placements: Placement) -> Plan:
    inputs = Inputs("x", SHA, "c", SHA, "2026-11", "0", 36, "0", "", "")
    return Plan(inputs, Summary(1, 1, 0, None, 0, 0, 1), placements)


def inventory_of(expect: list[dict[str, Any]], *placements: Placement, **changed: Any) -> Inventory:
    made = small_inventory([small_workload(placement.workload) for placement in placements], **changed)
    return made.model_copy(update={"expect": [Expectation.model_validate(entry) for entry in expect]})


def judged(expect: dict[str, Any], *placements: Placement, **changed: Any) -> Outcome:
    (outcome,) = check_expectations(plan_of(*placements), inventory_of([expect], *placements, **changed), FACTS)
    return outcome


A, B, C = place("a"), place("b"), place("c")
OWN_SITE = {"sites": {"dc": {"tier": "on_prem", "location": "home", "power_kw": 10.0}}}

HOLDS: list[tuple[dict[str, Any], tuple[Placement, ...]]] = [
    ({"placed": True}, (A, B)),
    ({"placed": False}, (nowhere("a"),)),
    ({"countries": ["EU"]}, (A, place("b", country="FR"))),
    ({"countries": ["US", "DE"]}, (A,)),
    ({"not_countries": ["US"]}, (A,)),
    ({"tiers": ["edge", "hyperscaler"]}, (A, place("b", tier="edge"))),
    ({"providers": ["aws", "own"]}, (A, place("b", provider="own"))),
    ({"not_providers": ["gcp"]}, (A,)),
    ({"sites": ["aws/eu"]}, (A,)),
    ({"purchase_models": ["spot", "on_demand"]}, (A, place("b", purchase="spot"))),
    ({"accelerators": ["A"]}, (A,)),
    ({"accelerators": ["A-alias"]}, (A,)),
    ({"max_rtt_ms": 20}, (A, place("b", rtt_ms="0.5"))),
    ({"max_monthly_cost_usd": 100}, (A, B)),
    ({"max_total_monthly_cost_usd": 200}, (A, B)),
    ({"min_saving_fraction": 0.5}, (A, B)),
    ({"min_saving_fraction": 0.5}, (place("a", monthly_cost_cents=120_00), place("b", monthly_cost_cents=80_00))),
    ({"min_saving_fraction": 0.5}, (A, place("b", baseline_cents=None))),
    ({"max_provider_share_fraction": 0.5}, (A, place("b", provider="gcp"))),
    ({"max_provider_share_fraction": 0.5}, (A, place("b", provider="own", monthly_cost_cents=300_00))),
    ({"max_provider_share_fraction": 0}, (place("a", monthly_cost_cents=0),)),
    ({"max_provider_share_fraction": 0.6667}, (A, B, place("c", provider="own"))),
]

FAILS: list[tuple[dict[str, Any], tuple[Placement, ...], str, list[tuple[str, str]]]] = [
    ({"placed": True}, (A, nowhere("b")), "1 of 2 placed", [("b", "unplaced")]),
    ({"placed": False}, (A, nowhere("b")), "1 of 2 placed", [("a", "placed")]),
    ({"countries": ["EU"]}, (A, place("b", country="US")), "DE, US", [("b", "US")]),
    ({"countries": ["EU"]}, (place("a", country=""),), "unknown", [("a", "unknown")]),
    ({"not_countries": ["EU"]}, (A, place("b", country="US")), "DE, US", [("a", "DE")]),
    ({"not_countries": ["US"]}, (place("a", country=""),), "unknown", [("a", "unknown")]),
    ({"tiers": ["edge"]}, (A, place("b", tier="edge")), "edge, hyperscaler", [("a", "hyperscaler")]),
    ({"providers": ["gcp"]}, (A,), "aws", [("a", "aws")]),
    ({"not_providers": ["aws"]}, (A, place("b", provider="gcp")), "aws, gcp", [("a", "aws")]),
    ({"sites": ["aws/us"]}, (A,), "aws/eu", [("a", "aws/eu")]),
    ({"purchase_models": ["owned"]}, (A,), "on_demand", [("a", "on_demand")]),
    ({"accelerators": ["B"]}, (A,), "A", [("a", "A")]),
    ({"max_rtt_ms": 19.999}, (A, place("b", rtt_ms="30"), place("c", rtt_ms="1")), "30", [("b", "30"), ("a", "20")]),
    ({"max_rtt_ms": 10_000}, (place("a", rtt_ms=""),), "unknown", [("a", "unknown")]),
    ({"max_monthly_cost_usd": 99.99}, (A, place("b", monthly_cost_cents=5)), "100.00", [("a", "100.00")]),
    ({"max_total_monthly_cost_usd": 199.99}, (A, B), "200.00", [("a", "100.00"), ("b", "100.00")]),
    ({"min_saving_fraction": 0.5001}, (A,), "0.5", [("a", "0.5")]),
    ({"min_saving_fraction": 0.6}, (A, place("b", monthly_cost_cents=80_00), C), "0.5333",
     [("a", "0.5"), ("c", "0.5")]),
    ({"min_saving_fraction": 0}, (place("a", monthly_cost_cents=201_00),), "-0.005", [("a", "-0.005")]),
    ({"min_saving_fraction": 0}, (place("a", baseline_cents=None),), "no baseline", [("a", "no baseline")]),
    ({"min_saving_fraction": 0}, (place("a", baseline_cents=0),), "no baseline", [("a", "no baseline")]),
    ({"min_saving_fraction": 0.9}, (A, place("b", baseline_cents=0)), "0", [("b", "free today"), ("a", "0.5")]),
    ({"max_provider_share_fraction": 0.4999}, (A, place("b", provider="gcp")), "0.5", [("aws", "0.5"), ("gcp", "0.5")]),
    ({"max_provider_share_fraction": 0.6666}, (A, B, place("c", provider="own")), "0.6667", [("aws", "0.6667")]),
]  # fmt: skip


def shown(value: object) -> str:
    """Only the expectation names a case."""
    return str(value) if isinstance(value, dict) else ""


@pytest.mark.parametrize(("expect", "placements"), HOLDS, ids=shown)
def test_holds(expect: dict[str, Any], placements: tuple[Placement, ...]) -> None:
    outcome = judged(expect, *placements)
    assert (outcome.ok, outcome.breaches) == (True, ())
    assert [outcome.rule] == list(expect)
    assert outcome.path == ("expect", 0, outcome.rule)


@pytest.mark.parametrize(("expect", "placements", "measured", "breaches"), FAILS, ids=shown)
def test_fails(
    expect: dict[str, Any], placements: tuple[Placement, ...], measured: str, breaches: list[tuple[str, str]]
) -> None:
    outcome = judged(expect, *placements)
    assert (outcome.ok, outcome.measured) == (False, measured)
    assert list(outcome.breaches) == [Breach(*breach) for breach in breaches]


def test_every_check_is_a_rule_that_holds_and_fails_somewhere() -> None:
    assert [rule.name for rule in RULES] == list(CHECKS)
    assert {*CHECKS} == {key for expect, _ in HOLDS for key in expect}
    assert {*CHECKS} == {key for expect, *_ in FAILS for key in expect}
    assert len(EXAMPLES) == len(CHECKS)


@pytest.mark.parametrize("check", [check for check in CHECKS if check != "placed"])
def test_a_workload_without_a_place_fails(check: str) -> None:
    """Each check alone, with a limit that everything placed keeps."""
    easy = {
        "countries": ["DE"], "not_countries": ["US"], "tiers": ["hyperscaler"], "providers": ["aws"],
        "not_providers": ["gcp"], "sites": ["aws/eu"], "purchase_models": ["on_demand"], "accelerators": ["A"],
        "min_saving_fraction": 0, "max_provider_share_fraction": 1,
    }  # fmt: skip
    expect = {check: easy.get(check, 1000)}
    assert judged(expect, A, B).ok
    outcome = judged(expect, A, nowhere("b"))
    assert (outcome.ok, outcome.breaches) == (False, (Breach("b", "unplaced"),))
    alone = judged(expect, nowhere("b"))
    assert (alone.ok, alone.breaches[0]) == (False, Breach("b", "unplaced"))


def test_layers_count_all() -> None:
    """Base on owned nodes, burst on spot: both are looked at."""
    mixed = A._replace(layers=(layer("owned", "A"), layer("spot", "B")))
    assert judged({"purchase_models": ["owned", "spot"]}, mixed).ok
    assert judged({"purchase_models": ["owned"]}, mixed).breaches == (Breach("a", "spot"),)
    assert judged({"accelerators": ["A"]}, mixed).breaches == (Breach("a", "B"),)


def sites(name: str, *costs: int, **changed: Any) -> tuple[Placement, ...]:
    """A workload at several sites, of which the first states what it costs today."""
    return tuple(
        place(
            f"{name}/{number}",
            member=Member(name, "active", len(costs)),
            **{"monthly_cost_cents": cost, "baseline_cents": 0 if number > 1 else 200_00, **changed},
        )
        for number, cost in enumerate(costs, 1)
    )


WHOLES: list[tuple[dict[str, Any], tuple[Placement, ...], str, list[tuple[str, str]]]] = [
    ({"max_monthly_cost_usd": 110}, sites("a", 100_00, 10_01), "110.01", [("a", "110.01")]),
    ({"max_total_monthly_cost_usd": 210}, (*sites("a", 100_00, 10_01), B), "210.01",
     [("a", "110.01"), ("b", "100.00")]),
    ({"min_saving_fraction": 0.45}, sites("a", 100_00, 10_01), "0.4499", [("a", "0.4499")]),
    ({"min_saving_fraction": 0.1}, sites("a", 1_00, 1_00, baseline_cents=None), "no baseline", [("a", "no baseline")]),
    ({"placed": False}, (*sites("a", 1, 1), nowhere("b")), "1 of 2 placed", [("a", "placed")]),
    ({"placed": True}, tuple(nowhere(one.workload)._replace(member=one.member) for one in sites("a", 1, 1)),
     "0 of 1 placed", [("a", "unplaced")]),
    ({"countries": ["FR"]}, (*sites("a", 1, country="FR"), *sites("b", 1, 1)), "DE, FR",
     [("b/1", "DE"), ("b/2", "DE")]),
    ({"max_rtt_ms": 10}, sites("a", 1, 1), "20", [("a/1", "20"), ("a/2", "20")]),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "placements", "measured", "breaches"), WHOLES, ids=shown)
def test_a_workload_at_several_sites(
    expect: dict[str, Any], placements: tuple[Placement, ...], measured: str, breaches: list[tuple[str, str]]
) -> None:
    """What it costs and saves is said of all its sites together; where it may be, of each of them."""
    wholes = [one.member.of if one.member else one.workload for one in placements if not one.is_further]
    made = inventory_of([expect], *map(place, wholes))
    (outcome,) = check_expectations(plan_of(*placements), made, FACTS)
    assert (outcome.ok, outcome.measured, outcome.workloads) == (False, measured, len(wholes))
    assert list(outcome.breaches) == [Breach(*breach) for breach in breaches]


def test_own_sites_go_by_either_name() -> None:
    there = place("a", provider="own", site="own/dc")
    for name in ("dc", "own/dc"):
        assert judged({"sites": [name]}, there, **OWN_SITE, locations={"home": {"city": "berlin"}}).ok
    assert not judged({"sites": ["dc"]}, A, **OWN_SITE, locations={"home": {"city": "berlin"}}).ok


def test_rtt_within_the_band_passes_and_says_so() -> None:
    """The band ends at 27.42 ms: at risk below that, not at it; an RTT without a band is never at risk."""
    at_risk = "at risk within the estimate's error: a"
    assert (judged({"max_rtt_ms": 27.419}, A).ok, judged({"max_rtt_ms": 27.419}, A).detail) == (True, at_risk)
    assert judged({"max_rtt_ms": 27.42}, A).detail == ""
    assert judged({"max_rtt_ms": 19}, A).detail == ""
    assert judged({"max_rtt_ms": 20}, place("a", rtt_high_ms="")).detail == ""


def test_selectors() -> None:
    """Ids, patterns, tags and kinds; several select what all of them do; brackets are plain characters."""
    tagged = {"id": "chat-eu", "kind": "inference", "tags": {"team": "search", "env": "test"}}
    rows = [
        tagged,
        {"id": "chat-us", "kind": "batch"},
        {"id": "[ab]", "kind": "batch", "tags": {"team": "ads"}},
        {"id": "a", "kind": "training"},
    ]
    made = small_inventory([small_workload(row.pop("id"), **row) for row in rows])

    def chosen(**selector: Any) -> list[str]:
        return [one.id for one in filter(selects(Expectation(placed=True, **selector)), made.workloads)]

    assert chosen() == ["chat-eu", "chat-us", "[ab]", "a"]
    assert chosen(workload="a") == ["a"]
    assert chosen(workload="chat-*") == ["chat-eu", "chat-us"]
    assert chosen(workload="chat-?s") == ["chat-us"]
    assert chosen(workload="[ab]") == chosen(workload="[ab]*") == ["[ab]"]
    assert chosen(workload="CHAT-*") == []
    assert chosen(tag={"team": "search"}) == chosen(tag={"team": "search", "env": "test"}) == ["chat-eu"]
    assert chosen(tag={"team": "search", "env": "production"}) == []
    assert chosen(kind="batch") == ["chat-us", "[ab]"]
    assert chosen(workload="chat-*", kind="batch") == ["chat-us"]
    assert set(SELECTORS) == {"workload", "tag", "kind"}


def test_subjects_titles_and_counts() -> None:
    outcomes = check_expectations(
        plan_of(A, B),
        inventory_of(
            [
                {"name": "x", "placed": True, "tiers": ["edge"]},
                {"workload": "a", "placed": True},
                {"workload": "?", "kind": "batch", "placed": True},
            ],
            A, B,
        ),
        FACTS,
    )  # fmt: skip
    assert [(one.title, one.subject, one.workloads, one.path) for one in outcomes] == [
        ("x", "the plan", 2, ("expect", 0, "placed")),
        ("x", "the plan", 2, ("expect", 0, "tiers")),
        ("has a place", "a", 0, ("expect", 1, "placed")),
        ("has a place", "?, kind batch", 2, ("expect", 2, "placed")),
    ]


def test_an_entry_without_a_check_is_refused() -> None:
    with pytest.raises(ValidationError, match="expects nothing"):
        Expectation(name="x", workload="a", tag={"a": "b"}, kind="batch")
    with pytest.raises(ValidationError, match="at least 1"):
        Expectation(countries=[])


def derived(plan: Plan) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Expectations that the plan meets by a hair, each with one that it misses by a hair."""
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for one in plan.placements:
        me = {"workload": one.workload}
        here = one.status == "placed"
        pairs.append(({**me, "placed": here}, {**me, "placed": not here}))
        if not here:
            continue
        cost = Decimal(one.monthly_cost_cents or 0) / 100
        pairs.append(({**me, "max_monthly_cost_usd": float(cost)}, {**me, "placed": False}))
        if cost:
            pairs.append(({**me, "placed": True}, {**me, "max_monthly_cost_usd": float(cost - Decimal("0.01"))}))
        for only, never, value in (
            ("countries", "not_countries", one.country),
            ("providers", "not_providers", one.provider),
        ):
            if value:
                pairs.append(({**me, only: [value]}, {**me, never: [value]}))
        pairs.append(({**me, "sites": [one.site]}, {**me, "sites": ["elsewhere"]}))
        others = {
            "tiers": {"colo", "edge"} - {one.tier},
            "purchase_models": {"spot", "owned"} - {one.layers[0].purchase},
        }
        pairs.append(({**me, "tiers": [one.tier]}, {**me, "tiers": sorted(others["tiers"])}))
        pairs.append(
            (
                {**me, "purchase_models": [one.layers[0].purchase]},
                {**me, "purchase_models": sorted(others["purchase_models"])},
            )
        )
        pairs.append(({**me, "accelerators": [one.layers[0].accelerator]}, {**me, "accelerators": ["abacus"]}))
        if one.rtt_ms and Decimal(one.rtt_ms) > Decimal("0.001"):
            rtt = Decimal(one.rtt_ms)
            pairs.append(({**me, "max_rtt_ms": float(rtt)}, {**me, "max_rtt_ms": float(rtt - Decimal("0.001"))}))
    return pairs


def test_what_is_derived_from_a_plan_holds_and_its_opposite_fails() -> None:
    checked = 0
    for seed in range(30):
        catalog, wanted = world(seed)
        plan = advise(catalog, wanted, SHA)
        pairs = derived(plan)
        facts = Facts(catalog.groups, catalog.aliases)
        for side, ok in ((0, True), (1, False)):
            expect = [Expectation.model_validate(pair[side]) for pair in pairs]
            outcomes = check_expectations(plan, wanted.model_copy(update={"expect": expect}), facts)
            assert [one.ok for one in outcomes] == [ok] * len(pairs)
        checked += len(pairs)
    assert checked > 500


def test_sums_derived_from_a_plan_hold_and_their_opposites_fail() -> None:
    checked = 0
    for seed in range(30):
        catalog, wanted = world(seed)
        full = advise(catalog, wanted, SHA)
        rows = [one for one in full.placements if one.status == "placed"]
        kept = [one for one in wanted.workloads if one.id in {row.workload for row in rows}]
        plan, total = full._replace(placements=tuple(rows)), sum(one.monthly_cost_cents or 0 for one in rows)
        share = max((share.monthly_cost_cents for share in full.summary.by_provider if share.name != "own"), default=0)
        if not share:
            continue
        limits = [({"max_total_monthly_cost_usd": total / 100}, {"max_total_monthly_cost_usd": (total - 1) / 100}),
                  ({"max_provider_share_fraction": -(-share * 10_000 // total) / 10_000},
                   {"max_provider_share_fraction": (share * 10_000 - 1) // total / 10_000})]  # fmt: skip
        baseline, compared = full.summary.baseline_cents, full.summary.compared_cost_cents
        if baseline and compared < baseline:
            saved = (baseline - compared) * 10_000
            limits.append(
                (
                    {"min_saving_fraction": saved // baseline / 10_000},
                    {"min_saving_fraction": (saved // baseline + 1) / 10_000},
                )
            )
        for side, ok in ((0, True), (1, False)):
            expect = [Expectation.model_validate(limit[side]) for limit in limits]
            made = wanted.model_copy(update={"expect": expect, "workloads": kept})
            assert [one.ok for one in check_expectations(plan, made, FACTS)] == [ok] * len(limits), (seed, limits)
        checked += len(limits)
    assert checked > 50


def test_row_order_is_irrelevant() -> None:
    rows = [place(name, monthly_cost_cents=100 * n, country=country) for n, (name, country) in
            enumerate(zip("fdbeac", ("US", "", "DE", "US", "FR", "US"), strict=True))]  # fmt: skip
    expect = [{"countries": ["EU"]}, {"max_monthly_cost_usd": 2}, {"max_total_monthly_cost_usd": 2}, {"max_rtt_ms": 21}]
    wanted = check_expectations(plan_of(*rows), inventory_of(expect, *rows), FACTS)
    for seed in range(5):
        shuffled = Random(seed).sample(rows, len(rows))
        assert check_expectations(plan_of(*shuffled), inventory_of(expect, *reversed(shuffled)), FACTS) == wanted


def test_a_plan_does_not_depend_on_what_is_expected_of_it() -> None:
    plain = inventory_of([], A)
    more = inventory_of([{"placed": True}], A)
    limited = plain.policies.model_copy(update={"guardrails": Guardrails(max_increase_usd=1.0)})
    assert inventory_digest(plain) == inventory_digest(plain.model_copy(update={"policies": limited}))
    assert parts_digests(plain) == parts_digests(plain.model_copy(update={"policies": limited}))
    assert plain != more
    assert inventory_digest(plain) == inventory_digest(more)
    assert parts_digests(plain) == parts_digests(more)
    assert inventory_digest(plain) != inventory_digest(plain.model_copy(update={"horizon_months": 12}))


def test_every_check_is_documented_by_an_example_that_reads() -> None:
    """Each row of the tables in docs/checks.md, and the block at its top."""
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| `(.+)` \|$", text, re.M))
    assert list(rows) == [*SELECTORS, *CHECKS]
    for key, example in rows.items():
        entry = {"placed": True, **yaml.safe_load(f"{{{example}}}")}
        assert key in entry
        Expectation.model_validate(entry)
    (block,) = re.findall(r"```yaml\n(expect:.*?)```", text, re.S)
    assert [Expectation.model_validate(entry) for entry in yaml.safe_load(block)["expect"]]
