"""The sites of one workload: different ones, far enough apart, of enough providers; and standing by without nodes.

Asked of a member once the sites of its others are chosen; how they are chosen together is in `engine.site_sets`.
"""

from __future__ import annotations

import numpy as np

from placement.engine.apart import NOWHERE
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, UNKNOWN_SLACK, Constraint
from placement.engine.problem import Problem
from placement.words import PURCHASES

ON_DEMAND = PURCHASES.index("on_demand")


def _asked(problem: Problem, chunk: Chunk) -> tuple[Floats, Ints, Ints]:
    """All slacks at 0, `ws`; the rows of the chunk of which something is asked, and their rows of the demands."""
    slack_ws = np.zeros((len(chunk.w), len(problem.supply.sites)))
    row_w = problem.apart.row_w[chunk.w]
    asked = np.flatnonzero(row_w)
    return slack_ws, asked, row_w[asked]


def _there(others_ak: Ints) -> Bools:
    return np.asarray(others_ak != NOWHERE)


def _other_site(problem: Problem, chunk: Chunk) -> Floats:
    """−1 at the sites of the other members, else 0, `ws`."""
    slack_ws, asked, row = _asked(problem, chunk)
    if len(asked):
        others_ak = problem.apart.others_rk[row]
        every_s = np.arange(slack_ws.shape[1])
        slack_ws[asked] = np.where((others_ak[:, :, None] == every_s).any(axis=1), BROKEN, 0.0)
    return slack_ws


def _apart(problem: Problem, chunk: Chunk) -> Floats:
    """Distance to the nearest other member less what is asked for [km], `ws`; minus infinity where it is unknown."""
    slack_ws, asked, row = _asked(problem, chunk)
    if len(asked):
        others_ak, asked_km_a = problem.apart.others_rk[row], problem.apart.apart_km_r[row]
        km_aks = problem.apart.km_ss[others_ak]
        km_aks = np.where(_there(others_ak)[:, :, None], km_aks, np.inf)
        nearest_as = np.where(np.isnan(km_aks), UNKNOWN_SLACK, km_aks).min(axis=1)
        slack_ws[asked] = np.where(asked_km_a[:, None] > 0, nearest_as - asked_km_a[:, None], 0.0)
    return slack_ws


def _providers(problem: Problem, chunk: Chunk) -> Floats:
    """Providers of all members less how many are asked for, `ws`."""
    slack_ws, asked, row = _asked(problem, chunk)
    if len(asked):
        provider_s, others_ak = problem.apart.provider_s, problem.apart.others_rk[row]
        theirs_ak = np.where(_there(others_ak), provider_s[others_ak], NOWHERE)
        ordered_ak = np.sort(theirs_ak, axis=1)
        count_a = ((np.diff(ordered_ak, axis=1, prepend=NOWHERE) != 0) & (ordered_ak != NOWHERE)).sum(axis=1)
        new_as = ~(theirs_ak[:, :, None] == provider_s).any(axis=1)
        slack_ws[asked] = count_a[:, None] + new_as - problem.apart.providers_r[row][:, None]
    return slack_ws


def _data_only(problem: Problem, chunk: Chunk) -> Floats:
    """−1 for everything but on demand where a site keeps the data alone, else 0, `wp`."""
    idle_w = problem.hours_milli_w[chunk.w] == 0
    other_p = np.arange(len(PURCHASES)) != ON_DEMAND
    return np.where(idle_w[:, None] & other_p[None, :], BROKEN, 0.0)


OTHER_SITE = Constraint(
    "other_site", "another site for each member", "", "ws", _other_site, "leave `redundancy` out and run at one site"
)
APART = Constraint(
    "apart", "distance between sites", "km", "ws", _apart, "lower `redundancy.apart_km` to {needed}",
    lambda problem, w, _offer, slack: km_text(float(problem.apart.apart_km_r[problem.apart.row_w[w]]) + slack),
)  # fmt: skip
PROVIDERS = Constraint(
    "providers", "enough providers", "providers", "ws", _providers, "lower `redundancy.min_providers` to {needed}",
    lambda problem, w, _offer, slack: f"{int(problem.apart.providers_r[problem.apart.row_w[w]]) + int(slack)}",
)  # fmt: skip
DATA_ONLY = Constraint(
    "data_only", "nodes on demand beside data that stands by", "", "wp", _data_only,
    "raise `redundancy.standby_fraction` above 0",
)  # fmt: skip


def km_text(km: float) -> str:
    """A distance to a tenth of a kilometre."""
    return f"{km:.1f}".removesuffix(".0")
