"""What `placement tco` says is what plans cost, adds up, and gives other reasons where the catalog is another."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner
from worlds import SHIPPED, Draft, assumed, fact, inventory, node, site

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog, Shape
from placement.cli.app import app
from placement.engine.advise import advise
from placement.engine.tco.answer import LIVES, tco
from placement.engine.tco.model import Compared, Tco, Versus, hourly_micro
from placement.engine.tco.question import Asked
from placement.plan.model import Placement
from placement.report.tco import render_tco

EIGHT = Shape("A", 8, 8, "")
FIGURES = {
    "discount_rate_fraction_per_year": 0, "accelerator_failures_per_year": 120_000,
    "maintenance_fraction_per_year": 120_000, "fabric_usd_per_gbit_per_s": 10_000_000,
    "staff_usd_per_engineer_year": 120_000_000_000, "staff_accelerators_per_engineer": 100_000_000,
}  # fmt: skip


def small(claimed: tuple[int, int] | None = None, **changed: int) -> Catalog:
    """One colocation site, and one cloud that rents eight `A` for $40 an hour, or for $16 on spot."""
    kept = {"claimed": (fact(claimed[0]), fact(claimed[1]))} if claimed else {}
    one = node("n8", link=fact(3_200_000_000), **kept)
    draft = Draft(sites=[site("eqx/1", "colo"), site("lam/1")], nodes=[one], assumptions=assumed(**FIGURES | changed))
    draft.offer("lam/1", "a8", "on_demand", EIGHT, price=40_000_000)
    draft.offer("lam/1", "a8", "reserved_1y", EIGHT, price=16_000_000)
    draft.offer("lam/1", "b8", "on_demand", EIGHT, price=12_000_000, hosting="community")
    return draft.catalog()


def asked(name: str = "n8", at: str | None = None, rate: float | None = None, life: int | None = None,
          nodes: int = 1) -> Asked:  # fmt: skip
    return Asked(name, at, rate, life, nodes)


def colo(answer: Tco) -> Compared:
    return answer.places[0]


def against(answer: Tco, purchase: str) -> Versus:
    (found,) = [one for one in colo(answer).versus if one.rental.purchase == purchase]
    return found


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_lines_by_hand() -> None:
    """One node of eight for $100,000 at a site without figures of its own, no interest, 60 months."""
    expected = {
        "hardware": 1_666_67,  # 100,000 ÷ 60
        "network": 533_33,  # 3,200 Gbit/s × $10 = 32,000 ÷ 60
        "spares": 720_00,  # 8 × 0.12 ÷ 12 = 0.08 × 9,000
        "maintenance": 280_00,  # (100,000 − 8 × 9,000) × 0.12 ÷ 12
        "visits": 32_00,  # 0.08 × 400
        "staff": 800_00,  # 120,000 ÷ 12 × 8 ÷ 100
        "facility": 4_590_00 + 322_00,  # 10.2 kW × 450, and a cross connect
        "energy": 2_659_79,  # 10.2 × 0.75 × 1.35 × 730 = 7,539.075 kWh × 0.3528
    }
    owned = colo(tco(small(), asked())).owned
    found: dict[str, int] = {}
    for line in owned.counts.lines:
        found[line.term] = found.get(line.term, 0) + line.cents
    assert found == expected
    assert owned.counts.cents == sum(expected.values()) == 11_603_79
    # 11,603.79 ÷ (8 × 730)
    assert hourly_micro(node("n8"), owned.counts.cents) == 1_986_950
    assert (owned.upfront_cents, owned.running_cents) == (132_000_00, 11_603_79 - 2_200_00)


def test_break_even_and_payback_by_hand() -> None:
    """$40 for eight are 29,200 a month: 11,603.79 ÷ 29,200, and 132,000 ÷ (29,200 − 9,403.79) = 6.67 months."""
    hour = against(tco(small(), asked()), "on_demand")
    assert hour.rental.micro_per_hour == 5_000_000
    assert (hour.break_even_micro, hour.owning_is_cheaper, hour.payback_months) == (397_390, True, 7)


def test_what_is_paid_all_month_has_no_break_even() -> None:
    """$16 for eight are 11,680 a month, used or not; 132,000 ÷ (11,680 − 9,403.79) = 57.99 months."""
    year = against(tco(small(), asked()), "reserved_1y")
    assert (year.break_even_micro, year.owning_is_cheaper, year.payback_months) == (None, True, 58)


def test_owning_may_never_pay() -> None:
    """With staff at 4 times the price running it alone costs more than the commitment: nothing ever comes back."""
    dear = tco(small(staff_usd_per_engineer_year=480_000_000_000), asked())
    year = against(dear, "reserved_1y")
    assert (year.owning_is_cheaper, year.payback_months) == (False, None)


def test_other_peoples_machines_are_no_comparison() -> None:
    """Community hosts need a policy, as in a plan."""
    assert {one.rental.offer for one in colo(tco(small(), asked())).versus} == {
        *("lam/1/a8/on_demand", "lam/1/a8/reserved_1y", "eqx/1/n8/lease"),
    }


def test_a_cross_connect_is_shared() -> None:
    """322 ÷ 4 = 80.50."""
    owned = colo(tco(small(), asked(nodes=4))).owned
    assert [line.cents for line in owned.counts.lines if line.label == "cross connect"] == [80_50]


# --- the same as a plan ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog([SHIPPED], None)


def planned(catalog: Catalog, policies: dict[str, Any], **changed: Any) -> Placement:
    demand = {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}}
    document = inventory([{"id": "w", "kind": "batch", "demand": demand}], policies=policies, **changed)
    return advise(catalog, document, "0" * 64).placements[0]


@pytest.mark.parametrize(
    ("purchase", "life", "rate"),
    [("owned", None, None), ("owned", 48, 0.12), ("owned", 100, 0.0), ("lease", None, None)],
)
def test_it_cannot_disagree_with_a_plan(shipped: Catalog, purchase: str, life: int | None, rate: float | None) -> None:
    """Line by line what `advise` charges for one node in colocation; a lease to the rounding of an hour."""
    policies = {
        "allowed_tiers": ["colo"], "allowed_accelerators": ["H100-SXM"], "allowed_purchase_models": [purchase],
        **({"hardware_life_months": life} if life else {}),
        **({"discount_rate_fraction": rate} if rate is not None else {}),
    }  # fmt: skip
    placement = planned(shipped, policies, locations={})
    answer = tco(shipped, asked("dgx-h100", placement.site, rate, life))
    if purchase == "lease":
        leased = against(answer, "lease").rental
        cents = placement.monthly_cost_cents
        assert cents is not None
        assert (leased.offer, leased.micro_per_hour) == (placement.layers[0].offer, hourly_micro(answer.node, cents))
        return
    charged = [(line.label, Decimal(line.unit_price_usd), line.cost_cents, line.source_id) for line in placement.lines]
    reckoned = [
        (line.label, Decimal(line.price_micro) / 1_000_000, line.cents, line.source.source_id)
        for line in colo(answer).owned.counts.lines
    ]
    assert sorted(reckoned) == sorted(charged)
    assert colo(answer).owned.counts.cents == placement.monthly_cost_cents


def test_the_cheapest_site_is_the_plans(shipped: Catalog) -> None:
    """Where nothing else is asked for, it is the site that a plan chooses."""
    policies = {"allowed_tiers": ["colo"], "allowed_accelerators": ["H100-SXM"], "allowed_purchase_models": ["owned"]}
    assert colo(tco(shipped, asked("dgx-h100"))).owned.site.id == planned(shipped, policies, locations={}).site


def test_a_nodes_home_is_as_in_a_plan(shipped: Catalog) -> None:
    own = {"home": {"tier": "on_prem", "location": "here", "power_kw": 100}}
    policies = {
        "allowed_tiers": ["on_prem"],
        "allowed_accelerators": ["H100-SXM"],
        "allowed_purchase_models": ["owned"],
    }
    placement = planned(shipped, policies, locations={"here": {"country": "DE"}}, sites=own)
    at_home = tco(shipped, asked("dgx-h100", "equinix/FR")).places[1].owned
    assert (at_home.site.id, at_home.counts.cents) == (placement.site, placement.monthly_cost_cents)


# --- claims and their reasons ----------------------------------------------------------------------------------------


def test_reasons_lead_towards_what_is_claimed() -> None:
    """1.99 an hour: up to a claim of 2.50, down to one of 1.00, and out of one that holds."""
    base = 1_986_950
    low = colo(tco(small((2_500_000, 3_500_000)), asked())).claim
    high = colo(tco(small((900_000, 1_000_000)), asked())).claim
    held = colo(tco(small((1_950_000, 2_000_000)), asked())).claim
    assert low is not None and high is not None and held is not None
    assert low.levers
    assert all(lever.micro_per_hour > base for lever in low.levers)
    assert {lever.name for lever in low.levers} == {"book life", "cost of capital", "in use"}
    assert high.levers
    assert all(lever.micro_per_hour < base for lever in high.levers)
    assert {"staff", "support", "switches", "spares and hands"} < {lever.name for lever in high.levers}
    assert held.levers
    assert not any(1_950_000 <= lever.micro_per_hour <= 2_000_000 for lever in held.levers)
    # 1.98695 ÷ 2.50 of the month
    assert low.use_at_low_micro == 794_780


def test_reasons_are_those_of_the_catalog() -> None:
    """Where nobody is paid the staff is no reason; where people cost ten times as much they are the first one."""
    none = colo(tco(small((100_000, 200_000), staff_usd_per_engineer_year=0), asked())).claim
    much = colo(tco(small((100_000, 200_000), staff_usd_per_engineer_year=1_200_000_000_000), asked())).claim
    assert none is not None and much is not None
    assert "staff" not in {lever.name for lever in none.levers}
    assert much.levers[0].name == "staff"


def test_a_reason_is_what_another_catalog_would_say() -> None:
    """Each figure changed alone is the answer to the question with that figure."""
    claim = colo(tco(small((100_000, 9_000_000)), asked())).claim
    assert claim is not None
    assert claim.levers == ()  # nothing leads out of so wide a claim
    claim = colo(tco(small((100_000, 200_000)), asked())).claim
    assert claim is not None
    said = {lever.name: lever.micro_per_hour for lever in claim.levers}
    for name, figure in (
        ("staff", {"staff_usd_per_engineer_year": 0}),
        ("support", {"maintenance_fraction_per_year": 0}),
        ("switches", {"fabric_usd_per_gbit_per_s": 0}),
        ("spares and hands", {"accelerator_failures_per_year": 0}),
    ):
        there = colo(tco(small(**figure), asked())).owned.counts
        assert said[name] == hourly_micro(node("n8"), there.cents), name
    dearer = colo(tco(small((5_000_000, 6_000_000)), asked())).claim
    assert dearer is not None
    lessor = next(lever.micro_per_hour for lever in dearer.levers if lever.name == "cost of capital")
    assert lessor == hourly_micro(node("n8"), colo(tco(small(), asked(rate=0.1))).owned.counts.cents)


def test_the_h100_of_the_article(shipped: Catalog) -> None:
    """Claim: 2.50–3.50. Frankfurt is within at 2.77; the cheapest site at 2.34 is 0.16 below it."""
    frankfurt, cheapest = (colo(tco(shipped, asked("dgx-h100", name))) for name in ("equinix/FR", None))
    for place, hour, within in ((frankfurt, 2.77, True), (cheapest, 2.34, False)):
        claim, found = place.claim, hourly_micro(shipped.nodes["dgx-h100"], place.owned.counts.cents)
        assert claim is not None
        assert found / 1e6 == pytest.approx(hour, abs=0.005)
        assert (claim.low.micro <= found <= claim.high.micro) == within
        assert claim.levers


# --- how it depends on what is asked ---------------------------------------------------------------------------------


def test_lives_and_rates(shipped: Catalog) -> None:
    """Shown are 48, 60 and 72 months and the one asked for; longer is cheaper, dearer capital dearer."""
    answer = colo(tco(shipped, asked("dgx-h100", life=100))).owned
    assert [at.life_months for at in answer.at] == [*LIVES, 100]
    assert answer.counts.life_months == 100
    assert [at.cents for at in answer.at] == sorted((at.cents for at in answer.at), reverse=True)
    totals = [colo(tco(shipped, asked("dgx-h100", rate=rate))).owned.counts.cents for rate in (0, 0.08, 0.2, 1)]
    assert totals == sorted(totals)
    # Only what is bought depends on the life.
    varying = {line.term for at in answer.at for line in at.lines if line not in answer.counts.lines}
    assert varying == {"hardware", "network"}


def test_break_even_is_where_both_cost_the_same(shipped: Catalog) -> None:
    """Break-even use × what renting costs all month = what owning costs, to the rounding of the share."""
    for place in tco(shipped, asked("dgx-h100")).places:
        for one in place.versus:
            month = one.rental.micro_per_hour * 8 * 730
            if one.break_even_micro is not None:
                assert one.break_even_micro * month / 1e6 == pytest.approx(place.owned.counts.cents * 10_000, rel=1e-6)
                assert one.owning_is_cheaper == (one.break_even_micro <= 1_000_000)
            if one.payback_months is not None:
                saved = month / 10_000 - place.owned.running_cents
                assert one.payback_months - 1 < place.owned.upfront_cents / saved <= one.payback_months


def test_small_devices_stand_at_home(shipped: Catalog) -> None:
    """A device that no colocation site takes is shown at one's own, where its tier is edge."""
    (place,) = tco(shipped, asked("jetson-agx-orin-64gb")).places
    assert (place.owned.site.id, place.owned.site.tier, place.claim) == ("own/home", "edge", None)


# --- how it is written -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 160])
def test_tables_fit(shipped: Catalog, width: int) -> None:
    """No line is wider than the terminal, every total is there, and no text acts as markup."""
    answer = tco(shipped, asked("dgx-h100"))
    renamed = answer._replace(node=answer.node._replace(name="[red]DGX[/red]"))
    written = "".join(render_tco(renamed, "table", (width, False)))
    assert max(map(cell_len, written.splitlines())) <= width
    assert "[red]DGX[/red]" in written
    for amount in ("$13,655.14", "$2.34", "$6.88", "34 %", "11 months", "$2.50–3.50"):
        assert amount in written


def test_forms_say_the_same(shipped: Catalog) -> None:
    """JSON and CSV hold the lines, which add up to the totals that they hold."""
    answer = tco(shipped, asked("dgx-h100"))
    document = json.loads("".join(render_tco(answer, "json", (80, False))))
    rows = list(csv.DictReader(io.StringIO("".join(render_tco(answer, "csv", (80, False))))))
    for place in document["places"]:
        for life in place["by_life"]:
            total = sum(Decimal(line["usd_per_node_month"]) for line in life["lines"])
            assert total == Decimal(life["usd_per_node_month"])
            mine = [
                row for row in rows if (row["site"], row["life_months"]) == (place["site"], str(life["life_months"]))
            ]
            lines = sum(Decimal(row["usd_per_node_month"]) for row in mine if row["kind"] == "line")
            assert lines == total == sum(Decimal(row["usd_per_node_month"]) for row in mine if row["kind"] == "total")
    assert sum(row["kind"] == "rental" for row in rows) == sum(len(place["rentals"]) for place in document["places"])


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--discount-rate", bad] for bad in ("nan", "inf", "-0.1", "1.5", "x")),
        *(["--life-months", bad] for bad in ("0", "11", "121", "6.5")),
        *(["--nodes", bad] for bad in ("0", "-1")),
        ["--format", "xml"],
    ],
)
def test_bad_options_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["tco", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["tco", "--format", "json", "--output", str(tmp_path / "tco.json")])
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads((tmp_path / "tco.json").read_text(encoding="utf-8"))["node"] == "dgx-h100"


def test_a_node_that_nothing_can_hold() -> None:
    """A catalog without colocation, and a node for nothing else."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n8", tiers=("colo",))], assumptions=assumed())
    answer = tco(draft.catalog(), asked())
    assert answer.places == ()
    assert "no site of this catalog can hold it" in "".join(render_tco(answer, "table", (80, False)))
