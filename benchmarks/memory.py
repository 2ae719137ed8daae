"""Peak memory of one search above its inputs, measured in a process of its own.

    python benchmarks/memory.py CONTENDER WORKLOADS OFFERS    prints megabytes

The inputs are made by another process and read from a file: making them takes more memory than holding them, and a
process's peak never falls.
"""

import pickle
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import MAXRSS_PER_MB
from peers import contenders
from synthetic import Market, world


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


def main() -> None:
    """Make the inputs in a child, search in this process."""
    if sys.argv[1] == "make":
        _, _, workloads, offers, path = sys.argv
        Path(path).write_bytes(pickle.dumps(world(int(workloads), Market(int(offers))).problem()))
        return
    _, name, workloads, offers = sys.argv
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.pickle"
        subprocess.run([sys.executable, __file__, "make", workloads, offers, str(path)], check=True)
        print(searched(name, path))


if __name__ == "__main__":
    main()
