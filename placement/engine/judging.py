"""What the rules say of some workloads, by class: slacks on the axes the rules depend on, and what they add up to."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike, distinct
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import Chunk, rows_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.feasibility import asks
from placement.engine.problem import Problem
from placement.engine.solution import Prepared
from placement.engine.supply import Supply
from placement.engine.taken import within
from placement.words import PURCHASES

VARYING = ("wh", "ws", "wp")
"""Axes of rules that say different things of different workloads."""

CLOSED = 100
"""Counted for an offer that no change opens: more than there are rules."""

_LIMITS = tuple(rule for rule in CONSTRAINTS if rule.axes == "limit")
_BIT = {rule.name: 1 << number for number, rule in enumerate(CONSTRAINTS)}

Kind = tuple[int, int, int]
"""A workload's classes on the axes `VARYING`."""


class Broken(NamedTuple):
    """What rules that depend on the same things say together; `k`: classes of workloads, `x`: the rules' other axis."""

    count_kx: Ints
    """Broken rules; `CLOSED` and more where a figure is unknown."""
    pattern_kx: Ints
    """A bit for each broken rule."""
    worst_kx: Floats
    """The smallest slack of the broken rules; infinity where none is."""


class Judged(NamedTuple):
    """What all rules say of some workloads, numbered from 0."""

    problem: Problem
    supply: Supply
    firsts: dict[str, Chunk]
    """One workload of each class, by the axes `VARYING`."""
    class_w: dict[str, list[int]]
    """By the axes `VARYING`."""
    nodes_kh: Floats
    """By class of `wh`; 0 where not sized."""
    most_kh: Floats
    """The same at the place that needs most."""
    slack: dict[str, Floats]
    """By rule, on its axes with classes for workloads; for axes `limit` the limit."""
    idle: frozenset[str]
    """Rules that forbid nobody anything."""

    def within(self, left: Problem) -> "Judged":
        """The same within the limits of *left*."""
        inside = within(self.problem, left)
        changed = {
            rule.name: rule.slack(inside, self.firsts.get(rule.axes, self.firsts[VARYING[0]]))
            for rule in CONSTRAINTS
            if rule.shared and rule.name not in self.idle
        }
        return self._replace(slack=self.slack | changed)


def judge(prepared: Prepared, left: Problem, some: Chunk) -> Judged:
    """Every rule on every workload of *some*, within the limits of *left*."""
    kinds = {axes: distinct(some.kinds[axes]) for axes in VARYING}
    firsts = {axes: rows_of(some, first) for axes, (first, _) in kinds.items()}
    slack = dict(prepared.rules.static)
    problem = within(prepared.problem, left)
    width = {"wh": len(problem.supply.shapes), "ws": len(problem.supply.sites), "wp": len(PURCHASES)}
    idle = frozenset(rule.name for rule in CONSTRAINTS if not asks(rule, problem))
    for rule in CONSTRAINTS:
        if rule.axes == "limit":
            slack[rule.name] = rule.slack(problem, some)
        elif rule.name in idle:
            slack[rule.name] = np.broadcast_to(0.0, (len(firsts[rule.axes].w), width[rule.axes]))
        elif rule.axes in VARYING:
            slack[rule.name] = rule.slack(problem, firsts[rule.axes])
    needs = firsts["wh"].sizing
    class_w = {axes: index_w.tolist() for axes, (_, index_w) in kinds.items()}
    return Judged(problem, problem.supply, firsts, class_w, needs.nodes_wh, needs.most_wh, slack, idle)


def kinds_of(judged: Judged) -> list[Kind]:
    """The classes of each workload."""
    return list(zip(*(judged.class_w[axes] for axes in VARYING), strict=True))


def slack_at(judged: Judged, rule: Constraint, row: int, offers: Ints) -> Floats:
    """A rule's slack for one workload and some offers."""
    table = judged.slack[rule.name]
    if rule.axes == "limit":
        need = judged.class_w["wh"][row]
        return np.asarray(table[offers] - judged.most_kh[need, judged.supply.shape_o[offers]])
    if rule.axes in VARYING:
        table = table[judged.class_w[rule.axes][row]]
    return np.asarray(table[_index_of(judged.supply, rule.axes, offers)])


def _index_of(supply: Supply, axes: str, offers: Ints) -> Ints:
    """Where *offers* stand on the axis that *axes* end in."""
    return offers if axes == "o" else np.asarray(_axis(supply, axes)[offers])


def _axis(supply: Supply, axes: str) -> Ints:
    """Where all offers stand on the axis that *axes* end in: sites, shapes or purchase models."""
    return {"s": supply.site_o, "h": supply.shape_o, "p": supply.purchase_o}[axes[-1]]


class Misses:
    """How many rules each kind of workload misses each offer by, and which."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        supply = judged.supply
        every_o = np.arange(len(supply.site_o))
        fixed = [rule for rule in CONSTRAINTS if rule.axes not in (*VARYING, "limit")]
        slacks = [judged.slack[rule.name][_index_of(supply, rule.axes, every_o)][None, :] for rule in fixed]
        self._fixed = _together(fixed, slacks, (supply.price_micro_o < 0)[None, :])
        self._varying: dict[str, Broken] = {}
        for axes in VARYING:
            rules = [rule for rule in CONSTRAINTS if rule.axes == axes and rule.name not in judged.idle]
            closed_kx = judged.nodes_kh == 0 if axes == "wh" else np.zeros(1, dtype=np.bool_)
            self._varying[axes] = _together(rules, [judged.slack[rule.name] for rule in rules], closed_kx)
        self._limits_ro = np.array([judged.slack[rule.name] for rule in _LIMITS])

    def by_need(self, need: int) -> Ints:
        """Rules that offers break whatever else a workload of this class of `wh` asks for."""
        judged, shape_o = self._judged, self._judged.supply.shape_o
        most_o = judged.most_kh[need][shape_o]
        count_o = self._fixed.count_kx[0] + self._varying["wh"].count_kx[need][shape_o]
        for rule in _LIMITS:
            count_o += judged.slack[rule.name] < most_o
        return np.asarray(count_o)

    def fewest(self, by_need_o: Ints, kind: Kind) -> Ints:
        """The offers that break the fewest rules; none where that is no rule, or where no change opens any."""
        count_o = by_need_o.copy()
        for axes, number in zip(VARYING[1:], kind[1:], strict=True):
            count_o += self._varying[axes].count_kx[number][_axis(self._judged.supply, axes)]
        least = int(count_o.min(initial=CLOSED))
        return np.flatnonzero(count_o == least) if 0 < least < CLOSED else np.zeros(0, dtype=np.int64)

    def nearest(self, kind: Kind, offers: Ints) -> list[tuple[tuple[Constraint, ...], Ints]]:
        """Of some offers those that miss the same rules least: by the rules they miss."""
        if not len(offers):
            return []
        pattern_o, worst_o = self._missed(kind, offers)
        order = np.lexsort((-worst_o, pattern_o))
        pattern_o, worst_o = pattern_o[order], worst_o[order]
        begins = np.flatnonzero(np.concatenate([[True], pattern_o[1:] != pattern_o[:-1]]))
        lengths = np.diff(np.append(begins, len(order)))
        equal = worst_o == np.repeat(worst_o[begins], lengths)
        counts = np.add.reduceat(equal.astype(np.int64), begins).tolist()
        return [
            (
                tuple(rule for rule in CONSTRAINTS if pattern & _BIT[rule.name]),
                offers[order[begin : begin + count]],
            )
            for begin, count, pattern in zip(begins.tolist(), counts, pattern_o[begins].tolist(), strict=True)
        ]

    def patterns(self, kinds: Iterable[Kind]) -> Iterator[Ints]:
        """For each of *kinds*: which rules offers break, a bit for each rule in the order of `CONSTRAINTS`.

        Of offers that break the same ones, for they differ in nothing but sites of which rules say the same, one is
        there. Which these are is the same for kinds that may be in the same places; it is found once where they follow
        each other.
        """
        supply, varying = self._judged.supply, self._varying
        groups = alike(
            len(supply.site_o),
            [self._fixed.pattern_kx[0], supply.shape_o, supply.purchase_o, *self._limits_ro],
        )
        fixed_g, shape_g, purchase_g = (
            values[groups.first_k] for values in (self._fixed.pattern_kx[0], supply.shape_o, supply.purchase_o)
        )
        limits_rg = self._limits_ro[:, groups.first_k]
        for where, alike_there in groupby(kinds, key=lambda kind: kind[1]):
            value_p, class_s = np.unique(varying["ws"].pattern_kx[where], return_inverse=True)
            there = np.zeros(len(fixed_g) * len(value_p), dtype=np.bool_)
            there[groups.class_x * len(value_p) + class_s[supply.site_o]] = True
            g, p = np.divmod(np.flatnonzero(there), len(value_p))
            of_place = value_p[p]
            for need, _, purchase in alike_there:
                of_group = fixed_g | varying["wp"].pattern_kx[purchase][purchase_g]
                of_group |= varying["wh"].pattern_kx[need][shape_g] | self._short_of(need, shape_g, limits_rg)
                yield of_group[g] | of_place

    def _short_of(self, need: int, shape_x: Ints, limits_rx: Floats) -> Ints:
        """The bits of those limits to the nodes of some offers that are too small for a need."""
        most_x = self._judged.most_kh[need, shape_x]
        bits_x = np.zeros(len(most_x), dtype=np.int64)
        for rule, limit_x in zip(_LIMITS, limits_rx, strict=True):
            bits_x |= np.where(limit_x < most_x, _BIT[rule.name], 0)
        return bits_x

    def _missed(self, kind: Kind, offers: Ints) -> tuple[Ints, Floats]:
        """Which rules each of *offers* breaks, and the smallest slack of these."""
        judged = self._judged
        pattern_o, worst_o = self._fixed.pattern_kx[0][offers], self._fixed.worst_kx[0][offers]
        for axes, number in zip(VARYING, kind, strict=True):
            index_o, broken = _index_of(judged.supply, axes, offers), self._varying[axes]
            pattern_o |= broken.pattern_kx[number][index_o]
            worst_o = np.minimum(worst_o, broken.worst_kx[number][index_o])
        most_o = judged.most_kh[kind[0], judged.supply.shape_o[offers]]
        for rule in _LIMITS:
            slack_o = judged.slack[rule.name][offers] - most_o
            pattern_o |= np.where(slack_o < 0, _BIT[rule.name], 0)
            worst_o = np.minimum(worst_o, np.where(slack_o < 0, slack_o, np.inf))
        return pattern_o, worst_o


def _together(rules: Sequence[Constraint], slacks: Sequence[Floats], closed_kx: Bools) -> Broken:
    """Rules with slacks of one shape, counted; *closed_kx* is where no change helps."""
    slack_rkx = np.array(slacks)
    broken_rkx = slack_rkx < 0
    bit_r = np.array([_BIT[rule.name] for rule in rules])[:, None, None]
    unknown_kx = np.isneginf(slack_rkx).any(axis=0) | closed_kx
    return Broken(
        (broken_rkx.sum(axis=0) + CLOSED * unknown_kx).astype(np.int16),
        (broken_rkx * bit_r).sum(axis=0),
        np.where(broken_rkx, slack_rkx, np.inf).min(axis=0),
    )
