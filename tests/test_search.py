"""The pruned search finds what brute force finds: every offer's cost, sorted by (cost, offer)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import shipped_world, world

from placement.catalog.tables import UNKNOWN
from placement.engine import bounds, groups, search
from placement.engine.bounds import MOST, visiting_order
from placement.engine.groups import Wanted
from placement.engine.ledger import floor_micro, product_micro, scaled_down
from placement.engine.problem import Problem, build_problem
from placement.engine.search import NONE, PER_TIER, Banned, Best, Limits
from placement.engine.solution import Prepared, Worked, prepare, work
from placement.words import TIERS

ALL_IN_ONE = (0,) * len(TIERS)
WANTED = [Wanted(ALL_IN_ONE, 1), Wanted(ALL_IN_ONE, 10), PER_TIER, Wanted((0, 0, 1, 1, 1), 2)]


def costs_of(prepared: Prepared, worked: Worked, banned: Banned | None) -> np.ndarray:
    """Cost of every cell, `wo`; infinite where it is not feasible."""
    problem, rules = prepared.problem, prepared.rules
    supply, chunk, allowed, costs = problem.supply, worked.chunk, worked.allowed, worked.costs
    nodes = chunk.sizing.nodes_wh[:, supply.shape_o]
    per_node = np.repeat(prepared.fixed.node_micro_o[None, :], len(chunk.w), axis=0)
    for rate in costs.usage:
        per_node += product_micro(rate.quantity_milli[:, supply.shape_o], rate.price_micro[None, :])
    cost = nodes * per_node + costs.site_micro_wk[:, problem.charging.class_x[supply.site_o]]
    ok = allowed.ok_ws[:, supply.site_o] & allowed.ok_wh[:, supply.shape_o] & allowed.ok_wp[:, supply.purchase_o]
    ok &= rules.ok_o & (nodes <= rules.limit_nodes_o)
    if banned is not None:
        ok &= ~((banned.column_o >= 0) & banned.taken_wc[:, banned.column_o])
    return np.where(ok, cost, np.inf)


def brute(prepared: Prepared, cost_wo: np.ndarray, wanted: Wanted) -> Best:
    """The cheapest of every slot by sorting everything."""
    slot_o = np.array(wanted.slot_t)[prepared.problem.tier_o]
    shape = (len(cost_wo), wanted.slots, wanted.kept)
    best = Best(np.full(shape, np.inf), np.full(shape, NONE))
    for w, slot in np.ndindex(*shape[:2]):
        offers = np.flatnonzero((slot_o == slot) & np.isfinite(cost_wo[w]))
        first = offers[np.lexsort((offers, cost_wo[w, offers]))][: wanted.kept]
        best.cost_wtk[w, slot, : len(first)] = cost_wo[w, first]
        best.offer_wtk[w, slot, : len(first)] = first
    return best


def check(problem: Problem, wanted: Wanted, w: np.ndarray | None = None, taken: int | None = None) -> np.ndarray:
    """Search and brute force agree; the cost of every cell."""
    prepared = prepare(problem)
    worked = work(prepared, np.arange(len(problem.workloads)) if w is None else w)
    banned = None
    if taken is not None:
        draw = np.random.default_rng(taken)
        column_o = np.full(len(problem.supply.site_o), -1)
        column_o[::2] = np.arange(len(column_o[::2]))
        banned = Banned(column_o, draw.random((len(worked.chunk.w), len(column_o[::2]))) < 0.5)
    cost_wo = costs_of(prepared, worked, banned)
    found = search.search(problem, worked.chunk, prepared.grouping.of(wanted), worked.allowed, worked.costs, banned)
    expected = brute(prepared, cost_wo, wanted)
    assert np.array_equal(found.cost_wtk, expected.cost_wtk)
    assert np.array_equal(found.offer_wtk, expected.offer_wtk)
    return cost_wo


def priced(problem: Problem, price_micro_o: np.ndarray) -> Problem:
    """The problem with other prices for what is rented and has a price."""
    known = (problem.supply.price_micro_o != UNKNOWN) & (problem.supply.bought_o < 0)
    prices = np.where(known, price_micro_o, problem.supply.price_micro_o)
    return problem._replace(supply=problem.supply._replace(price_micro_o=prices))


@pytest.mark.parametrize("wanted", WANTED, ids=str)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), taken=st.none() | st.integers(0, 99))
def test_random_worlds(wanted: Wanted, seed: int, taken: int | None) -> None:
    """Random problems, with node limits, and with offers that single workloads must not have."""
    check(build_problem(*world(seed)), wanted, taken=taken)


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_shipped_catalog(wanted: Wanted) -> None:
    """Many offers in many groups; ties, and offers that cost as much per accelerator whatever their shape."""
    problem = build_problem(*shipped_world(7, 60))
    offers = len(problem.supply.site_o)
    units_o = np.array([shape.units for shape in problem.supply.shapes])[problem.supply.shape_o]
    ratio_h = problem.sizing.ratio_milli_rh.max(axis=0).astype(np.int64)
    for prices in (
        problem.supply.price_micro_o,
        np.full(offers, 1_000_000),
        np.zeros(offers, dtype=np.int64),
        units_o * 1_000_000,
        units_o * ratio_h[problem.supply.shape_o] * 1000,
    ):
        cost_wo = check(priced(problem, prices), wanted)
        assert np.isfinite(cost_wo).any(axis=1).sum() > 20


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_degenerate(wanted: Wanted) -> None:
    """Nothing feasible, one offer, one workload, no workload, the same workload again and again."""
    problem = build_problem(*shipped_world(3, 20))
    offers = np.arange(len(problem.supply.site_o))
    unknown = np.full(len(offers), UNKNOWN)
    nothing = problem._replace(supply=problem.supply._replace(price_micro_o=unknown))
    assert not np.isfinite(check(nothing, wanted)).any()
    cheapest = int(check(problem, wanted).min(axis=0).argmin())
    alone = np.where(offers == cheapest, problem.supply.price_micro_o, UNKNOWN)
    only = problem._replace(supply=problem.supply._replace(price_micro_o=alone))
    assert np.isfinite(check(only, wanted)).any()
    check(problem, wanted, np.array([4]))
    check(problem, wanted, np.zeros(0, dtype=np.int64))
    check(problem, wanted, np.full(50, 4))


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_sizes_do_not_matter(wanted: Wanted, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks, rows bounded at once, members of groups and steps decide how much is looked at, not what is found."""
    monkeypatch.setattr(search, "BLOCK", size)
    monkeypatch.setattr(bounds, "ROWS", size)
    monkeypatch.setattr(groups, "MEMBERS", size)
    monkeypatch.setattr(search, "STEP", 1 + 1 / size)
    for seed in range(6):
        check(build_problem(*world(seed)), wanted)


@pytest.mark.parametrize("seed", range(20))
def test_bounds_are_below_costs(seed: int) -> None:
    """No group's bound exceeds the cost of an offer in it; a group is closed only where no offer is feasible."""
    prepared = prepare(build_problem(*world(seed)))
    problem, laid = prepared.problem, prepared.grouping.of(PER_TIER)
    worked = work(prepared, np.arange(len(problem.workloads)))
    order = visiting_order(worked.chunk, worked.allowed)
    bound_gx = bounds.bounds(problem, worked.chunk, laid, worked.allowed, worked.costs, order)
    cheapest_gw = costs_of(prepared, worked, None)[:, laid.offer_gm].min(axis=2).T
    assert (bound_gx <= cheapest_gw[:, order]).all()
    some_s = np.isfinite(cheapest_gw[:, order]) | np.isfinite(laid.limit_max_g)[:, None]
    assert (some_s | (bound_gx >= MOST)).all()


def test_limits_leave_out_what_lies_beyond() -> None:
    """What costs no more than the limit, in the slots that are wanted, is found as without limits."""
    prepared = prepare(build_problem(*shipped_world(5, 40)))
    worked = work(prepared, np.arange(40))
    parts = (prepared.problem, worked.chunk, prepared.grouping.of(PER_TIER), worked.allowed, worked.costs)
    free = search.search(*parts)
    limit_w = free.cost_wtk[:, :, 0].min(axis=1)
    wanted_wt = np.arange(40)[:, None] % 2 == np.arange(len(TIERS))[None, :] % 2
    found = search.search(*parts, None, Limits(limit_w, wanted_wt))
    inside = wanted_wt[:, :, None] & (free.cost_wtk <= limit_w[:, None, None])
    assert inside.any()
    assert np.array_equal(found.offer_wtk[inside], free.offer_wtk[inside])
    assert (found.offer_wtk[~wanted_wt] == NONE).all()


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**12)), min_size=1, max_size=20))
def test_products_are_exact(pairs: list[tuple[int, int]]) -> None:
    """Half up in whole micro-dollars by both ways of multiplying, and a floor that is never above."""
    kept = [(quantity, price) for quantity, price in pairs if quantity * price < 2**53 * 1000]
    if not kept:
        return
    quantity, price = np.array(kept, dtype=np.float64).T
    exact = [(quantity * price + 500) // 1000 for quantity, price in kept]
    assert product_micro(quantity, price).tolist() == exact
    each = [float(product_micro(quantity[i : i + 1], price[i : i + 1])[0]) for i in range(len(kept))]
    assert each == exact
    below = np.array(exact) - floor_micro(scaled_down(quantity), price)
    assert (below >= 0).all()
    assert (below <= np.maximum(1, np.array(exact) * 2.0**-49)).all()
