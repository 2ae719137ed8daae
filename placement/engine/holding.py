"""Where a second copy of a workload may be: the question that replicas, backups and standby sites ask."""

import numpy as np

from placement.engine.arrays import Bools, Ints
from placement.engine.problem import Problem


def may_hold(problem: Problem, w: Ints) -> Bools:
    """Sites where copies of the data of the workloads *w* may be, and that hold what they must hold, `ws`."""
    return np.asarray(problem.legal.of(w) & (problem.certification.of(w) == 0))
