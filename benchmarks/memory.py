"""Peak memory of one search above its inputs, measured in a process of its own.

    python benchmarks/memory.py CONTENDER WORKLOADS OFFERS    prints megabytes

The inputs are made by another process and read from a file: making them takes more memory than holding them, and a
process's peak never falls.
"""

import pickle
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import MAXRSS_PER_MB, Bar, Row, process
from peers import BLOCKS, DUCKDB, NAIVE, OURS, POLARS, contenders, installed
from synthetic import Fleet, Market, world


def peak_megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MB


def searched(name: str, path: Path) -> float:
    """Megabytes by which a search of the problem in the file raises the peak."""
    before = peak_megabytes()
    with path.open("rb") as file:
        problem = pickle.load(file)
    search = contenders(problem, (name,))[name]
    held = peak_megabytes()
    if held <= before:
        raise AssertionError("the peak so far hides the inputs: what comes is not known")
    search()
    return peak_megabytes() - held


def memory(small: bool, _repeat: int) -> list[Row]:
    """Peak above the inputs, each in a process of its own; ours for ten times the workloads as well."""
    count, offers = (1000, 1000) if small else (10_000, 10_000)
    size = f"{count:,} × {offers:,}"
    limit = Bar("below", 300)
    mine = _megabytes(OURS, count, offers)
    rows = [Row(f"{size}, peak above the inputs", mine, "MB", bar=limit)]
    for name in installed((POLARS,) if small else (POLARS, DUCKDB, NAIVE, BLOCKS)):
        rows.append(Row(f"{size}, peak above the inputs", mine, "MB", name, _megabytes(name, count, offers)))
    larger = _megabytes(OURS, 10 * count, offers)
    rows.append(Row(f"{10 * count:,} × {offers:,}, peak above the inputs", larger, "MB", size, mine, limit))
    return rows


def _megabytes(name: str, count: int, offers: int) -> float:
    script = str(Path(__file__))
    return float(process(sys.executable, script, name, str(count), str(offers)).output)


def main() -> None:
    """Make the inputs in one child, search in another: a peak begins with that of the parent, and this one is small."""
    what, *rest = sys.argv[1:]
    if what == "make":
        workloads, offers, path = rest
        Path(path).write_bytes(pickle.dumps(world(Fleet(int(workloads)), Market(int(offers))).problem()))
    elif what == "search":
        print(searched(rest[0], Path(rest[1])))
    else:
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "problem.pickle")
            for step in (["make", *rest, path], ["search", what, path]):
                subprocess.run([sys.executable, __file__, *step], check=True)


if __name__ == "__main__":
    main()
