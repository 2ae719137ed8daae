"""Lower bounds of what a workload pays in a group of offers, derived from the rates and rules whatever they are.

A cost is nodes · (fixed + hours · price) + site. Over a group each part has a lower bound, so their sum is one too.
"""

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible
from placement.engine.groups import Groups
from placement.engine.ledger import ChunkCosts, floor_micro, scaled_down
from placement.engine.problem import Problem
from placement.words import TIERS

FAR = 1e300
"""A bound no cost can reach: of groups that are closed."""

ROWS = 1024
"""Workloads bounded at once, so that the arrays stay in the cache. It cannot change a result."""

WORD = 64


def bounds(problem: Problem, chunk: Chunk, groups: Groups, allowed: Feasible, costs: ChunkCosts) -> Floats:
    """Lower bound [micro-USD] of every workload's cost in every group, `(g, w)`.

    At least `FAR` where no offer of the group is feasible, but for a limit of nodes that only some of its offers have.
    """
    first, class_w = distinct(chunk.kinds["ws"])
    ok_ks = allowed.ok_ws[first]
    closed_gk = ~_reached(problem, groups, ok_ks)
    site_tw = _cheapest_site(problem, ok_ks, class_w, costs)
    nodes_hw, ok_hw, ok_pw = (np.ascontiguousarray(part.T) for part in (chunk.sizing.nodes_wh, *allowed[1:]))
    scaled = [scaled_down(np.ascontiguousarray(rate.quantity_milli.T)) for rate in costs.usage]
    prices = [rate.price_micro[groups.offer_gm].min(axis=1, initial=np.inf) for rate in costs.usage]
    bound_gw = np.empty((len(groups.slot_g), len(chunk.w)))
    for start in range(0, len(chunk.w), ROWS):
        rows = slice(start, start + ROWS)
        for run in groups.runs:
            shape_g, tier, purchase = groups.shape_g[run], groups.tier_g[run.start], groups.purchase_g[run.start]
            nodes_gw = nodes_hw[shape_g, rows]
            bound = np.repeat(groups.fixed_min_g[run, None], nodes_gw.shape[1], axis=1)
            for scaled_hw, price_g in zip(scaled, prices, strict=True):
                if price_g[run].any():
                    bound += floor_micro(scaled_hw[shape_g, rows], price_g[run, None])
            bound *= nodes_gw
            bound += site_tw[tier, rows]
            closed_gw = closed_gk[run][:, class_w[rows]]
            closed_gw |= ~ok_hw[shape_g, rows]
            closed_gw |= ~ok_pw[purchase, rows]
            if np.isfinite(groups.limit_max_g[run]).any():
                closed_gw |= nodes_gw > groups.limit_max_g[run, None]
            np.add(bound, np.multiply(closed_gw, FAR), out=bound_gw[run, rows])
    return bound_gw


def _reached(problem: Problem, groups: Groups, ok_ks: Bools) -> Bools:
    """Whether any site of a group is open to a class of workloads, `(g, k)`.

    Sites are bits of words. They are ordered by tier, so that a group, all of one tier, has its bits in few words.
    """
    order_s = np.argsort(problem.tier_s, kind="stable")
    rank_s = np.empty_like(order_s)
    rank_s[order_s] = np.arange(len(order_s))
    member_gs = np.zeros((len(groups.slot_g), len(order_s)), dtype=np.bool_)
    member_gs[np.arange(len(member_gs))[:, None], rank_s[groups.site_gm]] = True
    bits_gb, bits_kb = _words(member_gs), _words(ok_ks[:, order_s])
    reached_gk = np.zeros((len(member_gs), len(ok_ks)), dtype=np.bool_)
    for run in groups.runs:
        for word in np.flatnonzero(bits_gb[run].any(axis=0)).tolist():
            reached_gk[run] |= (bits_gb[run, word, None] & bits_kb[None, :, word]) != 0
    return reached_gk


def _words(flags: Bools) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]":
    """The rows of *flags* as bits of whole words."""
    padded = np.zeros((len(flags), -(-flags.shape[1] // WORD) * WORD), dtype=np.bool_)
    padded[:, : flags.shape[1]] = flags
    return np.packbits(padded, axis=1).view(np.uint64)


def _cheapest_site(problem: Problem, ok_ks: Bools, class_w: Ints, costs: ChunkCosts) -> Floats:
    """Lower bound of the per-site cost over the feasible sites of each tier; infinite where there is none."""
    charging = problem.charging
    order_s = np.argsort(charging.class_x, kind="stable")
    begin = np.searchsorted(charging.class_x[order_s], np.arange(len(charging.first_k)))
    open_kx = np.logical_or.reduceat(ok_ks[:, order_s], begin, axis=1)
    cost_wx = np.where(open_kx[class_w], costs.site_micro_wk, np.inf)
    tier_x = problem.tier_s[charging.first_k]
    return np.stack([cost_wx[:, tier_x == tier].min(axis=1, initial=np.inf) for tier in range(len(TIERS))])
