"""Training runs: what large jobs lose, what breaks on the way, and the smallest job that is in time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_work_plans import market, wants

from placement.engine.arrays import Floats
from placement.engine.constraints.deadline import DEADLINE
from placement.engine.problem import build_problem
from placement.engine.relaxing import sentence_of
from placement.engine.spot import SpotTerms
from placement.engine.work.build import works_of
from placement.engine.work.trained import rates
from placement.engine.work.training import (
    MOST_ACCELERATORS,
    Job,
    Pace,
    deadline_of,
    interrupted,
    run_hours,
    scaling,
    smallest,
    written_hours,
)
from placement.engine.work.wanted import Wanted
from placement.inventory.asks import Asks
from placement.inventory.recipe import Amount, Recipe

PACE = Pace(0.86**0.25, 50_677.0, 0.2, 1e6)
WRITTEN = np.array(0.05)
"""Hours that a checkpoint takes."""

SIZE = np.array(1_600_000.0)
"""Of a checkpoint [thousandths of a GB]: 16 bytes for each of 10^11 parameters."""

SPOT = SpotTerms(4.08, 1.7, 0.72, 0.41, 16.0, 0.2, 50.0, 1e6)


def test_scaling_is_the_measured_one() -> None:
    """Nothing is lost up to 512; of 8,192 each does 0.86 of it; it falls between as between any two doublings."""
    found = scaling(PACE, np.array([1.0, 512, 8192]))
    assert found.tolist() == pytest.approx([1, 1, 0.86], rel=1e-12)
    every = scaling(PACE, np.arange(1.0, MOST_ACCELERATORS + 1))
    assert (np.diff(every) <= 1e-15).all()
    assert (np.diff(every * np.arange(1.0, MOST_ACCELERATORS + 1)) > 0).all(), "more accelerators do more"


def daly(mean: float, checkpoint: float, restart: float) -> float:
    """Hours per hour of work: M·e^(R/M)·(e^((τ+δ)/M) − 1) ÷ τ with τ = √(2δM) − δ (Daly 2006)."""
    tau = math.sqrt(2 * checkpoint * mean) - checkpoint
    return mean * math.exp(restart / mean) * (math.exp((tau + checkpoint) / mean) - 1) / tau


@pytest.mark.parametrize(("count", "within"), [(8, 0.0001), (512, 0.0005), (4096, 0.01), (16_384, 0.05), (24_576, 0.1)])
def test_interruptions_are_those_of_the_closed_form(count: int, within: float) -> None:
    """The first-order form is never below Daly's by more, and never above it by more, than is said here."""
    exact = daly(PACE.mtbf_hours / count, float(WRITTEN), PACE.restart_hours)
    assert float(interrupted(PACE, np.array(float(count)), WRITTEN)) == pytest.approx(exact, rel=within)


def job(**changed: object) -> Job:
    plain: dict[str, object] = {
        "work": 1e12, "rate": 1e7, "memory_milli_gib": 100_000.0, "room_milli_gib": 70_000.0, "deadline_hours": 100.0,
        "failed": 0.0, "checkpoint_milli_gb": 1_600_000.0, "per_node": 8.0, "single": False, "fabric": True,
        "spot": False,
    }  # fmt: skip
    fields = dict(zip(plain, Job._fields, strict=True))
    values = {fields[name]: value for name, value in (plain | changed).items()}
    return Job(**{name: np.array([[value]] if name.endswith("_wc") else [value]) for name, value in values.items()})  # type: ignore[arg-type]


def quickest(pace: Pace, per_node: int) -> int:
    """Nodes with which a run is done first, one by one."""
    one = np.array(1.0)
    nodes = np.arange(1, MOST_ACCELERATORS // per_node + 1)
    return int(nodes[took(pace, one, one, nodes * float(per_node), np.array(0.0), per_node).argmin()])


def took(pace: Pace, work: Floats, rate: Floats, count: Floats, failed: Floats, per_node: float) -> Floats:
    """Hours of a run whose checkpoints have `SIZE`."""
    return run_hours(pace, work, rate, count, failed, written_hours(pace, SIZE, np.ceil(count / per_node)))


def by_trying(pace: Pace, wanted: Job) -> tuple[float, bool]:
    """The smallest job that holds the state in time, by trying all; the quickest, and late, where none is."""
    one = {name.rpartition("_")[0]: value.item() for name, value in wanted._asdict().items()}
    per_node, least = int(one["per_node"]), math.ceil(one["memory_milli_gib"] / one["room_milli_gib"])
    parts = [1 << power for power in range(10) if 1 << power < per_node] if one["single"] else []
    most = quickest(pace, per_node) if one["fabric"] else 1
    every = [*parts, *(per_node * nodes for nodes in range(1, most + 1))]
    work, rate, failed = (np.array(one[name]) for name in ("work", "rate", "failed"))
    hours = took(pace, work, rate, np.array(every, float), failed, per_node)
    kept = [
        count
        for count, took in zip(every, hours.tolist(), strict=True)
        if count >= least and took <= one["deadline_hours"]
    ]
    if kept:
        return float(kept[0]), False
    return (float(every[-1]), True) if every[-1] >= least else (0.0, False)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.floats(6, 16), st.floats(0.5, 900), st.floats(1, 6000), st.sampled_from([1, 2, 4, 6, 8]), st.booleans(),
    st.booleans(), st.floats(0, 0.5),
)  # fmt: skip
def test_the_job_is_the_smallest_in_time(
    work: float, deadline: float, memory: float, per_node: int, single: bool, fabric: bool, failed: float
) -> None:
    wanted = job(work=10**work, deadline_hours=deadline, memory_milli_gib=memory * 1000, per_node=float(per_node),
                 single=single, fabric=fabric, failed=failed)  # fmt: skip
    count, late = by_trying(PACE, wanted)
    found = smallest(PACE, SPOT, wanted)
    assert found.accelerators.item() == count
    assert (found.late_hours.item() > 0) == late
    if count:
        alone = took(PACE, wanted.work_wc, wanted.rate_wc, np.array([[count]]), wanted.failed_wc, per_node).item()
        assert found.hours.item() == alone


def test_where_failures_eat_what_is_added_a_smaller_job_is_still_found() -> None:
    """With ten megabytes a second for checkpoints, 65,536 accelerators never get anywhere; some hundreds do."""
    slow = PACE._replace(write_micro=1e4, mtbf_hours=10_000.0)
    wanted = job(work=3e11, deadline_hours=100.0)
    assert not np.isfinite(
        interrupted(slow, np.array(float(MOST_ACCELERATORS)), written_hours(slow, SIZE, np.array(8192.0)))
    )
    count, late = by_trying(slow, wanted)
    assert not late
    assert smallest(slow, SPOT, wanted).accelerators.item() == count


@pytest.mark.parametrize("pace", [PACE, PACE._replace(write_micro=1e4, mtbf_hours=10_000.0)])
@pytest.mark.parametrize("per_node", [1, 6, 8])
def test_a_deadline_is_met_to_the_last_digit(pace: Pace, per_node: int) -> None:
    """A deadline of just the hours that a job takes is met by it, and by a larger one if it is a digit shorter."""
    for nodes in (1, 2, 13, 100, quickest(pace, per_node)):
        hours = took(pace, *map(np.array, (1e12, 1e7, float(nodes * per_node), 0.1)), float(per_node)).item()
        for deadline in (math.nextafter(hours, 0), hours, math.nextafter(hours, math.inf)):
            wanted = job(deadline_hours=deadline, per_node=float(per_node), failed=0.1, memory_milli_gib=1.0)
            count, late = by_trying(pace, wanted)
            found = smallest(pace, SPOT, wanted)
            assert (found.accelerators.item(), found.late_hours.item() > 0) == (count, late)


def test_what_is_found_together_is_what_is_found_alone() -> None:
    """Workloads and shapes of all kinds at once, each pair as if it were the only one."""
    wanted = Job(
        work_wc=np.array([[1e9], [1e12], [1e15]]),
        rate_wc=np.array([[1e7, 0.0, 2e7, 3e7, 1e7, 2e7]] * 3),
        memory_milli_gib_wc=np.array([[10_000.0], [300_000.0], [900_000.0]]),
        room_milli_gib_wc=np.array([[70_000.0, 70_000, 140_000, 70_000, 0, 70_000]]),
        deadline_hours_wc=np.array([[20.0], [100.0], [700.0]]),
        failed_wc=np.array([[0.0], [0.1], [0.0]]),
        checkpoint_milli_gb_wc=np.array([[10_000.0], [200_000.0], [10_000.0]]),
        per_node_c=np.array([8.0, 8, 8, 4, 1, 8]),
        single_c=np.array([False, False, True, True, False, True]),
        fabric_c=np.array([True, True, True, False, True, False]),
        spot_c=np.array([False, False, True, False, False, True]),
    )
    together = smallest(PACE, SPOT, wanted)
    for w in range(3):
        for c in range(6):
            one = Job(*(
                of[c : c + 1] if of.ndim == 1 else np.broadcast_to(of, (3, 6))[w : w + 1, c : c + 1] for of in wanted
            ))  # fmt: skip
            assert [of.item() for of in smallest(PACE, SPOT, one)] == [of[w, c] for of in together]


def test_where_nothing_is_ever_finished_no_hours_are_asked_for() -> None:
    """Accelerators that break before a restart is over never finish a run: no later deadline helps."""
    found = smallest(PACE._replace(mtbf_hours=0.1), SPOT, job())
    assert found.late_hours.item() == math.inf
    sentences = [sentence_of(None, DEADLINE, 0, 0, slack) for slack in (-math.inf, -1200.5)]  # type: ignore[arg-type]
    assert sentences == [
        "no number of accelerators finishes a run",
        "allow a run 1,201 hours more, or make fewer of them",
    ]


def test_of_several_figures_of_an_accelerator_the_first_counts() -> None:
    """It is the one that is cited."""
    asks = Asks()
    stated = (("A", 2, 1000.0), ("A", 1, 9.0))
    asks.recipes.add([Recipe("training", "small", "runs", method="full", tokens=1e9, throughput=stated)])
    asks.amounts.add([Amount(1.0, 1.0, "", "runs_per_month")])
    catalog, wanted = market(), wants("training", model="small", method="full", tokens=1e9, runs_per_month=1)
    problem = build_problem(catalog, wanted)
    asked = works_of(catalog, wanted, asks, problem.supply.shapes, problem.sizing.usable_milli_gib_h)
    assert asked is not None
    rate_wa, native_wa = rates(asked.works, Wanted(asked.recipe_w, asked.load_w, np.ones(1)))
    a = asked.works.known.groups.names.index("A")
    assert (rate_wa[0, a], native_wa[0, a]) == (500 * 3600, True)


def test_all_runs_of_a_month_fit_into_it() -> None:
    """Four runs a month leave each 182.5 h, whatever longer deadline is stated."""
    assert deadline_of(np.array([4.0, 4.0, 0.5]), np.array([0.0, 1000.0, 0.0])).tolist() == [182.5, 182.5, 1460]


def test_failed_runs_are_run_again() -> None:
    """A tenth of all runs come to nothing: 1 ÷ 0.9 as many hours."""
    plain, failing = (run_hours(PACE, *map(np.array, (1e9, 1e7, 8.0, failed, 0.05))) for failed in (0.0, 0.1))
    assert float(failing) == pytest.approx(float(plain) / 0.9, rel=1e-15)
