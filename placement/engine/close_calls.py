"""Choices that the low end of a measured throughput would turn."""

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.chunk import Chunk, inputs_of
from placement.engine.each_place import sized
from placement.engine.feasibility import feasible
from placement.engine.ledger import chunk_costs
from placement.engine.problem import Problem
from placement.engine.rating import low_milli
from placement.engine.search import NONE, PER_TIER, search
from placement.engine.solution import Prepared
from placement.engine.taken import Draw, taken_for


def close_calls(prepared: Prepared, offer_w: Ints, draws: list[Draw]) -> dict[int, int]:
    """For those of the problem's workloads whose choice would turn: the offer that would then cost no more.

    Only the chosen accelerator is taken at the low end of its ratio; what others hold stays theirs.
    """
    problem = prepared.problem
    names = [shape.accelerator for shape in problem.supply.shapes]
    shape_o = problem.supply.shape_o
    placed = np.flatnonzero(offer_w != NONE).tolist()
    chosen = {number: names[shape_o[offer_w[number]]] for number in placed}
    low = {number: milli for number in placed if (milli := low_milli(problem, number, chosen[number])) is not None}
    if not low:
        return {}
    rated = np.array(list(low), dtype=np.int64)
    chunk = _low_chunk(problem, rated, [chosen[number] for number in low], list(low.values()))
    best = search(
        problem,
        chunk,
        prepared.grouping.of(PER_TIER),
        feasible(problem, prepared.rules, chunk),
        chunk_costs(problem, chunk),
        taken_for(problem, draws, rated, chunk.sizing.nodes_wh),
    )
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


def _low_chunk(problem: Problem, w: Ints, accelerators: list[str], low: list[int]) -> Chunk:
    """The chunk in which each workload's accelerator does the work of its low end."""
    inputs = inputs_of(problem, w)
    names_h = np.array([shape.accelerator for shape in problem.supply.shapes], dtype=object)
    ratio_wh = inputs.ratio_milli_rh[inputs.ratio_row_w]
    for row, (name, milli) in enumerate(zip(accelerators, low, strict=True)):
        ratio_wh[row, names_h == name] = milli
    same_wh = inputs.same_rh[inputs.ratio_row_w]
    sizing = sized(inputs._replace(ratio_row_w=np.arange(len(w)), ratio_milli_rh=ratio_wh, same_rh=same_wh))
    kinds = {axes: kind.class_x[w] for axes, kind in problem.kinds.items()}
    return Chunk(w, sizing, kinds | {"wh": np.arange(len(w))})
