"""Measures the product against its peers on the same work in the same run, and prints how many times faster it is.

    python benchmarks/run.py                                    the whole table
    python benchmarks/run.py --small                            a quick one, which still fails on wrong answers
    python benchmarks/run.py --markdown docs/performance.md     the whole table, also into that file
    python benchmarks/run.py --only start --only search         some of its groups; with --markdown the others stay

Times of shared machines are noisy: only the ratios mean something. Answers are asserted equal before they are timed.
`pip install -e .[bench]` installs the peers. docs/performance.md says what the rows mean.
"""

import argparse
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

if find_spec("placement") is None:
    raise SystemExit("install the project first: pip install -e .[bench]")

from measure import Row, markdown
from memory import memory
from mixing import mixing
from peers import missing
from reading import fleets, yaml_files
from searching import against_peers, duplicates, processes, ranked
from sizing import sizing
from starting import starting

BEGIN, END = "<!-- table: written by benchmarks/run.py -->", "<!-- end of table -->"

GROUPS: dict[str, tuple[str, Callable[[bool, int], list[Row]]]] = {
    "memory": ("Peak memory of a search above its inputs", memory),
    "sizing": ("Work on every shape", sizing),
    "fleet": ("Fleets, file to plan", fleets),
    "mixing": ("Mixes of purchase models", mixing),
    "start": ("Start", starting),
    "yaml": ("Reading YAML", yaml_files),
    "search": ("Cheapest feasible offer of every workload", against_peers),
    "ranking": ("The ten cheapest, with reasons", ranked),
    "duplicates": ("Workloads that occur ten times", duplicates),
    "processes": ("Two processes", processes),
}
"""By the name for `--only`; what measures the peak of child processes comes first, while this one is small."""


def main() -> None:
    """Run the measurements and print their table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="few workloads and repetitions")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table between the marks in FILE")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; may be repeated")
    asked = parser.parse_args()
    if absent := missing():
        print(f"left out, because not installed: {', '.join(absent)}", file=sys.stderr)
    found: dict[str, list[Row]] = {}
    for name, (title, measure) in GROUPS.items():
        if asked.only is None or name in asked.only:
            print(f"measuring: {title.lower()}", file=sys.stderr)
            found[title] = measure(asked.small, 1 if asked.small else 3)
    table = f"{machine()}\n\n{markdown(found)}"
    print(table)
    if asked.markdown:
        replace_table(asked.markdown, table if asked.only is None else merged(asked.markdown, table))


def machine() -> str:
    """What the numbers were measured on."""
    packages = [name for name in ("numpy", "polars", "duckdb", "pydantic") if name not in missing()]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{_processor()}, {platform.system()}; Python {platform.python_version()}, {versions}"


def _processor() -> str:
    """Its name and how many there are, as far as the system says."""
    from placement.cli.environment import processors  # noqa: PLC0415

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{processors()} × {names[0] if names else platform.machine()}"


def merged(path: Path, table: str) -> str:
    """The table of a file with the groups of *table* in place of its own: each group is of one run."""
    known = groups_of(path.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0])
    found = {**known, **groups_of(table)}
    order = [title for title, _ in GROUPS.values() if title in found]
    return "\n\n".join([machine(), *(found[title] for title in order)]) + "\n"


def groups_of(table: str) -> dict[str, str]:
    """Each group of a table by its title."""
    return {part.partition("\n")[0]: f"### {part.strip()}" for part in table.split("### ")[1:]}


def replace_table(path: Path, table: str) -> None:
    """Put the table between the marks in a file; `SystemExit` where they are not there."""
    text = path.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{path}: no line {BEGIN!r} with {END!r} after it")
    path.write_text(f"{head}{BEGIN}\n\n{table}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
