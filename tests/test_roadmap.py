"""What holds of every roadmap, on random plans and those of worlds, and against a slow recomputation."""

import json
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_roadmap import account, begins, lead, present
from plans import LINES, PLANS, START, line, money_of, placement, plan, world_plan

from placement.finance.cash import Flow, flow_of
from placement.finance.statement import payback_month
from placement.plan.model import Layer, Member, Plan, Schedule
from placement.report.roadmap import render_roadmap
from placement.roadmap.inputs import months_of_weeks
from placement.roadmap.make import roadmap
from placement.roadmap.model import Figure, Roadmap, Settings, Step, Today, Wait
from placement.roadmap.money import stream_of, total, worth_of

TODAYS = st.builds(
    Today,
    site=st.sampled_from(["", "aws/us", "own/a", "own/b"]),
    purchase=st.sampled_from(["", "on_demand", "owned"]),
    committed_until=st.just("2030-01"),
    committed_months=st.sampled_from([0, 0, 1, 5, 40, 200]),
    committed_cents=st.integers(0, 10**11),
    migration_cents=st.none() | st.integers(0, 10**9),
    resale_cents=st.none() | st.integers(0, 10**9),
    is_critical=st.booleans(),
    dual_months=st.sampled_from([None, None, 0, 2]),
)


TIERS = ("colo", "on_prem", "edge", "hyperscaler")
"""Also one at which nothing is ordered, but where plans made by hand are."""


def ordering(made: Plan) -> Plan:
    """The same plan, but what is bought or has a term is nodes that have to be ordered."""
    placements = []
    for one in made.placements:
        lines = [
            each._replace(term="hardware") if each.schedule and each.schedule.kind in ("term", "purchase") else each
            for each in one.lines
        ]
        placements.append(one._replace(lines=tuple(lines)))
    return made._replace(placements=tuple(placements))


PLANNED = st.one_of(PLANS, PLANS.map(ordering))


def figure(value: int) -> Figure:
    return Figure(value, str(value), "months")


def kept(dual: int = 0, lead_months: int = 0, most: int | None = None, every: int = 1) -> Settings:
    return Settings(START, figure(dual), {tier: figure(lead_months) for tier in TIERS}, most, every)


SETTINGS = st.builds(
    kept, st.integers(0, 3), st.integers(0, 9), st.sampled_from([None, None, 1, 2]), st.sampled_from([1, 1, 3])
)


def drawn(made: Plan, data: st.DataObject) -> dict[str, Today]:
    """Something about today of every workload that states what it costs; no more is committed than that."""
    found = {}
    for one in made.placements:
        if one.baseline_cents is not None:
            today = data.draw(TODAYS)
            found[one.whole] = today._replace(committed_cents=min(today.committed_cents, one.baseline_cents))
    return found


def road_of(made: Plan, todays: dict[str, Today], chosen: Settings, placements: Iterable[Any] = ()) -> Roadmap:
    return roadmap(made.inputs, placements or made.placements, todays, chosen)


def steps_of(road: Roadmap) -> list[Step]:
    return [step for wave in road.waves for step in wave.steps]


@given(LINES, st.integers(1, 130), st.data())
def test_a_line_may_begin_later(one: Any, horizon: int, data: st.DataObject) -> None:
    """Opening + Σ paid = Σ borne + closing; nothing before; the same line shifted, but for what is there already."""
    first = data.draw(st.integers(1, horizon))
    flow = flow_of(one, horizon, first)
    assert flow.opening + sum(flow.paid) == sum(flow.accrual) + flow.closing
    costs = [borne + capital for borne, capital in zip(flow.accrual, flow.capital, strict=True)]
    assert costs == [0] * (first - 1) + [one.cost_cents] * (horizon - first + 1)
    assert all(not any(amounts[: first - 1]) and len(amounts) == horizon for amounts in (flow.paid, flow.accrual))
    if one.schedule is None or one.schedule.kind != "held":
        alone, before = flow_of(one, horizon - first + 1), (0,) * (first - 1)
        columns = [before + amounts if isinstance(amounts, tuple) else amounts for amounts in alone]
        assert flow == Flow(*columns)
    elif first <= one.schedule.months:
        whole = flow_of(one, horizon)
        assert flow.paid == (0,) * (first - 1) + whole.paid[first - 1 :]
        assert flow.closing == whole.closing


def test_hardware_that_is_there_ages_before_it_is_used() -> None:
    """900 over 3 months. From month 2: 600 are left, replaced in month 4. From month 5: bought in month 5."""
    held = line(310, Schedule("held", 3, 900))
    flow = flow_of(held, 5, 2)
    assert (flow.opening, flow.paid, flow.accrual) == (600, (0, 0, 0, 900, 0), (0, 300, 300, 300, 300))
    assert flow.closing == 300
    flow = flow_of(held, 6, 5)
    assert (flow.opening, flow.paid, flow.closing) == (0, (0, 0, 0, 0, 900, 0), 300)


@settings(deadline=None)
@given(PLANS)
def test_with_nothing_to_wait_for_it_is_the_cash_flow(made: Plan) -> None:
    """All in month 1, no dual running, no people's work: every figure is that of `placement cash`."""
    check_is_cash(made)


@pytest.mark.parametrize("seed", range(7000, 7020))
def test_with_nothing_to_wait_for_worlds_are_the_cash_flow(seed: int) -> None:
    check_is_cash(world_plan(seed))


def check_is_cash(made: Plan) -> None:
    road, compared = road_of(made, {}, kept()), money_of(made).comparison
    assert road.plan_cost_cents == made.summary.monthly_cost_cents
    assert (compared is None) == (not road.waves)
    if compared is None:
        return
    (wave,) = road.waves
    worth = road.worth
    assert (worth.cumulative, worth.payback_month, worth.trough) == (
        compared.cumulative, compared.payback_month, compared.trough,
    )  # fmt: skip
    assert worth.trough_month == compared.trough_month
    assert (worth.present_value, worth.present_value_with_book) == (
        compared.present_value, compared.present_value_with_book,
    )  # fmt: skip
    assert (road.compared.capex, road.compared.opex) == (compared.sums.capex, compared.sums.opex)
    assert (wave.book, wave.owed) == (compared.sums.book, compared.sums.owed)
    assert wave.cost_cents == made.summary.compared_cost_cents


@settings(deadline=None, max_examples=150)
@given(PLANNED, SETTINGS, st.data())
def test_waves_add_up(made: Plan, chosen: Settings, data: st.DataObject) -> None:
    check_adds_up(made, road_of(made, drawn(made, data), chosen), chosen)


@settings(deadline=None, max_examples=15)
@given(st.integers(7100, 7130), SETTINGS, st.data())
def test_waves_of_worlds_add_up(seed: int, chosen: Settings, data: st.DataObject) -> None:
    made = world_plan(seed)
    check_adds_up(made, road_of(made, drawn(made, data), chosen), chosen)


def check_adds_up(made: Plan, road: Roadmap, chosen: Settings) -> None:
    """Sums of waves, of months and of parts; the last wave is the whole; the end is the plan."""
    horizon, rate = road.horizon, made.inputs.discount_rate_fraction
    moved = [step.move.workload for step in (*steps_of(road), *road.new)]
    placed = {one.whole for one in made.placements if one.monthly_cost_cents is not None}
    assert sorted([*moved, *(stay.move.workload for stay in road.staying)]) == sorted(placed)
    so_far = total((), horizon)
    for wave in road.waves:
        assert wave.stream == total((step.stream for step in wave.steps), horizon)
        so_far = total((so_far, wave.stream), horizon)
        assert wave.stopped == worth_of(so_far, rate)
        assert {step.first for step in wave.steps} == {wave.first}
        assert wave.stopped.cumulative == tuple(accumulate(so_far.saving))
        assert wave.stopped.payback_month == payback_month(wave.stopped.cumulative)
    if road.waves:
        assert road.waves[-1].stopped == road.worth
        assert abs(sum(wave.alone.present_value for wave in road.waves) - road.worth.present_value) <= len(road.waves)
    streams = road.compared
    assert sum(streams.baseline) - sum(streams.paid) == road.worth.cumulative[-1] == sum(streams.saving)
    assert set(streams.baseline) == {made.summary.baseline_cents or 0}
    for step in (*steps_of(road), *road.new):
        check_step(step, horizon)
    over = max((step.first + step.move.dual_months for step in steps_of(road)), default=1)
    idle = max((step.move.today.committed_months + 1 for step in steps_of(road)), default=1)
    if not road.staying and max(over, idle, *(step.first for step in road.new), 1) <= horizon:
        assert streams.cost[-1] + road.new_stream.cost[-1] == made.summary.monthly_cost_cents
    hands = [step for step in steps_of(road) if step.move.kind != "stays"]
    assert all((step.first - 1) % chosen.every_months == 0 for step in hands)
    if chosen.most_per_wave is not None:
        check_limit(road, chosen.most_per_wave)


def check_step(step: Step, horizon: int) -> None:
    """The parts of what is still paid, and no payment for a new place before its month."""
    move, stream = step.move, step.stream
    before = (move.baseline_cents or 0) * (step.first - 1)
    assert sum(stream.today) == before + sum(stream.dual) + sum(stream.idle)
    assert not any(stream.capex[: step.first - 1]) and not any(stream.opex[: step.first - 1])
    assert step.first > move.lead_months
    assert all(wait.until_month <= step.first for wait in step.waits)
    assert sum(stream.dual) == (move.baseline_cents or 0) * min(move.dual_months, horizon - step.first + 1)


def check_limit(road: Roadmap, most: int) -> None:
    """In no month more are moving, and those of rules or SLOs move among themselves."""
    hands = [step for step in steps_of(road) if step.move.kind != "stays"]
    for month in range(1, road.horizon + 1):
        moving = [step for step in hands if step.first <= month < step.first + max(1, step.move.dual_months)]
        assert len(moving) <= most
        assert len({step.move.today.is_critical for step in moving}) <= 1


@settings(deadline=None, max_examples=60)
@given(PLANNED, SETTINGS, st.data())
def test_order_of_rows_changes_nothing(made: Plan, chosen: Settings, data: st.DataObject) -> None:
    todays = drawn(made, data)
    shuffled = data.draw(st.permutations(made.placements))
    again = dict(data.draw(st.permutations(list(todays.items()))))
    assert road_of(made, again, chosen, shuffled) == road_of(made, todays, chosen)


@settings(deadline=None, max_examples=100)
@given(PLANNED, st.integers(0, 3), st.integers(0, 9), st.data())
def test_the_oracle_agrees(made: Plan, dual: int, lead_months: int, data: st.DataObject) -> None:
    """Months and money, where nobody waits for anybody else."""
    check_oracle(made, drawn(made, data), dual, lead_months)


@settings(deadline=None, max_examples=20)
@given(st.integers(7200, 7240), st.integers(0, 3), st.integers(0, 9), st.data())
def test_the_oracle_agrees_on_worlds(seed: int, dual: int, lead_months: int, data: st.DataObject) -> None:
    made = world_plan(seed)
    check_oracle(made, drawn(made, data), dual, lead_months)


def check_oracle(made: Plan, todays: dict[str, Today], dual: int, lead_months: int) -> None:
    # Nobody is where the plan has nodes of the organisation's own, so no one waits for another to leave.
    todays = {name: today._replace(site="") for name, today in todays.items()}
    chosen, inputs = kept(dual, lead_months), made.inputs
    road, horizon, rate = road_of(made, todays, chosen), inputs.horizon_months, inputs.discount_rate_fraction
    months = {tier: known.value for tier, known in chosen.lead_months.items()}
    found = {step.move.workload: step for step in steps_of(road)}
    accounts = []
    for name, today in todays.items():
        mine = [one for one in made.placements if one.whole == name and one.monthly_cost_cents is not None]
        if not mine:
            continue
        baseline = sum(one.baseline_cents or 0 for one in mine)
        both = dual if today.dual_months is None else today.dual_months
        first = begins(mine, baseline, today, both, lead(mine, months), (rate, horizon))
        assert (name in found) == (first <= horizon)
        if name in found:
            made_of = account(mine, baseline, today, both, first, horizon)
            assert found[name].first == first
            assert list(found[name].stream.saving) == made_of.saving
            accounts.append((first, made_of))
    for wave in road.waves:
        so_far = [one for first, one in accounts if first <= wave.first]
        assert wave.stopped.present_value == present(so_far, rate, horizon, False)
        assert wave.stopped.present_value_with_book == present(so_far, rate, horizon, True)


@settings(deadline=None)
@given(PLANNED, st.integers(0, 3), st.data())
def test_a_longer_commitment_saves_nothing_more(made: Plan, dual: int, data: st.DataObject) -> None:
    """In a given month of the move; so cumulative saving, payback and peak funding are no better."""
    todays, horizon = drawn(made, data), made.inputs.horizon_months
    for step in steps_of(road_of(made, todays, kept(dual))):
        today = step.move.today
        longer = step.move._replace(today=today._replace(committed_months=today.committed_months + 1))
        after, before = stream_of(longer, step.first, horizon), step.stream
        assert all(new <= old for new, old in zip(after.saving, before.saving, strict=True))
        assert worth_of(after, "0.08").trough <= worth_of(before, "0.08").trough


def test_a_longer_commitment_may_need_less_funding() -> None:
    """Moved to a later month by it, what is bought is funded by what others save until then.

    `a` saves 100 a month from month 1; `b` is bought for 300 and costs 50 a month, all of it committed. Committed to
    month 1 it begins in month 2: after it 2 × 100 + 50 − 300 = −50. To month 3: in month 4, 4 × 100 + 50 − 300 = 150.
    """
    cheap = placement("a", [line(0)], 100)
    bought = placement("b", [line(10, Schedule("purchase", 12, 300))], 50)
    made = plan([cheap, bought], 12, "0")

    def trough(months: int) -> int:
        today = {"b": Today(committed_until="x", committed_months=months, committed_cents=50)}
        road = road_of(made, today, kept())
        assert [wave.first for wave in road.waves] == [1, months + 1]
        return road.worth.trough

    assert (trough(1), trough(3)) == (-50, 0)


OWNED = (Layer("own/a/existing-n/owned", "A", "owned", 1, 8, 8, "730"),)


def test_nodes_are_left_before_others_come() -> None:
    """`x` leaves own/a after two months of dual running from month 1; `y` comes to its nodes in month 3."""
    leaver = placement("x", [line(10)], 100)
    comer = placement("y", [line(10)], 100, site="own/a", layers=OWNED)
    other = placement("z", [line(10)], 100)
    made = plan([leaver, comer, other], 12, "0")
    todays = {"x": Today("own/a", "owned"), "y": Today("aws/us", "on_demand"), "z": Today("aws/eu", "on_demand")}
    road = road_of(made, todays, kept(2))
    assert {step.move.workload: step.first for step in steps_of(road)} == {"x": 1, "z": 1, "y": 3}
    late = road_of(made, {**todays, "x": Today("own/a", "owned", "2030-01", 200, 100)}, kept(2))
    assert {stay.move.workload for stay in late.staying} == {"x", "y"}, "what is not left cannot be taken"


def test_a_circle_is_broken() -> None:
    """`x` and `y` change places: neither can wait for the other."""
    there = (Layer("own/b/existing-n/owned", "A", "owned", 1, 8, 8, "730"),)
    made = plan([
        placement("x", [line(10)], 100, site="own/b", layers=there),
        placement("y", [line(10)], 100, site="own/a", layers=OWNED),
    ], 12, "0")  # fmt: skip
    road = road_of(made, {"x": Today("own/a", "owned"), "y": Today("own/b", "owned")}, kept(1))
    assert {step.move.workload: step.first for step in steps_of(road)} == {"x": 1, "y": 1}


def test_the_slowest_layer_counts() -> None:
    """A base that is bought and a burst that is rented, at two sites: both begin when the nodes are there."""
    layers = (
        Layer("aws/us/n/spot", "A", "spot", 1, 8, 8, "10", site="aws/us", tier="hyperscaler"),
        Layer("cage/B1/n/owned", "A", "owned", 1, 8, 8, "730", site="cage/B1", tier="colo"),
    )
    lines = [line(5, layer=1), line(10, Schedule("purchase", 60, 600), term="hardware", layer=2)]
    made = plan([placement("a", lines, 100, layers=layers)], 24, "0")
    months = {"colo": figure(4), "hyperscaler": figure(2)}
    (step,) = steps_of(road_of(made, {"a": Today("aws/us", "spot")}, kept(1)._replace(lead_months=months)))
    assert (step.first, step.move.kind, step.move.dual_months) == (5, "moves", 1)


def test_in_place() -> None:
    """At its site rented nodes do not run twice, bought ones do; what is the same as today takes nobody's time."""
    rented = placement("a", [line(10)], 100)
    bought = placement("b", [line(10, Schedule("purchase", 60, 600), term="hardware")], 100, tier="colo")
    made = plan([rented, bought], 24, "0")
    todays = {"a": Today("aws/us", "spot"), "b": Today("aws/us", "on_demand")}
    found = {step.move.workload: step.move for step in steps_of(road_of(made, todays, kept(2)))}
    assert {name: (move.kind, move.dual_months) for name, move in found.items()} == {
        "a": ("bought otherwise", 0), "b": ("bought otherwise", 2),
    }  # fmt: skip
    same = plan([placement(name, [line(10)], 100) for name in "abc"], 24, "0")
    road = road_of(same, dict.fromkeys("abc", Today("aws/us", "on_demand")), kept(2, 0, 1))
    assert [len(wave.steps) for wave in road.waves] == [3]
    assert {step.move.kind for step in steps_of(road)} == {"stays"}


def test_waves_of_a_limit_by_hand() -> None:
    """Two at a time, a month of dual running. Saving a month ÷ cash first (dual running, 100 each, and people's work):

    a 90 ÷ 100, b 80 ÷ 100, c 70 ÷ 100, d (an SLO) 95 ÷ 100, e 80 ÷ 150. So a and b, then c and e, which save 150 and
    not 95, then d alone; where e costs 99 and saves 1, d goes before c and e.
    """
    costs = {"a": 10, "b": 20, "c": 30, "d": 5, "e": 20}
    made = plan([placement(name, [line(cost)], 100) for name, cost in costs.items()], 12, "0")
    todays = {name: Today("x", is_critical=name == "d", migration_cents=50 if name == "e" else 0) for name in costs}
    road = road_of(made, todays, kept(1, 0, 2))
    assert [(wave.first, [step.move.workload for step in wave.steps]) for wave in road.waves] == [
        (1, ["a", "b"]), (2, ["c", "e"]), (3, ["d"]),
    ]  # fmt: skip
    assert [[wait.why for wait in step.waits] for step in steps_of(road)] == [[], [], ["wave"], ["wave"], ["wave"]]
    costs["e"] = 99
    dear = plan([placement(name, [line(cost)], 100) for name, cost in costs.items()], 12, "0")
    assert [[step.move.workload for step in wave.steps] for wave in road_of(dear, todays, kept(1, 0, 2)).waves] == [
        ["a", "b"], ["d"], ["c", "e"],
    ]  # fmt: skip
    road = road_of(made, todays, kept(3, 0, 2))
    assert [wave.first for wave in road.waves] == [1, 4, 7]
    road = road_of(made, todays, kept(1, 0, 2, 6))
    assert [wave.first for wave in road.waves] == [1, 7], "two waves of 12 months; the third would begin in month 13"
    assert [(stay.move.workload, stay.waits[-1]) for stay in road.staying] == [("d", Wait("wave", 0))]
    assert [wave.first for wave in road_of(made, todays, kept(1, 0, None, 6)).waves] == [1]


@pytest.mark.parametrize(("weeks", "months"), [(0, 0), (0.1, 1), (4, 1), (5, 2), (12, 3), (26, 6), (27, 7), (52, 12)])
def test_weeks_in_months(weeks: float, months: int) -> None:
    """4 × 7 = 28 days are one month of 30.42; 26 × 7 = 182 days are 5.98."""
    assert months_of_weeks(int(weeks * 10**6)) == months


@settings(deadline=None, max_examples=30)
@given(PLANNED, SETTINGS, st.data(), st.sampled_from([40, 80, 160]))
def test_every_form_is_written(made: Plan, chosen: Settings, data: st.DataObject, width: int) -> None:
    """JSON and CSV agree; nothing is wider than the terminal where that is 80 or more."""
    road = road_of(made, drawn(made, data), chosen)
    document = json.loads("".join(render_roadmap(road, "json", "", (width, False))))
    months = "".join(render_roadmap(road, "csv", "month", (width, False))).split("\r\n")
    names = months[0].split(",")
    assert [dict(zip(names, row.split(","), strict=True)) for row in months[1:-1]] == [
        {name: str(value) for name, value in row.items()} for row in document["months"]
    ]
    rows = "".join(render_roadmap(road, "csv", "workload", (width, False))).split("\r\n")
    assert len(rows) - 2 == len({one.whole for one in made.placements})
    documented = (Path(__file__).parent.parent / "docs/roadmap.md").read_text(encoding="utf-8")
    assert [name for name in (*names, *rows[0].split(",")) if f"`{name}`" not in documented] == []
    assert "".join(render_roadmap(road, "markdown", "", (width, False)))
    text = "".join(render_roadmap(road, "table", "", (width, False)))
    assert width < 80 or max(map(len, text.splitlines())) <= width


def test_book_value_is_invested_when_it_is_taken_into_use() -> None:
    """30,300 over 3 months at 1 % a month, from month 2 on: 20,200 of book value then, 20,200 ÷ 1.01 = 20,000 today."""
    made = plan([placement("a", [line(0, Schedule("held", 3, 30_300))], 0)], 3, "0.126825030131969720661201")
    today = {"a": Today("aws/us", "on_demand", "2027-01", 1, 0)}
    (wave,) = road_of(made, today, kept()).waves
    assert (wave.first, wave.stopped.present_value, wave.stopped.present_value_with_book) == (2, 0, -20_000)


def test_it_waits_where_that_is_worth_as_much() -> None:
    """A new place that costs nothing is worth the same at once and after the commitment: then nothing is hurried."""
    made = plan([placement("a", [line(0)], 100)], 12, "0.08")
    (step,) = steps_of(road_of(made, {"a": Today("x", "on_demand", "2027-04", 4, 100)}, kept()))
    assert step.choice is not None
    assert (step.choice.early, step.choice.waits, step.first) == (step.choice.late, True, 5)


def notes_of(road: Roadmap) -> str:
    return "\n".join(json.loads("".join(render_roadmap(road, "json", "", (80, False))))["notes"])


def test_notes_name_what_is_not_counted() -> None:
    """People's work and sunk nodes where nothing is stated; who costs more than today; who has no place."""
    gone = placement("gone", [], 500, status="unplaced", monthly_cost_cents=None, layers=())
    rows = [placement("dear", [line(110)], 100), placement("done", [line(10)], 100), placement("own", [line(10)], 100)]
    made = plan([*rows, gone], 12, "0")
    todays = {
        "dear": Today("x", "on_demand"),
        "done": Today("x", "owned", migration_cents=0, resale_cents=0),
        "own": Today("", "owned", migration_cents=5),
    }
    text = notes_of(road_of(made, todays, kept()))
    assert "people's work is not counted of dear: state" in text
    assert "selling those of own; state" in text
    assert "taken to move: own" in text
    assert "more than today, $0.10 a month, is what the plan costs for dear: " in text
    assert "no place was found for gone: $5.00 a month of today's cost goes on" in text
    assert "done" not in text


def test_sites_of_a_workload_move_together() -> None:
    """Both begin when the slower one's nodes are there; today's cost is the first one's, once."""
    first = placement("a/1", [line(10)], 100, member=Member("a", "active", 2))
    nodes = line(20, Schedule("purchase", 60, 1200), term="hardware")
    second = placement("a/2", [nodes], 0, tier="colo", site="cage/B1", member=Member("a", "standby", 2))
    made = plan([first, second], 12, "0")
    months = {"colo": figure(3)}
    (step,) = steps_of(road_of(made, {"a": Today("x")}, kept(1)._replace(lead_months=months)))
    assert (step.move.workload, step.first, step.move.baseline_cents, step.move.cost_cents) == ("a", 4, 100, 30)
    assert step.stream.saving == (0, 0, 0, -1210, *(90,) * 8)


OWN_SITES = ("own/a", "own/b", "own/c")


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*OWN_SITES, "x"]),
            st.sampled_from([*OWN_SITES, "aws/us"]),
            st.integers(0, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([None, 1, 2]),
    st.integers(0, 2),
)
def test_nobody_comes_before_others_have_left(
    moves: list[tuple[str, str, int, bool]], most: int | None, dual: int
) -> None:
    """Whoever takes nodes of an own site comes after all who leave it, unless they wait for each other in a circle."""
    rows, todays = [], {}
    for number, (source, target, committed, critical) in enumerate(moves):
        layer = Layer(f"{target}/existing-n/owned", "A", "owned" if target in OWN_SITES else "spot", 1, 8, 8, "730")
        rows.append(placement(f"w{number}", [line(10 + number)], 100, site=target, layers=(layer,)))
        todays[f"w{number}"] = Today(source, "owned", "2030-01", committed, 100, is_critical=critical)
    road = road_of(plan(rows, 60, "0.08"), todays, kept(dual, 0, most))
    assert road.staying == ()
    first = {step.move.workload: (step.first, step.move.dual_months) for step in steps_of(road)}
    leaving = {site: {f"w{at}" for at, move in enumerate(moves) if move[0] == site != move[1]} for site in OWN_SITES}
    follows = {site: {moves[int(name[1:])][1] for name in names} for site, names in leaving.items()}
    for _ in OWN_SITES:  # whoever leaves goes to sites that others leave, and so on
        follows = {
            site: found.union(*(follows.get(other, set()) for other in found)) for site, found in follows.items()
        }
    for at, (source, target, _, _) in enumerate(moves):
        circle = source in OWN_SITES and source in follows.get(target, set())
        if source != target and target in OWN_SITES and not circle:
            assert all(first[name][0] + first[name][1] <= first[f"w{at}"][0] for name in leaving[target])
