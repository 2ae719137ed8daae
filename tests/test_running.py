"""Where a plan is computed cannot be seen in it: processes, a Dask cluster, and what becomes of those that die."""

import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plans import json_of
from typer.testing import CliRunner
from worlds import shipped_world

from placement import __version__
from placement.cli.app import app
from placement.engine.advise import advise
from placement.engine.explain import explain
from placement.engine.joint import solve_jointly
from placement.engine.placements import Settled, settled
from placement.engine.problem import build_problem
from placement.engine.running import RunError, Runner, in_process, on_dask
from placement.engine.running.on_dask import OnDask
from placement.engine.running.processes import Processes
from placement.engine.solution import Prepared, prepare
from placement.report import RENDERERS, Terminal
from placement.report.stream import stream, write_part

OK = Path(__file__).parent / "errors" / "ok"
SMALL = shlex.split("advise inventory.yaml --no-shipped-catalog --catalog catalog")
SIZE = 16
WORKLOADS = 150
SHA = "0" * 64

CODES = {
    "dask-missing",
    "scheduler-unreachable",
    "scheduler-idle",
    "scheduler-release",
    "scheduler-lost",
    "worker-lost",
}
"""Diagnostics that need processes to provoke; `test_errors` leaves them to this file."""


def digest(pieces: Any) -> str:
    return hashlib.sha256("".join(pieces).encode()).hexdigest()


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(build_problem(*shipped_world(300, WORKLOADS)))


@pytest.fixture(scope="module")
def expected() -> str:
    return digest([json_of(advise(*shipped_world(300, WORKLOADS), SHA))])


def streamed(prepared: Prepared, runner: Runner) -> str:
    """The digest of a plan that is computed in many small parts."""
    body: list[str] = []
    solution = solve_jointly(prepared, SIZE, runner=runner)
    plan = stream(prepared, solution, SHA, {"json": lambda text: body.append(text.decode())}, runner, SIZE)
    assert len(body) == -(-WORKLOADS // SIZE)
    return digest(RENDERERS["json"].document(plan, body, Terminal(80, False)))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_processes_do_not_matter(prepared: Prepared, expected: str, workers: int) -> None:
    """In one process, which is idle whenever the next part is asked for, or in two or three."""
    with Processes(workers) as runner:
        assert streamed(prepared, runner) == expected


def test_no_process_does_not_matter(prepared: Prepared, expected: str) -> None:
    """All of it here."""
    assert streamed(prepared, in_process) == expected


def test_a_local_cluster_does_not_matter(prepared: Prepared, expected: str) -> None:
    """A scheduler and two workers, started for the purpose."""
    with OnDask(None, 2) as runner:
        assert streamed(prepared, runner) == expected


class Cluster:
    """A real scheduler on the loopback interface, and as many workers as are asked for."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", ":0",
            "--scheduler-file", str(self.file),
        )  # fmt: skip
        self.workers: list[subprocess.Popen[bytes]] = []
        while not self.file.is_file() or not self.file.read_text().endswith("}"):
            assert self.scheduler.poll() is None
            time.sleep(0.05)

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def add_worker(self) -> None:
        """One thread, and nobody who starts it again when it dies."""
        self.workers.append(self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"))

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.end()


def test_a_worker_killed_in_the_middle_does_not_matter(prepared: Prepared, expected: str, cluster: Cluster) -> None:
    """Two workers; one dies when some parts are written, with others on its hands."""
    cluster.add_worker()
    cluster.add_worker()
    body: list[str] = []

    def written(text: bytes) -> None:
        body.append(text.decode())
        if len(body) == 3:
            cluster.workers[0].kill()
            cluster.workers[0].wait()

    with OnDask(cluster.address, 1) as runner:
        runner._client.wait_for_workers(2, timeout=30)
        solution = solve_jointly(prepared, SIZE, runner=runner)
        plan = stream(prepared, solution, SHA, {"json": written}, runner, SIZE)
        assert len(runner._client.scheduler_info(n_workers=-1)["workers"]) == 1
    assert len(body) == -(-WORKLOADS // SIZE)
    assert digest(RENDERERS["json"].document(plan, body, Terminal(80, False))) == expected


def test_all_workers_killed_and_replaced_does_not_matter(prepared: Prepared, expected: str, cluster: Cluster) -> None:
    """What all parts share goes with the only worker, and is handed to the next."""
    cluster.add_worker()
    body: list[str] = []

    def written(text: bytes) -> None:
        body.append(text.decode())
        if len(body) == 3:
            cluster.workers[0].kill()
            cluster.workers[0].wait()
            cluster.add_worker()

    with OnDask(cluster.address, 1) as runner:
        solution = solve_jointly(prepared, SIZE, runner=runner)
        plan = stream(prepared, solution, SHA, {"json": written}, runner, SIZE)
    assert digest(RENDERERS["json"].document(plan, body, Terminal(80, False))) == expected


def test_the_command_runs_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    """The same bytes by `--scheduler` as without."""
    cluster.add_worker()
    here, there = advised(tmp_path, []), advised(tmp_path, ["--engine", "dask", "--scheduler", cluster.address])
    assert there == here
    assert here.startswith("{")


def advised(folder: Path, options: list[str], code: int = 0) -> str:
    """What `advise` prints; the diagnostics when it is to fail."""
    shutil.copytree(OK, folder / "ok", dirs_exist_ok=True)
    os.chdir(folder / "ok")
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(app, [*SMALL, "--format", "json", *options], env={"PLACEMENT_NO_CACHE": "1"})
    assert result.exit_code == code, result.output
    assert code == 0 or result.stdout == ""
    assert sorted(folder.rglob("*")) == before
    return result.stderr if code else result.stdout


@pytest.fixture(autouse=True)
def _back() -> Iterator[None]:
    here = Path.cwd()
    yield
    os.chdir(here)


def test_nobody_answers(tmp_path: Path) -> None:
    """An address where nothing listens, and one that is none."""
    said = advised(tmp_path, ["--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "-o", "plan.json"], 2)
    assert said == (
        "tcp://127.0.0.1:1: error[scheduler-unreachable]: there is no Dask scheduler at tcp://127.0.0.1:1\n"
        "  hint: no answer within 5 s; is the address right, and does it run?\n"
    )
    said = advised(tmp_path, ["--engine", "dask", "--scheduler", "nonsense://x"], 2)
    assert "error[scheduler-unreachable]: there is no Dask scheduler at nonsense://x" in said


def test_nobody_works(cluster: Cluster, tmp_path: Path) -> None:
    """A scheduler without workers."""
    said = advised(tmp_path, ["--engine", "dask", "--scheduler", cluster.address], 2)
    assert f"error[scheduler-idle]: the Dask scheduler at {cluster.address} has no workers" in said


def test_dask_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert advised(tmp_path, ["--engine", "dask"], 2) == (
        "advise: error[dask-missing]: Dask is not installed\n  hint: pip install 'placement[dask]'\n"
    )


def test_another_release(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that have another release might make another plan."""
    cluster.add_worker()
    monkeypatch.setattr(on_dask, "__version__", "9.9")
    said = advised(tmp_path, ["--engine", "dask", "--scheduler", cluster.address], 2)
    assert __version__ != "9.9"
    assert "error[scheduler-release]: the Dask workers do not all have placement 9.9" in said


def test_the_scheduler_dies(prepared: Prepared, cluster: Cluster) -> None:
    """In the middle of the work, nothing can be had any more."""
    cluster.add_worker()
    with pytest.raises(RunError) as lost, OnDask(cluster.address, 1, timeout_seconds=3) as runner:
        solution = solve_jointly(prepared, SIZE, runner=runner)
        stream(prepared, solution, SHA, {"json": lambda _text: cluster.scheduler.kill()}, runner, SIZE)
    assert lost.value.code == "scheduler-lost"


def dies(_prepared: Prepared, _part: Settled) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_dies(prepared: Prepared) -> None:
    """Killed from outside, as when memory runs out."""
    parts = settled(prepared.problem, solve_jointly(prepared), SIZE)
    with pytest.raises(RunError) as lost, Processes(2) as runner:
        list(runner(dies, prepared, parts))
    assert lost.value.code == "worker-lost"


def fails(_prepared: Prepared, part: Settled) -> int:
    if part.numbers[0] >= SIZE:
        raise ZeroDivisionError
    return len(part.numbers)


@pytest.mark.parametrize("make", [lambda: Processes(2), lambda: OnDask(None, 1)], ids=["processes", "dask"])
def test_errors_of_the_work_are_its_own(prepared: Prepared, make: Any) -> None:
    """What a task raises comes out as it is, in the order of the parts, and the processes end."""
    parts = settled(prepared.problem, solve_jointly(prepared), SIZE)
    with pytest.raises(ZeroDivisionError), make() as runner:
        results = runner(fails, prepared, parts)
        assert next(results) == SIZE
        next(results)


def test_parts_are_handed_over_as_they_are_needed(prepared: Prepared) -> None:
    """However many parts there are, only a few are made before the first result is taken."""
    made: list[int] = []
    solution = solve_jointly(prepared)

    def parts() -> Iterator[Settled]:
        for part in settled(prepared.problem, solution, 1):
            made.append(len(made))
            yield part

    with Processes(2) as runner:
        results = runner(lambda_free, prepared, parts())
        next(results)
        assert len(made) <= 2 * 2
        assert sum(1 for _ in results) == WORKLOADS - 1


def lambda_free(prepared: Prepared, part: Settled) -> int:
    return write_part(("jsonl",), prepared, part).workloads


@pytest.mark.parametrize("options", [["--workers", "2"], ["--engine", "dask"]], ids=["processes", "dask"])
@pytest.mark.skipif(os.name == "nt", reason="a terminal's Ctrl-C is sent to a process group")
def test_ctrl_c(tmp_path: Path, options: list[str]) -> None:
    """130, no word, nothing written, and nobody left working."""
    rows = [
        {
            "id": f"w{number}",
            "kind": "batch",
            "demand": {"accelerators": {"model": "H100-SXM", "count": 1, "hours_per_month": 1 + number % 700}},
        }
        for number in range(60_000)
    ]
    (tmp_path / "fleet.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "inventory.yaml").write_text("schema_version: 1\nname: many\nworkloads: {file: fleet.jsonl}\n")
    command = [sys.executable, "-m", "placement", "advise", "inventory.yaml", "-o", "plan.json", *options]
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    try:
        wait_for_children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.jsonl", "inventory.yaml"]
    for _ in range(200):
        if not group(process.pid):
            break
        time.sleep(0.05)
    assert group(process.pid) == []


def wait_for_children(pid: int) -> None:
    """Until two workers and the one that cleans up after them have been started."""
    for _ in range(1200):
        if len(group(pid)) >= 4:
            return
        time.sleep(0.05)
    raise AssertionError("no workers were started")


def group(number: int) -> list[int]:
    """The living processes of a group."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, group, state in rows if int(group) == number and not state.startswith("Z")]


def test_explain_shows_the_whole_way(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solving is all that takes long for the story of one workload, and is half of what a plan takes."""
    monkeypatch.setattr("placement.engine.solve.PART", WORKLOADS - 1)
    problem, told = prepared.problem, []
    explain(problem.catalog, problem.inventory, problem.ids[0], lambda *steps: told.append(steps))
    assert told[-1][0] == told[-1][1] == 2 * len(problem.ids)
