"""Rows about the search: against the peers, under stress, the top ten, of duplicates, by two processes."""

from collections.abc import Callable
from typing import NamedTuple

import naive
import numpy as np
import ours
from answer import WrongAnswerError, expect_equal
from fleet import fleet_yaml
from measure import Bar, Row, interleaved
from peers import BLOCKS, CROSS_JOIN, DUCKDB, NAIVE, OURS, POLARS, contenders
from synthetic import Fleet, Market, world

from placement.catalog.load import load_catalog
from placement.cli.environment import cache_folder, shipped_catalog
from placement.documents import parse_yaml
from placement.engine.problem import Problem, build_problem
from placement.engine.running import in_process
from placement.engine.running.processes import Processes
from placement.inventory.inventory import Inventory
from placement.validation import validated
from placement.words import PURCHASES

STRESSED: dict[str, float | None] = {POLARS: None, DUCKDB: None, BLOCKS: None}
"""Peers of the cases without bars; the full matrix takes long and gigabytes."""


class Case(NamedTuple):
    """A problem on which everyone is timed."""

    what: str
    problem: Callable[[], Problem]
    bars: dict[str, float | None]
    """By peer: how many times our time theirs must at least be."""


def made(fleet: Fleet, market: Market, what: str, bars: dict[str, float | None] = STRESSED) -> Case:
    """A case of synthetic numbers."""
    size = f"{fleet.workloads:,} × {market.offers:,}"
    return Case(f"{size}, {what}", lambda: world(fleet, market).problem(), bars)


def shipped(count: int) -> Case:
    """A generated fleet on the shipped catalog, without the blocks of whole days that peers do not know."""

    def problem() -> Problem:
        catalog = load_catalog([shipped_catalog()], cache_folder())
        inventory = validated(parse_yaml(fleet_yaml(count), "fleet.yaml"), Inventory)
        known = [name for name in PURCHASES if name != "capacity_block"]
        policies = inventory.policies.model_copy(update={"allowed_purchase_models": known})
        return build_problem(catalog, inventory.model_copy(update={"policies": policies}))

    return Case(f"{count:,} × the shipped catalog", problem, {**STRESSED, NAIVE: None})


def against_peers(small: bool, repeat: int) -> list[Row]:
    """All of the same problems by everyone."""
    fleet, market = (Fleet(500), Market(1000)) if small else (Fleet(10_000), Market(10_000))
    free, slow = fleet._replace(free=True), {CROSS_JOIN: None, NAIVE: None}
    few: dict[str, float | None] = {POLARS: 4, CROSS_JOIN: 20, DUCKDB: None, NAIVE: None, BLOCKS: None}
    many: dict[str, float | None] = {POLARS: 20, DUCKDB: 15, NAIVE: 20, BLOCKS: None}
    cases = [
        made(free, Market(1000), "rules forbid little", dict.fromkeys(few) if small else few),
        made(fleet, Market(1000), "rules forbid most", STRESSED | slow),
        made(fleet, market._replace(ties=True), "most costs equal"),
        made(fleet, market._replace(proportional=True), "equal work per dollar"),
        shipped(200 if small else 2000),
    ]
    if not small:
        cases[1:1] = [made(free, market, "rules forbid little", many)]
        cases[3:3] = [made(fleet, market, "rules forbid most", STRESSED | {NAIVE: None})]
    return [row for case in cases for row in compared(case, repeat)]


def compared(case: Case, repeat: int) -> list[Row]:
    """A row per peer of one case; raises `WrongAnswerError`."""
    calls = contenders(case.problem(), (OURS, *case.bars))
    expect_equal(calls)
    seconds = interleaved(calls, repeat)
    bars = {name: Bar("times", limit) for name, limit in case.bars.items() if limit is not None}
    mine = seconds.pop(OURS)
    return [Row(case.what, mine, "s", name, taken, bars.get(name)) for name, taken in seconds.items()]


def ranked(small: bool, repeat: int) -> list[Row]:
    """The ten cheapest offers of every workload and what forbids the others, against the cheapest alone."""
    count, offers = (500, 1000) if small else (10_000, 10_000)
    few, problem = world(Fleet(300), Market(offers)).problem(), world(Fleet(count), Market(offers)).problem()
    best, kind_w = ours.ranked(few, 10)
    if not np.array_equal(best.offer_wtk[kind_w, 0], naive.ranked(few, 10)):
        raise WrongAnswerError("the ten cheapest offers are others")
    calls = {"ten": lambda: ours.ranked(problem, 10, reasons=True), "one": lambda: ours.cheapest_offers(problem)}
    seconds = interleaved(calls, repeat)
    what, bar = f"{count:,} × {offers:,}, top ten with reasons", None if small else Bar("within", 6)
    return [Row(what, seconds["ten"], "s", "the cheapest alone", seconds["one"], bar)]


def duplicates(small: bool, repeat: int) -> list[Row]:
    """Workloads that occur ten times, against as many different ones."""
    count, offers = (1000, 1000) if small else (20_000, 10_000)
    market = Market(offers)
    different, repeated = world(Fleet(count), market).problem(), world(Fleet(count, 10), market).problem()
    if len(repeated.twins.first_k) * 10 != count:
        raise AssertionError("not every workload occurs ten times")
    expect_equal(contenders(repeated, (OURS, NAIVE if small else BLOCKS)))
    calls = {
        "repeated": lambda: ours.cheapest_offers(repeated),
        "different": lambda: ours.cheapest_offers(different),
    }
    seconds = interleaved(calls, repeat)
    what = f"{count:,} × {offers:,}, every workload ten times"
    return [
        Row(what, seconds["repeated"], "s", "all different", seconds["different"], None if small else Bar("times", 5))
    ]


def processes(small: bool, repeat: int) -> list[Row]:
    """Two processes against one. A command starts them while the problem is built, so their start does not count."""
    count, offers = (1000, 1000) if small else (100_000, 10_000)
    problem = world(Fleet(count), Market(offers)).problem()
    with Processes(2) as started:
        one, two = ours.solved(problem, in_process), ours.solved(problem, started)
        if not (np.array_equal(one.offer_w, two.offer_w) and np.array_equal(one.cost_w, two.cost_w)):
            raise AssertionError("two processes find other offers than one")
        # Another object each time: what all parts share is sent again.
        calls = {
            "one": lambda: ours.solved(problem._replace(), in_process),
            "two": lambda: ours.solved(problem._replace(), started),
        }
        seconds = interleaved(calls, 1 if small else repeat)
    what = f"{count:,} × {offers:,}, two processes"
    return [Row(what, seconds["two"], "s", "one process", seconds["one"], None if small else Bar("times", 1.4))]
