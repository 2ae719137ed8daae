"""What workloads share: which offers draw on a resource, how much of it there is, and how much each takes.

Existing nodes, those that are signed already, and power are those of a site. Where it stands at several places they are
those of each place: then every location is a resource of its own, of which a workload takes what it needs at one of the
location's places. The line of a location carries what leaves it; who draws on it where depends on the workload, not on
the offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints, different
from placement.engine.chunk import inputs_of
from placement.engine.each_place import at_place
from placement.engine.problem import Problem

_LINE = "uplink"


class Resource(NamedTuple):
    """Something of finite size: the existing nodes of one offer, the power of one site, or a location's line."""

    kind: str
    """`nodes`, `power` or `uplink`."""
    number: int
    """The offer, the site, or the line; where a site stands at several places, that of the site as a whole."""
    location: int = -1
    """Number of the location (`sizing.location_mu`) each of whose places has so much; −1 for a site of one place."""

    @property
    def is_line(self) -> bool:
        """Whether it is the line of a location."""
        return self.kind == _LINE


def limit_of(problem: Problem, resource: Resource) -> float:
    """The size of a resource, in the unit of its claims."""
    if resource.is_line:
        return float(problem.uplinks.capacity_milli_gb_l[resource.number])
    if resource.kind == "nodes":
        return float(problem.supply.limit_nodes_o[resource.number])
    return float(problem.power_limit_kw_micro_s[resource.number])


def name_of(problem: Problem, resource: Resource) -> str:
    """What the plan calls a resource."""
    if resource.is_line:
        return f"the line of {problem.uplinks.names[resource.number]}"
    if resource.kind == "power":
        return f"the power of {problem.supply.sites[resource.number].name}"
    return problem.supply.offer_id(resource.number)


def offers_of(problem: Problem, resource: Resource) -> Ints:
    """The offers that draw on a resource, whoever takes them; none on a line, on which only some workloads draw."""
    supply, whole = problem.supply, problem.whole
    if resource.is_line:
        return np.zeros(0, dtype=np.int64)
    if resource.location < 0:
        if resource.kind == "nodes":
            return np.array([resource.number])
        return np.flatnonzero((supply.site_o == resource.number) & (supply.bought_o >= 0))
    site = resource.number if resource.kind == "power" else int(supply.site_o[resource.number])
    parts = [s for s in np.flatnonzero(whole.site_s == site).tolist() if resource.location in whole.locations[s]]
    if resource.kind == "nodes":
        return np.array([resource.number - int(whole.begin_s[site]) + int(whole.begin_s[part]) for part in parts])
    return np.flatnonzero(np.isin(supply.site_o, parts) & (supply.bought_o >= 0))


def drawn_on(problem: Problem, w: int, offer: int) -> list[Resource]:
    """What workload *w* draws on under an offer."""
    sent = problem.uplinks.drawn(np.array([w]), problem.supply.site_o[[offer]])
    return [*resources_of(problem, offer), *(Resource(_LINE, line) for _, line, _ in sent)]


def resources_of(problem: Problem, offer: int) -> list[Resource]:
    """The nodes and the power that an offer draws on, where there is a limit."""
    supply, whole = problem.supply, problem.whole
    limited, bought = bool(supply.limit_nodes_o[offer] >= 0), bool(supply.bought_o[offer] >= 0)
    if not limited and not bought:
        return []
    part = int(supply.site_o[offer])
    site = int(whole.site_s[part])
    first = offer - int(whole.begin_s[part]) + int(whole.begin_s[site])
    found = []
    for location in whole.locations[part] or (-1,):
        if limited:
            found.append(Resource("nodes", first, location))
        if bought and not np.isnan(problem.power_limit_kw_micro_s[site]):
            found.append(Resource("power", site, location))
    return found


def claims_of(problem: Problem, w: Ints, offers: Ints, nodes: Floats) -> Iterator[tuple[int, Resource, float]]:
    """What each of the workloads *w* draws on under its offer, of which it takes so many *nodes*."""
    drawing = np.flatnonzero((problem.supply.bought_o[offers] >= 0) | (problem.supply.limit_nodes_o[offers] >= 0))
    yield from _hardware_of(problem, w[drawing], offers[drawing], nodes[drawing])
    for row, line, milli_gb in problem.uplinks.drawn(w, problem.supply.site_o[offers]):
        yield int(w[row]), Resource(_LINE, line), milli_gb


def _hardware_of(problem: Problem, w: Ints, offers: Ints, nodes: Floats) -> Iterator[tuple[int, Resource, float]]:
    """The nodes and the power among it, of offers that are bought or signed already."""
    spread_w = problem.spread_s[problem.supply.site_o[offers]]
    amount_lh = nodes_at(problem, w[spread_w], problem.supply.shape_o[offers[spread_w]]) if spread_w.any() else []
    rank_w = (np.cumsum(spread_w) - 1).tolist()
    drawn = {offer: resources_of(problem, offer) for offer in different(offers).tolist()}
    for row, (number, offer, every) in enumerate(zip(w.tolist(), offers.tolist(), nodes.tolist(), strict=True)):
        power = float(problem.node_power_kw_micro_o[offer])
        for resource in drawn[offer]:
            count = every if resource.location < 0 else amount_lh[rank_w[row]].get(resource.location, 0.0)
            yield number, resource, count * power if resource.kind == "power" else count


def nodes_at(problem: Problem, w: Ints, shapes: Ints) -> list[dict[int, float]]:
    """The nodes of one shape each that the workloads *w* have at a place, by location."""
    every = different(shapes)
    column_x = np.searchsorted(every, shapes)
    inputs = inputs_of(problem, w)
    rows = np.flatnonzero(inputs.mix_w >= 0)
    place_xh, _, row_x = at_place(inputs, rows, every)
    found: list[dict[int, float]] = [{} for _ in w]
    location_x = locations_at(problem, inputs.mix_w[rows])
    for x, (row, location) in enumerate(zip(rows[row_x].tolist(), location_x.tolist(), strict=True)):
        found[row][location] = float(place_xh.nodes_wh[x, column_x[row]])
    return found


def locations_at(problem: Problem, mixes: Ints) -> Ints:
    """The locations of *mixes*, one after the other."""
    location_mu = problem.sizing.location_mu[mixes]
    return location_mu[location_mu >= 0]


def need_of(problem: Problem, resource: Resource, offers: Ints, w: Ints, nodes_wh: Floats) -> Floats:
    """How much of a resource the workloads *w* would take under each of the *offers* that draw on it, `wo`."""
    shape_o = problem.supply.shape_o[offers]
    if resource.location < 0:
        need_wo = nodes_wh[:, shape_o]
    else:
        every = different(shape_o)
        need_wo = _at_location(problem, w, every, resource.location)[:, np.searchsorted(every, shape_o)]
    return need_wo * problem.node_power_kw_micro_o[offers] if resource.kind == "power" else need_wo


def _at_location(problem: Problem, w: Ints, each: Ints, location: int) -> Floats:
    """Nodes at one place of a location, of the shapes *each*; 0 for workloads that do not live there."""
    first, index_w = distinct(problem.kinds["wh"].class_x[w])
    inputs = inputs_of(problem, w[first])
    rows = np.flatnonzero(inputs.mix_w >= 0)
    need_kh = np.zeros((len(first), len(each)))
    if len(rows):
        place_xh, _, row_x = at_place(inputs, rows, each)
        here = np.flatnonzero(locations_at(problem, inputs.mix_w[rows]) == location)
        need_kh[rows[row_x[here]]] = place_xh.nodes_wh[here]
    return need_kh[index_w]
