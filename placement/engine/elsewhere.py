"""The cheapest offers of workloads that others leave no room on some: those that are to have something else.

Who goes elsewhere is mostly asked again there. So of everybody who is asked the cheapest few offers are kept, and what
is the cheapest without some of them is looked up: the first that is left, for everything that is not kept comes later
in the same order. Only those who are left none are searched again.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints
from placement.engine.parts import Rows, with_rows
from placement.engine.search import CHEAPEST, NONE, search
from placement.engine.solution import Barred, Choice, Prepared, cheapest, chunks, work
from placement.engine.taken import banned_from

RANKS = 24
"""Offers kept. It cannot change a result, nor can the next."""

RUN = 2048
"""Workloads searched at once for so many."""

T = TypeVar("T", np.int64, np.float64)


class Ranked:
    """The cheapest offers of workloads of one problem, kept from the first time that they are asked for."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._count = 0
        self._row_k = np.full(len(prepared.problem.twins.first_k), -1, dtype=np.int64)
        """Where those of a class of alike workloads are; −1 where they are not known."""
        self._offer_xr = np.zeros((0, RANKS), dtype=np.int64)
        self._cost_xr, self._nodes_xr = np.zeros((0, RANKS)), np.zeros((0, RANKS))

    def without(self, w: Ints, barred: Barred) -> Choice:
        """Offers, costs and nodes of the workloads *w* without the resources they are barred from."""
        if not len(w):
            return without(self._prepared, w, barred)
        self._learn(w)
        problem = self._prepared.problem
        banned = banned_from(problem, w, barred, sorted(set().union(*{barred[number] for number in w.tolist()})))
        row_w = self._row_k[problem.twins.class_x[w]]
        offer_wr, every = self._offer_xr[row_w], np.arange(len(w))
        # Where fewer offers than are kept are feasible, the first that is not there is the answer: there is none.
        left_wr = (offer_wr == NONE) | ~banned.bans(every[:, None], offer_wr, problem.supply.site_o)
        rank_w = left_wr.argmax(axis=1)
        choice = Choice(*(kept[row_w, rank_w] for kept in (self._offer_xr, self._cost_xr, self._nodes_xr)))
        again = np.flatnonzero(~left_wr[every, rank_w])
        if len(again):
            for column, found in zip(choice, without(self._prepared, w[again], barred), strict=True):
                column[again] = found
        return choice

    def _learn(self, w: Ints) -> None:
        """Search those of the workloads *w* that were not searched yet; those that are alike once."""
        class_w = self._prepared.problem.twins.class_x[w]
        new_k, first = np.unique(class_w[self._row_k[class_w] < 0], return_index=True)
        some = w[self._row_k[class_w] < 0][first]
        groups = self._prepared.grouping.of(CHEAPEST)
        groups = groups._replace(wanted=groups.wanted._replace(kept=RANKS))
        for run in chunks(len(some), RUN):
            worked = work(self._prepared, some[run])
            best = search(self._prepared.problem, worked.chunk, groups, worked.allowed, worked.costs)
            offer_wr = best.offer_wtk[:, 0]
            shape_wr = self._prepared.problem.supply.shape_o[offer_wr]
            nodes_wr = np.take_along_axis(worked.chunk.sizing.nodes_wh, shape_wr, axis=1)
            self._keep(new_k[run], offer_wr, best.cost_wtk[:, 0], np.where(offer_wr == NONE, 0.0, nodes_wr))

    def _keep(self, classes: Ints, offer_wr: Ints, cost_wr: Floats, nodes_wr: Floats) -> None:
        """Keep what was found of some classes; room for it is doubled as it runs out."""
        end = self._count + len(classes)
        if end > len(self._offer_xr):
            room = max(end, 2 * self._count)
            self._offer_xr = _roomier(self._offer_xr, room)
            self._cost_xr, self._nodes_xr = _roomier(self._cost_xr, room), _roomier(self._nodes_xr, room)
        rows = slice(self._count, end)
        self._offer_xr[rows], self._cost_xr[rows], self._nodes_xr[rows] = offer_wr, cost_wr, nodes_wr
        self._row_k[classes] = np.arange(self._count, end)
        self._count = end


def _roomier(kept_xr: NDArray[T], room: int) -> NDArray[T]:
    return np.concatenate([kept_xr, np.zeros((room - len(kept_xr), RANKS), dtype=kept_xr.dtype)])


def choose_without(prepared: Prepared, part: tuple[Rows, Barred]) -> Choice:
    """The same for the workloads of some rows, by their numbers there, wherever it is computed."""
    rows, barred = part
    mine = prepared._replace(problem=with_rows(prepared.problem, rows))
    return without(mine, np.arange(len(rows.ids)), barred)


def without(prepared: Prepared, w: Ints, barred: Barred) -> Choice:
    """Offers, costs and nodes of the workloads *w* without the resources they are barred from, chunk by chunk.

    Those who are asked the same are searched once.
    """
    problem = prepared.problem
    found: list[list[Any]] = [[np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)]]
    for run in chunks(len(w), RUN):
        mine = w[run]
        resources = sorted(set().union(*(barred[number] for number in mine.tolist())))
        banned = banned_from(problem, mine, barred, resources)
        same = alike(len(mine), [problem.twins.class_x[mine], *banned.columns()])
        worked = work(prepared, mine[same.first_k])
        found.append([column[same.class_x] for column in cheapest(prepared, worked, banned.of(same.first_k))])
    return Choice(*(np.concatenate(column) for column in zip(*found, strict=True)))
