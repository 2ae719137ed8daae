"""Money over time: schedules by hand, identities on random ones, and the figures a decision looks at."""

import json
import re
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import LINES, PLANS, START, line, money_of, placement, plan, world_plan

from placement.engine.annuity import monthly_payment_micro
from placement.finance.cash import borne_by, even_shares, flow_of
from placement.finance.months import Month, month_after, month_of
from placement.finance.statement import payback_month, present_value
from placement.plan.model import Plan, Schedule
from placement.report.cash import render_cash
from placement.report.monthly import periods
from placement.report.plot import plot

SEEDS = range(7000, 7030)


def test_a_line_without_a_schedule_is_paid_as_it_is_used() -> None:
    flow = flow_of(line(500), 3)
    assert (flow.charge_class, flow.paid, flow.accrual, flow.capital) == ("opex", (500,) * 3, (500,) * 3, (0,) * 3)
    assert (flow.opening, flow.closing) == (0, 0)


def test_a_term_begun_is_owed_in_full() -> None:
    """12-month terms at 100 over 18 months: 24 × 100 = 2,400 borne, 1,800 paid, 600 owed for the last 6 months."""
    flow = flow_of(line(134, Schedule("term", 12, 100)), 18)
    assert flow.paid == (100,) * 18
    assert sum(flow.accrual) == 2400
    # 2,400 ÷ 18 = 133 1/3: after 1, 2, 3 months 133, 267, 400.
    assert flow.accrual == (133, 134, 133) * 6
    assert flow.capital == (1, 0, 1) * 6
    assert flow.closing == -600


def test_a_term_paid_ahead_is_paid_at_its_begin() -> None:
    """900 at the begin of each 12-month term over 18 months: 1,800 paid in months 1 and 13, and borne evenly."""
    flow = flow_of(line(101, Schedule("upfront", 12, 900)), 18)
    assert flow.charge_class == "opex"
    assert flow.paid_at_begin == (900, *(0,) * 11, 900, *(0,) * 5)
    assert flow.accrual == (100,) * 18
    assert flow.capital == (1,) * 18
    assert (flow.opening, flow.closing) == (0, 0)


def test_what_is_bought_is_written_off_over_its_life() -> None:
    """1,000 with 100 left after 4 months, over 6 months: 900 ÷ 4 = 225 a month; sold and bought again after month 4."""
    flow = flow_of(line(300, Schedule("purchase", 4, 1000, 100)), 6)
    assert flow.charge_class == "capex"
    assert flow.paid_at_begin == (1000, 0, 0, 0, 1000, 0)
    assert flow.paid_at_end == (0, 0, 0, -100, 0, 0)
    assert flow.accrual == (225,) * 6
    assert flow.capital == (75,) * 6
    assert flow.closing == 1000 - 2 * 225


def test_what_is_there_already_costs_no_cash_until_it_is_replaced() -> None:
    """1,000 of book value over 3 months is 333 + 334 + 333; replaced in month 4."""
    flow = flow_of(line(400, Schedule("held", 3, 1000)), 4)
    assert flow.paid == (0, 0, 0, 1000)
    assert flow.accrual == (333, 334, 333, 333)
    assert (flow.opening, flow.closing) == (1000, 667)


def test_a_life_that_ends_with_the_horizon_leaves_nothing() -> None:
    flow = flow_of(line(400, Schedule("purchase", 3, 1000, 10)), 3)
    assert (flow.paid, flow.closing) == ((1000, 0, -10), 0)


def test_a_one_off_amount_is_borne_by_the_horizon() -> None:
    """1,000 in month 1 over 3 months: 333, 334, 333; after month 1 the rest of 667 is prepaid."""
    flow = flow_of(line(340, Schedule("once", 3, 1000)), 3)
    assert (flow.charge_class, flow.paid, flow.accrual) == ("opex", (1000, 0, 0), (333, 334, 333))
    assert (flow.paid_at_begin, flow.opening, flow.closing) == ((1000, 0, 0), 0, 0)
    assert flow.capital == (7, 6, 7)


@given(st.integers(-(10**15), 10**15), st.integers(1, 200))
def test_shares_add_up_and_differ_by_a_cent(total: int, months: int) -> None:
    shares = even_shares(total, months)
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1
    for elapsed, borne in enumerate(accumulate(shares), 1):
        assert 2 * abs(borne - Fraction(total * elapsed, months)) <= 1
        assert borne == borne_by(total, months, elapsed)


@given(LINES, st.integers(1, 130))
def test_every_line_balances(one, horizon: int) -> None:
    """Opening + Σ paid = Σ borne + closing; borne + cost of capital = cost, every month."""
    flow = flow_of(one, horizon)
    assert flow.opening + sum(flow.paid) == sum(flow.accrual) + flow.closing
    assert {borne + capital for borne, capital in zip(flow.accrual, flow.capital, strict=True)} == {one.cost_cents}
    assert all(len(months) == horizon for months in (flow.paid, flow.accrual, flow.capital))
    schedule = one.schedule
    if schedule is not None and schedule.kind == "term":
        left = -max(horizon - schedule.after, 0) % schedule.months
        assert flow.closing == -left * schedule.amount_cents
    if schedule is not None and schedule.kind in ("purchase", "held"):
        used = (horizon - 1) % schedule.months + 1
        loss = schedule.amount_cents - schedule.residual_cents
        exact = 0 if used == schedule.months else schedule.amount_cents - Fraction(loss * used, schedule.months)
        assert abs(flow.closing - exact) < 1
        if schedule.amount_cents >= 0:
            assert flow.closing >= 0


@settings(deadline=None)
@given(PLANS)
def test_parts_are_totals(made: Plan) -> None:
    check(made)


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_of_worlds_balance(seed: int) -> None:
    """Also: a term that divides the horizon costs exactly its fee, any other the same up to rounding."""
    made = world_plan(seed)
    check(made)
    for one in (one for entry in made.placements for one in entry.lines):
        if one.schedule is not None and one.schedule.kind == "term":
            flow = flow_of(one, made.inputs.horizon_months)
            assert any(flow.capital) <= bool(made.inputs.horizon_months % one.schedule.months)
            assert abs(sum(flow.capital)) * 5000 <= sum(flow.accrual)


def check(made: Plan) -> None:
    """The statement's columns are the sums of the lines' flows, and balance."""
    money, horizon = money_of(made), made.inputs.horizon_months
    sums = money.sums
    flows = [flow_of(one, horizon) for entry in made.placements for one in entry.lines]
    for month in range(horizon):
        assert sums.paid[month] == sum(flow.paid[month] for flow in flows)
        assert sums.accrual[month] == sum(flow.accrual[month] for flow in flows)
        assert sums.capital[month] == sum(flow.capital[month] for flow in flows)
        assert sums.at_begin[month] == sum(flow.paid_at_begin[month] for flow in flows)
        assert sums.cost[month] == made.summary.monthly_cost_cents
    assert sums.capex == tuple(sum(f.paid[m] for f in flows if f.charge_class == "capex") for m in range(horizon))
    assert sums.opening + sum(sums.paid) == sum(sums.accrual) + sums.closing
    assert sums.closing == sum(flow.closing for flow in flows)
    compared = money.comparison
    assert (compared is None) == (made.summary.baseline_workloads == 0)
    if compared is not None:
        assert set(compared.baseline) == {made.summary.baseline_cents}
        assert set(compared.sums.cost) == {made.summary.compared_cost_cents}
        assert compared.cumulative == tuple(accumulate(compared.saving))
        assert compared.trough == min(0, *compared.cumulative)
        rows = periods(horizon)
        assert [month for first, last in rows for month in range(first, last + 1)] == list(range(1, horizon + 1))


@pytest.mark.parametrize("rate", ["0", "0.05", "0.08", "0.3"])
@pytest.mark.parametrize("residual", [0, 30_000_000])
def test_the_annuity_is_worth_what_is_paid(rate: str, residual: int) -> None:
    """Over one life the present value of the levelised cost is that of the purchase less its residual value."""
    months, capex = 60, 300_000_00
    fraction = round(float(rate) * 1e6)
    cost = monthly_payment_micro(capex * 10_000, fraction, months, residual * 10_000) // 10_000
    flow = flow_of(line(cost, Schedule("purchase", months, capex, residual)), months)
    levelised = present_value(rate, (cost,) * months, (0,) * months)
    # The payment is rounded to the cent, 60 times.
    assert abs(levelised - present_value(rate, flow.paid, flow.paid_at_begin)) <= 60


def test_present_value_by_hand() -> None:
    """At 12.682503 % a year (1 % a month): 101 at the end of month 1 is 100, 102.01 at the end of month 2 is 100."""
    rate = "0.126825030131969720661201"
    assert present_value(rate, (10100, 10201), (0, 0)) == 20000
    assert present_value(rate, (10100, 10201), (10100, 0)) == 10100 + 10000
    assert present_value(rate, (0, 0), (0, 0), -5, 10201) == 10000 - 5
    assert present_value("0", (1, 2), (0, 0), 3, 4) == 10


@pytest.mark.parametrize(
    ("cumulative", "month"),
    [((1, 2), 1), ((-1, 0, 1), 2), ((-2, 3, -1, 5), 4), ((-1, -1), None), ((5, -1), None), ((0,), 1)],
)
def test_payback_is_where_the_saving_stays(cumulative: tuple[int, ...], month: int | None) -> None:
    assert payback_month(cumulative) == month


def test_figures_of_a_decision_by_hand() -> None:
    """Bought for 1,000 + 10 a month against 300 a month today; another workload states no cost of today.

    Savings: 300 − 1,010 = −710, then 290 a month: −710, −420, −130, 160. Payback in month 4; 4 × 290 − 1,000 = 160.
    """
    bought = placement("a", [line(500, Schedule("purchase", 8, 1000)), line(10)], 300)
    money = money_of(plan([bought, placement("b", [line(77)])], 4, "0"))
    compared = money.comparison
    assert compared is not None
    assert compared.cumulative == (-710, -420, -130, 160)
    assert (compared.payback_month, compared.trough, compared.trough_month) == (4, -710, 1)
    assert compared.present_value == 160
    # Half of the life is left: 500 of book value.
    assert (money.sums.book, compared.present_value_with_book) == (500, 660)
    assert money.present_cost == 1000 + 4 * 87


def test_hardware_that_is_there_counts_as_invested() -> None:
    """Book value of 900 over 3 months, 2 of them in the horizon: 300 are left; 2 × 50 saved − 900 + 300."""
    held = placement("a", [line(310, Schedule("held", 3, 900))], 50)
    compared = money_of(plan([held], 2, "0")).comparison
    assert compared is not None
    assert (compared.present_value, compared.present_value_with_book) == (100, -500)


def test_nothing_placed() -> None:
    gone = placement("a", [], 10, status="unplaced", monthly_cost_cents=None, layers=())
    money = money_of(plan([gone]))
    assert (money.comparison, money.placed, sum(money.sums.paid)) == (None, 0, 0)
    assert "nothing is paid" in "".join(render_cash(money, "table", (80, False)))


@settings(deadline=None, max_examples=30)
@given(PLANS, st.sampled_from([40, 80, 160]))
def test_the_table_shows_whole_figures_that_add_up(made: Plan, width: int) -> None:
    """Figures are never cut, and the periods of every column of flows add up to its total."""
    text = "".join(render_cash(money_of(made), "table", (width, False)))
    assert "…\n" not in text
    rows = text.splitlines()
    count = len(periods(made.inputs.horizon_months))
    for head in (number - 1 for number, row in enumerate(rows) if row.startswith("──")):
        names = re.findall(
            "capex paid|opex paid|accrual|cost of capital|today|paid instead|saving|cumulative", rows[head]
        )
        block = [[cents(cell) for cell in row.split() if "$" in cell] for row in rows[head + 2 : head + 3 + count]]
        for column, name in enumerate(names):
            if name != "cumulative":
                assert sum(row[column] for row in block[:-1]) == block[-1][column]


def cents(text: str) -> int:
    return int(text.replace("$", "").replace(",", "").replace(".", ""))


def test_json_and_csv_say_the_same() -> None:
    made = world_plan(7001)
    money = money_of(made)
    document = json.loads("".join(render_cash(money, "json", (80, False))))
    lines = "".join(render_cash(money, "csv", (80, False))).split("\r\n")
    names = lines[0].split(",")
    assert [dict(zip(names, row.split(","), strict=True)) for row in lines[1:-1]] == [
        {name: str(value) for name, value in row.items()} for row in document["months"]
    ]
    assert document["start"] == str(START)
    documented = (Path(__file__).parent.parent / "docs/finance.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in documented] == []


def test_months_of_the_calendar() -> None:
    assert str(Month(2026, 12).later(1)) == "2027-01"
    assert Month(2027, 1).later(-1) == Month(2026, 12)
    assert Month(2028, 2).begin() == "2028-02-01T00:00:00Z"
    assert [month_after(text) for text in ("2026-11", "2026-12-31", "2026", "undated", "")] == [
        Month(2026, 12), Month(2027, 1), Month(2027, 1), None, None,
    ]  # fmt: skip
    wrong = ("2027-13", "2027-1", "27-01", "2027-01-01", "٢٠٢٧-01", "")
    assert [month_of(text) for text in ("2027-01", *wrong)] == [Month(2027, 1)] + [None] * len(wrong)


def test_plots() -> None:
    """Above and below the rule, something is never nothing, and many values fit few columns."""
    rows = plot([-1, 0, 1, 100], 4, 4)
    assert rows[-1] == "▀"
    assert rows[-2] == "────"
    assert rows[-3] == "  ▁█"
    assert len(plot(list(range(1, 200)), 50, 5)[-1]) == 50
    assert plot([0, 0], 8, 5) == ["────────"]
