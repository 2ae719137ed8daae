"""Choices that the low end of a measured throughput would turn."""

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk, inputs_of
from placement.engine.each_place import sized
from placement.engine.feasibility import feasible, passes
from placement.engine.ledger import chunk_costs, each_micro
from placement.engine.problem import Problem
from placement.engine.rating import low_milli
from placement.engine.search import NONE, PER_TIER, Banned, Limits, search
from placement.engine.sizing import Sizing
from placement.engine.solution import Prepared, Worked
from placement.engine.taken import Draw, taken_for
from placement.engine.work.build import NO_WORK
from placement.units import MILLI
from placement.words import TIERS


def close_calls(prepared: Prepared, sizing: Sizing, offer_w: Ints, draws: list[Draw]) -> dict[int, int]:
    """For those of the problem's workloads whose choice would turn: the offer that would then cost no more.

    Only the chosen accelerator is taken at the low end of its ratio; what others hold stays theirs.
    """
    problem = prepared.problem
    names = [shape.accelerator for shape in problem.supply.shapes]
    shape_o = problem.supply.shape_o
    low = _low_ends(problem, sizing, offer_w, names)
    if not low:
        return {}
    rated = np.array(list(low), dtype=np.int64)
    chosen = {number: names[shape] for number, shape in zip(low, shape_o[offer_w[rated]].tolist(), strict=True)}
    chunk = _low_chunk(problem, rated, list(chosen.values()), list(low.values()))
    allowed, costs = feasible(problem, prepared.rules, chunk), chunk_costs(problem, chunk)
    banned = taken_for(problem, draws, rated, chunk.sizing.nodes_wh)
    dear_w = _dear(prepared, Worked(chunk, allowed, costs), offer_w[rated], banned)
    limits = Limits(dear_w, np.ones((len(rated), len(TIERS)), dtype=np.bool_))
    best = search(problem, chunk, prepared.grouping.of(PER_TIER), allowed, costs, banned, limits)
    found = {}
    for row, number in enumerate(low):
        offers = zip(best.cost_wtk[row].ravel().tolist(), best.offer_wtk[row].ravel().tolist(), strict=True)
        ranked = sorted((cost, offer) for cost, offer in offers if offer != NONE)
        mine = next((cost for cost, offer in ranked if offer == offer_w[number]), np.inf)
        # The same hardware at the same cost is no other outcome.
        turned = [
            offer for cost, offer in ranked if cost < mine or (cost == mine and names[shape_o[offer]] != chosen[number])
        ]
        if turned:
            found[number] = turned[0]
    return found


def _low_ends(problem: Problem, sizing: Sizing, offer_w: Ints, names: list[str]) -> dict[int, int]:
    """The low end of its ratio, or of the work it does as a part of that [thousandths], of workloads with a band.

    *names* are those of the shapes' accelerators.
    """
    known: dict[tuple[int, ...], int | None] = {}
    found = {}
    placed = np.flatnonzero(offer_w != NONE)
    shape_x = problem.supply.shape_o[offer_w[placed]]
    kinds = zip(
        problem.sizing.ratio_row_w[placed].tolist(),
        problem.sizing.recipe_w[placed].tolist(),
        shape_x.tolist(),
        sizing.group_wh[placed, shape_x].astype(np.int64).tolist(),
        strict=True,
    )
    for number, kind in zip(placed.tolist(), kinds, strict=True):
        if kind not in known:
            known[kind] = low_milli(problem, number, names[kind[2]], kind[3])
        milli = known[kind]
        if milli is not None:
            found[number] = milli
    return found


def _dear(prepared: Prepared, worked: Worked, offer_w: Ints, banned: Banned | None) -> Floats:
    """What the chosen offers would cost [micro-USD]; infinite where they would not do.

    No choice turns to what is dearer: a chosen offer that would do is found itself, or so many that cost no more.
    """
    problem, sizing, rows = prepared.problem, worked.chunk.sizing, np.arange(len(offer_w))
    nodes_w = sizing.nodes_wh[rows, problem.supply.shape_o[offer_w]]
    does_w = passes(problem, prepared.rules, worked.allowed, sizing, offer_w)
    if banned is not None:
        does_w &= ~banned.bans(rows, offer_w, problem.supply.site_o)
    return np.where(does_w, each_micro(problem, prepared.fixed, worked.costs, offer_w, nodes_w), np.inf)


def _low_chunk(problem: Problem, w: Ints, accelerators: list[str], low: list[int]) -> Chunk:
    """The chunk in which each workload's accelerator does the work of its low end."""
    inputs = inputs_of(problem, w)
    names_h = np.array([shape.accelerator for shape in problem.supply.shapes], dtype=object)
    ratio_wh = inputs.ratio_milli_rh[inputs.ratio_row_w]
    groups = inputs.works.known.groups.names if inputs.works is not None else ()
    scale_wa = np.ones((len(w), len(groups)))
    for row, (name, milli, recipe) in enumerate(zip(accelerators, low, inputs.recipe_w.tolist(), strict=True)):
        if recipe == NO_WORK:
            ratio_wh[row, names_h == name] = milli
        else:
            scale_wa[row, groups.index(name)] = milli / MILLI
    same_wh = inputs.same_rh[inputs.ratio_row_w]
    sizing = sized(
        inputs._replace(
            ratio_row_w=np.arange(len(w)),
            ratio_milli_rh=ratio_wh,
            same_rh=same_wh,
            scale_wa=scale_wa if groups else None,
        )
    )
    kinds = {axes: kind.class_x[w] for axes, kind in problem.kinds.items()}
    return Chunk(w, sizing, kinds | {"wh": np.arange(len(w))})
