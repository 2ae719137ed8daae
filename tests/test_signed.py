"""Commitments that are signed already: prices against the oracle, who gets them against every way to share them."""

from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from oracle import Oracle
from plans import file_of, money_of, plan_in
from test_oracle import agree
from worlds import Draft, inventory, site, workload
from worlds_signed import signed_world

from placement.catalog.tables import Shape
from placement.engine.advise import advise
from placement.engine.signed import months_left
from placement.finance.cash import flow_of
from placement.plan.model import Plan, Schedule

SHA = "0" * 64


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_random_worlds(first: int) -> None:
    """The same offers, limits, costs to the micro-dollar and best of every tier, whatever has been signed."""
    for seed in range(first, first + 20):
        agree(*signed_world(seed))


def test_worlds_cover_what_matters() -> None:
    """Placed on what is renewed, on demand afterwards, and paid for the whole horizon."""
    seen = Counter()
    for seed in range(80):
        catalog, wanted = signed_world(seed)
        made = advise(catalog, wanted, SHA)
        on = {layer.offer for one in made.placements for layer in one.layers}
        seen.update(one.then for one in made.commitments if one.offer in on)
        seen["idle"] += sum(one.used < one.nodes for one in made.commitments)
        seen["full"] += sum(one.used == one.nodes for one in made.commitments)
    assert {"renewed", "on demand", "", "idle", "full"} <= set(seen)


def small(nodes: int, hours: list[int], horizon: int = 12, ends: str = "2026-07", **changed):
    """One site with `a` on demand at $4, for a year at $2.50 (or as *changed*); so many signed nodes, and workloads."""
    draft = Draft(sites=[site("lam/1")])
    for purchase, price in ({"on_demand": 4_000_000, "reserved_1y": 2_500_000} | changed).items():
        draft.offer("lam/1", "a", purchase, Shape("A", 1, 1, ""), price=price)
    asks = [workload(f"w{row}", demand={"hours_per_month": hour}) for row, hour in enumerate(hours)]
    signed = [{"offer": "lam/1/a/reserved_1y", "nodes": nodes, "ends": ends, "usd_per_hour": 1}]
    return draft.catalog(), inventory(asks, horizon_months=horizon, commitments=signed)


@pytest.mark.parametrize("nodes", [1, 2, 3])
@pytest.mark.parametrize("hours", [[730, 700, 10], [200, 200, 300, 720], [1, 1, 1], [730, 730]])
@pytest.mark.parametrize("ends", ["2026-03", "2026-07", "2026-12", "2027-01"])
def test_nodes_go_to_those_who_save_most(nodes: int, hours: list[int], ends: str) -> None:
    """The plan costs what the best of all ways to share the signed nodes costs, and is within their number."""
    catalog, wanted = small(nodes, hours, ends=ends)
    oracle = Oracle(catalog, wanted)
    (signed,) = [offer for offer in oracle.offers if offer.signed is not None]
    costs = []
    for one in wanted.workloads:
        every = {offer.id: oracle.verdict(one, offer).cost for offer in oracle.offers}
        costs.append((min(cost for name, cost in every.items() if name != signed.id), every[signed.id]))
    ways = product((0, 1), repeat=len(hours))
    best = min(sum(cost[way] for cost, way in zip(costs, ways_, strict=True)) for ways_ in ways if sum(ways_) <= nodes)
    made = advise(catalog, wanted, SHA)
    assert abs(made.summary.monthly_cost_cents * 10_000 - best) <= len(hours) * 5_000  # each is rounded to the cent
    (told,) = made.commitments
    assert told.used == sum(layer.nodes for one in made.placements for layer in one.layers if layer.offer == told.offer)
    assert told.used <= told.nodes
    assert told.workloads == tuple(sorted(one.workload for one in made.placements if one.layers[0].offer == told.offer))


def test_months_are_counted_from_the_one_after_the_catalog() -> None:
    catalog, _ = small(1, [1])
    assert [months_left(catalog, ends) for ends in ("2026-01", "2026-02", "2026-12", "2027-01", "2031-01")] == [
        0, 1, 11, 12, 60,
    ]  # fmt: skip


def money(made: Plan) -> list[int]:
    return list(money_of(made).sums.paid)


def test_what_comes_after_is_paid_after() -> None:
    """Six of 12 months are signed. On demand: 6 ÷ 12 × 100 h × $4 = $200, paid $400 in each of the last six.

    Renewed, with a year at $1.50: of 18 months nine are signed, and 12 × 1.50 < 9 × 4. 12 ÷ 18 × 730 h = 486.667 h
    × $1.50 = $730, paid $1,095 in each of the last nine months, which bear the whole term; three months are still owed.
    """
    made = advise(*small(1, [100]), SHA)
    (line,) = made.placements[0].lines
    assert (line.cost_cents, line.schedule) == (20_000, Schedule("term", 1, 40_000, 0, 6))
    assert money(made) == [0] * 6 + [40_000] * 6
    made = advise(*small(1, [730], horizon=18, ends="2026-10", reserved_1y=1_500_000), SHA)
    (line,) = made.placements[0].lines
    assert (line.quantity, line.cost_cents, line.schedule) == ("486.667", 73_000, Schedule("term", 12, 109_500, 0, 9))
    assert money(made) == [0] * 9 + [109_500] * 9
    flow = flow_of(line, 18)
    assert flow.accrual == (0,) * 9 + (146_000,) * 9
    assert flow.capital == (73_000,) * 9 + (-73_000,) * 9
    assert flow.closing == -3 * 109_500


def test_what_is_paid_anyway_stands_apart() -> None:
    """Two nodes at $1 for 730 h, until the sixth of 12 months: $1,460 a month, in no total of cash or cost."""
    made = advise(*small(2, [100]), SHA)
    statement = money_of(made)._replace(commitments=made.commitments)
    assert statement.signed == (146_000,) * 6 + (0,) * 6
    assert sum(statement.sums.paid) == 6 * 40_000
    (told,) = made.commitments
    assert (told.nodes, told.used, told.months, told.paid_cents, told.then) == (2, 1, 6, 146_000, "on demand")


def test_without_a_price_for_the_time_after_nobody_stands_on_it() -> None:
    """The catalog has no price any more: eligible as long as the horizon ends first."""
    for ends, used in (("2026-07", 0), ("2027-01", 1)):
        catalog, wanted = small(1, [100], ends=ends, on_demand=-1, reserved_1y=-1)
        made = advise(catalog, wanted, SHA)
        assert (made.commitments[0].used, made.summary.placed) == (used, used)
        assert made.commitments[0].then == ("unknown" if ends == "2026-07" else "")
        assert made.summary.monthly_cost_cents == 0


def test_equal_commitments_are_one_stock() -> None:
    """The same offer and end, at two prices: three nodes, paid 1 × $1 + 2 × $3."""
    catalog, wanted = small(1, [730])
    first = wanted.commitments[0]
    every = [first.model_copy(update={"nodes": 2, "usd_per_hour": 3}), first]
    made = advise(catalog, wanted.model_copy(update={"commitments": every}), SHA)
    (told,) = made.commitments
    assert (told.nodes, told.paid_cents) == (3, 7 * 73_000)
    other = advise(catalog, wanted.model_copy(update={"commitments": every[::-1]}), SHA)
    assert other == made


def test_a_plan_with_commitments_comes_back(tmp_path: Path) -> None:
    """They are in the file, and read from it, from the layout of `advise` and from any other."""
    made = advise(*small(2, [100]), SHA)
    assert plan_in(file_of(made, tmp_path)) == made
    path = file_of(made, tmp_path)
    path.write_text(path.read_text().replace('  "placements": [\n', '  "placements":[\n'))
    assert plan_in(path) == made
