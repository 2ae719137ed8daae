"""Rows about what work takes on every shape of the shipped catalog, and how many hours a month.

python benchmarks/sizing.py KIND WORKLOADS PART PARTS    prints the seconds that a part took, and megabytes above inputs
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import NamedTuple

import numpy as np
import sizing_peer
from measure import Row, interleaved, process
from memory import peak_megabytes

from placement.catalog.load import load_catalog
from placement.cli.environment import cache_folder, processors, shipped_catalog
from placement.engine.chunk import CHUNK
from placement.engine.problem import build_problem
from placement.engine.work.build import hardware_of, works_of
from placement.engine.work.needs import needs
from placement.engine.work.wanted import Hardware, Wanted, Works
from placement.inventory.asks import Asks
from placement.inventory.curves import Curve, hourly_curve
from placement.inventory.inventory import Inventory
from placement.inventory.recipe import Amount, Recipe

PEER = "numpy, workload by workload"
KINDS = {
    "language": "language models, each its lengths, mean and peak",
    "alike": "language models, each its mean and peak, of ten lengths",
    "hourly": "loads of 8,760 hourly values each",
}


class Work(NamedTuple):
    """Workloads that lie ready to be sized."""

    works: Works
    wanted: Wanted
    hardware: Hardware


def made(kind: str, count: int) -> Work:
    """Of one of `KINDS`, the same on every machine."""
    random, rng = Random(1), np.random.default_rng(1)
    catalog = load_catalog([shipped_catalog()], cache_folder())
    models = sorted(name for name, one in catalog.models.items() if one.kind == "llm" and one.kv_elements_per_token())
    recipes, amounts, curves = [], [], dict[str, Curve]()
    usual = [(float(random.randint(50, 8000)), float(random.randint(20, 2000))) for _ in range(10)]
    for number in range(count):
        lengths = (float(random.randint(50, 8000)), float(random.randint(20, 2000)))
        if kind == "alike":
            lengths = usual[number % len(usual)]
        recipes.append(Recipe("serving", random.choice(models), "tokens", random.choice(("fp8", "bf16")), *lengths))
        mean = 10 ** random.uniform(1, 4.5)
        if kind != "hourly":
            amounts.append(Amount(mean, mean * random.uniform(1.2, 4), stated="tokens_per_second"))
        else:
            curves[f"l{number}"] = hourly_curve(rng.gamma(2, mean / 2, 8760).round(3).tolist())
            amounts.append(Amount(load=f"l{number}", stated="tokens_per_second"))
    one = {
        "id": "w",
        "kind": "batch",
        "demand": {"accelerators": {"model": "H100-SXM", "count": 1, "hours_per_month": 1}},
    }
    inventory = Inventory.model_validate({"schema_version": 1, "name": "work", "workloads": [one]}).with_curves(curves)
    problem, asks = build_problem(catalog, inventory), Asks()
    asks.recipes.add(recipes)
    asks.amounts.add(amounts)
    shapes, inputs = problem.supply.shapes, problem.sizing
    asked = works_of(catalog, inventory, asks, shapes, inputs.usable_milli_gib_h)
    if asked is None:
        raise AssertionError("no work")
    hardware = hardware_of(asked.works.known.groups, shapes, inputs.units_h, inputs.per_node_h)
    return Work(asked.works, Wanted(asked.recipe_w, asked.load_w, np.ones(count)), hardware)


def ours(work: Work, first: int = 0, of: int = 1) -> np.ndarray:
    """As the product does it, a chunk at a time, every *of*th; sums of each chunk, since no more is held at once."""
    total, count = np.zeros(3), len(work.wanted.recipe_w)
    for start in range(first * CHUNK, count, of * CHUNK):
        rows = np.arange(start, min(start + CHUNK, count))
        total += sized(work, work.wanted.of(rows)).sum(axis=(1, 2))
    return total


def sized(work: Work, wanted: Wanted) -> np.ndarray:
    """Units to pay for, accelerators of a replica and thousandths of hours a month, `(3, w, h)`."""
    found = needs(work.works, wanted, work.hardware)
    return np.stack([found.nodes_wh, np.where(found.nodes_wh > 0, found.group_wh, 0.0), found.hours_milli_wh])


def sizing(small: bool, repeat: int) -> list[Row]:
    """Against the peer on a sample with equal answers; then all of it, in a process per processor."""
    rows = []
    for kind, sample, whole in (("language", 100, 100_000), ("alike", 100, 100_000), ("hourly", 10, 1000)):
        sample, whole = (sample // 5, whole // 50) if small else (sample, whole)  # noqa: PLW2901
        work = made(kind, sample)
        expected = sizing_peer.sized(*work)
        if not np.array_equal(sized(work, work.wanted), expected):
            raise AssertionError(f"{kind}: not what the peer finds")
        if not expected[0].any():
            raise AssertionError(f"{kind}: nothing is placed")
        seconds = interleaved({"ours": lambda: ours(work), "peer": lambda: sizing_peer.sized(*work)}, repeat)  # noqa: B023
        size = f"{KINDS[kind]}, {len(work.hardware.class_h)} shapes"
        rows.append(Row(f"{sample:,} {size}", seconds["ours"], "s", PEER, seconds["peer"]))
        took, megabytes = _at_once(kind, whole)
        rows.append(
            Row(f"{whole:,} {size}", took, "s", f"{PEER}, × {whole // sample:,}", seconds["peer"] * whole / sample)
        )
        rows.append(Row(f"{whole:,} {size}, peak above the inputs", megabytes, "MB"))
    return rows


def _at_once(kind: str, count: int) -> tuple[float, float]:
    """Seconds until the last of as many processes as there are processors is done, and megabytes of all of them."""
    parts = processors()
    calls = [(sys.executable, __file__, kind, str(count), str(part), str(parts)) for part in range(parts)]
    with ThreadPoolExecutor(parts) as pool:
        outputs = [done.output.split() for done in pool.map(lambda call: process(*call), calls)]
    return max(float(seconds) for seconds, _ in outputs), sum(float(megabytes) for _, megabytes in outputs)


def main() -> None:
    """One sizing of a part of so many workloads."""
    kind, count, part, parts = sys.argv[1], *map(int, sys.argv[2:])
    work = made(kind, count)
    before, held = time.perf_counter(), peak_megabytes()
    ours(work, part, parts)
    print(time.perf_counter() - before, peak_megabytes() - held)


if __name__ == "__main__":
    main()
