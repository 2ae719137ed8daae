"""Lower bounds of what a workload pays in a group of offers, derived from the rates and rules whatever they are.

A cost is nodes · (fixed + hours · price) + site. Over a group each part has a lower bound, so their sum is one too.
"""

import numpy as np

from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Floats, Ints, words
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible
from placement.engine.groups import Groups
from placement.engine.ledger import ChunkCosts, floor_micro, scaled_down
from placement.engine.problem import Problem
from placement.words import TIERS

FAR = 1e300
"""A bound no cost can reach: of groups that are closed."""

MOST = FAR / 2
"""What is above is closed."""

ROWS = 512
"""Workloads bounded at once, so that the arrays stay in the cache. It cannot change a result."""


def visiting_order(chunk: Chunk, allowed: Feasible) -> Ints:
    """The chunk's rows, those that may use the same purchase models and shapes next to each other."""
    first, class_w = distinct(chunk.kinds["wh"])
    patterns = np.packbits(allowed.ok_wh[first], axis=1)
    rank_k = np.empty_like(first)
    rank_k[np.lexsort(patterns.T)] = np.arange(len(first))
    return np.lexsort((rank_k[class_w], chunk.kinds["wp"]))


def bounds(
    problem: Problem,
    chunk: Chunk,
    groups: Groups,
    allowed: Feasible,
    costs: ChunkCosts,
    order: Ints,
    asked_t: Bools | None = None,
) -> Floats:
    """Lower bound [micro-USD] of every workload's cost in every group, `(g, x)`; axis `x`: the rows *order*.

    At least `FAR` where no offer of the group is feasible, but for a limit of nodes that only some of its offers have;
    and in slots that are not asked for.
    """
    first, class_w = distinct(chunk.kinds["ws"])
    ok_ks, class_x = allowed.ok_ws[first], class_w[order]
    closed_gk = ~_reached(problem, groups, ok_ks)
    site_tx = _cheapest_site(problem, ok_ks, class_w, costs)[:, order]
    sizing = chunk.sizing
    nodes_hx = np.ascontiguousarray(sizing.nodes_wh[order].T)
    most_hx = nodes_hx if sizing.most_wh is sizing.nodes_wh else np.ascontiguousarray(sizing.most_wh[order].T)
    barred_hx, barred_px = (np.ascontiguousarray(~ok[order].T) for ok in (allowed.ok_wh, allowed.ok_wp))
    charged = _charged(groups, costs, order)
    bound_gx = np.full((len(groups.slot_g), len(order)), FAR)
    runs = [run for run in groups.runs if asked_t is None or asked_t[groups.slot_g[run.start]]]
    for start in range(0, len(order), ROWS):
        rows = slice(start, start + ROWS)
        none_h, none_p = (np.asarray(barred[:, rows].all(axis=1)) for barred in (barred_hx, barred_px))
        for run in runs:
            purchase = groups.purchase_g[run.start]
            g = run.start + np.flatnonzero(~(none_h[groups.shape_g[run]] | none_p[purchase]))
            if not len(g):
                continue
            shape_g = groups.shape_g[g]
            nodes_gx = nodes_hx[shape_g, rows]
            bound = np.repeat(groups.fixed_min_g[g, None], nodes_gx.shape[1], axis=1)
            for scaled_hx, price_g in charged:
                if price_g[g].any():
                    bound += floor_micro(scaled_hx[shape_g, rows], price_g[g, None])
            np.multiply(np.maximum(bound, 0.0, out=bound), nodes_gx, out=bound)  # below zero only where prices fall
            bound += site_tx[groups.tier_g[run.start], rows]
            closed = closed_gk[g][:, class_x[rows]]
            closed |= barred_hx[shape_g, rows]
            closed |= barred_px[purchase, rows]
            if np.isfinite(groups.limit_max_g[g]).any():
                closed |= most_hx[shape_g, rows] > groups.limit_max_g[g, None]
            np.copyto(bound, FAR, where=closed)
            bound_gx[g, rows] = bound
    return bound_gx


def _charged(groups: Groups, costs: ChunkCosts, order: Ints) -> list[tuple[Floats, Floats]]:
    """Quantities `hx` and the least price of each group, of those rates that all offers of some group are charged."""
    least = [(rate, rate.price_micro[groups.offer_gm].min(axis=1, initial=np.inf)) for rate in costs.usage]
    return [
        (scaled_down(np.ascontiguousarray(rate.quantity_milli[order].T)), price_g)
        for rate, price_g in least
        if price_g.any()
    ]


def _reached(problem: Problem, groups: Groups, ok_ks: Bools) -> Bools:
    """Whether any site of a group is open to a class of workloads, `(g, k)`.

    Sites are bits of words. They are ordered by tier, so that a group, all of one tier, has its bits in few words.
    """
    order_s = np.argsort(problem.tier_s, kind="stable")
    rank_s = np.empty_like(order_s)
    rank_s[order_s] = np.arange(len(order_s))
    member_gs = np.zeros((len(groups.slot_g), len(order_s)), dtype=np.bool_)
    member_gs[np.arange(len(member_gs))[:, None], rank_s[groups.site_gm]] = True
    bits_gb, bits_kb = words(member_gs), words(ok_ks[:, order_s])
    reached_gk = np.zeros((len(member_gs), len(ok_ks)), dtype=np.bool_)
    for run in groups.runs:
        for word in np.flatnonzero(bits_gb[run].any(axis=0)).tolist():
            reached_gk[run] |= (bits_gb[run, word, None] & bits_kb[None, :, word]) != 0
    return reached_gk


def _cheapest_site(problem: Problem, ok_ks: Bools, class_w: Ints, costs: ChunkCosts) -> Floats:
    """Lower bound of the per-site cost over the feasible sites of each tier; infinite where there is none."""
    charging = problem.charging
    order_s = np.argsort(charging.class_x, kind="stable")
    begin = np.searchsorted(charging.class_x[order_s], np.arange(len(charging.first_k)))
    open_kx = np.logical_or.reduceat(ok_ks[:, order_s], begin, axis=1)
    cost_wx = np.where(open_kx[class_w], costs.site_micro_wk, np.inf)
    tier_x = problem.tier_s[charging.first_k]
    return np.stack([cost_wx[:, tier_x == tier].min(axis=1, initial=np.inf) for tier in range(len(TIERS))])
