"""Lines of locations over which a plan sends more than they carry."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Solution
from placement.engine.uplinks import NO_LINE

_NAMED = 3


def uplink_notes(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """A note for each line that all workloads together overload, with the speed that would do."""
    lines = problem.uplinks
    if not lines.names:
        return ()
    w, line, milli_gb = _sent(problem, solution)
    total_l = np.bincount(line, weights=milli_gb, minlength=len(lines.names))
    found = []
    for over in np.flatnonzero(total_l > lines.capacity_milli_gb_l).tolist():
        mine = line == over
        places = f" × {lines.places_l[over]:,.0f} places" if lines.places_l[over] > 1 else ""
        capacity = f"{lines.capacity_milli_gb_l[over] / 1000:,.0f} GB"
        speed = f"{lines.mbit_s_l[over]:g} Mbit/s{places}"
        needed = lines.whole_mbit_s(over, float(total_l[over]))
        found.append(
            f"the line of {lines.names[over]} carries {capacity} a month ({speed} × {lines.usable_fraction:g}), "
            f"and the plan sends {total_l[over] / 1000:,.0f} GB over it: it would take {needed:,} Mbit/s, "
            f"or some of these nearer to their data: {_largest(problem, w[mine], milli_gb[mine])}"
        )
    return tuple(found)


def _sent(problem: Problem, solution: Solution) -> tuple[Ints, Ints, Floats]:
    """Workload, line and thousandths of a GB of everything that leaves a location in a month."""
    lines, placed_w = problem.uplinks, solution.offer_w != NONE
    site_w = problem.supply.site_o[solution.offer_w]
    sends_wk = (lines.line_wk != NO_LINE) & placed_w[:, None]
    row, slot = np.nonzero(sends_wk & ~lines.stands_ls[lines.line_wk, site_w[:, None]])
    found = [(row, lines.line_wk[row, slot], lines.sent_milli_gb_wk[row, slot])]
    for line, site in zip(*(axis.tolist() for axis in np.nonzero(lines.stands_ls)), strict=True):
        rows = np.flatnonzero(placed_w & (site_w == site))
        found.append((rows, np.full(len(rows), line), lines.returned(rows, line, site)))
    w, line_x, milli_gb = (np.concatenate(column) for column in zip(*found, strict=True))
    return w[milli_gb > 0], line_x[milli_gb > 0], milli_gb[milli_gb > 0]


def _largest(problem: Problem, w: Ints, milli_gb: Floats) -> str:
    """The workloads that send most, by volume and id."""
    ids = problem.ids
    sending = sorted(zip(w.tolist(), milli_gb.tolist(), strict=True), key=lambda one: (-one[1], ids[one[0]]))
    more = f" and {len(sending) - _NAMED:,} more" if len(sending) > _NAMED else ""
    return ", ".join(ids[number] for number, _ in sending[:_NAMED]) + more
