"""What plans say of work: costs by its unit, how busy it keeps nodes, where other ways pay, and what would turn it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from fleets import written
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from plans import json_of
from worlds import Draft, inventory, site
from worlds_work import REFERENCE, with_work, work_world

from placement.catalog.tables import Catalog, Shape
from placement.catalog.work import Roofline
from placement.cli.commands import load
from placement.engine.advise import advise, plan_of
from placement.engine.chunk import chunk_of
from placement.engine.problem import build_problem
from placement.engine.running.processes import Processes
from placement.engine.solution import prepare
from placement.engine.solve import solve
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.plan.model import Placement

SHA = "0" * 64
BY_THE_HOUR = ("on_demand", "spot")


def placed(catalog: Catalog, wanted: Inventory) -> dict[str, Placement]:
    return {one.workload: one for one in advise(catalog, wanted, SHA).placements}


def worlds(count: int) -> Iterator[tuple[Catalog, Inventory, dict[str, Placement]]]:
    for seed in range(count):
        catalog, wanted = work_world(seed)
        yield catalog, wanted, placed(catalog, wanted)


def test_units_cost_what_the_workload_costs() -> None:
    """Cost of a unit × units a month is the workload's cost, as rounded; nothing is busier than it can."""
    seen = set()
    for _, wanted, found in worlds(40):
        for workload in wanted.workloads:
            one = found[workload.id]
            if one.work is None or one.monthly_cost_cents is None:
                continue
            units, each = Decimal(one.work.units_per_month), Decimal(one.work.usd_per_unit)
            # Units are told to 6 digits.
            off = units * Decimal("5.01e-7") + Decimal(one.monthly_cost_cents) / 100 * Decimal("5.1e-6")
            assert abs(units * each - Decimal(one.monthly_cost_cents) / 100) <= off, one
            assert 0 <= Decimal(one.work.utilization_fraction) <= 1
            replica = one.work.replica_accelerators
            assert one.work.replicas == sum(
                layer.accelerators_needed // (layer.replica_accelerators or replica) for layer in one.layers
            )
            seen.add(one.work.unit)
            assert float(units) == pytest.approx(float(units_of(wanted, workload)), rel=1e-5), workload
    often = {"camera-month", "training run", "million output tokens", "1,000 frames", "request at once and month"}
    assert often <= seen


def units_of(wanted: Inventory, workload: Workload) -> Decimal:
    """Units a month, by hand: cameras, runs, millions of tokens or thousands of items, as they grow."""
    demand, said = workload.demand, workload.demand.work
    growth, months = said.growth_fraction_per_month, wanted.horizon_months
    grown = sum((1 + growth) ** month for month in range(months)) / months
    if demand.video is not None:
        return Decimal(said.cameras * grown)
    if demand.training is not None:
        return Decimal(said.runs_per_month * grown)
    if demand.batch is not None:
        tokens = said.tokens_per_month or said.items_per_month * (said.output_tokens or 1)
        return Decimal(tokens * grown / (1e6 if said.output_tokens else 1e3))
    rate = said.tokens_per_second or said.requests_per_second or said.concurrency
    curve = wanted.curves.get(rate.load)
    mean = rate.mean or (curve.mean * (rate.peak / curve.peak if rate.peak else 1.0))
    traced = curve is not None and curve.counts == "requests"
    output = said.output_tokens or (curve.output_tokens if traced else 0)
    if said.concurrency is not None:
        return Decimal(mean * grown)
    if output and (said.requests_per_second is not None or (traced and not (rate.mean or rate.peak))):
        mean *= output
    return Decimal(mean * grown * 730 * 3600 / (1e6 if output else 1e3))


def test_at_the_stated_share_both_ways_cost_the_same() -> None:
    """The one paid by the hour is reckoned anew for the hours at which both are said to meet."""
    seen = 0
    for catalog, wanted, found in worlds(60):
        oracle = Oracle(catalog, wanted)
        offers = {offer.id: offer for offer in oracle.offers}
        for workload in wanted.workloads:
            one = found[workload.id]
            if one.break_even is None or one.work is None or workload.per_location:
                continue
            mine, other = offers[one.layers[0].offer], offers[one.break_even.offer]
            # As they are among the others, with whom they share tiers of bytes.
            costs = {other.offer: other.monthly_cost_cents * 10_000 for other in one.alternatives}
            costs[mine.id] = one.monthly_cost_cents * 10_000
            assert sum(offer.purchase in BY_THE_HOUR for offer in (mine, other)) == 1
            if other.id not in costs:
                continue
            hourly, committed = (mine, other) if mine.purchase in BY_THE_HOUR else (other, mine)
            need = oracle.need(workload, hourly)
            if not need.hours_milli:
                continue
            hour = need.nodes * oracle.cost_per_node(workload, hourly) * 1000 / need.hours_milli
            at = float(one.break_even.at_fraction)
            assert float(one.break_even.in_use_fraction) == pytest.approx(need.hours_milli / 730_000, abs=0.0006)
            meets = costs[hourly.id] + hour * (at * 730 - need.hours_milli / 1000)
            if 0 < at < 9999:
                assert abs(meets - costs[committed.id]) <= hour * 730 * 0.0006 + 20_000, one
                seen += 1
    assert seen > 20


def market(prices: dict[str, int] | None = None, times: int = 1) -> Catalog:
    """One site that rents everything by the hour: single accelerators of eight, and whole nodes."""
    draft = Draft(sites=[site("lam/1")])
    prices = prices or {"A": 1_100_000, "B": 700_000, "C": 3_900_000, "E": 90_000, REFERENCE: 2_300_000}
    for name, price in prices.items():
        draft.offer("lam/1", f"{name}-1", "on_demand", Shape(name, 1, 8, "fabric"), price * times)
        draft.offer("lam/1", f"{name}-8", "on_demand", Shape(name, 8, 8, "fabric"), 8 * price * times - 1)
        draft.offer("lam/1", f"{name}-8", "reserved_1y", Shape(name, 8, 8, "fabric"), 5 * price * times)
    return with_work(Random("market"), draft.catalog())


SERVING = {"model": "small", "input_tokens": 900.5, "output_tokens": 301.25}


def wants(form: str, **said: Any) -> Inventory:
    return inventory([{"id": "w", "kind": "inference", "demand": {form: said}}], horizon_months=12)


def best(catalog: Catalog, wanted: Inventory) -> float:
    """Micro-dollars a month, infinite where nothing will do."""
    cost = solve(prepare(build_problem(catalog, wanted))).cost_w[0]
    return float(cost) if math.isfinite(cost) and cost >= 0 else math.inf


CATALOG = market()
examples = settings(max_examples=40, deadline=None, derandomize=True)


@examples
@given(st.floats(1, 1e6), st.floats(1, 3), st.sampled_from(["small", "large", "experts", "latent"]), st.booleans())
def test_more_demand_never_takes_fewer_nodes(rate: float, times: float, model: str, waits: bool) -> None:
    """On any shape, whether requests wait or replicas are kept below a share of their work."""
    target = {} if waits else {"target_utilization_fraction": 0.61}

    def nodes(rate: float) -> np.ndarray:
        problem = build_problem(
            CATALOG, wants("serving", **SERVING | {"model": model}, tokens_per_second=rate, **target)
        )
        return chunk_of(problem, np.arange(1)).sizing.nodes_wh

    assert (nodes(rate * times) >= nodes(rate)).all()


@examples
@given(
    st.floats(1, 1e6), st.floats(2, 200), st.floats(20, 5000), st.floats(1, 4), st.sampled_from(["small", "experts"])
)
def test_a_looser_slo_never_costs_more(rate: float, tpot: float, ttft: float, times: float, model: str) -> None:
    def cost(times: float) -> float:
        slo = {"tpot_ms": tpot * times, "ttft_ms": ttft * times}
        return best(CATALOG, wants("serving", **SERVING | {"model": model}, tokens_per_second=rate, **slo))

    assert cost(times) <= cost(1)


@examples
@given(
    st.floats(1, 1e6), st.sampled_from(["A", "B", "C", "E", REFERENCE]), st.sampled_from(["small", "large", "mixed"])
)
def test_an_accelerator_more_never_costs_more(rate: float, name: str, model: str) -> None:
    prices = {"A": 1_100_000, "B": 700_000, "C": 3_900_000, "E": 90_000, REFERENCE: 2_300_000}
    fewer = market({other: price for other, price in prices.items() if other != name})
    wanted = wants("serving", **SERVING, tokens_per_second=rate)
    assert best(CATALOG, wanted) <= best(fewer, wanted)


@examples
@given(st.floats(8, 12), st.floats(1, 600), st.floats(1, 5), st.sampled_from(["full", "lora", "qlora"]))
def test_a_longer_deadline_never_costs_more(tokens: float, deadline: float, times: float, method: str) -> None:
    said = {"model": "small", "method": method, "tokens": 10**tokens}
    costs = [best(CATALOG, wants("training", **said, deadline_hours=hours)) for hours in (deadline, deadline * times)]
    assert costs[1] <= costs[0] + 2 * 10**6, "hours of a node are rounded up to a thousandth"


@pytest.mark.parametrize("rate", [37.5, 5000.0, 123_456.0])
def test_doubled_prices_double_what_a_unit_costs(rate: float) -> None:
    wanted = wants("serving", **SERVING, tokens_per_second={"mean": rate, "peak": 2 * rate})
    plain, doubled = (placed(market(times=times), wanted)["w"] for times in (1, 2))
    assert plain.work is not None
    assert doubled.work is not None
    assert float(doubled.work.usd_per_unit) == pytest.approx(2 * float(plain.work.usd_per_unit), rel=1e-5)


def close(price: int) -> Placement:
    """`A`, whose roofline may be a third off, against the reference, of which it is stated what it does."""
    catalog = market({"A": 1_000_000, REFERENCE: price})
    roofline = Roofline("NVIDIA", "*", "fp8", 0.7, 0.5, 0.5, 0.0, 0.0, 1.0, 0.6, 1.4, 9, "2026", "s1", "")
    catalog = catalog._replace(roofline={("NVIDIA", "*", "fp8"): roofline}, measured=catalog.measured.made_of(()))
    wanted = wants(
        "serving", **SERVING, tokens_per_second=50_000, target_utilization_fraction=0.7, accelerators_per_replica=1,
        throughput=[{"accelerator": REFERENCE, "accelerators": 1, "units_per_second": 6000}],
    )  # fmt: skip
    return placed(catalog, wanted)["w"]


def test_a_close_call_says_what_would_be_as_cheap_and_what_to_measure() -> None:
    """The chosen accelerator at the low end of its band needs 1 ÷ 0.6 as many: what costs less than that is close."""
    mine = close(9_999_999)
    assert mine.layers[0].accelerator == "A"
    assert mine.rating is not None
    assert mine.rating.basis == "roofline"
    assert float(mine.rating.low) == pytest.approx(0.6 * float(mine.rating.throughput), rel=1e-5)
    assert mine.close_call == ""
    assert mine.work is not None
    assert mine.work.measure == ""
    nodes = math.ceil(50_000 / (0.7 * 6000))
    paid = mine.monthly_cost_cents / 100
    dearer = close(math.ceil(paid * 1.2 / (nodes * 730) * 1e6))
    assert dearer.layers[0].accelerator == "A"
    assert REFERENCE in dearer.close_call
    assert dearer.work is not None
    assert "tokens per second of small" in dearer.work.measure
    assert "1 × A" in dearer.work.measure
    far = close(math.ceil(paid * 2 / (nodes * 730) * 1e6))
    assert far.close_call == ""


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_the_order_of_workloads_and_where_they_are_computed_cannot_be_seen(seed: int) -> None:
    """Row order, parts of one or three workloads, and two processes: the same bytes."""
    catalog, wanted = work_world(seed)
    expected = json_of(advise(catalog, wanted, SHA))
    shuffled = list(wanted.workloads)
    Random(seed).shuffle(shuffled)
    assert json_of(advise(catalog, wanted.model_copy(update={"workloads": shuffled}), SHA)) == expected
    problem = build_problem(catalog, wanted)
    whole = chunk_of(problem, np.arange(len(wanted.workloads))).sizing
    for w in range(len(wanted.workloads)):
        alone = chunk_of(problem, np.array([w])).sizing
        for one_wh, all_wh in ((alone.nodes_wh, whole.nodes_wh), (alone.group_wh, whole.group_wh)):
            assert one_wh[0].tobytes() == all_wh[w].tobytes()
        assert alone.work is not None
        assert whole.work is not None
        for one_wh, all_wh in zip(alone.work, whole.work, strict=True):
            assert one_wh[0].tobytes() == all_wh[w].tobytes()
    prepared = prepare(problem)
    expected = json_of(plan_of(prepared, solve(prepared), SHA))
    with Processes(2) as runner:
        assert json_of(plan_of(prepared, solve(prepared, runner=runner), SHA)) == expected


def test_what_one_workload_names_is_nothing_to_others() -> None:
    """Neither the number of accelerators that another wants as one, nor one it measured, changes anything."""
    mine = {"id": "w", "kind": "inference", "demand": {"serving": {**SERVING, "tokens_per_second": 7777}}}
    measured = [{"accelerator": "A", "accelerators": 5, "units_per_second": 9000}]
    other = {"serving": {**SERVING, "tokens_per_second": 1, "accelerators_per_replica": 3, "throughput": measured}}
    alone = placed(CATALOG, inventory([mine]))["w"]
    among = placed(CATALOG, inventory([mine, {"id": "x", "kind": "inference", "demand": other}]))["w"]
    assert alone == among


def test_a_fleet_says_the_same_as_an_inventory(tmp_path: Path) -> None:
    """Work in a file of its own, a workload a line."""
    rows = [
        {"id": f"w{number}", "kind": "inference", "demand": {"serving": {
            "model": "llama-3.3-70b", "precision": "fp8", "input_tokens": 1000, "output_tokens": 250 + number,
            "tokens_per_second": {"mean": 100.5 * (number + 1), "peak": 300.25 * (number + 1)}}}}
        for number in range(7)
    ]  # fmt: skip
    path = written(tmp_path, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    document = {"schema_version": 1, "name": "Example", "workloads": rows}
    (tmp_path / "plain.yaml").write_text(json.dumps(document))
    plans = []
    for file in (path, tmp_path / "plain.yaml"):
        loaded = load(file, [], True)
        plans.append(json_of(advise(loaded.catalog, loaded.inventory, SHA)))
    assert plans[0] == plans[1]
