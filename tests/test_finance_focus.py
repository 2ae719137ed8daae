"""FOCUS columns: an independent checker finds nothing, and a row of every kind is as computed by hand."""

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
from focus_checker import problems
from hypothesis import given
from hypothesis import strategies as st
from plans import HOSTILE, focus_of, hostile_plan, line, placement, plan, world_plan
from test_finance_views import example

from placement.cli.commands import load
from placement.diagnostics import has_unprintable
from placement.engine.advise import advise
from placement.finance.cells import unguarded
from placement.finance.focus import decimal_text, json_text
from placement.finance.focus_columns import FOCUS, OURS, columns_of
from placement.plan.model import Layer, Schedule, Tag

CASES = Path(__file__).parent / "cases"
SEEDS = range(7200, 7230)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("version", ["1.2", "1.4"])
def test_examples_pass_the_checker(version: str) -> None:
    for name in ("minimal", "enterprise", "llm_production", "unplaced"):
        assert problems(focus_of(example(name), 2, version), version) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_worlds_pass_the_checker(seed: int) -> None:
    made = world_plan(seed)
    text = focus_of(made, made.inputs.horizon_months if made.inputs.horizon_months < 13 else 1)
    assert problems(text, "1.2") == []


def test_the_checker_finds_what_is_wrong() -> None:
    """Each of these breaks one rule."""
    good = focus_of(plan([committed()]), 1)
    assert problems(good, "1.2") == []
    for old, new in (
        (",Standard,", ",Normal,"), ("Used", "Spent"), ("2027-02-01T00:00:00Z", "2027-02-01"), ("Node-Hours", "hours"),
        (",250.0,", ",250,"), (",182.5,", ",182.6,"), ("Virtual Machines", "Compute Instances"), ("ListCost", "Cost"),
        ("USD", "usd"), ('""GpuCount"":8', '""GpuCount"":""8""'),
    ):  # fmt: skip
        assert old in good
        assert problems(good.replace(old, new), "1.2") != []
    assert problems(good, "1.4") != []


def committed():
    """2 nodes for 730 h at $0.50 on a 3-year term (on demand $1), needed for 182.5 h: a quarter."""
    layer = Layer("aws/us/n8/reserved_3y", "H100-SXM", "reserved_3y", 2, 16, 16, "182.5")
    fee = line(
        73_000, Schedule("term", 36, 73_000), quantity="1460", unit_price_usd="0.5", list_unit_price_usd="1",
        term="commitment", label="compute, committed 3 y",
    )  # fmt: skip
    storage = line(25_000, term="storage", label="storage", unit="GB-month", layer=0)
    return placement("chat", [fee, storage], layers=(layer,), cost_centre="cc1", tags=(Tag("team", "ml"),))


def test_a_commitment_by_hand() -> None:
    purchase, used, unused, storage = rows(focus_of(plan([committed()])))
    wanted = {
        "BilledCost": ("730.0", "0.0", "0.0", "250.0"),
        # A quarter of 730 is used.
        "EffectiveCost": ("0.0", "182.5", "547.5", "250.0"),
        "PricingQuantity": ("1460.0", "365.0", "1095.0", "1.0"),
        "ConsumedQuantity": ("", "365.0", "", "1.0"),
        "ListUnitPrice": ("0.5", "1.0", "0.5", "250.0"),
        "ContractedUnitPrice": ("0.5", "1.0", "0.5", "250.0"),
        "ContractedCost": ("730.0", "365.0", "547.5", "250.0"),
        "PricingCategory": ("Standard", "Committed", "Committed", "Standard"),
        "CommitmentDiscountStatus": ("", "Used", "Unused", ""),
        "ChargeFrequency": ("Recurring", "Usage-Based", "Usage-Based", "Usage-Based"),
        "SkuId": ("aws/us/n8/commitment", "aws/us/n8/compute", "aws/us/n8/commitment", "aws/us/storage/storage"),
        "x_CashCost": ("730.0", "0.0", "0.0", "250.0"),
        "x_AccrualCost": ("0.0", "182.5", "547.5", "250.0"),
    }
    found = {name: tuple(row[name] for row in (purchase, used, unused, storage)) for name in wanted}
    assert found == wanted
    assert purchase["CommitmentDiscountId"] == unused["ResourceId"] != used["ResourceId"]
    assert json.loads(used["SkuPriceDetails"]) == {"GpuCount": 8, "InstanceType": "n8", "x_GpuModel": "H100-SXM"}
    assert json.loads(used["Tags"]) == {"cost_centre": "cc1", "team": "ml"}
    assert (used["SubAccountName"], used["SubAccountType"]) == ("cc1", "Cost centre")


def test_what_is_paid_ahead_by_hand() -> None:
    """Of `committed` $438 a month by the hour ($0.30), the rest ahead: $262.80 a month for 2 nodes over 36 months."""
    layer = Layer("aws/us/n8/reserved_3y-partial_upfront", "H100-SXM", "reserved_3y", 2, 16, 16, "182.5")
    fee = line(
        43_800, Schedule("term", 36, 43_800), quantity="1460", unit_price_usd="0.3", list_unit_price_usd="1",
        term="commitment", label="compute, committed 3 y",
    )  # fmt: skip
    ahead = line(
        26_280, Schedule("upfront", 36, 900_000), quantity="2", unit_price_usd="131.4", term="upfront",
        unit="node-month", label="compute, committed 3 y, paid ahead",
    )  # fmt: skip
    found = rows(focus_of(plan([placement("chat", [fee, ahead], layers=(layer,))])))
    assert problems(focus_of(plan([placement("chat", [fee, ahead], layers=(layer,))])), "1.2") == []
    wanted = {
        "BilledCost": ("438.0", "0.0", "0.0", "262.8", "0.0", "0.0"),
        # 182.5 of 730 h are a quarter.
        "EffectiveCost": ("0.0", "109.5", "328.5", "0.0", "65.7", "197.1"),
        "PricingQuantity": ("1460.0", "365.0", "1095.0", "2.0", "0.5", "1.5"),
        "ListCost": ("438.0", "365.0", "328.5", "262.8", "0.0", "197.1"),
        "x_CashCost": ("438.0", "0.0", "0.0", "9000.0", "0.0", "0.0"),
        # 9,000 ÷ 36 = 250 a month, a quarter of it used.
        "x_AccrualCost": ("0.0", "109.5", "328.5", "0.0", "62.5", "187.5"),
    }
    assert {name: tuple(row[name] for row in found) for name in wanted} == wanted
    alone = rows(focus_of(plan([placement("chat", [ahead._replace(list_unit_price_usd="730")], layers=(layer,))])))
    assert [row["ListCost"] for row in alone] == ["262.8", "365.0", "197.1"]


@pytest.mark.parametrize(
    ("hours", "statuses"),
    [("730", ["", "Used"]), ("800", ["", "Used"]), ("0", ["", "Unused"]), ("1", ["", "Used", "Unused"])],
)
def test_there_is_no_row_for_nothing(hours: str, statuses: list[str]) -> None:
    """A commitment that is used around the clock leaves nothing, one that is never needed uses nothing."""
    entry = committed()
    entry = entry._replace(layers=(entry.layers[0]._replace(hours_per_month=hours),))
    text = focus_of(plan([entry]))
    assert problems(text, "1.2") == []
    found = [row for row in rows(text) if row["CommitmentDiscountId"]]
    assert [row["CommitmentDiscountStatus"] for row in found] == statuses


def test_periods_end_where_the_next_begin() -> None:
    text = focus_of(plan([placement("a", [line(1)])], 14), 14)
    found = [(row["ChargePeriodStart"][:7], row["ChargePeriodEnd"][:7]) for row in rows(text)]
    assert found[0] == ("2027-01", "2027-02")
    assert found[-1] == ("2028-02", "2028-03")
    assert all(row[1] == after[0] for row, after in pairwise(found))


def kind(purchase: str, term: str, **values: object) -> dict[str, str]:
    layer = Layer(f"eqx/B1/n8/{purchase}", "H100-SXM", purchase, 1, 8, 8, "730")
    one = line(100, term=term, **values)
    (row,) = rows(focus_of(plan([placement("a", [one], provider="eqx", site="eqx/B1", layers=(layer,))])))
    return row


def test_ways_to_pay_have_their_categories() -> None:
    assert kind("on_demand", "usage")["PricingCategory"] == "Standard"
    assert kind("spot", "usage")["PricingCategory"] == "Dynamic"
    for purchase, issuer in (("lease", "lessor"), ("owned", "Hand made")):
        row = kind(purchase, "hardware", unit="node-month", label="hardware")
        assert (row["PricingCategory"], row["ChargeCategory"], row["ChargeFrequency"]) == (
            "Other",
            "Usage",
            "Recurring",
        )
        assert row["ProviderName"] == row["InvoiceIssuerName"] == issuer
    assert kind("owned", "facility")["PricingCategory"] == "Other"
    assert kind("owned", "facility")["ProviderName"] == "eqx"
    assert kind("owned", "energy")["PricingUnit"] == "Node-Hours"
    assert kind("owned", "energy", unit="kWh")["PricingUnit"] == "Kilowatt-Hours"
    once = kind("owned", "egress", schedule=Schedule("once", 36, 3600))
    assert (once["ChargeFrequency"], once["x_CashCost"], once["x_AccrualCost"]) == ("Recurring", "36.0", "1.0")


def test_the_sender_of_data_is_paid() -> None:
    lines = [
        line(1, term="egress", layer=0, unit="GB", label="egress, data in (from c)", sender="gcp/de"),
        line(1, term="moves", layer=0, unit="GB", label="move, copy of b at aws/us", sender="gcp/de"),
        line(1, term="egress", layer=0, unit="GB", label="egress, data in (from munich)", sender="own/munich"),
        line(1, term="egress", layer=0, unit="GB", label="egress, data in (from a/b)", sender="own/a/b"),
        line(1, term="egress", layer=0, unit="GB", label="egress, data out (to munich, over 10 GB)"),
    ]
    found = rows(focus_of(plan([placement("a", lines)])))
    assert [(row["ProviderName"], row["RegionId"]) for row in found] == [
        *[("gcp", "gcp/de")] * 2,
        *(("Hand made", "own/munich"), ("Hand made", "own/a/b"), ("aws", "aws/us")),
    ]
    assert {row["ServiceCategory"] for row in found} == {"Networking"}


@pytest.mark.parametrize(
    ("workload", "paid"), [("leaver", ("nimbus", "nimbus/virginia")), ("films", ("nimbus", "nimbus/berlin"))]
)
def test_whose_device_it_is_is_paid(workload: str, paid: tuple[str, str]) -> None:
    """The sender's for data that leaves it, that of the provider where it arrives for data from elsewhere."""
    loaded = load(CASES / "posted" / "inventory.yaml", [CASES / "catalog"], False)
    found = rows(focus_of(advise(loaded.catalog, loaded.inventory, "0" * 64)))
    mine = [row for row in found if row["x_Workload"] == workload and "device of" in row["x_Line"]]
    assert {" × " in row["x_Line"] for row in mine} == {True, False}
    assert {(row["ProviderName"], row["RegionId"]) for row in mine} == {paid}


def test_hostile_names_do_nothing_and_come_back() -> None:
    made = hostile_plan()
    text = focus_of(made, 2)
    assert problems(text, "1.2", units=False) == []
    assert not has_unprintable(text.replace("\r\n", ""))
    found = rows(text)
    assert {unguarded(row["x_Workload"]) for row in found} == set(HOSTILE)
    for row in found:
        name = unguarded(row["x_Workload"])
        assert json.loads(row["Tags"])[name] == name
        for cell in row.values():
            for piece in cell.split(";"):
                assert not piece.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.dictionaries(st.text() | st.sampled_from(HOSTILE), st.text() | st.sampled_from(HOSTILE)))
def test_json_comes_back(value: dict[str, str]) -> None:
    text = json_text(dict(value))
    assert json.loads(text) == value
    assert not has_unprintable(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12))
def test_decimals_have_a_point_and_no_exponent(value) -> None:
    text = decimal_text(value)
    assert "." in text
    assert "e" not in text.lower()
    assert type(value)(text) == value


def test_the_table_of_columns_is_in_order() -> None:
    """Alphabetical, 53 columns of 1.2, and ours in PascalCase after `x_`."""
    names = [column.name for column in FOCUS]
    assert names == sorted(names)
    assert sum("1.2" in column.versions for column in FOCUS) == 53
    assert all(column.name.startswith("x_") and column.name[2].isupper() for column in OURS)
    assert {column.level for column in OURS} == {"X"}
    assert [column.name for column in columns_of("1.4") if "Provider" in column.name] == [
        "HostProviderName", "ServiceProviderName",
    ]  # fmt: skip


def test_nullable_is_kept() -> None:
    """No cell is empty in a column that may not be null."""
    texts = [focus_of(example("enterprise"), 1), focus_of(world_plan(7200)), focus_of(plan([committed()]))]
    for row in (row for text in texts for row in rows(text)):
        assert [column.name for column in columns_of("1.2") if not column.nullable and not row[column.name]] == []
