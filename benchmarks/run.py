"""Measures the product against named peers on the same work in the same run, and prints ratios.

    python benchmarks/run.py            the whole table
    python benchmarks/run.py --small    a quick one, which still fails on wrong answers

Times of shared machines are noisy: only the ratios mean something. Answers are asserted equal before they are timed.
"""

import argparse
import importlib.util
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from fleet import fleet_yaml
from naive import naive_search

from placement.catalog.load import load_catalog
from placement.cli.environment import cache_folder, shipped_catalog
from placement.documents import parse_yaml
from placement.engine.problem import build_problem
from placement.engine.search import search
from placement.engine.solution import Prepared, cheapest, chunks, prepare, work
from placement.validation import validated

ROOT = Path(__file__).parent.parent
IMPORTS = "import numpy, pydantic, rich, typer, yaml"
USED = IMPORTS + (
    "; from pydantic import BaseModel, Field; from rich.console import Console; from rich.table import Table"
    "; from rich.text import Text; import yaml.cyaml; import typer.main"
)


def main() -> None:
    """Run every measurement and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="few workloads and repetitions")
    small = parser.parse_args().small
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, {platform.system()}\n")
    print(f"{'what':54} {'ours':>9} {'peer':>9}  ratio  peer is")
    repeat = 3 if small else 9
    seconds, megabytes = fleet(500 if small else 10_000)
    start_up(repeat)
    reading(500 if small else 10_000, repeat)
    searching(200 if small else 2000, 1 if small else 3)
    count = "500" if small else "10,000"
    print(f"\n{count} workloads, YAML to JSON plan with reasons: {seconds:.1f} s, peak {megabytes:.0f} MB")


def row(what: str, ours: float, peer: float, named: str) -> None:
    """One line of the table; seconds, and how many times the peer's time ours is."""
    print(f"{what:54} {ours:8.3f}s {peer:8.3f}s {ours / peer:6.2f}  {named}")


def start_up(repeat: int) -> None:
    """Whole processes, medians, taken in turn."""
    python = [sys.executable, "-c"]
    command = [sys.executable, "-m", "placement"]
    bare = process([*python, "pass"], repeat)
    imports = process([*python, IMPORTS], repeat)
    used = process([*python, USED], repeat)
    numpy = process([*python, "import numpy"], repeat) - bare
    row("placement --help", process([*command, "--help"], repeat), bare, "bare Python")
    advise = process([*command, "advise", str(ROOT / "examples/enterprise.yaml")], repeat)
    row("placement advise examples/enterprise.yaml", advise, imports, IMPORTS)
    row("", advise, used, "the same, with the classes used")
    load_catalog([shipped_catalog()], cache_folder())
    warm = timed(lambda: load_catalog([shipped_catalog()], cache_folder()), repeat)
    row("whole catalog, warm", warm, numpy, "import numpy")
    row("whole catalog, cold", timed(lambda: load_catalog([shipped_catalog()], None), 1), numpy, "import numpy")


def reading(count: int, repeat: int) -> None:
    """YAML to validated inventory, against PyYAML's C loader on the same text."""
    text = fleet_yaml(count)
    if parse_yaml(text, "fleet.yaml").value != yaml.load(text, yaml.CSafeLoader):
        raise SystemExit("the two readers disagree")
    peer = timed(lambda: yaml.load(text, yaml.CSafeLoader), min(repeat, 3))
    row(f"{count:,} workloads: YAML to values", timed(lambda: parse_yaml(text, "f"), repeat), peer, "yaml.CSafeLoader")
    row(
        f"{count:,} workloads: YAML to validated inventory", timed(lambda: inventory_of(text), repeat), peer, "the same"
    )


def searching(count: int, repeat: int) -> None:
    """The pruned search against the full matrix in numpy."""
    prepared = prepare(
        build_problem(load_catalog([shipped_catalog()], cache_folder()), inventory_of(fleet_yaml(count)))
    )
    ours_cost, ours_offer = pruned(prepared)
    naive_cost, naive_offer = naive_search(prepared)
    if not (np.array_equal(ours_cost, naive_cost) and np.array_equal(ours_offer, naive_offer)):
        raise SystemExit("the two searches disagree")
    ours, peer = timed(lambda: pruned(prepared), repeat), timed(lambda: naive_search(prepared), repeat)
    offers = len(prepared.problem.supply.site_o)
    row(f"{count:,} workloads × {offers:,} offers, best of every tier", ours, peer, "naive numpy, best only")


def pruned(prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """The product's search, without the capacity that workloads share."""
    parts = []
    for w in chunks(len(prepared.problem.workloads)):
        worked = work(prepared, w)
        parts.append(cheapest(search(prepared.problem, worked.chunk, prepared.groups, worked.allowed, worked.costs)))
    return np.concatenate([cost for _, cost in parts]), np.concatenate([offer for offer, _ in parts])


def fleet(count: int) -> tuple[float, float]:
    """Seconds and peak memory [MB] of the whole command on a generated fleet; run first: a child's peak is at least its
    parent's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        path.write_text(fleet_yaml(count))
        command = [sys.executable, "-m", "placement", "advise", str(path), "-f", "json", "-o", f"{folder}/plan.json"]
        before = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - before
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
            1024 if sys.platform != "darwin" else 2**20
        )
    return seconds, megabytes


def inventory_of(text: str) -> object:
    """The text as a validated inventory."""
    from placement.inventory.inventory import Inventory  # noqa: PLC0415

    return validated(parse_yaml(text, "fleet.yaml"), Inventory)


def process(command: list[str], repeat: int) -> float:
    """Median wall time of a whole process, after one warm-up."""

    def once() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    once()
    return timed(once, repeat)


def timed(call: Callable[[], object], repeat: int) -> float:
    """Median wall time of *call*."""
    times = []
    for _ in range(repeat):
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


if __name__ == "__main__":
    if importlib.util.find_spec("placement") is None:
        raise SystemExit("install the project first: pip install -e .")
    main()
