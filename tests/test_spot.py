"""Spot: how long gangs last, what checkpoints take, when runs are done, and what of them is done on demand in time."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from oracle import Oracle
from test_oracle import agree
from test_work_plans import SHA, placed
from worlds import Draft, inventory, site
from worlds_work import REFERENCE, with_work

from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.engine.chunk import chunk_of
from placement.engine.elementary import above, cube_root, exp, ln
from placement.engine.on_spot import spot_hours
from placement.engine.problem import build_problem
from placement.engine.spot import (
    SpotTerms,
    available_fraction,
    checkpoint_milli,
    gang_paid_milli,
    interval_hours,
    mean_up_hours,
    paid_hours_milli,
)
from placement.engine.spot_runs import Course, course_of, fallback, mean_hours, p90_hours
from placement.inventory.inventory import Inventory
from placement.plan.model import Placement
from placement.words import AFTER_SPOT

TERMS = SpotTerms(4.08, 1.7, 0.72, 0.41, 16.0, 0.2, 50.0, 970_000.0)


def test_elementary_functions_are_right_to_fourteen_digits() -> None:
    x = np.linspace(-690, 690, 4001)
    assert exp(x) == pytest.approx(np.array([math.exp(value) for value in x.tolist()]), rel=1e-14)
    assert exp(np.array([701.0, -701.0])).tolist() == [math.inf, 0.0]
    y = exp(np.linspace(-50, 50, 2001))
    assert ln(y) == pytest.approx(np.array([math.log(value) for value in y.tolist()]), abs=1e-14, rel=1e-14)
    z = np.linspace(-9, 9, 1801)
    assert above(z) == pytest.approx(np.array([math.erfc(v / math.sqrt(2)) / 2 for v in z.tolist()]), abs=2e-15)
    assert cube_root(np.array([0.0, 8.0, 27.0])) == pytest.approx(np.array([0.0, 2.0, 3.0]), rel=1e-14)


def test_gangs_go_through_both_figures() -> None:
    """One node, sixteen, and their geometric mean at four; 256 are as far from sixteen as sixteen from one."""
    nodes = np.array([1.0, 4.0, 16.0, 256.0])
    up, there = mean_up_hours(TERMS, nodes), available_fraction(TERMS, nodes)
    assert up == pytest.approx(np.array([4.08, math.sqrt(4.08 * 1.7), 1.7, 1.7**2 / 4.08]))
    assert there == pytest.approx(np.array([0.72, math.sqrt(0.72 * 0.41), 0.41, 0.41**2 / 0.72]))
    every = np.arange(1.0, 3000)
    assert (np.diff(mean_up_hours(TERMS, every)) < 0).all()
    assert (np.diff(available_fraction(TERMS, every)) < 0).all()


def test_a_checkpoint_takes_its_size() -> None:
    """1,120 GB (70 billion parameters × 16 bytes): from one node at 0.97 GB/s 1,154.6 s, which is 0.3207 h; from four
    0.0802 h; a small one takes a thousandth of an hour at least. 3,492 GB at 0.97 GB/s are an hour, exactly."""
    size = np.array([1_120_000.0, 1_120_000.0, 1.0, 3_492_000.0])
    assert checkpoint_milli(size, np.array([1.0, 4.0, 8.0, 1.0]), 970_000.0).tolist() == [321, 81, 1, 1000]


def test_large_checkpoints_are_written_at_half_the_mean_time() -> None:
    """√(2δM) − δ is largest at δ = M/2, where it is M/2; from there on it is held."""
    mean, written = np.array([2.0] * 3), np.array([0.25, 1.0, 3.0])
    assert interval_hours(mean, written).tolist() == [0.75, 1.0, 1.0]
    paid = paid_hours_milli(mean, written, 0.2)
    assert (np.diff(paid) > 0).all()
    assert paid_hours_milli(np.array(0.01), np.array(1.0), 24.0) == 1_000_000, "who gets nowhere"


class Walk:
    """A gang on spot, hour by hour."""

    def __init__(self, random: Random, nodes: float, written: float) -> None:
        at = np.array(nodes)
        self.up, share = float(mean_up_hours(TERMS, at)), float(available_fraction(TERMS, at))
        self.gone = self.up * (1 - share) / share
        self.tau, self.written, self.random = (
            float(interval_hours(np.array(self.up), np.array(written))),
            written,
            random,
        )
        self.clock = 0.0 if random.random() < share else random.expovariate(1 / self.gone)
        self.left = random.expovariate(1 / self.up)
        self.again = 0.0
        self.paid = 0.0

    def segment(self, work: float) -> bool:
        """Whether so much work was done and written down; else it waits, and must restart."""
        takes = work * (1 + self.written / self.tau) + self.again
        lasts = min(self.left, takes)
        self.paid += lasts
        if self.left >= takes:
            self.clock, self.left, self.again = self.clock + takes, self.left - takes, 0.0
            return True
        self.clock += self.left + self.random.expovariate(1 / self.gone)
        self.left, self.again = self.random.expovariate(1 / self.up), TERMS.restart_hours
        return False

    def run(self, work: float, deadline: float = math.inf) -> float:
        """Hours of the work that are left when the rest would be late; 0 where it is done before."""
        while work > 1e-12:
            if self.clock >= deadline - TERMS.restart_hours - work:
                return work
            step = min(self.tau, work)
            work -= step if self.segment(step) else 0.0
        return 0.0


def course(nodes: float, written: float) -> Course:
    return course_of(TERMS, np.array(nodes), np.array(written * 1000))


CASES = [(5.0, 1, 0.05), (20.0, 16, 0.05), (20.0, 1, 0.005), (100.0, 16, 0.002), (100.0, 64, 0.01)]


@pytest.mark.parametrize(("work", "nodes", "written"), CASES)
def test_a_run_takes_what_drawing_lots_takes(work: float, nodes: int, written: float) -> None:
    """Means within 1.5 %, and the ninth of ten runs within 4 %, of 6,000 runs whose interruptions are drawn by lot."""
    random, took, paid = Random(f"{work} {nodes}"), [], []
    for _ in range(6000):
        walk = Walk(random, nodes, written)
        walk.run(work)
        took.append(walk.clock)
        paid.append(walk.paid)
    took.sort()
    said, hours = course(nodes, written), np.array(work)
    assert float(mean_hours(said, hours)) == pytest.approx(sum(took) / len(took), rel=0.015)
    assert float(p90_hours(said, hours)) == pytest.approx(took[int(0.9 * len(took))], rel=0.04)
    assert float(said.paid_milli) / 1000 * work == pytest.approx(sum(paid) / len(paid), rel=0.015)


@pytest.mark.parametrize(("work", "nodes", "written"), CASES)
def test_what_is_done_on_demand_is_not_less_than_by_lot(work: float, nodes: int, written: float) -> None:
    """Whoever changes over in the last moment does no more on demand, on average, than is charged for, and that is no
    more than some of it: 5 % of a run at most where its ninth of ten is just in time."""
    said, hours, random = course(nodes, written), np.array(work), Random(f"late {work} {nodes}")
    deadline = float(p90_hours(said, hours)) + TERMS.restart_hours
    charged = fallback(said, hours, np.array(deadline), TERMS.restart_hours)
    left = [Walk(random, nodes, written).run(work, deadline) for _ in range(6000)]
    drawn = sum(left) / len(left)
    assert drawn <= float(charged.work) * 1.1
    assert float(charged.work) <= 0.05 * work + 0.35
    assert float(charged.work) < float(charged.paid) <= float(charged.work) + 0.12 * TERMS.restart_hours


def test_more_time_means_less_on_demand() -> None:
    said = course(4, 0.02)
    late = [float(fallback(said, np.array(50.0), np.array(hours), 0.2).paid) for hours in (130, 150, 180, 250, 1000)]
    assert late == sorted(late, reverse=True)
    assert late[-1] < 1e-6 < late[0] < 50


def shop(on_demand: int | None = 24_000_000, spot: int = 8_000_000) -> Catalog:
    """Nodes of eight on a fabric, on spot and on demand."""
    draft = Draft(sites=[site("lam/1")])
    shape = Shape(REFERENCE, 8, 8, "fabric")
    if on_demand is not None:
        draft.offer("lam/1", "n", "on_demand", shape, on_demand)
    draft.offer("lam/1", "n", "spot", shape, spot)
    made = with_work(Random("market"), draft.catalog())
    return made


def trains(deadline: float, **said: Any) -> Inventory:
    work = {"model": "large", "method": "full", "accelerator_hours": 1600, "reference": REFERENCE,
            "runs_per_month": 2, "deadline_hours": deadline} | said  # fmt: skip
    one = {"id": "w", "kind": "training", "interruptible": True, "demand": {"training": work}}
    return inventory([one], horizon_months=12)


def placement(catalog: Catalog, wanted: Inventory) -> Placement:
    return placed(catalog, wanted)["w"]


@pytest.mark.parametrize("deadline", [12, 20, 33, 40, 55, 80, 120, 365])
def test_the_oracle_says_the_same_of_hours_on_demand(deadline: float) -> None:
    """Hours on spot and after it on every shape, to the thousandth, and all costs to the micro-dollar."""
    catalog, wanted = shop(), trains(deadline)
    agree(catalog, wanted)
    oracle, problem = Oracle(catalog, wanted), build_problem(catalog, wanted)
    chunk = chunk_of(problem, np.arange(1))
    hours = spot_hours(problem, chunk)
    for offer, shape in zip(oracle.offers, problem.supply.shape_o.tolist(), strict=True):
        need = oracle.need(wanted.workloads[0], offer)
        if offer.purchase == "spot" and need.nodes:
            restarts = oracle.restarts(wanted.workloads[0], offer)
            assert hours.after_wh[0, shape] == need.after_milli
            assert hours.alone_wh[0, shape] == -(-need.hours_milli * restarts // 1000)
            assert hours.spot_wh[0, shape] == -(-(need.hours_milli - need.moved_milli) * restarts // 1000)


def test_a_tight_run_is_done_on_demand_in_the_end() -> None:
    """Its own line, at the price on demand; nine runs of ten are in time without it."""
    one = placement(shop(), trains(55))
    assert one.layers[0].purchase == "spot"
    assert one.work is not None
    assert float(one.work.run_hours) < float(one.work.run_p90_hours) <= 55
    spot, after = [line for line in one.lines if line.term == "usage"]
    assert (spot.label, after.label) == ("compute, spot with restarts", AFTER_SPOT)
    assert (spot.unit_price_usd, after.unit_price_usd) == ("8", "24")
    assert 0 < float(after.quantity) < 0.1 * float(spot.quantity)
    assert sum(line.cost_cents for line in one.lines) == one.monthly_cost_cents


def test_a_run_with_time_to_spare_has_no_such_line() -> None:
    labels = [line.label for line in placement(shop(), trains(365, accelerator_hours=160)).lines]
    assert labels == ["compute, spot with restarts"]


@pytest.mark.parametrize("catalog", [shop(on_demand=None), shop()])
def test_without_the_same_on_demand_all_is_done_on_spot(catalog: Catalog) -> None:
    """Or where the policies do not let it be rented so."""
    wanted = trains(55)
    if len(catalog.offers.site_o) > 1:
        policies = wanted.policies.model_copy(update={"allowed_purchase_models": ["spot"]})
        wanted = wanted.model_copy(update={"policies": policies})
    note = "trained on spot alone, as the same cannot be rented on demand: one run in ten may be late: w"
    assert note in advise(catalog, wanted, SHA).notes
    assert not any(one.startswith("trained on spot") for one in advise(shop(), trains(55), SHA).notes)
    one = placement(catalog, wanted)
    assert [line.label for line in one.lines if line.term == "usage"] == ["compute, spot with restarts"]
    with_fallback = placement(shop(), trains(55))
    assert float(one.lines[0].quantity) > float(with_fallback.lines[0].quantity)


def test_the_job_on_spot_is_the_smallest_of_which_nine_in_ten_are_in_time() -> None:
    """One node fewer is late more often."""
    for deadline in (20, 33, 55, 120):
        one = placement(shop(), trains(deadline))
        if one.layers[0].purchase != "spot":
            continue
        nodes = one.layers[0].nodes
        work = np.array(float(one.layers[0].hours_per_month) / 2)
        assert float(one.work.run_p90_hours if one.work else 0) <= deadline
        if nodes > 14:  # fewer do not hold the state
            fewer = course_of(
                TERMS, np.array(nodes - 1.0), checkpoint_milli(np.array(1_129_600.0), np.array(nodes - 1.0), 970_000)
            )
            assert float(p90_hours(fewer, work * nodes / (nodes - 1))) > deadline


def test_stated_checkpoints_change_what_is_paid() -> None:
    """A terabyte from two nodes of 0.97 GB/s takes 515.5 s, which is 0.144 h, instead of three minutes."""
    demand = {"model": REFERENCE, "count": 16, "hours_per_month": 100, "accelerators_per_replica": 16}
    quantities = []
    for said in ({}, {"checkpoint_gb": 1000}, {"checkpoint_gb": 1}):
        one = {"id": "w", "kind": "training", "interruptible": True, "demand": {"accelerators": demand | said}}
        quantities.append(float(placement(shop(), inventory([one], horizon_months=12)).lines[0].quantity))
    for quantity, written in zip(quantities, (50.0, 144.0, 1.0), strict=True):
        paid = float(gang_paid_milli(TERMS, np.array(2.0), np.array(written)))
        assert quantity == pytest.approx(2 * 100 * paid / 1000, abs=0.002)
    assert quantities[2] < quantities[0] < quantities[1]


def serves(**said: Any) -> Inventory:
    work = {"model": "large", "requests_per_second": 20, "input_tokens": 1000, "output_tokens": 200} | said
    one = {"id": "w", "kind": "inference", "interruptible": True, "demand": {"serving": work}}
    return inventory([one], horizon_months=12)


def test_what_users_wait_for_is_done_on_demand_while_there_is_no_spot() -> None:
    """All nodes come and go together: A of the time on spot, and 1 − A·(1 − R ÷ M) on demand, warming up among it."""
    catalog, wanted = shop(), serves()
    agree(catalog, wanted)
    one = placement(catalog, wanted)
    assert one.layers[0].purchase == "spot"
    nodes, hours = one.layers[0].nodes, float(one.layers[0].hours_per_month)
    up = 0.72 * nodes ** (math.log(0.41 / 0.72) / math.log(16))
    mean = 4.08 * nodes ** (math.log(1.7 / 4.08) / math.log(16))
    spot, after = [line for line in one.lines if line.term == "usage"]
    assert float(spot.quantity) == pytest.approx(nodes * hours * up, abs=0.001 * nodes)
    assert float(after.quantity) == pytest.approx(nodes * hours * (1 - up * (1 - 0.2 / mean)), abs=0.001 * nodes)
    assert (spot.unit_price_usd, after.unit_price_usd) == ("8", "24")


def test_serving_on_spot_pays_only_where_spot_is_cheap() -> None:
    """What warms up is paid twice, R ÷ M of the time that nodes are up, 0.049 at least: 2 % off does not pay."""
    assert placement(shop(spot=23_520_000), serves()).layers[0].purchase == "on_demand"
    assert placement(shop(spot=8_000_000), serves()).layers[0].purchase == "spot"


def test_serving_where_nothing_else_is_to_be_had_is_said_to_be_down() -> None:
    notes = advise(shop(on_demand=None), serves(), SHA).notes
    assert any(note.startswith("served on spot alone") and note.endswith(": w") for note in notes)
