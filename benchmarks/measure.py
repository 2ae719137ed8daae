"""How things are measured, and the table of what came out."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

MAXRSS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10
"""`ru_maxrss` is in bytes there, in KiB elsewhere."""


class Bar(NamedTuple):
    """What is asked of a row."""

    kind: Literal["times", "within", "below"]
    """`times`: the peer's figure is at least so many times ours. `within`: ours is at most so many times the peer's.
    `below`: ours is below the limit, in the row's unit."""
    limit: float


class Row(NamedTuple):
    """One line of the table."""

    what: str
    ours: float
    unit: str
    """`s` or `MB`."""
    peer: str = ""
    theirs: float | None = None
    bar: Bar | None = None

    def ratio(self) -> float | None:
        """How many times ours the peer's figure is; the other way round under a `within` bar."""
        if self.theirs is None or min(self.ours, self.theirs) <= 0:
            return None
        within = self.bar is not None and self.bar.kind == "within"
        return self.ours / self.theirs if within else self.theirs / self.ours

    def holds(self) -> bool | None:
        """Whether the bar does; None without one."""
        if self.bar is None:
            return None
        if self.bar.kind == "below":
            return self.ours < self.bar.limit
        ratio = self.ratio()
        return ratio is not None and (ratio >= self.bar.limit if self.bar.kind == "times" else ratio <= self.bar.limit)


def interleaved(calls: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Median wall time [s] of each of *calls*, which take turns, so that a busy moment hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeat):
        for name, call in calls.items():
            before = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - before)
    return {name: statistics.median(times) for name, times in taken.items()}


def command(*words: str) -> Callable[[], object]:
    """Running a command to its end, its output dropped; raises `CalledProcessError` when it fails."""
    return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


class Used(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float
    """Its peak of resident memory. A child begins with its parent's, so the parent must be small."""
    output: str


def process(*words: str) -> Used:
    """Run a command; raises `RuntimeError` when it fails."""
    before = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        output = running.stdout.read() if running.stdout else ""
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {running.returncode}")
    return Used(time.perf_counter() - before, usage.ru_maxrss / MAXRSS_PER_MB, output)


HEADER = ("what", "ours", "peer", "theirs", "ratio", "bar", "holds")


def markdown(groups: dict[str, list[Row]]) -> str:
    """The rows as Markdown tables, one under each group's heading."""
    return "\n".join(f"### {title}\n\n{_table(rows)}\n" for title, rows in groups.items() if rows)


def _table(rows: list[Row]) -> str:
    cells = [HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(_padded(line, widths)) + " |" for line in cells]
    rule = "|" + "|".join(
        "-" * (width + 1) + (":" if column in _NUMBERS else "-") for column, width in enumerate(widths)
    )
    return "\n".join([lines[0], rule + "|", *lines[1:]])


_NUMBERS = (1, 3, 4, 5)


def _padded(line: tuple[str, ...], widths: list[int]) -> list[str]:
    return [
        text.rjust(width) if column in _NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _cells(row: Row) -> tuple[str, ...]:
    ratio, holds = row.ratio(), row.holds()
    return (
        row.what,
        _figure(row.ours, row.unit),
        row.peer,
        "" if row.theirs is None else _figure(row.theirs, row.unit),
        "" if ratio is None else f"{ratio:.1f}×",
        "" if row.bar is None else _bar(row.bar, row.unit),
        {None: "", True: "yes", False: "**no**"}[holds],
    )


def _figure(value: float, unit: str) -> str:
    return f"{value * 1000:,.0f} ms" if unit == "s" and value < 10 else f"{value:,.0f} {unit}"


def _bar(bar: Bar, unit: str) -> str:
    if bar.kind == "below":
        return f"< {bar.limit:,.0f} {unit}"
    return f"{'≥' if bar.kind == 'times' else '≤'} {bar.limit:g}×"
