"""Who takes part in a search, by name, and which of them are installed."""

from collections.abc import Callable
from importlib.util import find_spec

import naive
import ours
from answer import Answer
from tables import tables

from placement.engine.problem import Problem

OURS = "placement"
POLARS = "polars, factored"
CROSS_JOIN = "polars, cross join"
DUCKDB = "DuckDB, factored"
NAIVE = "numpy, full matrix"
BLOCKS = "numpy, in blocks"
EVERYBODY = (OURS, POLARS, CROSS_JOIN, DUCKDB, NAIVE, BLOCKS)

_NEEDS = {POLARS: ("polars",), CROSS_JOIN: ("polars",), DUCKDB: ("duckdb", "pyarrow")}


def missing() -> list[str]:
    """The packages that are not installed, of those that a peer needs."""
    return sorted({package for needed in _NEEDS.values() for package in needed if find_spec(package) is None})


def installed(names: tuple[str, ...]) -> list[str]:
    """Those of *names* that can take part here."""
    absent = set(missing())
    return [name for name in names if absent.isdisjoint(_NEEDS.get(name, ()))]


def contenders(problem: Problem, names: tuple[str, ...]) -> dict[str, Callable[[], Answer]]:
    """The search of *problem* by each of *names* that is installed, from inputs that lie ready in its own form."""
    return {name: _contender(problem, name) for name in installed(names)}


def _contender(problem: Problem, name: str) -> Callable[[], Answer]:
    if name in (POLARS, CROSS_JOIN):
        import polars_peer  # noqa: PLC0415 - may not be installed

        frames = polars_peer.frames_of(tables(problem))
        search = polars_peer.factored if name == POLARS else polars_peer.cross_join
        return lambda: search(frames)
    if name == DUCKDB:
        import duckdb_peer  # noqa: PLC0415 - may not be installed

        return duckdb_peer.Database(tables(problem)).answer
    of_problem = {OURS: ours.cheapest_offers, NAIVE: naive.full_matrix, BLOCKS: naive.in_blocks}[name]
    return lambda: of_problem(problem)
