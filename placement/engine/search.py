"""Exact search: for every workload and tier the cheapest few offers, without visiting most of them.

Offers are grouped by (tier, shape, purchase model). Within a group a cost is nodes · (fixed + hours · price) + site,
and each part has a lower bound over the group, so the sum of the bounds is one too. Groups are visited from the
lowest bound up; a group whose bound exceeds a workload's k-th best of that tier cannot improve it. `≤` is kept, so
ties are decided by the offers' canonical order and not by the order of the visit.
"""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import TIERS
from placement.engine.chunk import Chunk
from placement.engine.feasibility import Feasible, Rules
from placement.engine.ledger import ChunkCosts, Fixed, group_micro, product_micro
from placement.engine.problem import Problem
from placement.engine.sizing import Floats, Ints

KEPT = 3
"""Cheapest offers kept per tier."""

BLOCK = 1 << 15
"""Cells computed at once, so that the arrays stay in the cache. It cannot change a result."""

NONE = -1


class Group(NamedTuple):
    """Offers of one tier, shape and purchase model, in canonical order."""

    tier: int
    shape: int
    purchase: int
    offers: Ints
    fixed_o: Floats
    site_o: Ints
    limit_o: Floats
    limited: bool


class Best(NamedTuple):
    """The cheapest offers by tier, cheapest first: cost [micro-USD] (infinite where there is none) and offer."""

    cost_wtk: Floats
    offer_wtk: Ints


def groups_of(problem: Problem, rules: Rules, fixed: Fixed) -> list[Group]:
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
    if not len(offers):
        return []
    keys = (offers, supply.purchase_o[offers], supply.shape_o[offers], problem.tier_o[offers])
    offers = offers[np.lexsort(keys)]
    labels = np.stack([problem.tier_o[offers], supply.shape_o[offers], supply.purchase_o[offers]])
    starts = np.flatnonzero(np.any(np.diff(labels, axis=1) != 0, axis=0)) + 1
    found = []
    for members in np.split(offers, starts):
        first = int(members[0])
        limit_o = rules.limit_nodes_o[members]
        found.append(
            Group(
                int(problem.tier_o[first]),
                int(supply.shape_o[first]),
                int(supply.purchase_o[first]),
                members,
                fixed.node_micro_o[members],
                supply.site_o[members],
                limit_o,
                bool(np.isfinite(limit_o).any()),
            )
        )
    return found


def search(
    problem: Problem,
    chunk: Chunk,
    groups: list[Group],
    allowed: Feasible,
    costs: ChunkCosts,
    banned: dict[int, frozenset[int]] | None = None,
) -> Best:
    """The `KEPT` cheapest feasible offers of each tier for every workload of the chunk.

    *banned* forbids single offers to single rows of the chunk (used when shared capacity runs out).
    """
    count = len(chunk.w)
    cost_wtk = np.full((count, len(TIERS), KEPT), np.inf)
    offer_wtk = np.full((count, len(TIERS), KEPT), NONE, dtype=np.int64)
    site_min_wt = _cheapest_site(problem, allowed, costs)
    for _, group, bound_w in _by_bound(chunk, groups, allowed, costs, site_min_wt):
        active = np.flatnonzero(np.isfinite(bound_w) & (bound_w <= cost_wtk[:, group.tier, KEPT - 1]))
        step = max(1, BLOCK // len(group.offers))
        for start in range(0, len(active), step):
            rows = active[start : start + step]
            block_ow = _block(chunk, group, allowed, costs, rows)
            if banned:
                _ban(block_ow, group, rows, banned)
            _merge(cost_wtk, offer_wtk, group, rows, block_ow)
    return Best(cost_wtk, offer_wtk)


def _cheapest_site(problem: Problem, allowed: Feasible, costs: ChunkCosts) -> Floats:
    """Lower bound of the per-site cost over the feasible sites of each tier; infinite where there is none."""
    open_ws = np.where(allowed.ok_ws, costs.site_micro_ws, np.inf)
    return np.stack(
        [open_ws[:, problem.tier_s == tier].min(axis=1, initial=np.inf) for tier in range(len(TIERS))], axis=1
    )


def _by_bound(
    chunk: Chunk, groups: list[Group], allowed: Feasible, costs: ChunkCosts, site_min_wt: Floats
) -> list[tuple[float, Group, Floats]]:
    """The groups with their lower bounds per workload, those that promise most first."""
    found = []
    for group in groups:
        open_w = allowed.ok_wh[:, group.shape] & allowed.ok_wp[:, group.purchase]
        if group.limited:
            open_w = open_w & (chunk.sizing.nodes_wh[:, group.shape] <= group.limit_o.max())
        if not open_w.any():
            continue
        nodes_w = chunk.sizing.nodes_wh[:, group.shape]
        per_node_w = np.full(len(chunk.w), group.fixed_o.min())
        for rate in costs.usage:
            cheapest = rate.price_micro[group.offers].min()
            if cheapest:
                per_node_w += product_micro(rate.quantity_milli[:, group.shape], cheapest)
        bound_w = np.where(open_w, nodes_w * per_node_w + site_min_wt[:, group.tier], np.inf)
        found.append((float(bound_w.min()), group, bound_w))
    found.sort(key=lambda item: item[0])
    return found


def _block(chunk: Chunk, group: Group, allowed: Feasible, costs: ChunkCosts, rows: Ints) -> Floats:
    """Costs of the group's offers for *rows*, `(o, w)`; infinite where not feasible."""
    nodes_w = chunk.sizing.nodes_wh[rows, group.shape]
    usage_ow = None
    for rate in costs.usage:
        price_o = rate.price_micro[group.offers]
        if price_o.any():
            part = product_micro(rate.quantity_milli[rows, group.shape][None, :], price_o[:, None])
            usage_ow = part if usage_ow is None else usage_ow + part
    cells = np.ix_(rows, group.site_o)
    cost_ow = group_micro(nodes_w, group.fixed_o, usage_ow, costs.site_micro_ws[cells].T)
    open_ow = allowed.ok_ws[cells].T
    if group.limited:
        open_ow = open_ow & (nodes_w[None, :] <= group.limit_o[:, None])
    return np.where(open_ow, cost_ow, np.inf)


def _ban(block_ow: Floats, group: Group, rows: Ints, banned: dict[int, frozenset[int]]) -> None:
    for column, row in enumerate(rows.tolist()):
        if row in banned:
            block_ow[[offer in banned[row] for offer in group.offers.tolist()], column] = np.inf


def _merge(cost_wtk: Floats, offer_wtk: Ints, group: Group, rows: Ints, block_ow: Floats) -> None:
    """Keep the `KEPT` smallest of what was known and the block; equal costs by canonical offer order."""
    columns = np.arange(len(rows))
    costs = [cost_wtk[rows, group.tier]]
    offers = [offer_wtk[rows, group.tier]]
    for _ in range(min(KEPT, len(group.offers))):
        place = block_ow.argmin(axis=0)
        cost = block_ow[place, columns]
        costs.append(cost[:, None])
        offers.append(np.where(np.isfinite(cost), group.offers[place], NONE)[:, None])
        block_ow[place, columns] = np.inf
    all_costs, all_offers = np.concatenate(costs, axis=1), np.concatenate(offers, axis=1)
    order = np.lexsort((all_offers, all_costs), axis=1)[:, :KEPT]
    cost_wtk[rows, group.tier] = np.take_along_axis(all_costs, order, axis=1)
    offer_wtk[rows, group.tier] = np.take_along_axis(all_offers, order, axis=1)
