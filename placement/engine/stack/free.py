"""What workloads share, and what of it is left, while mixes are chosen one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.problem import Problem
from placement.engine.resources import Resource, limit_of, offers_of, resources_of
from placement.engine.solution import Claims
from placement.engine.stack.markets import Left
from placement.engine.stack.mix import Mix

Drawn = dict[Resource, float]
"""What one workload draws on what."""


class Free:
    """What is left of existing nodes, of power and of lines."""

    def __init__(self, problem: Problem, limit_nodes_o: Floats, claims: Claims) -> None:
        """*limit_nodes_o* is what there may be of every offer if nobody else wanted it."""
        self._problem = problem
        self._most_o = limit_nodes_o
        self._drawn: dict[int, Drawn] = {}
        self._left: dict[Resource, float] = {}
        for resource, by_workload in claims.items():
            self._left[resource] = limit_of(problem, resource) - sum(by_workload.values())
            for w, amount in by_workload.items():
                self._drawn.setdefault(w, {})[resource] = amount
        self._limit_o, self._power_s = limit_nodes_o.copy(), np.nan_to_num(problem.power_limit_kw_micro_s, nan=np.inf)
        for resource in list(self._left):
            self._limit(resource, Left(self._limit_o, self._power_s), {})

    def drawn(self, w: int) -> Drawn:
        """What a workload draws."""
        return self._drawn.get(w, {})

    def left_to(self, w: int) -> Left:
        """What is left to a workload, with what it draws itself."""
        mine = self.drawn(w)
        if not mine:
            return Left(self._limit_o, self._power_s)
        left = Left(self._limit_o.copy(), self._power_s.copy())
        for resource in mine:
            self._limit(resource, left, mine)
        return left

    def fits(self, w: int, wanted: Drawn) -> bool:
        """Whether there is room for what a workload wants once it leaves what it has."""
        mine = self.drawn(w)
        return all(amount <= self.left_of(one) + mine.get(one, 0.0) for one, amount in wanted.items())

    def take(self, w: int, wanted: Drawn) -> None:
        """Give it to the workload, which leaves what it had."""
        had = self.drawn(w)
        for resource, amount in had.items():
            self._left[resource] += amount
        for resource, amount in wanted.items():
            self._left[resource] = self.left_of(resource) - amount
        self._drawn[w] = wanted
        for resource in {*had, *wanted}:
            self._limit(resource, Left(self._limit_o, self._power_s), {})

    def copy(self) -> Free:
        """The same, to try things on."""
        other = copy(self)
        other._drawn, other._left = dict(self._drawn), dict(self._left)
        other._limit_o, other._power_s = self._limit_o.copy(), self._power_s.copy()
        return other

    def without(self, nodes: Resource, w: Iterable[int]) -> Free:
        """A copy in which the workloads *w* have left the nodes of one offer, and the power that these draw."""
        other = self.copy()
        power = float(self._problem.node_power_kw_micro_o[nodes.number])
        drawing = [one for one in resources_of(self._problem, nodes.number) if one.kind == "power"]
        for number in w:
            mine = dict(self.drawn(number))
            count = mine.pop(nodes, 0.0)
            if count:
                mine.update({one: mine[one] - count * power for one in drawing})
                other.take(number, {one: amount for one, amount in mine.items() if amount > 0})
        return other

    def claims(self) -> Claims:
        """Who draws how much on what."""
        found: Claims = {}
        for w in sorted(self._drawn):
            for resource, amount in self._drawn[w].items():
                found.setdefault(resource, {})[w] = amount
        return found

    def left_of(self, resource: Resource) -> float:
        """What is left of something."""
        if resource not in self._left:
            self._left[resource] = limit_of(self._problem, resource)
        return self._left[resource]

    def _limit(self, resource: Resource, to: Left, mine: Drawn) -> None:
        """Reckon anew how many units there are of the offers that draw on a resource."""
        if resource.kind == "power" and resource.location < 0:
            to.power_s[resource.number] = self.left_of(resource) + mine.get(resource, 0.0)
        for offer in offers_of(self._problem, resource).tolist():
            most = self._most_o[offer]
            for one in resources_of(self._problem, offer):
                left = self.left_of(one) + mine.get(one, 0.0)
                need = self._problem.node_power_kw_micro_o[offer] if one.kind == "power" else 1.0
                most = min(most, np.floor(left / need)) if need > 0 else most
            to.limit_o[offer] = most


def drawn_by(problem: Problem, w: int, mix: Mix) -> Drawn:
    """What a mix draws on what: nodes and power by offer; on the line of a location what its fullest site would."""
    found: Drawn = {}
    for part in mix.parts:
        for one in part.bought:
            for resource in resources_of(problem, one.offer):
                power = problem.node_power_kw_micro_o[one.offer] if resource.kind == "power" else 1.0
                found[resource] = found.get(resource, 0.0) + one.units * float(power)
        site = problem.supply.site_o[[part.bought[0].offer]]
        for _, line, milli_gb in problem.uplinks.drawn(np.array([w]), site):
            resource = Resource("uplink", line)
            found[resource] = max(found.get(resource, 0.0), milli_gb)
    return found
