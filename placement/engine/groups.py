"""Offers laid out for the search: in groups that share what a cost is bounded by.

A group is a few offers of one tier, purchase model and hardware shape, charged alike, whose prices are near each
other. Everything of its offers stands in one row of a table, so that any number of groups is looked up at once.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import chunk_of
from placement.engine.feasibility import Rules
from placement.engine.ledger import Fixed, chunk_costs
from placement.engine.problem import Problem

MEMBERS = 32
"""Offers of one group at most. It cannot change a result."""


class Wanted(NamedTuple):
    """What is looked for: the *kept* cheapest offers in each slot, and the slot each tier belongs to."""

    slot_t: tuple[int, ...]
    kept: int

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return max(self.slot_t) + 1


class Groups(NamedTuple):
    """Axis `g`: groups, ordered by slot, tier and purchase model. Axis `m`: members, in canonical order.

    Rows shorter than the longest repeat their last offer, at an infinite fixed cost.
    """

    wanted: Wanted
    slot_g: Ints
    tier_g: Ints
    purchase_g: Ints
    shape_g: Ints
    size_g: Ints
    runs: list[slice]
    """Groups of one slot, tier and purchase model."""
    offer_gm: Ints
    site_gm: Ints
    kind_gm: Ints
    """Kind of site (`Problem.charging`)."""
    fixed_gm: Floats
    """Fixed cost per node and month [micro-USD]."""
    limit_gm: Floats
    """Nodes there are; infinite where there is no limit."""
    fixed_min_g: Floats
    limit_max_g: Floats
    limited_g: Bools
    """Of some of its offers there are only so many nodes."""


class Grouping:
    """The offers of one problem in groups: laid out when they are first asked for, since not every search is made."""

    def __init__(self, problem: Problem, rules: Rules, fixed: Fixed) -> None:
        self._laid_out = (problem, rules, fixed)
        self._charged_o: Ints | None = None
        self._known: dict[Wanted, Groups] = {}

    def of(self, wanted: Wanted) -> Groups:
        """The groups for a search of what is *wanted*."""
        if wanted not in self._known:
            if self._charged_o is None:
                self._charged_o = charged_alike(self._laid_out[0])
            self._known[wanted] = groups_of(*self._laid_out, self._charged_o, wanted)
        return self._known[wanted]


def groups_of(problem: Problem, rules: Rules, fixed: Fixed, charged_o: Ints, wanted: Wanted) -> Groups:
    """Group the offers that no workload-independent rule forbids; *charged_o* as `charged_alike` says."""
    supply = problem.supply
    open_o = (
        rules.ok_o
        & rules.ok_s[supply.site_o]
        & rules.ok_h[supply.shape_o]
        & rules.ok_p[supply.purchase_o]
        & (rules.limit_nodes_o >= 1)
    )
    offers = np.flatnonzero(open_o)
    tiers = problem.tier_o[offers]
    hardware = supply.purchase_o[offers], supply.shape_o[offers]
    keys = np.stack([np.array(wanted.slot_t)[tiers], tiers, *hardware, charged_o[offers]])
    near = np.lexsort((offers, supply.price_micro_o[offers], fixed.node_micro_o[offers], *keys[::-1]))
    offers, keys = offers[near], keys[:, near]
    part_o = place_since(_begins(keys)) // MEMBERS
    order = np.lexsort((offers, part_o, *keys[::-1]))
    offers, begins = offers[order], _begins(np.vstack([keys, part_o]))
    start_g = np.flatnonzero(begins)
    size_g = np.diff(np.append(start_g, len(offers)))
    place_m = np.arange(size_g.max(initial=0))
    offer_gm = offers[start_g[:, None] + np.minimum(place_m[None, :], size_g[:, None] - 1)]
    fixed_gm = np.where(place_m[None, :] < size_g[:, None], fixed.node_micro_o[offer_gm], np.inf)
    slot_g, tier_g, purchase_g, shape_g, _ = keys[:, start_g]
    site_gm, limit_gm = supply.site_o[offer_gm], rules.limit_nodes_o[offer_gm]
    return Groups(
        wanted=wanted,
        slot_g=slot_g,
        tier_g=tier_g,
        purchase_g=purchase_g,
        shape_g=shape_g,
        size_g=size_g,
        runs=_runs(keys[:3, start_g]),
        offer_gm=offer_gm,
        site_gm=site_gm,
        kind_gm=problem.charging.class_x[site_gm],
        fixed_gm=fixed_gm,
        limit_gm=limit_gm,
        fixed_min_g=fixed_gm.min(axis=1, initial=np.inf),
        limit_max_g=limit_gm.max(axis=1, initial=0.0),
        limited_g=np.asarray(np.isfinite(limit_gm).any(axis=1)),
    )


def charged_alike(problem: Problem) -> Ints:
    """By offer a number that is the same where use is charged by the same rates.

    The least price of each rate in a group bounds what it costs: offers without some rate would make it nothing.
    """
    nobody = chunk_of(problem, np.arange(0))
    found_o = np.zeros(len(problem.supply.site_o), dtype=np.int64)
    for rate in chunk_costs(problem, nobody).usage:
        found_o = 2 * found_o + (rate.price_micro != 0)
    return found_o


def _begins(keys: Ints) -> Ints:
    """1 where a column of *keys* differs from the one before it."""
    return np.asarray(np.diff(keys, axis=1, prepend=-1).any(axis=0), dtype=np.int64)


def place_since(begins: Ints) -> Ints:
    """Of each element, how many have come before it since the last that begins something (is not 0)."""
    every = np.arange(len(begins))
    begin: Ints = np.maximum.accumulate(np.where(begins, every, 0))
    return every - begin


def _runs(keys: Ints) -> list[slice]:
    edges = [*np.flatnonzero(_begins(keys)).tolist(), keys.shape[1]]
    return [slice(start, end) for start, end in pairwise(edges)]
