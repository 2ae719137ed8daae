"""Every view of one plan has the same total, to the cent."""

import csv
import io
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from plans import PLANS, csv_of, focus_of, hostile_plan, money_of, world_plan, xlsx_of

from placement.cli.commands import load
from placement.engine.advise import advise
from placement.plan.model import Plan
from placement.report import render

ROOT = Path(__file__).resolve().parents[1]
SEEDS = range(7100, 7130)


@cache
def example(name: str) -> Plan:
    loaded = load(ROOT / "examples" / f"{name}.yaml", [], True)
    return advise(loaded.catalog, loaded.inventory, loaded.digest)


def column(text: str, name: str, **wanted: str) -> Decimal:
    """The sum of a column over the rows that have the *wanted* values."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    kept = (row for row in rows if all(row[key] == value for key, value in wanted.items()))
    return sum((Decimal(row[name] or "0") for row in kept), Decimal(0))


def check(made: Plan, with_table: bool = True) -> None:
    total = Decimal(made.summary.monthly_cost_cents).scaleb(-2)
    horizon = made.inputs.horizon_months
    by_month = csv_of(made, "month")
    last = Decimal(sum(money_of(made).sums.paid)).scaleb(-2)
    assert column(csv_of(made, "line"), "cost_usd") == total
    assert column(csv_of(made, "workload"), "cost_usd") == total
    assert column(by_month, "cost_usd", month="1") == column(by_month, "cost_usd", month=str(horizon)) == total
    assert column(by_month, "cash_usd") == last
    assert column("".join(render(made, "csv", (80, False))), "cost_usd") == total
    for version in ("1.2", "1.4"):
        focus = focus_of(made, min(2, horizon), version)
        assert column(focus, "EffectiveCost", x_HorizonMonth="1.0") == total
        assert column(focus, "EffectiveCost") == column(focus, "BilledCost") == total * min(2, horizon)
        paid = sum(money_of(made).sums.paid[: min(2, horizon)])
        assert column(focus, "x_CashCost") == Decimal(paid).scaleb(-2)
        borne = sum(money_of(made).sums.accrual[: min(2, horizon)])
        assert column(focus, "x_AccrualCost") == Decimal(borne).scaleb(-2)
    book = openpyxl.load_workbook(xlsx_of(made), data_only=True)
    labels = {row[0]: row[1] for row in book["summary"].iter_rows(max_col=2, values_only=True) if row[0]}
    assert cents(labels["cost a month"]) == made.summary.monthly_cost_cents
    money = money_of(made)
    assert set(money.sums.cost) == {made.summary.monthly_cost_cents}
    if with_table and made.summary.placed:
        shown = "".join(render(made, "table", (200, False)))
        (headline,) = re.findall(r"^(\S+) a month", shown, re.M)
        assert Decimal(headline.strip("$").replace(",", "")) == total


def cents(value: float) -> int:
    return round(value * 100)


@pytest.mark.parametrize("name", ["minimal", "enterprise", "llm_production", "unplaced"])
def test_examples(name: str) -> None:
    check(example(name))


@pytest.mark.parametrize("seed", SEEDS)
def test_worlds(seed: int) -> None:
    check(world_plan(seed))


@settings(deadline=None, max_examples=25)
@given(PLANS)
def test_random_schedules(made: Plan) -> None:
    check(made)


def test_hostile_names() -> None:
    check(hostile_plan(), with_table=False)
