"""At which sites workloads could be at all, whatever it costs there: rules do not change while pools do."""

from __future__ import annotations

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Ints, Singles
from placement.engine.chunk import chunk_of
from placement.engine.feasibility import Feasible, Rules, feasible
from placement.engine.problem import Problem
from placement.engine.solution import Prepared

MOST = 512
"""Classes up to which a table of them is made; of more, every workload is taken to pass their rules at every site."""


class Reach:
    """Sites with offers that no rule on workload and site, workload and shape, or offers alone forbids.

    Axis `a`: classes of workloads that may be at the same sites; `b`: that may use the same shapes.
    """

    def __init__(self, prepared: Prepared) -> None:
        problem, count = prepared.problem, len(prepared.problem.ids)
        every = np.zeros(count, dtype=np.int64)
        self._a_w, self._b_w = every, every
        # Sums of zeros and ones are exact in any order.
        self._open_as = np.ones((1, len(problem.supply.sites)), dtype=np.float32)
        self._open_bs = self._open_as
        first_a, a_w = distinct(problem.kinds["ws"].class_x)
        if len(first_a) <= MOST:
            self._a_w, self._open_as = a_w, _allowed(prepared, first_a).ok_ws.astype(np.float32)
        first_b, b_w = distinct(problem.kinds["wh"].class_x)
        if len(first_b) <= MOST:
            there_bs = _allowed(prepared, first_b).ok_wh.astype(np.float32) @ _there(problem, prepared.rules)
            self._b_w, self._open_bs = b_w, np.minimum(there_bs, 1)

    def any_of(self, w: Ints, sites: Ints) -> Bools:
        """Whether each of the workloads *w* could be at any of some *sites*."""
        open_ab = self._open_as[:, sites] @ self._open_bs[:, sites].T > 0
        return np.asarray(open_ab[self._a_w[w], self._b_w[w]])


def _allowed(prepared: Prepared, w: Ints) -> Feasible:
    return feasible(prepared.problem, prepared.rules, chunk_of(prepared.problem, w))


def _there(problem: Problem, rules: Rules) -> Singles:
    """1 where a site has an offer of a shape that no rule forbids everybody, shape × site."""
    supply = problem.supply
    open_o = rules.ok_o & rules.ok_s[supply.site_o] & rules.ok_h[supply.shape_o] & rules.ok_p[supply.purchase_o]
    there_hs = np.zeros((len(supply.shapes), len(supply.sites)), dtype=np.float32)
    there_hs[supply.shape_o[open_o], supply.site_o[open_o]] = 1
    return there_hs
