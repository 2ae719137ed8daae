"""How far one workload is from its users: location by location, and site by site, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.engine.round_trips import MEDIAN, P95, access_of
from placement.engine.rtt_model import STEPS
from placement.engine.search import NONE
from placement.units import MILLI, from_micro

NEAREST = 8
"""Sites that are listed."""


_ASSUMED = f"{access_of(None)} (assumed)"
"""How users are taken to be connected where nothing is said."""


class UserRow(NamedTuple):
    """Users at one location; texts are empty where nothing is known."""

    location: str
    share: str
    """Per cent of the traffic."""
    access: str
    km: str
    median_ms: str
    p95_ms: str
    low_ms: str
    """Of the band of what counts for the SLO, as is the next."""
    high_ms: str
    step: str


class SiteRow(NamedTuple):
    """One site, and all users together."""

    site: str
    km: str
    """Mean over the traffic."""
    rtt_ms: str
    low_ms: str
    high_ms: str
    step: str
    verdict: str
    """Whether the SLO holds: `yes`, `at risk`, `no` or `unknown`; empty without an SLO."""


class Served(NamedTuple):
    """A site that serves the users, and how far it is from them."""

    site: str
    users: tuple[UserRow, ...]


class LatencyStory(NamedTuple):
    """The users' distances to the sites that serve them, and the nearest sites."""

    limit_ms: str
    """What the SLO leaves for the round trip; empty without one."""
    served: tuple[Served, ...]
    sites: tuple[SiteRow, ...]


def latency_story(problem: Problem, w: int, offers: Sequence[int]) -> LatencyStory | None:
    """Of workload *w* on *offers*, one at each site, or at the nearest site where it has none; None without users."""
    users = problem.workloads[w].users
    if not users:
        return None
    supply, traffic = problem.supply, problem.traffic
    row = int(traffic.row_w[w])
    location_u, share_u = traffic.location_ru[row], traffic.share_micro_ru[row]
    location_u, share_u = location_u[location_u >= 0], share_u[location_u >= 0]
    offered = np.bincount(supply.site_o, minlength=len(supply.sites)) > 0
    km_s = _mean_km(problem, location_u, share_u)
    near = [s for s in np.lexsort((np.arange(len(km_s)), km_s)).tolist() if offered[s] and not np.isnan(km_s[s])]
    chosen = [int(supply.site_o[offer]) for offer in offers if offer != NONE] or near[:1]
    limit = float(problem.slo.network_ms_w[w])
    return LatencyStory(
        "" if np.isnan(limit) else f"{limit:g}",
        tuple(
            Served(supply.sites[s].id, tuple(_user(problem, row, user, s) for user in range(len(location_u))))
            for s in chosen
        ),
        tuple(_sites(problem, w, near[:NEAREST], km_s, limit)),
    )


def _mean_km(problem: Problem, location_u: Ints, share_u: Ints) -> Floats:
    """Mean distance of the traffic to every site; NaN where a part of it is unknown."""
    km_us = problem.traffic.trips.km_tenths_ls[location_u] / 10.0
    km_us[km_us < 0] = np.nan
    return np.asarray((km_us * share_u[:, None]).sum(axis=0) / share_u.sum())


def _user(problem: Problem, row: int, user: int, site: int) -> UserRow:
    traffic = problem.traffic
    trips, x = traffic.trips, int(traffic.location_ru[row, user])
    name, about = list(problem.inventory.locations.items())[x]
    counts = P95 if traffic.percentile_r[row] > 50 else MEDIAN
    low, high = trips.range_us(np.array([counts]), np.array([x]), np.array([site]))
    band, km = trips.bands[trips.band_ls[x, site]], int(trips.km_tenths_ls[x, site])
    known = not np.isnan(trips.rtt_us_als[MEDIAN, x, site])
    return UserRow(
        location=name,
        share=str(from_micro(int(traffic.share_micro_ru[row, user]) * 100)),
        access=about.access or ("" if about.site is not None or band.step == "same_place" else _ASSUMED),
        km="" if km < 0 else f"{km / 10:,.0f}",
        median_ms=_ms(trips.rtt_us_als[MEDIAN, x, site]),
        p95_ms=_ms(trips.rtt_us_als[P95, x, site]),
        low_ms=_ms(low[0]),
        high_ms=_ms(high[0]),
        step=band.step if known else "unknown",
    )


def _sites(problem: Problem, w: int, near: list[int], km_s: Floats, limit: float) -> list[SiteRow]:
    reached = problem.traffic.at(np.full(len(near), w), np.array(near, dtype=np.int64))
    rows = zip(
        near, reached.rtt_w.tolist(), reached.low_w.tolist(), reached.high_w.tolist(), reached.step_w, strict=True
    )
    return [
        SiteRow(
            problem.supply.sites[site].id,
            f"{km_s[site]:,.0f}",
            _ms(rtt * MILLI),
            _ms(low * MILLI),
            _ms(high * MILLI),
            "unknown" if np.isnan(rtt) else STEPS[step],
            _verdict(rtt, high, limit),
        )
        for site, rtt, low, high, step in rows
    ]


def _verdict(rtt: float, high: float, limit: float) -> str:
    if np.isnan(limit):
        return ""
    if np.isnan(rtt):
        return "unknown"
    return "no" if rtt > limit else "at risk" if high > limit else "yes"


def _ms(value_us: float) -> str:
    """To tenths; empty if unknown."""
    return "" if np.isnan(value_us) else f"{value_us / MILLI:.1f}"
