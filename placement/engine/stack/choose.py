"""The best mix of each workload whose load goes up and down, whoever else wants what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints, by_value, different, words
from placement.engine.ledger import ChunkCosts, columns_of, product_micro
from placement.engine.problem import Problem
from placement.engine.redundant import member_rows
from placement.engine.solution import Prepared, Worked
from placement.engine.stack.curve import Curve, curve_of, same_curves, todays
from placement.engine.stack.fronts import Fronts, fronts_of
from placement.engine.stack.markets import Left, Markets, hours_of, markets_of, of_powers, powers
from placement.engine.stack.mix import Bought, Mix, Part
from placement.engine.stack.one_place import limits, mix_at, place_costs, turning
from placement.engine.stack.peers import Needed, Peers, peers_of
from placement.engine.stack.traps import trap_of
from placement.engine.stack.turns import mix_of_pair, with_turns
from placement.engine.stack.two_places import Pair, best_pairs
from placement.engine.terms.egress import EGRESS
from placement.engine.work.build import NO_WORK
from placement.engine.work.needs import scalings
from placement.engine.work.recipes import TRAINING
from placement.engine.work.scaling import Scaling
from placement.engine.work.wanted import Wanted
from placement.units import MICRO
from placement.words import PURCHASES

LeftTo = Callable[[int], Left]
"""What others leave to a workload; the same object to those to whom they leave the same."""


def stackable(problem: Problem, w: Ints) -> Ints:
    """Those of the workloads *w* that may be mixed: they serve, at one site or anywhere, and their load changes.

    Where only so many nodes are there, others may be bought beside them for a load that does not change, too. Training
    is one job, a batch takes all its units for as long, and who lives at several sites has every one sized for its own
    part.
    """
    inputs = problem.sizing
    if inputs.works is None:
        return np.zeros(0, dtype=np.int64)
    recipes, loads = inputs.works.recipes, inputs.works.loads
    trains_b = np.array([block.form == TRAINING for block in recipes.blocks], dtype=np.bool_)
    may_r = ~trains_b[recipes.block_r] & (recipes.window_s_r == 0)
    changes_l = loads.shaped_l | (loads.curve_l >= 0) | bool((problem.supply.limit_nodes_o >= 0).any())
    recipe_w, load_w = inputs.recipe_w[w], inputs.load_w[w]
    may_w = (recipe_w != NO_WORK) & may_r[recipe_w] & changes_l[load_w] & ~problem.per_location_w[w]
    if problem.several is not None:
        may_w &= ~np.isin(w, member_rows(problem.several, range(len(problem.several.terms))))
    return np.asarray(w[may_w])


def by_curve(problem: Problem, w: Ints) -> Ints:
    """Places of some of these in an order in which those of the same curve stand together."""
    works = problem.sizing.works
    assert works is not None
    return np.lexsort((problem.sizing.recipe_w[w], same_curves(works.loads, problem.sizing.load_w[w])))


class _Asked(NamedTuple):
    """Some rows of a chunk, axis `n`, and what is known of them."""

    worked: Worked
    rows: Ints
    load_n: Ints
    scaling_nc: Scaling
    nodes_nc: Floats
    site_micro_nk: Floats
    bytes_micro_nk: Floats
    left_n: list[Left]


class _Alike(NamedTuple):
    """Those that see the same markets, which are open to all of them, and have the same load."""

    n: Ints
    markets: Markets
    open_m: Ints


_LEVELS = 1 << 17
"""Levels of units that are reckoned together."""


class Choosing:
    """What all workloads of a problem choose from."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._markets: dict[tuple[bytes, int], Markets] = {}
        self._fronts: tuple[Markets, dict[bytes, Fronts]] | None = None

    def mixes(self, worked: Worked, rows: Ints, left_to: LeftTo) -> dict[int, tuple[Mix, ...]]:
        """The best mixes of each of some *rows* of a chunk, which must be `stackable`; none where nothing is open.

        At one place, and at two where that costs less as far as can be told before the bytes are billed.
        """
        problem, w = self._prepared.problem, worked.chunk.w[rows]
        inputs = problem.sizing
        assert inputs.works is not None
        assert inputs.hardware is not None
        load_n = inputs.load_w[w]
        wanted = Wanted(inputs.recipe_w[w], load_n, inputs.fraction_w[w])
        bytes_nk = _bytes_micro(problem, worked.costs, len(worked.chunk.w))[rows]
        left_n = [left_to(one) for one in w.tolist()]
        pace = scalings(inputs.works, wanted, inputs.hardware)
        asked = _Asked(worked, rows, load_n, *pace, worked.costs.site_micro_wk[rows], bytes_nk, left_n)
        found: dict[int, tuple[Mix, ...]] = {}
        for same in self._alike(asked):
            load = int(load_n[same.n[0]])
            curve, first = curve_of(inputs.works.loads, load), todays(inputs.works.loads, load)
            class_x = inputs.hardware.class_h[same.markets.shape_m[same.open_m]]
            fronts = self._fronts_of(same, class_x)
            step = max(1, _LEVELS // (len(curve.level_t) * len(different(class_x))))
            for start in range(0, len(same.n), step):
                n = same.n[start : start + step]
                peers = _peers(asked, same._replace(n=n), curve, class_x)
                mixes = _best(problem.inventory.policies.mixing, same.markets, peers, fronts, first)
                found.update(zip(rows[n].tolist(), mixes, strict=True))
        return {row: mixes for row, mixes in found.items() if mixes}

    def _alike(self, asked: _Asked) -> Iterator[_Alike]:
        inputs = self._prepared.problem.sizing
        assert inputs.works is not None
        assert inputs.hardware is not None
        chunk, allowed = asked.worked.chunk, asked.worked.allowed
        class_h, curve_n = inputs.hardware.class_h, same_curves(inputs.works.loads, asked.load_n)
        left_n = np.array([id(left) for left in asked.left_n])
        for n, markets in self._by_markets(asked):
            rows = asked.rows[n]
            sized_nh = allowed.ok_wh[rows] & chunk.sizing.sized_wh[rows] & (asked.nodes_nc[n][:, class_h] > 0)
            open_nm = allowed.ok_ws[rows][:, markets.site_m] & sized_nh[:, markets.shape_m]
            for some in by_value(alike(len(n), [words(open_nm), curve_n[n], left_n[n]]).class_x):
                open_m = np.flatnonzero(open_nm[some[0]])
                if len(open_m):
                    yield _Alike(n[some], markets, open_m)

    def _fronts_of(self, same: _Alike, class_x: Ints) -> Fronts:
        """Kept while the same markets are asked for."""
        if self._fronts is None or self._fronts[0] is not same.markets:
            self._fronts = same.markets, {}
        known, key = self._fronts[1], same.open_m.tobytes()
        if key not in known:
            known[key] = fronts_of(same.markets, same.open_m, class_x)
        return known[key]

    def _by_markets(self, asked: _Asked) -> Iterator[tuple[Ints, Markets]]:
        """Those that see the same markets; an hour on spot has its price with about a peak's units."""
        worked, rows = asked.worked, asked.rows
        ok_np = worked.allowed.ok_wp[rows]
        power_nh = np.where(ok_np[:, [PURCHASES.index("spot")]], powers(worked.chunk.sizing.nodes_wh[rows]), 0)
        for n in by_value(alike(len(rows), [ok_np, power_nh]).class_x):
            power_h = power_nh[n[0]]
            markets = {power: self._at_power(worked, int(rows[n[0]]), power) for power in different(power_h).tolist()}
            first = next(iter(markets.values()))
            yield n, of_powers(markets, power_h[first.shape_m]) if len(markets) > 1 else first

    def _at_power(self, worked: Worked, row: int, power: int) -> Markets:
        """The same for all who may buy in the same ways: all of them serve, so that spot costs them the same."""
        ok_p = worked.allowed.ok_wp[row]
        key = ok_p.tobytes(), power
        if key not in self._markets:
            problem, rules, fixed = self._prepared.problem, self._prepared.rules, self._prepared.fixed
            self._markets[key] = markets_of(problem, rules, fixed, ok_p, hours_of(problem, worked, row, power))
        return self._markets[key]


def _peers(asked: _Asked, same: _Alike, curve: Curve, class_x: Ints) -> Peers:
    kind_x = same.markets.kind_m[same.open_m]
    money = asked.site_micro_nk[same.n][:, kind_x], asked.bytes_micro_nk[same.n][:, kind_x]
    left = asked.left_n[int(same.n[0])]
    return peers_of(curve, asked.scaling_nc.of(same.n), class_x, same.open_m, money, left)


def _best(mixing: str, markets: Markets, peers: Peers, fronts: Fronts, first: Curve | None) -> list[tuple[Mix, ...]]:
    """Of each peer at two places, if that costs less, and at one; *first* is the curve of the first month."""
    turn_x = turning(markets, peers)
    costs = place_costs(markets, peers, turn_x)
    cost_wx = costs.micro + peers.site_micro_wx
    known: dict[tuple[int, int], list[Bought]] = {}
    for w, x in np.argwhere(costs.base > limits(markets, peers.open_m, peers.left)).tolist():
        known[w, x], cost = _at(markets, peers.one(w), x)
        cost_wx[w, x] = cost + peers.site_micro_wx[w, x]
    x_w = cost_wx.argmin(axis=1)
    below_w = cost_wx[np.arange(len(x_w)), x_w]
    found = []
    for w, pair in enumerate(best_pairs(markets, peers, fronts, turn_x, below_w, mixing)):
        needed, x = peers.one(w), int(x_w[w])
        mixes = _mixes(markets, needed, pair, x, known.get((w, x)), float(below_w[w]))
        if first is not None:
            mixes = tuple(mix._replace(trap=trap_of(markets, needed, mix, first)) for mix in mixes)
        found.append(mixes)
    return found


def _at(markets: Markets, needed: Needed, x: int) -> tuple[list[Bought], float]:
    return mix_at(markets, needed.left, int(needed.open_m[x]), needed.units_t(x), needed.curve)


def _mixes(
    markets: Markets, needed: Needed, pair: Pair | None, x: int, known: list[Bought] | None, cost: float
) -> tuple[Mix, ...]:
    mixes = () if pair is None else (mix_of_pair(markets, needed, pair),)
    if not np.isfinite(cost):
        return mixes
    bought = known or _at(markets, needed, x)[0]
    return (*mixes, Mix((Part(MICRO, tuple(with_turns(markets, needed, bought, x))),), cost))


def _bytes_micro(problem: Problem, costs: ChunkCosts, count: int) -> Floats:
    """What is paid for bytes that come and go [micro-USD], workload × kind of site."""
    total_wk = np.zeros((count, len(problem.charging.first_k)))
    for rate in costs.site:
        if rate.term == EGRESS.name:
            columns_of(rate).add_to(total_wk, product_micro(rate.quantity_milli, rate.price_micro))
    return total_wk
