"""What would have to give: the smallest changes that would place workloads for which no offer is feasible.

Which offers miss the fewest rules depends on three classes of a workload: what it needs, where it may be, and whether
it may be interrupted. So they are found once for every triple of classes, and costs are computed for them alone.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from placement.engine.alike import Alike
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import chunk_of
from placement.engine.constraints import CAPACITY, CONSTRAINTS, FABRIC, MEMORY, POWER, UPLINK
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.memory import needed_gib
from placement.engine.judging import Judged, Kind, Misses, judge, kinds_of, slack_at
from placement.engine.ledger import ChunkCosts, chunk_costs, offers_micro
from placement.engine.parts import rows_of as workloads_of
from placement.engine.parts import with_rows
from placement.engine.problem import Problem
from placement.engine.solution import Prepared, Worked
from placement.engine.terms.network import missing_micro
from placement.units import to_milli

SHOWN = 3
"""Relaxations reported at most."""

_TOGETHER = 256
"""Replicas that are sized anew at a time: many at once are quicker, and their offers are held in memory."""


class Change(NamedTuple):
    """Rules that would have to give, the value that would just do, and the offer this would allow."""

    rules: tuple[Constraint, ...]
    sentence: str
    offer: int
    cost_micro: int


class _Tie(NamedTuple):
    """Offers that miss the same rules equally far for one workload."""

    row: int
    rules: tuple[Constraint, ...]
    offers: Ints
    cost_o: Floats
    """Of these offers [micro-USD]."""


class _Way(NamedTuple):
    """The cheapest offer of a tie."""

    row: int
    cost_micro: int
    offer: int
    rules: tuple[Constraint, ...]
    missed: list[tuple[Constraint, float]]
    """What is put into words: rules and by how far they are missed."""


def relaxations(
    prepared: Prepared, worked: Worked, judged: Judged, left: Problem, rows: Sequence[int]
) -> list[list[Change]]:
    """The smallest changes that would place each of *rows* of the chunk: one rule at a time, else the fewest together.

    For one rule the offer that misses it least is named; among equals the cheapest. Offers, values and costs are
    those of the workload as it would be after the change, on what the others leave: *left* has the limits less what
    they draw, which is the same for all workloads that draw nothing. *judged* is what rules say of *rows* within these.
    """
    w = worked.chunk.w[np.array(rows, dtype=np.int64)]
    ways: list[_Way] = []
    small: list[_Tie] = []
    for tie in _ties(prepared, worked.costs, judged, rows):
        if MEMORY not in tie.rules:
            ways.append(_way(judged, tie.row, tie))
            continue
        small.append(_equally_small(judged, tie))
        if len(small) == _TOGETHER:
            ways += _shrunk(prepared, left, judged, w, small)
            small = []
    if small:
        ways += _shrunk(prepared, left, judged, w, small)
    found: list[list[_Way]] = [[] for _ in rows]
    for way in ways:
        found[way.row].append(way)
    return [
        [_change(left, number, way) for way in sorted(mine, key=lambda way: (way.cost_micro, way.offer))[:SHOWN]]
        for number, mine in zip(w.tolist(), found, strict=True)
    ]


def _ties(prepared: Prepared, costs: ChunkCosts, judged: Judged, rows: Sequence[int]) -> Iterator[_Tie]:
    """For every workload and every set of as few rules as possible: the offers that miss them least.

    Nodes that are bought need switches as soon as there is a fabric between them.
    """
    switches_o = missing_micro(prepared.problem)
    misses, nodes_kh, shape_o = Misses(judged), judged.nodes_kh, judged.supply.shape_o
    members: dict[Kind, list[int]] = {}
    for row, kind in enumerate(kinds_of(judged)):
        members.setdefault(kind, []).append(row)
    for need, kinds in groupby(sorted(members), key=lambda kind: kind[0]):
        by_need_o = misses.by_need(need)
        for kind in kinds:
            nearest = misses.nearest(kind, misses.fewest(by_need_o, kind))
            if not nearest:
                continue
            offers = np.concatenate([tied for _, tied in nearest])
            ends = np.cumsum([len(tied) for _, tied in nearest]).tolist()
            nodes_o = nodes_kh[need, shape_o[offers]]
            for row in members[kind]:
                cost_o = offers_micro(prepared.problem, prepared.fixed, costs, rows[row], offers, nodes_o)
                for (rules, tied), end in zip(nearest, ends, strict=True):
                    mine = slice(end - len(tied), end)
                    more_o = nodes_o[mine] * switches_o[tied] if FABRIC in rules else 0.0
                    yield _Tie(row, rules, tied, cost_o[mine] + more_o)


def _equally_small(judged: Judged, tie: _Tie) -> _Tie:
    """Of a tie that misses memory the offers whose nodes hold as much as those of the cheapest."""
    slack_o = slack_at(judged, MEMORY, tie.row, tie.offers)
    same = slack_o == slack_o[tie.cost_o.argmin()]
    return tie._replace(offers=tie.offers[same], cost_o=tie.cost_o[same])


def _shrunk(prepared: Prepared, left: Problem, judged: Judged, w: Ints, ties: list[_Tie]) -> list[_Way]:
    """What opens offers that miss memory: a smaller replica, which needs other hardware and is sized and priced anew.

    Where its accelerators would still span nodes, only a fabric helps, which changes no size. A replica for which the
    offers break further rules is no way out: then the rules missed today are named.
    """
    slacks = [float(slack_at(judged, MEMORY, tie.row, tie.offers[:1])[0]) for tie in ties]
    row_t = np.array([tie.row for tie in ties])
    memory_t = [
        float(to_milli(needed_gib(prepared.problem, number, int(tie.offers[0]), slack)))
        for number, tie, slack in zip(w[row_t].tolist(), ties, slacks, strict=True)
    ]
    changed = prepared._replace(problem=_with_memory(prepared.problem, w[row_t], np.array(memory_t)))
    chunk = chunk_of(changed.problem, np.arange(len(ties)))
    costs, after = chunk_costs(changed.problem, chunk), judge(changed, left, chunk)
    found = []
    for number, (tie, slack) in enumerate(zip(ties, slacks, strict=True)):
        fits = tie.offers[~_newly_broken(after, number, tie)]
        if len(fits):
            nodes_o = chunk.sizing.nodes_wh[number, prepared.problem.supply.shape_o[fits]]
            cost_o = offers_micro(changed.problem, prepared.fixed, costs, number, fits, nodes_o)
            way = _way(after, number, _Tie(tie.row, tie.rules, fits, cost_o), settled=(MEMORY, FABRIC))
            found.append(way._replace(missed=[(MEMORY, slack), *way.missed]))
        else:
            found.append(_way(judged, tie.row, tie))
    return found


def _with_memory(problem: Problem, w: Ints, memory_milli_w: Floats) -> Problem:
    """The problem of the workloads *w*, which may repeat, with replicas of other sizes."""
    part = with_rows(problem, workloads_of(problem, w))
    stated_w = np.ones(len(w), dtype=np.bool_)
    sizing = part.sizing._replace(memory_milli_gib_w=memory_milli_w, memory_stated_w=stated_w)
    each = Alike(np.arange(len(w)), np.arange(len(w)))
    return part._replace(sizing=sizing, twins=each, kinds=part.kinds | {"wh": each})


def _newly_broken(after: Judged, number: int, tie: _Tie) -> Bools:
    """Offers of a tie that break other rules than before, or memory or the fabric still."""
    rules = [rule for rule in CONSTRAINTS if rule.axes in ("wh", "limit")]
    suspects = [rule for rule in rules if rule in (MEMORY, FABRIC) or rule not in tie.rules]
    broken = [slack_at(after, rule, number, tie.offers) < 0 for rule in suspects]
    return np.asarray(np.logical_or.reduce(broken))


def _way(judged: Judged, number: int, tie: _Tie, settled: tuple[Constraint, ...] = (MEMORY,)) -> _Way:
    """The cheapest offer of a tie, which is row *number* of *judged*, and what it misses beside *settled* rules."""
    place = int(tie.cost_o.argmin())
    offers = tie.offers[place : place + 1]
    slacks = [(rule, float(slack_at(judged, rule, number, offers)[0])) for rule in tie.rules if rule not in settled]
    missed = [(rule, slack) for rule, slack in slacks if slack < 0]
    rest = [rule for rule, _ in missed]
    rules = tuple(rule for rule in tie.rules if rule in settled or rule in rest)
    return _Way(tie.row, int(tie.cost_o[place]), int(offers[0]), rules, missed)


def _change(left: Problem, w: int, way: _Way) -> Change:
    sentences = [sentence_of(left, rule, w, way.offer, slack) for rule, slack in way.missed]
    return Change(way.rules, " and ".join(sentences), way.offer, way.cost_micro)


def more_of(left: Problem, w: int, offer: int, nodes: int, cost_micro: int) -> Change:
    """What a workload lacks on an offer of which the others leave too little; *left* are the limits less their draw.

    *nodes* are those at the place that needs most.
    """
    one, site = chunk_of(left, np.array([w])), left.supply.site_o[offer]
    slacks = [(rule, float(rule.slack(left, one)[offer]) - nodes) for rule in (CAPACITY, POWER)]
    slacks.append((UPLINK, float(UPLINK.slack(left, one)[0, site])))
    missed = [(rule, slack) for rule, slack in slacks if slack < 0]
    return _change(left, w, _Way(0, cost_micro, offer, tuple(rule for rule, _ in missed), missed))


def sentence_of(problem: Problem, rule: Constraint, workload: int, offer: int, slack: float) -> str:
    """What would have to change for *offer* to pass *rule*."""
    return rule.relaxation.format(needed=rule.needed(problem, workload, offer, slack) if rule.needed else "")
