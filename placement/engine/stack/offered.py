"""What workloads could have: their best mixes of what others leave, and what these cost as they are billed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.parts import Rows, rows_of, with_rows
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Prepared, Solution, work
from placement.engine.stack.choose import Choosing
from placement.engine.stack.free import Free
from placement.engine.stack.laid import laid_out, mix_costs
from placement.engine.stack.markets import Left
from placement.engine.stack.mix import Mix

Leaving = tuple[Left, dict[int, Left]]
"""What is left to those that draw on nothing, and to others by their row."""


class Offered(NamedTuple):
    """What a workload could have."""

    w: int
    mix: Mix
    cost_micro: float

    def into(self, plan: Solution) -> None:
        """Let the workload have it, whatever it had; what both draw on is not counted here."""
        bought = [each for part in self.mix.parts for each in part.bought]
        plan.offer_w[self.w], plan.cost_w[self.w] = bought[0].offer, self.cost_micro
        plan.nodes_w[self.w] = bought[0].units
        plan.displaced_w[self.w] = NONE
        plan.barred.pop(self.w, None)
        if self.mix.is_one_offer:
            plan.mixes.pop(self.w, None)
        else:
            plan.mixes[self.w] = self.mix


def part_of_asked(problem: Problem, free: Free, w: Ints) -> tuple[Rows, Leaving]:
    """The workloads *w* with what is left to them."""
    own = {row: free.left_to(number) for row, number in enumerate(w.tolist()) if free.drawn(number)}
    return rows_of(problem, w), (free.left_to(-1), own)


def choose_mixes(prepared: Prepared, part: tuple[Rows, Leaving]) -> list[tuple[Mix, ...]]:
    """The best mixes of each of the workloads of a part, of what is left to it."""
    rows, (common, own) = part
    mine = prepared._replace(problem=_untimed(with_rows(prepared.problem, rows)))
    every = np.arange(len(rows.ids))
    found = Choosing(mine).mixes(work(mine, every), every, lambda row: own.get(row, common))
    return [found.get(row, ()) for row in every.tolist()]


def _untimed(problem: Problem) -> Problem:
    """The problem without the hours of single offers, which a mix reckons from the curve itself."""
    works = problem.sizing.works
    if works is None:
        raise AssertionError("no workload says its work")
    return problem._replace(sizing=problem.sizing._replace(works=works._replace(timed=False)))


def saving(prepared: Prepared, plan: Solution, rows: Ints, mixes: list[tuple[Mix, ...]]) -> list[Offered]:
    """Of those mixes that save, as they are billed, the one that saves each workload most; what saves most first."""
    problem = prepared.problem
    kept = [
        (w, mix)
        for w, found in zip(rows.tolist(), mixes, strict=True)
        for mix in found
        if mix != plan.mixes.get(w) and not _same(plan, w, mix)
    ]
    w = np.array([number for number, _ in kept], dtype=np.int64)
    costs = billed_micro(prepared, w, [mix for _, mix in kept])
    saved = (plan.cost_w[w] - costs).tolist()
    best: dict[int, tuple[float, Offered]] = {}
    for gain, (number, mix), cost in zip(saved, kept, costs.tolist(), strict=True):
        if gain > best.get(number, (0.0, None))[0]:
            best[number] = gain, Offered(number, mix, cost)
    return [one for _, one in sorted(best.values(), key=lambda each: (-each[0], problem.ids[each[1].w]))]


def billed_micro(prepared: Prepared, w: Ints, mixes: list[Mix]) -> Floats:
    """What mixes of the workloads *w* cost a month."""
    return mix_costs(laid_out(prepared.problem, prepared.fixed, w, mixes), len(mixes))


def _same(plan: Solution, w: int, mix: Mix) -> bool:
    """Whether a mix of one offer is what the workload has."""
    return mix.is_one_offer and w not in plan.mixes and mix.parts[0].bought[0].offer == plan.offer_w[w]
