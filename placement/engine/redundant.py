"""The sites of workloads at several of them, chosen together; and what that costs beyond a single site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from placement.engine.apart import Several
from placement.engine.arrays import Floats, Ints
from placement.engine.by_site import best_by_site
from placement.engine.chunk import chunk_of
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.redundancy import APART, OTHER_SITE, PROVIDERS
from placement.engine.ledger import offers_micro
from placement.engine.problem import Problem
from placement.engine.resources import Resource
from placement.engine.search import NONE
from placement.engine.site_sets import BySite, Ground, Loads, Picked, Wanted, cheapest_sites, goes_with
from placement.engine.solution import Barred, Choice, Prepared, Worked, chunks, work
from placement.engine.tariffs import volumes_micro
from placement.inventory.redundancy import is_data_only

_TOGETHER = 256
"""Workloads whose rules and costs are computed at once. It cannot change a result."""

Left = frozenset[Resource]
"""What the members of a workload had to leave to others."""


class _Kind(NamedTuple):
    """What two workloads agree in for whom the same sites are the best."""

    first: int
    """Class of the first member, and of the others."""
    other: int
    wanted: Wanted
    replication_milli: float
    left: Left


class Together:
    """Chooses sites for workloads at several; what it has found for one holds for all of the same kind."""

    def __init__(self, prepared: Prepared, several: Several) -> None:
        self._prepared = prepared
        self.several = several
        self._grounds: dict[tuple[int, int, float, Left], Ground] = {}
        self._picked: dict[_Kind, Picked | None] = {}
        self.group_of = {row: group for group in range(len(several.terms)) for row in several.rows(group)}
        """The workload of each member."""

    def choose(self, groups: Sequence[int], left: Mapping[int, Left]) -> list[Picked | None]:
        """The cheapest sites of each of the workloads *groups*, without what they had *left*; None without any."""
        kinds = [self._kind(group, left.get(group, frozenset())) for group in groups]
        new = {kind: group for kind, group in zip(kinds, groups, strict=True) if kind not in self._picked}
        unknown = list(new)
        for run in chunks(len(unknown), _TOGETHER):
            some = [unknown[number] for number in run.tolist()]
            self._explore([(new[kind], kind) for kind in some])
            for kind in some:
                ground = self._grounds[_where(kind)]
                self._picked[kind] = cheapest_sites(ground, kind.wanted, goes_with(ground, kind.wanted))
        return [self._picked[kind] for kind in kinds]

    def _kind(self, group: int, left: Left) -> _Kind:
        """What is asked for workload *group*."""
        first = int(self.several.first_g[group])
        classes = self._prepared.problem.twins.class_x
        return _Kind(
            int(classes[first]),
            int(classes[first + 1]),
            wanted_of(self.several, group),
            float(self.several.replication_milli_g[group]),
            left,
        )

    def ground(self, group: int, left: Left) -> Ground:
        """What each site would cost the members of workload *group*, without what they had *left*."""
        kind = self._kind(group, left)
        self._explore([(group, kind)])
        return self._grounds[_where(kind)]

    def without(self, group: int, left: Left, site: int) -> Picked | None:
        """The cheapest sites for workload *group* if that *site* was none."""
        ground, wanted = self.ground(group, left), wanted_of(self.several, group)
        return cheapest_sites(_closed(ground, site), wanted, goes_with(ground, wanted))

    def _explore(self, asked: Sequence[tuple[int, _Kind]]) -> None:
        """Rules and costs of all members at all sites; those of many workloads are not kept."""
        if len(self._grounds) > _TOGETHER:
            self._grounds.clear()
        new = {_where(kind): group for group, kind in asked if _where(kind) not in self._grounds}
        keys = list(new)
        for run in chunks(len(keys), _TOGETHER):
            mine = [keys[number] for number in run.tolist()]
            firsts = self.several.first_g[[new[key] for key in mine]]
            worked = work(self._prepared, np.stack([firsts, firsts + 1], axis=1).reshape(-1))
            for number, key in enumerate(mine):
                idle = is_data_only(self.several.terms[new[key]])
                self._grounds[key] = self._ground(worked, 2 * number, key[2], key[3], idle)

    def _ground(self, worked: Worked, row: int, replication_milli: float, left: Left, idle: bool) -> Ground:
        problem = self._prepared.problem
        first = best_by_site(self._prepared, worked, row, left)
        other = best_by_site(self._prepared, worked, row + 1, left, row if idle else None)
        sent_t = volume_micro(problem, replication_milli) if replication_milli else np.zeros(0)
        apart = problem.apart
        loads = _loads(problem, int(worked.chunk.w[row]))
        return Ground(first, other, sent_t, self.several.tariff_ss, apart.km_ss, apart.provider_s, apart.place_s, loads)


def _loads(problem: Problem, first: int) -> Loads | None:
    """What the first member and the next, which is as all others, would send over lines that are short for two."""
    lines, nobody = problem.uplinks, np.zeros(len(problem.supply.sites))
    mine, others = lines.loads_of(first), lines.loads_of(first + 1)
    used = sorted({*mine, *others})
    if not used:
        return None
    first_ls, other_ls = (np.array([loads.get(line, nobody) for line in used]) for loads in (mine, others))
    return Loads(first_ls, other_ls, lines.whole_milli_gb_l[used])


def _where(kind: _Kind) -> tuple[int, int, float, Left]:
    return kind.first, kind.other, kind.replication_milli, kind.left


def _closed(ground: Ground, site: int) -> Ground:
    """The same without a site."""

    def closed(best: BySite) -> BySite:
        cost_s = best.cost_s.copy()
        cost_s[site] = np.inf
        return best._replace(cost_s=cost_s)

    return ground._replace(first=closed(ground.first), other=closed(ground.other))


def wanted_of(several: Several, group: int) -> Wanted:
    """What is asked of a workload's sites together, by the rules there are."""
    terms = several.terms[group]
    return Wanted(
        terms.min_sites,
        terms.min_providers if PROVIDERS in CONSTRAINTS else 1,
        terms.apart_km if APART in CONSTRAINTS else 0.0,
        OTHER_SITE in CONSTRAINTS,
    )


def volume_micro(problem: Problem, volume_milli: float) -> Floats:
    """What a monthly volume costs under each tariff [micro-USD]."""
    number = len(problem.tariffs.values)
    return volumes_micro(problem.tariffs, np.arange(number), np.full(number, float(volume_milli)))


def choice_of(prepared: Prepared, several: Several, groups: Sequence[int], picked: Sequence[Picked | None]) -> Choice:
    """Offers, costs and nodes of all members of the workloads *groups*, one workload after the other."""
    offers: list[int] = []
    costs: list[float] = []
    rows: list[int] = []
    for group, one in zip(groups, picked, strict=True):
        mine = several.rows(group)
        rows += mine
        offers += one.offers if one else [NONE] * len(mine)
        costs += one.costs if one else [np.inf] * len(mine)
    offer_x = np.array(offers, dtype=np.int64)
    return Choice(offer_x, np.array(costs), _nodes(prepared, np.array(rows, dtype=np.int64), offer_x))


def _nodes(prepared: Prepared, w: Ints, offer_w: Ints) -> Floats:
    """Nodes of one offer of each of the workloads *w*."""
    problem = prepared.problem
    found = np.zeros(len(w))
    for run in chunks(len(w)):
        shape_w = problem.supply.shape_o[offer_w[run]]
        found[run] = chunk_of(problem, w[run]).sizing.nodes_wh[np.arange(len(run)), shape_w]
    return np.where(offer_w == NONE, 0.0, found)


def costs_at(prepared: Prepared, w: Ints, offer_w: Ints) -> Floats:
    """What the workloads *w* cost at one offer each [micro-USD]; infinite without one."""
    cost_w = np.full(len(w), np.inf)
    for run in chunks(len(w), 2 * _TOGETHER):
        worked = work(prepared, w[run])
        for row, place in enumerate(run.tolist()):
            offer = offer_w[place : place + 1]
            if offer[0] != NONE:
                nodes = worked.chunk.sizing.nodes_wh[row, prepared.problem.supply.shape_o[offer]]
                cost_w[place] = offers_micro(prepared.problem, prepared.fixed, worked.costs, row, offer, nodes)[0]
    return cost_w


def with_members(prepared: Prepared, together: Together, choice: Choice) -> Choice:
    """A choice that was made as if every workload were alone, with the sites of members chosen together."""
    several = together.several
    groups = range(len(several.terms))
    mine = choice_of(prepared, several, groups, together.choose(groups, {}))
    rows = member_rows(several, groups)
    columns = [column.copy() for column in choice]
    for column, found in zip(columns, mine, strict=True):
        column[rows] = found
    return Choice._make(columns)


def member_rows(several: Several, groups: Iterable[int]) -> Ints:
    """The numbers of all members of the workloads *groups*, one workload after the other."""
    return np.array([row for group in groups for row in several.rows(group)], dtype=np.int64)


def left_of(several: Several, group: int, barred: Barred) -> Left:
    """What the members of a workload had to leave to others: the same for all of them."""
    return barred.get(int(several.first_g[group]), frozenset())
