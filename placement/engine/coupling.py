"""What members ask of each other once their sites are chosen."""

from __future__ import annotations

import numpy as np

from placement.engine.apart import NOWHERE, Several
from placement.engine.arrays import Floats, Ints
from placement.engine.flows import Flows
from placement.engine.interconnect import Links
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.ways import Doors
from placement.words import MOVES


def settled_apart(problem: Problem, several: Several, offer_w: Ints) -> Problem:
    """The problem in which every member is asked what the chosen sites of its others leave open, and gets their bytes.

    Replication comes from the site of the first member: for the others that is one more flow.
    """
    apart, flows = problem.apart, problem.flows_in
    row_w = apart.row_w.copy()
    rows: dict[tuple[float, ...], int] = {(): 0}
    demands: list[tuple[list[int], float, int]] = []
    senders: dict[int, int] = {}
    endpoint_w = np.full(len(offer_w), -1, dtype=np.int64)
    volume_w = np.zeros(len(offer_w))
    for group, terms in enumerate(several.terms):
        members = several.rows(group)
        if offer_w[members.start] == NONE:
            continue
        sites = problem.supply.site_o[offer_w[members.start : members.stop]].tolist()
        for place, row in enumerate(members):
            others = [*sites[:place], *sites[place + 1 :]]
            key = (*others, terms.apart_km, terms.min_providers)
            if key not in rows:
                rows[key] = len(rows)
                demands.append((others, terms.apart_km, terms.min_providers))
            row_w[row] = rows[key]
            volume = float(several.replication_milli_g[group])
            if place and volume:
                endpoint_w[row] = senders.setdefault(sites[0], len(flows.labels) + len(senders))
                volume_w[row] = volume
    width = apart.others_rk.shape[1]
    padded = [[*others, *[NOWHERE] * (width - len(others))] for others, _, _ in demands]
    apart = apart._replace(
        row_w=row_w,
        others_rk=np.vstack([apart.others_rk, np.array(padded, dtype=np.int64).reshape(len(padded), width)]),
        apart_km_r=np.append(apart.apart_km_r, [km for _, km, _ in demands]),
        providers_r=np.append(apart.providers_r, np.array([count for _, _, count in demands], dtype=np.int64)),
    )
    flows = _joined(flows, problem, several.tariff_ss, list(senders), endpoint_w, volume_w) if senders else flows
    return problem._replace(apart=apart, flows_in=flows, links=_without_ways(problem.links, len(senders)))


def _joined(
    flows: Flows, problem: Problem, tariff_ss: Ints, senders: list[int], endpoint_w: Ints, volume_w: Floats
) -> Flows:
    """The flows with replication from the sites *senders* in a slot of its own."""
    ids = [problem.supply.sites[site].id for site in senders]
    count = len(volume_w)
    return flows._replace(
        endpoint_wk=np.column_stack([flows.endpoint_wk, endpoint_w]),
        volume_milli_wk=np.column_stack([flows.volume_milli_wk, volume_w]),
        tariff_es=np.vstack([flows.tariff_es, tariff_ss[senders]]),
        labels=[*flows.labels, *ids],
        senders=[*flows.senders, *ids],
        datasets=[*flows.datasets, *[""] * len(ids)],
        each=[*flows.each, *[False] * len(ids)],
        what_wk=np.column_stack([flows.what_wk, np.where(volume_w > 0, 1 << MOVES.index("replication"), 0)]),
        stands_wk=np.column_stack([flows.stands_wk, np.full(count, NOWHERE)]),
        begin_milli_wk=np.column_stack([flows.begin_milli_wk, np.full(count, np.nan)]),
    )


def _without_ways(links: Links, ends: int) -> Links:
    """The links with so many more ends of arriving flows, from which there is no private way."""
    doors = links.arriving
    none_es = np.zeros((ends, doors.way_es.shape[1]), dtype=np.int64)
    arriving = Doors(np.vstack([doors.way_es, none_es]), np.vstack([doors.tariff_es, none_es]))
    return links._replace(arriving=arriving)


def nearest_km(problem: Problem, w: int, offer: int) -> float:
    """How far the nearest other member of workload *w* is from *offer* [km]; NaN where that is unknown or nowhere."""
    others = problem.apart.others_rk[problem.apart.row_w[w]]
    others = others[others != NOWHERE]
    if offer == NONE or not len(others):
        return float("nan")
    return float(problem.apart.km_ss[problem.supply.site_o[offer], others].min())
