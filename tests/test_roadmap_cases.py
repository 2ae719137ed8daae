"""Both directions by hand: the arithmetic is in the inventories' comments. Every form is what it was last.

`PLACEMENT_UPDATE=1 pytest tests/test_roadmap_cases.py` rewrites the files.
"""

import os
from functools import cache
from pathlib import Path

import pytest

from placement.cli.commands import load
from placement.engine.advise import advise
from placement.finance.months import month_after
from placement.report.roadmap import render_roadmap
from placement.roadmap.inputs import Stated, settings_of, todays_of
from placement.roadmap.make import roadmap
from placement.roadmap.model import Roadmap, Step

CASES = Path(__file__).parent / "cases"
NAMES = ("to_cloud", "to_colo")
FORMS = {
    "roadmap80.txt": ("table", "", 80),
    "roadmap160.txt": ("table", "", 160),
    "roadmap.md": ("markdown", "", 80),
    "roadmap.json": ("json", "", 80),
    "roadmap.csv": ("csv", "workload", 80),
    "roadmap_months.csv": ("csv", "month", 80),
}


@cache
def road_of(name: str) -> Roadmap:
    layers = [CASES / "catalog", *(path for path in [CASES / name / "layer"] if path.is_dir())]
    loaded = load(CASES / name / "inventory.yaml", layers, False)
    plan = advise(loaded.catalog, loaded.inventory, "digest of the inventory")
    start = month_after(plan.inputs.catalog_as_of)
    assert start is not None
    settings = settings_of(loaded.catalog, loaded.inventory, start, Stated())
    return roadmap(plan.inputs, plan.placements, todays_of(loaded.inventory, start), settings)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", FORMS)
def test_a_case_prints_what_it_printed(name: str, file: str) -> None:
    form, by, width = FORMS[file]
    written = "".join(render_roadmap(road_of(name), form, by, (width, False))).encode()
    golden = CASES / name / file
    if os.environ.get("PLACEMENT_UPDATE"):
        golden.write_bytes(written)
    assert written.decode() == golden.read_bytes().decode()


def steps(road: Roadmap) -> dict[str, Step]:
    return {step.move.workload: step for wave in road.waves for step in wave.steps}


def test_to_colo_by_hand() -> None:
    road = road_of("to_colo")
    assert [(wave.first, [step.move.workload for step in wave.steps]) for wave in road.waves] == [
        (1, ["nightly"]), (4, ["steady", "partly"]), (7, ["bound"]),
    ]  # fmt: skip
    found = steps(road)
    saved = {name: sum(step.stream.saving) for name, step in found.items()}
    assert saved == {"nightly": 184_320, "steady": 16_422_500, "partly": 1_478_500, "bound": -2_231_000}
    assert {name: step.stream.book for name, step in found.items()} == {
        "nightly": 0, "steady": 15_600_000, "partly": 15_600_000, "bound": 16_800_000,
    }  # fmt: skip
    assert {name: step.one_off_cents for name, step in found.items() if step.one_off_cents} == {"steady": 2_300_000}
    assert {name: sum(step.stream.idle) for name, step in found.items() if any(step.stream.idle)} == {"partly": 600_000}
    partly, bound = found["partly"].choice, found["bound"].choice
    assert partly == (4, 17_078_500, 7, 14_569_000)
    assert bound == (4, 11_546_500, 7, 14_569_000)
    assert (partly.waits, bound.waits) == (False, True)
    stopped = [wave.stopped for wave in road.waves]
    assert [one.payback_month for one in stopped] == [9, 20, 21]
    assert [(one.trough, one.trough_month) for one in stopped] == [
        (-72_640, 2), (-52_767_600, 5), (-70_253_740, 7),
    ]  # fmt: skip
    assert [one.present_value for one in stopped] == [184_320, 18_085_320, 15_854_320]
    assert [one.present_value_with_book for one in stopped] == [184_320, 49_285_320, 63_854_320]
    # Today 70,080 + 480; then 480 − 116.80, less 19,000 + 10,365, less 10,365.
    assert [wave.cost_cents for wave in road.waves] == [7_044_320, 4_107_820, 3_071_320]
    (fresh,) = road.new
    assert (fresh.move.workload, fresh.first, sum(fresh.stream.paid)) == ("fresh", 1, 24 * 36_320)
    assert road.compared.cost[-1] + road.new_stream.cost[-1] == road.plan_cost_cents == 3_071_320 + 36_320


def test_to_cloud_by_hand() -> None:
    road = road_of("to_cloud")
    found = steps(road)
    assert {name: step.first for name, step in found.items()} == {"tune": 1, "keeper": 2}
    assert {name: sum(step.stream.saving) for name, step in found.items()} == {"tune": 20_925_820, "keeper": 57_625_200}
    assert found["tune"].choice == (1, 20_925_820, 4, 19_887_280)
    assert found["tune"].stream.resale == (9_000_000, *(0,) * 23)
    assert found["tune"].stream.saving[:2] == (8_463_680, 607_500 - 225_000 - 36_320)
    assert [(wait.why, wait.until_month, wait.detail) for wait in found["keeper"].waits] == [("nodes", 2, "own/hall")]
    (stay,) = road.staying
    assert (stay.move.workload, stay.choice) == ("locked", (1, -871_680, 26, 0))
    assert [(wave.stopped.payback_month, wave.stopped.trough) for wave in road.waves] == [(1, 0), (1, 0)]
    assert [wave.stopped.present_value for wave in road.waves] == [20_925_820, 78_551_020]
    assert road.compared.saving[:2] == (8_463_680, 58_580)
