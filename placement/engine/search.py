"""Exact search: for every workload and tier the cheapest few offers, without visiting most of them.

Offers are grouped by (tier, shape, purchase model). Within a group a cost is nodes · (fixed + hours · price) + site,
and each part has a lower bound over the group, so the sum of the bounds is one too. Groups are visited from the
lowest bound up; a group whose bound exceeds a workload's k-th best of that tier cannot improve it. `≤` is kept, so
ties are decided by the offers' canonical order and not by the order of the visit.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible, Rules
from placement.engine.ledger import ChunkCosts, Fixed, group_micro, product_micro
from placement.engine.problem import Problem
from placement.words import TIERS

KEPT = 3
"""Cheapest offers kept per tier."""

BLOCK = 1 << 15
"""Cells computed at once, so that the arrays stay in the cache. It cannot change a result."""

NONE = -1


class Groups(NamedTuple):
    """Offers by (tier, shape, purchase model); within a group in canonical order. Axis `g`, offers laid end to end."""

    offers: Ints
    start_g: Ints
    end_g: Ints
    tier_g: Ints
    shape_g: Ints
    purchase_g: Ints
    fixed_micro: Floats
    """Per offer of `offers`, as are the next three."""
    site: Ints
    kind: Ints
    """Kind of site (`Problem.charging`)."""
    limit: Floats
    fixed_min_g: Floats
    limit_max_g: Floats


class Best(NamedTuple):
    """The cheapest offers by tier, cheapest first: cost [micro-USD] (infinite where there is none) and offer."""

    cost_wtk: Floats
    offer_wtk: Ints


class Banned(NamedTuple):
    """Offers that single workloads must not have, because others need them."""

    column_o: Ints
    """Column of `taken_wc`, −1 for offers open to all."""
    taken_wc: Bools


class Limits(NamedTuple):
    """What of a search is of interest."""

    cost_w: Floats
    """Offers that cost more [micro-USD] are of none."""
    wanted_wt: Bools
    """Tiers that are."""


def groups_of(problem: Problem, rules: Rules, fixed: Fixed) -> Groups:
    """Group the offers that no workload-independent rule forbids."""
    supply = problem.supply
    open_o = (
        rules.ok_o
        & rules.ok_s[supply.site_o]
        & rules.ok_h[supply.shape_o]
        & rules.ok_p[supply.purchase_o]
        & (rules.limit_nodes_o >= 1)
    )
    offers = np.flatnonzero(open_o)
    offers = offers[np.lexsort((offers, supply.purchase_o[offers], supply.shape_o[offers], problem.tier_o[offers]))]
    keys = np.stack([problem.tier_o[offers], supply.shape_o[offers], supply.purchase_o[offers]])
    changes = np.flatnonzero(np.any(np.diff(keys, axis=1) != 0, axis=0)) + 1
    start_g = np.concatenate([[0], changes]) if len(offers) else np.zeros(0, dtype=np.int64)
    end_g = np.concatenate([changes, [len(offers)]]) if len(offers) else np.zeros(0, dtype=np.int64)
    fixed_micro, limit = fixed.node_micro_o[offers], rules.limit_nodes_o[offers]
    return Groups(
        offers,
        start_g,
        end_g,
        keys[0, start_g],
        keys[1, start_g],
        keys[2, start_g],
        fixed_micro,
        supply.site_o[offers],
        problem.charging.class_x[supply.site_o[offers]],
        limit,
        _per_group(np.minimum, fixed_micro, start_g),
        _per_group(np.maximum, limit, start_g),
    )


def _per_group(reduce: np.ufunc, values: Floats, start_g: Ints) -> Floats:
    return np.asarray(reduce.reduceat(values, start_g)) if len(start_g) else np.zeros(0)


def search(
    problem: Problem,
    chunk: Chunk,
    groups: Groups,
    allowed: Feasible,
    costs: ChunkCosts,
    banned: Banned | None = None,
    limits: Limits | None = None,
) -> Best:
    """The `KEPT` cheapest feasible offers of each tier for every workload of the chunk.

    *banned* (its rows are those of the chunk) is for shared capacity that has run out. With *limits*, what lies
    beyond them may be left out.
    """
    count = len(chunk.w)
    cost_wtk = np.full((count, len(TIERS), KEPT), np.inf)
    offer_wtk = np.full((count, len(TIERS), KEPT), NONE, dtype=np.int64)
    bound_gw = _bounds(problem, chunk, groups, allowed, costs)
    if limits is not None:
        beyond_gw = (bound_gw > limits.cost_w[None, :]) | ~limits.wanted_wt.T[groups.tier_g]
        bound_gw[beyond_gw] = np.inf
    promise_g = bound_gw.min(axis=1, initial=np.inf)
    for g in np.argsort(promise_g, kind="stable").tolist():
        if np.isinf(promise_g[g]):
            break
        tier = int(groups.tier_g[g])
        bound_w = bound_gw[g]
        active = np.flatnonzero(np.isfinite(bound_w) & (bound_w <= cost_wtk[:, tier, KEPT - 1]))
        offers = slice(int(groups.start_g[g]), int(groups.end_g[g]))
        step = max(1, BLOCK // (offers.stop - offers.start))
        for start in range(0, len(active), step):
            rows = active[start : start + step]
            block_ow = _block(chunk, groups, g, allowed, costs, rows)
            if banned is not None:
                _ban(block_ow, groups.offers[offers], rows, banned)
            _merge(cost_wtk, offer_wtk, tier, groups.offers[offers], rows, block_ow)
    return Best(cost_wtk, offer_wtk)


def joined(parts: list[Best]) -> Best:
    """The results of several chunks, one after the other."""
    return Best(np.concatenate([part.cost_wtk for part in parts]), np.concatenate([part.offer_wtk for part in parts]))


def _bounds(problem: Problem, chunk: Chunk, groups: Groups, allowed: Feasible, costs: ChunkCosts) -> Floats:
    """Lower bound of every workload's cost in every group, `(g, w)`; infinite where the group is closed to it."""
    nodes_gw = chunk.sizing.nodes_wh.T[groups.shape_g]
    per_node_gw = np.broadcast_to(groups.fixed_min_g[:, None], nodes_gw.shape)
    for rate in costs.usage:
        cheapest_g = _per_group(np.minimum, rate.price_micro[groups.offers], groups.start_g)
        per_node_gw = per_node_gw + product_micro(rate.quantity_milli.T[groups.shape_g], cheapest_g[:, None])
    site_min_wt = _cheapest_site(problem, allowed, costs)
    bound_gw = nodes_gw * per_node_gw + site_min_wt.T[groups.tier_g]
    open_gw = (
        allowed.ok_wh.T[groups.shape_g] & allowed.ok_wp.T[groups.purchase_g] & (nodes_gw <= groups.limit_max_g[:, None])
    )
    return np.where(open_gw, bound_gw, np.inf)


def _cheapest_site(problem: Problem, allowed: Feasible, costs: ChunkCosts) -> Floats:
    """Lower bound of the per-site cost over the feasible sites of each tier; infinite where there is none."""
    charging = problem.charging
    order_s = np.argsort(charging.class_x, kind="stable")
    begin_k = np.searchsorted(charging.class_x[order_s], np.arange(len(charging.first_k)))
    open_wk = np.logical_or.reduceat(allowed.ok_ws[:, order_s], begin_k, axis=1)
    cost_wk = np.where(open_wk, costs.site_micro_wk, np.inf)
    tier_k = problem.tier_s[charging.first_k]
    return np.stack([cost_wk[:, tier_k == tier].min(axis=1, initial=np.inf) for tier in range(len(TIERS))], axis=1)


def _block(chunk: Chunk, groups: Groups, g: int, allowed: Feasible, costs: ChunkCosts, rows: Ints) -> Floats:
    """Costs of the group's offers for *rows*, `(o, w)`; infinite where not feasible."""
    members = slice(int(groups.start_g[g]), int(groups.end_g[g]))
    shape = int(groups.shape_g[g])
    nodes_w = chunk.sizing.nodes_wh[rows, shape]
    usage_ow = None
    for rate in costs.usage:
        price_o = rate.price_micro[groups.offers[members]]
        if price_o.any():
            part = product_micro(rate.quantity_milli[rows, shape][None, :], price_o[:, None])
            usage_ow = part if usage_ow is None else usage_ow + part
    site_ow = costs.site_micro_wk[np.ix_(rows, groups.kind[members])].T
    cost_ow = group_micro(nodes_w, groups.fixed_micro[members], usage_ow, site_ow)
    open_ow = allowed.ok_ws[np.ix_(rows, groups.site[members])].T & (nodes_w[None, :] <= groups.limit[members, None])
    return np.where(open_ow, cost_ow, np.inf)


def _ban(block_ow: Floats, offers: Ints, rows: Ints, banned: Banned) -> None:
    column_o = banned.column_o[offers]
    places = np.flatnonzero(column_o >= 0)
    if len(places):
        block_ow[places] = np.where(banned.taken_wc[np.ix_(rows, column_o[places])].T, np.inf, block_ow[places])


def _merge(cost_wtk: Floats, offer_wtk: Ints, tier: int, members: Ints, rows: Ints, block_ow: Floats) -> None:
    """Keep the `KEPT` smallest of what was known and the block; equal costs by canonical offer order."""
    columns = np.arange(len(rows))
    costs = [cost_wtk[rows, tier]]
    offers = [offer_wtk[rows, tier]]
    for _ in range(min(KEPT, len(members))):
        place = block_ow.argmin(axis=0)
        cost = block_ow[place, columns]
        costs.append(cost[:, None])
        offers.append(np.where(np.isfinite(cost), members[place], NONE)[:, None])
        block_ow[place, columns] = np.inf
    all_costs, all_offers = np.concatenate(costs, axis=1), np.concatenate(offers, axis=1)
    order = np.lexsort((all_offers, all_costs), axis=1)[:, :KEPT]
    cost_wtk[rows, tier] = np.take_along_axis(all_costs, order, axis=1)
    offer_wtk[rows, tier] = np.take_along_axis(all_offers, order, axis=1)
