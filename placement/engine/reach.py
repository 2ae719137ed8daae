"""At which sites workloads could be at all, whatever it costs there: rules do not change while pools do."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Ints, Singles
from placement.engine.chunk import chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible
from placement.engine.problem import Problem
from placement.engine.solution import Prepared

MOST = 512
"""Classes up to which a table of them is made; of more, every workload is taken to pass their rules at every site."""


class _Known(NamedTuple):
    """Axis `a`: classes of workloads that may be at the same sites; `b`: that may use the same shapes."""

    a_w: Ints
    b_w: Ints
    open_as: Singles
    """1 where the rules on workload and site allow it."""
    open_bs: Singles
    """1 where there is an offer of a shape that is allowed."""


class Reach:
    """Sites with offers that no rule on workload and site, workload and shape, or offers alone forbids."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    def any_of(self, w: Ints, sites: Ints) -> Bools:
        """Whether each of the workloads *w* could be at any of some *sites*."""
        known = self._known
        open_ab = known.open_as[:, sites] @ known.open_bs[:, sites].T > 0
        return np.asarray(open_ab[known.a_w[w], known.b_w[w]])

    @cached_property
    def _known(self) -> _Known:
        """Found when it is first asked for: of few workloads nobody asks."""
        prepared, problem = self._prepared, self._prepared.problem
        every_w = np.zeros(len(problem.ids), dtype=np.int64)
        # Sums of zeros and ones are exact in any order.
        every_xs = np.ones((1, len(problem.supply.sites)), dtype=np.float32)
        known = _Known(every_w, every_w, every_xs, every_xs)
        first_a, a_w = distinct(problem.kinds["ws"].class_x)
        if len(first_a) <= MOST:
            known = known._replace(a_w=a_w, open_as=_allowed(prepared, first_a).ok_ws.astype(np.float32))
        first_b, b_w = distinct(problem.kinds["wh"].class_x)
        if len(first_b) <= MOST:
            there_bs = _allowed(prepared, first_b).ok_wh.astype(np.float32) @ _there(problem, prepared.rules)
            known = known._replace(b_w=b_w, open_bs=np.minimum(there_bs, 1))
        return known


def _allowed(prepared: Prepared, w: Ints) -> Feasible:
    return feasible(prepared.problem, prepared.rules, chunk_of(prepared.problem, w))


def _there(problem: Problem, rules: Rules) -> Singles:
    """1 where a site has an offer of a shape that no rule forbids everybody, shape × site."""
    supply = problem.supply
    open_o = rules.ok_o & rules.ok_s[supply.site_o] & rules.ok_h[supply.shape_o] & rules.ok_p[supply.purchase_o]
    there_hs = np.zeros((len(supply.shapes), len(supply.sites)), dtype=np.float32)
    there_hs[supply.shape_o[open_o], supply.site_o[open_o]] = 1
    return there_hs
