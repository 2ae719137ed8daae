"""Why no node may stand at the users' places, of workloads that may live there: device by device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.rating import RATED
from placement.engine.judging import Judged, judge, slack_at
from placement.engine.problem import Problem
from placement.engine.search import NONE, Best
from placement.engine.solution import Prepared, Worked
from placement.units import MILLI, milli_text

NAMED = 3
"""Devices told of."""

NOWHERE = "no own site stands at its users' places and nowhere else"


class _Device(NamedTuple):
    """The offer of a shape that breaks the fewest rules."""

    broken: int
    """How many."""
    rule: str
    """The first of them."""
    shape: int
    words: str


def no_edges(prepared: Prepared, worked: Worked, best: Best) -> dict[int, str]:
    """By workload; those that are alike in what rules look at are looked at once."""
    problem = prepared.problem
    mine_w = problem.per_location_w & problem.spread_s.any()
    offer_wx = best.offer_wtk.reshape(len(mine_w), -1)
    open_wx = (offer_wx != NONE) & problem.spread_s[problem.supply.site_o[offer_wx]]
    rows = np.flatnonzero(mine_w & ~open_wx.any(axis=1))
    if not len(rows):
        return {}
    judged = judge(prepared, problem, worked.chunk)
    known: dict[tuple[int, ...], str] = {}
    found = {}
    for row in rows.tolist():
        kind = tuple(int(class_w[row]) for class_w in worked.chunk.kinds.values())
        if kind not in known:
            known[kind] = _words(problem, judged, row)
        found[row] = known[kind]
    return found


def _words(problem: Problem, judged: Judged, row: int) -> str:
    """`a replica needs 130.4 GiB; Jetson-AGX-Orin-64GB has 54.9 usable — L40S: power (power of the site) by 1 node`."""
    supply, there_s = problem.supply, problem.spread_s & problem.at_users.of(np.array([row]))[0]
    offers = np.flatnonzero(there_s[supply.site_o])
    if not len(offers):
        return NOWHERE
    slack_co = np.array([slack_at(judged, rule, row, offers) for rule in CONSTRAINTS])
    shape_o = supply.shape_o[offers]
    devices = [_device(problem, h, slack_co[:, shape_o == h]) for h in sorted(set(shape_o.tolist()))]
    rated = [device for device in devices if device.rule != RATED.name] or devices
    told = sorted(rated, key=lambda device: (device.broken, device.shape))[:NAMED]
    return " — ".join(device.words for device in told)


def _device(problem: Problem, shape: int, slack_co: Floats) -> _Device:
    """What is in the way of the offer of a shape, of those with these slacks, that breaks the fewest rules."""
    broken_o = (slack_co < 0).sum(axis=0)
    least = int(np.argmin(broken_o))
    number = int(np.argmax(slack_co[:, least] < 0))
    rule, slack = CONSTRAINTS[number], float(slack_co[number, least])
    words = f"{problem.supply.shapes[shape].accelerator}: {rule.name} ({rule.title})"
    if rule.unit and not np.isneginf(slack):
        margin = milli_text(round(-slack * MILLI))
        words += f" by {margin} {rule.unit.removesuffix('s') if margin == '1' and rule.unit != 'ms' else rule.unit}"
        words = rule.detail(problem, shape, slack) if rule.detail else words
    return _Device(int(broken_o[least]), rule.name, shape, words)
