"""Lines of locations over which a plan sends more than they carry."""

from __future__ import annotations

import math

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Solution

_NAMED = 3


def uplink_notes(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """A note for each line that all workloads together overload, with the speed that would do."""
    found = []
    lines = problem.uplinks
    for line, name in enumerate(lines.names):
        sent_w = _sent(problem, solution, line)
        total, capacity = float(sent_w.sum()), float(lines.capacity_milli_gb_l[line])
        if total > capacity:
            found.append(
                f"the line of {name} carries {capacity / 1000:,.0f} GB a month ({lines.mbit_s_l[line]:g} Mbit/s × "
                f"{lines.usable_fraction:g}), and the plan sends {total / 1000:,.0f} GB over it: it would take "
                f"{math.ceil(lines.speed_for(sent_w.sum())):,} Mbit/s, or some of these nearer to their data: "
                f"{_largest(problem, sent_w)}"
            )
    return tuple(found)


def _sent(problem: Problem, solution: Solution, line: int) -> Floats:
    """What each workload sends over a line where it is placed, `w` [thousandths of a GB]."""
    lines, placed_w = problem.uplinks, solution.offer_w != NONE
    here_w = lines.here_ls[line][problem.supply.site_o[solution.offer_w]]
    sent_w = np.where(here_w, lines.returned_milli_gb_wk[:, line], lines.sent_milli_gb_wk[:, line])
    return np.asarray(np.where(placed_w, sent_w, 0.0))


def _largest(problem: Problem, sent_w: Floats) -> str:
    """The workloads that send most, by volume and id."""
    ids = problem.ids
    sending = sorted(np.flatnonzero(sent_w).tolist(), key=lambda w: (-sent_w[w], ids[w]))
    more = f" and {len(sending) - _NAMED:,} more" if len(sending) > _NAMED else ""
    return ", ".join(ids[w] for w in sending[:_NAMED]) + more
