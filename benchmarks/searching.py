"""Rows about the search: against the peers, under stress, of duplicates, by two processes; and its peak memory."""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import ours
from answer import expect_equal
from fleet import fleet_yaml
from measure import Bar, Row, interleaved, process
from peers import BLOCKS, CROSS_JOIN, DUCKDB, NAIVE, OURS, POLARS, contenders, installed
from synthetic import Market, world

from placement.catalog.load import load_catalog
from placement.cli.environment import cache_folder, shipped_catalog
from placement.documents import parse_yaml
from placement.engine.problem import Problem, build_problem
from placement.inventory.inventory import Inventory
from placement.validation import validated

FACTORED = (OURS, POLARS, DUCKDB, NAIVE, BLOCKS)


class Case(NamedTuple):
    """A problem on which everyone is timed."""

    what: str
    problem: Problem
    peers: tuple[str, ...] = FACTORED
    bars: dict[str, float] = {}  # noqa: RUF012 - never changed
    """By peer: how many times our time theirs must at least be."""


def against_peers(small: bool, repeat: int) -> list[Row]:
    """All of the same problems by everyone."""
    few, many = (500, 1000) if small else (10_000, 10_000)
    cases = [
        Case(
            f"{few:,} × 1,000, synthetic",
            world(few, Market(1000)).problem(),
            (*FACTORED, CROSS_JOIN),
            {POLARS: 4, CROSS_JOIN: 20},
        ),
        Case(f"{few:,} × {many:,}, synthetic", world(few, Market(many)).problem(), FACTORED,
             {POLARS: 20, DUCKDB: 15, NAIVE: 20}),
        Case(f"{few:,} × {many:,}, rules forbid little", world(few, Market(many), free=True).problem()),
        Case(f"{few:,} × {many:,}, most costs equal", world(few, Market(many, ties=True)).problem()),
        Case(f"{few:,} × {many:,}, equal work per dollar", world(few, Market(many, proportional=True)).problem()),
        shipped(200 if small else 2000),
    ]  # fmt: skip
    if small:
        cases = [case._replace(bars={}) for case in cases if case.what != cases[1].what]
    return [row for case in cases for row in _rows(case, repeat)]


def shipped(count: int) -> Case:
    """A generated fleet on the shipped catalog."""
    catalog = load_catalog([shipped_catalog()], cache_folder())
    inventory = validated(parse_yaml(fleet_yaml(count), "fleet.yaml"), Inventory)
    problem = build_problem(catalog, inventory)
    return Case(f"{count:,} × {len(problem.supply.site_o):,}, shipped catalog", problem)


def _rows(case: Case, repeat: int) -> list[Row]:
    calls = contenders(case.problem, case.peers)
    expect_equal(calls)
    seconds = interleaved(calls, repeat)
    rows = []
    for name in calls:
        if name != OURS:
            bar = Bar("times", case.bars[name]) if name in case.bars else None
            rows.append(Row(case.what, seconds[OURS], "s", name, seconds[name], bar))
    return rows


def duplicates(small: bool, repeat: int) -> list[Row]:
    """Workloads that occur ten times, against as many different ones."""
    count, offers = (1000, 1000) if small else (20_000, 10_000)
    different, repeated = world(count, Market(offers)).problem(), world(count, Market(offers), 10).problem()
    if len(repeated.twins.first_k) * 10 != count:
        raise AssertionError("not every workload occurs ten times")
    one, ten = (lambda: ours.cheapest_offers(repeated)), (lambda: ours.cheapest_offers(different))
    expect_equal(contenders(repeated, (OURS, NAIVE if small else BLOCKS)))
    seconds = interleaved({"repeated": one, "different": ten}, repeat)
    what = f"{count:,} × {offers:,}, every workload ten times"
    return [Row(what, seconds["repeated"], "s", "all different", seconds["different"], Bar("times", 5))]


def processes(small: bool, repeat: int) -> list[Row]:
    """Two processes, their start included, against one."""
    count, offers = (1000, 1000) if small else (100_000, 10_000)
    problem = world(count, Market(offers)).problem()
    one, two = ours.one_worker(problem), ours.two_workers(problem)
    if not (np.array_equal(one.offer_w, two.offer_w) and np.array_equal(one.cost_w, two.cost_w)):
        raise AssertionError("two processes find other offers than one")
    calls = {"one": lambda: ours.one_worker(problem), "two": lambda: ours.two_workers(problem)}
    seconds = interleaved(calls, 1 if small else min(repeat, 3))
    what = f"{count:,} × {offers:,}, two processes"
    return [Row(what, seconds["two"], "s", "one process", seconds["one"], None if small else Bar("times", 1.4))]


def memory(small: bool, _repeat: int) -> list[Row]:
    """Peak above the inputs, each in a process of its own; ours for ten times the workloads as well."""
    count, offers = (1000, 1000) if small else (10_000, 10_000)
    size = f"{count:,} × {offers:,}"
    limit = Bar("below", 300)
    mine = _megabytes(OURS, count, offers)
    rows = [Row(f"{size}, peak above the inputs", mine, "MB", "", None, limit)]
    for name in installed(FACTORED[1:]):
        rows.append(Row(f"{size}, peak above the inputs", mine, "MB", name, _megabytes(name, count, offers)))
    larger = _megabytes(OURS, 10 * count, offers)
    rows.append(Row(f"{10 * count:,} × {offers:,}, peak above the inputs", larger, "MB", size, mine, limit))
    return rows


def _megabytes(name: str, count: int, offers: int) -> float:
    script = str(Path(__file__).with_name("memory.py"))
    return float(process(sys.executable, script, name, str(count), str(offers)).output)
