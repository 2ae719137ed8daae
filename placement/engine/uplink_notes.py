"""Lines of locations over which a plan sends more than they carry."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats, Ints, different
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
        carried = lines.capacity_milli_gb_l[over] / 1000
        needed = lines.whole_mbit_s(float(total_l[over]), over)
        places = int(lines.places_l[over])
        each = f"{places:,} × " if places > 1 else ""
        noun, it = ("lines", "them") if each else ("line", "it")
        found.append(
            f"the {noun} of {lines.names[over]} {'carry' if each else 'carries'} {carried:,.0f} GB a month "
            f"({each}{lines.mbit_s_l[over]:g} Mbit/s × {lines.usable_fraction:g}), and the plan sends "
            f"{total_l[over] / 1000:,.0f} GB over {it}: it would take {each}{needed:,} Mbit/s, "
            f"or some of these nearer to their data: {_largest(problem, w[mine], milli_gb[mine])}"
        )
    return tuple(found)


def _sent(problem: Problem, solution: Solution) -> tuple[Ints, Ints, Floats]:
    """Workload, line and thousandths of a GB of everything that leaves a location in a month."""
    lines, w = problem.uplinks, np.flatnonzero(solution.offer_w != NONE)
    site = problem.supply.site_o[solution.offer_w[w]]
    line_xk = lines.line_wk[w]
    row, slot = np.nonzero((line_xk != NO_LINE) & ~lines.at_xs[line_xk, site[:, None]])
    found = [(w[row], line_xk[row, slot], lines.sent_milli_gb_wk[w[row], slot])]
    used = set(different(site).tolist())
    for line, here in lines.behind():
        if here in used:
            mine = w[site == here]
            found.append((mine, np.full(len(mine), line), lines.returned(mine, line, here)))
    w, line_x, milli_gb = (np.concatenate(column) for column in zip(*found, strict=True))
    return w[milli_gb > 0], line_x[milli_gb > 0], milli_gb[milli_gb > 0]


def _largest(problem: Problem, w: Ints, milli_gb: Floats) -> str:
    """The workloads that send most, by volume and id."""
    ids = problem.ids
    sending = sorted(zip(w.tolist(), milli_gb.tolist(), strict=True), key=lambda one: (-one[1], ids[one[0]]))
    more = f" and {len(sending) - _NAMED:,} more" if len(sending) > _NAMED else ""
    return ", ".join(ids[number] for number, _ in sending[:_NAMED]) + more
