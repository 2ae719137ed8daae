"""Plan files: what is written is read back, and nothing else is."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import json_of, plan_in, summed

from placement.cli.commands import advised
from placement.diagnostics import InputError
from placement.engine.advise import advise
from placement.plan import ahead
from placement.plan.chunks import BLOCK
from placement.plan.load import open_plan
from placement.plan.model import Digests, Layer, Line, Placement, Plan, Schedule, Tag

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def written(plan: Plan, path: Path) -> Path:
    path.write_text(json_of(plan), encoding="utf-8")
    return path


def plan_of(seed: int) -> Plan:
    catalog, inventory = worlds.world(seed)
    return advise(catalog, inventory, "digest")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_read_back(example: Path, tmp_path: Path) -> None:
    """load ∘ dump and dump ∘ load are identities."""
    _, plan = advised(example, [], True)
    path = written(plan, tmp_path / "plan.json")
    again = plan_in(path)
    assert again == plan._replace(placements=tuple(sorted(plan.placements, key=lambda one: one.workload)))
    assert json_of(again) == path.read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_random_plans_are_read_back(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(plan_of(seed), tmp_path_factory.mktemp("plan") / "plan.json")
    assert json_of(plan_in(path)) == path.read_text(encoding="utf-8")


HOSTILE = ["a", "[red]", "=1+1", "x\ny", '"', "\\", "é́", "\u202eabc", "\x1b[31m", "n" * 10_000, " lead", "</script>"]


def hostile_plan() -> Plan:
    """A plan as no inventory makes one: names with line breaks, escapes and 10,000 characters."""
    placements = tuple(
        Placement(
            workload=f"{number:02d}{name}",
            kind=name,
            status="placed",
            reason=name,
            monthly_cost_cents=150,
            digests=Digests("0", "1"),
            cost_centre=name,
            tags=(Tag(name, name),),
            tier=name,
            provider=name,
            site=name,
            layers=(Layer(name, name, name, 1, 1, 1, "730"),),
            lines=(Line("usage", name, "1.5", "h", "1", 150, name, name, schedule=Schedule("held", 3, 9, 1)),),
        )
        for number, name in enumerate(HOSTILE)
    )
    plan = plan_of(1)
    return plan._replace(placements=placements, summary=summed(placements, 7))


def test_hostile_names_are_read_back(tmp_path: Path) -> None:
    assert plan_in(written(hostile_plan(), tmp_path / "plan.json")) == hostile_plan()


def test_any_layout_is_read_and_blocks_do_not_show(tmp_path: Path) -> None:
    """Placement by placement or as a whole, the plan is the same; also where a block ends inside a name."""
    plan = hostile_plan()
    many = tuple(plan.placements[-1]._replace(workload=f"{number:05d}") for number in range(4 * BLOCK // 1500))
    plan = plan._replace(placements=many, summary=summed(many, 7))
    path = written(plan, tmp_path / "plan.json")
    assert path.stat().st_size > 2 * BLOCK
    other = tmp_path / "other.json"
    other.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8-sig")
    assert plan_in(path) == plan_in(other) == plan
    skimmed = open_plan(path, skim=True)
    assert [one.workload for one in skimmed.placements] == [one.workload for one in many]


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    path, pipe = written(plan_of(7), tmp_path / "plan.json"), tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["cp", str(path), str(pipe)])
    assert plan_in(pipe) == plan_in(path)
    assert writer.wait() == 0


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in leaves(inner, (*path, number))]
    return [path]


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    place = copy
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return copy


MONEY = ("cost_usd", "unit_price_usd", "quantity", "monthly_cost_usd", "saving_usd", "compared_cost_usd", "workloads")


def _cents(line: dict[str, Any]) -> tuple[str, int]:
    """What a line says it costs, and what its quantity and price come to."""
    product = Decimal(line["quantity"]) * Decimal(line["unit_price_usd"])
    return line["cost_usd"], int((product * 100).quantize(Decimal(1), ROUND_HALF_UP))


def test_no_edited_total_gets_through(tmp_path: Path) -> None:
    """Every figure that is part of a sum is missed when it changes."""
    document = json.loads(json_of(plan_of(8)))
    seen = 0
    for path in leaves(document):
        head = path[0] if path[0] != "placements" else path[2] if len(path) > 2 else ""
        if path[-1] not in MONEY or head not in ("summary", "lines", "monthly_cost_usd"):
            continue
        old = parent = document
        for part in path:
            parent, old = old, old[part]
        if old in (None, "0.00", 0) or parent.get("unit_price_usd") == "0":
            continue
        new = old + 1 if isinstance(old, int) else str(old).translate(str.maketrans("123456789", "234567891"))
        if "unit_price_usd" in parent and _cents(parent) == _cents(parent | {path[-1]: new}):
            continue  # a trifle more that is no cent more
        (tmp_path / "plan.json").write_text(json.dumps(changed(document, path, new)), encoding="utf-8")
        with pytest.raises(InputError, match="plan-total"):
            plan_in(tmp_path / "plan.json")
        seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -1, 1e308, "NaN", "1e5", "-5.00", " 1.00", "١.٠٠", None, [], {}]
)
def test_a_figure_is_a_plain_decimal(value: Any, tmp_path: Path) -> None:
    document = json.loads(json_of(plan_of(8)))
    number = next(number for number, one in enumerate(document["placements"]) if one["lines"])
    for key in ("quantity", "cost_usd", "unit_price_usd"):
        path = ("placements", number, "lines", 0, key)
        (tmp_path / "plan.json").write_text(json.dumps(changed(document, path, value)), encoding="utf-8")
        with pytest.raises(InputError):
            plan_in(tmp_path / "plan.json")


FIGURES = {
    "rating": ("low", "high", "throughput"),
    "work": ("units_per_month", "usd_per_unit", "utilization_fraction"),
}


@pytest.mark.parametrize("value", ["cheap", "NaN", "1e5", "-1", "1,000", " 1", "0x1", "1" * 31, "=1+1", None, 1.5])
def test_a_figure_of_work_is_a_plain_decimal(value: Any, tmp_path: Path) -> None:
    """Otherwise a workbook would fail on it."""
    _, plan = advised(ROOT / "examples" / "llm_production.yaml", [], True)
    document = json.loads(json_of(plan))
    number = next(number for number, one in enumerate(document["placements"]) if "work" in one)
    for part, keys in FIGURES.items():
        for key in keys:
            path = ("placements", number, part, key)
            assert document["placements"][number][part][key]
            (tmp_path / "plan.json").write_text(json.dumps(changed(document, path, value)), encoding="utf-8")
            with pytest.raises(InputError) as error:
                plan_in(tmp_path / "plan.json")
            assert len(error.value.diagnostics) == 1


def test_damage_is_one_clear_error(tmp_path: Path) -> None:
    """A file cut anywhere, or with any byte changed, is a plan or one error, never a traceback."""
    data = json_of(plan_of(5)).encode()
    draw = random.Random(1)
    path = tmp_path / "plan.json"
    damaged = [data[: draw.randrange(len(data) - 1)] for _ in range(150)]
    for _ in range(250):
        at = draw.randrange(len(data))
        damaged.append(data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :])
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            plan_in(path)
        except InputError as error:
            assert len(error.diagnostics) == 1
            refused += 1
    assert refused >= 150


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "[]", "[" * 100_000, '{"a":' * 5000, "{}", '"x"', "\x00", "1e999", '{"schema_version": true}'],
)
def test_foreign_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        plan_in(tmp_path / "plan.json")
    assert len(error.value.diagnostics) == 1


def test_another_process_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large plan read ahead is the plan; what is wrong with it is said as ever."""
    monkeypatch.setattr(ahead, "LARGE", 0)
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 2)
    path = written(plan_of(7), tmp_path / "plan.json")
    here, there = open_plan(path, skim=True), ahead.open_ahead(path)
    assert there.head == here.head
    assert list(there.placements) == list(here.placements)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match="plan-syntax"):
        list(ahead.open_ahead(path).placements)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    """Whenever the process dies, the file is the old plan or the new one."""
    plan = tmp_path / "plan.json"
    old = b"the old file\n"
    plan.write_bytes(old)
    script = (
        "import sys; from pathlib import Path; from placement.cli.output import write\n"
        "pieces = (print(n, flush=True) or str(n) * 5000 for n in range(400))\n"
        "write(pieces, Path(sys.argv[1]))\n"
    )
    whole = "".join(str(number) * 5000 for number in range(400)).encode()
    seen = set()
    for round_ in range(12):
        plan.write_bytes(old)
        process = subprocess.Popen([sys.executable, "-c", script, str(plan)], stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout is not None
        for _ in range(round_ * 36):
            process.stdout.readline()
        time.sleep(0.002 * (round_ % 3))
        os.kill(process.pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()
        seen.add(plan.read_bytes() == old)
        assert plan.read_bytes() in (old, whole)
    assert True in seen
