"""The best mix of each workload whose load goes up and down, whoever else wants what it is made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement.engine.arrays import Floats, Ints, different
from placement.engine.ledger import ChunkCosts, columns_of, product_micro
from placement.engine.problem import Problem
from placement.engine.redundant import member_rows
from placement.engine.solution import Prepared, Worked
from placement.engine.stack.curve import Curve, curve_of, todays
from placement.engine.stack.markets import Left, Markets, hours_of, markets_of, of_powers, powers
from placement.engine.stack.mix import Bought, Mix, Part
from placement.engine.stack.one_place import Needed, limits, mix_at, needed_of, offers_at, place_costs, turning
from placement.engine.stack.traps import trap_of
from placement.engine.stack.two_places import Pair, best_pair
from placement.engine.terms.egress import EGRESS
from placement.engine.work.build import NO_WORK
from placement.engine.work.needs import scalings
from placement.engine.work.recipes import TRAINING
from placement.engine.work.scaling import Scaling, units_at
from placement.engine.work.wanted import Wanted
from placement.units import MICRO, MILLI
from placement.words import PURCHASES

LeftTo = Callable[[int], Left]
"""What others leave to a workload."""


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


class Choosing:
    """What all workloads of a problem choose from."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._markets: dict[tuple[bytes, int], Markets] = {}
        self._curves: dict[int, Curve] = {}

    def mixes(self, worked: Worked, rows: Ints, left_to: LeftTo) -> dict[int, tuple[Mix, ...]]:
        """The best mixes of each of some *rows* of a chunk, which must be `stackable`; none where nothing is open.

        At one place, and at two where that costs less as far as can be told before the bytes are billed.
        """
        problem, chunk = self._prepared.problem, worked.chunk
        inputs = problem.sizing
        assert inputs.works is not None
        assert inputs.hardware is not None
        w, mixing = chunk.w[rows], problem.inventory.policies.mixing
        wanted = Wanted(inputs.recipe_w[w], inputs.load_w[w], inputs.fraction_w[w])
        scaling_wc, nodes_wc = scalings(inputs.works, wanted, inputs.hardware)
        bytes_wk = _bytes_micro(problem, worked.costs, len(chunk.w))
        found: dict[int, tuple[Mix, ...]] = {}
        for number, row in enumerate(rows.tolist()):
            curve = self._curve(int(wanted.load_w[number]))
            markets = self._open(worked, row)
            shape_m = markets.shape_m
            sized_h = worked.allowed.ok_wh[row] & chunk.sizing.sized_wh[row]
            sized_h &= nodes_wc[number][inputs.hardware.class_h] > 0
            open_m = np.flatnonzero(worked.allowed.ok_ws[row, markets.site_m] & sized_h[shape_m])
            if not len(open_m):
                continue
            kind_x = markets.kind_m[open_m]
            money = (worked.costs.site_micro_wk[row, kind_x], bytes_wk[row, kind_x])
            scaling = Scaling._make(of[number] for of in scaling_wc)
            class_x = inputs.hardware.class_h[shape_m[open_m]]
            needed = needed_of(curve, scaling, class_x, open_m, money, left_to(int(chunk.w[row])))
            first = todays(inputs.works.loads, int(wanted.load_w[number]))
            mixes = _best(mixing, markets, needed)
            if first is not None:
                mixes = tuple(mix._replace(trap=trap_of(markets, needed, mix, first)) for mix in mixes)
            if mixes:
                found[row] = mixes
        return found

    def _curve(self, load: int) -> Curve:
        if load not in self._curves:
            works = self._prepared.problem.sizing.works
            assert works is not None
            self._curves[load] = curve_of(works.loads, load)
        return self._curves[load]

    def _open(self, worked: Worked, row: int) -> Markets:
        """What is open to a row; an hour on spot costs what it does with about as many units as its peak takes."""
        if not worked.allowed.ok_wp[row, PURCHASES.index("spot")]:
            return self._at_power(worked, row, 0)
        power_h = powers(worked.chunk.sizing.nodes_wh[row])
        markets = {power: self._at_power(worked, row, power) for power in different(power_h).tolist()}
        return of_powers(markets, power_h[next(iter(markets.values())).shape_m])

    def _at_power(self, worked: Worked, row: int, power: int) -> Markets:
        """The same for all who may buy in the same ways: all of them serve, so that spot costs them the same."""
        ok_p = worked.allowed.ok_wp[row]
        key = ok_p.tobytes(), power
        if key not in self._markets:
            problem, rules, fixed = self._prepared.problem, self._prepared.rules, self._prepared.fixed
            self._markets[key] = markets_of(problem, rules, fixed, ok_p, hours_of(problem, worked, row, power))
        return self._markets[key]


def _best(mixing: str, markets: Markets, needed: Needed) -> tuple[Mix, ...]:
    """At two places, if that costs less, and at one."""
    turn_x = turning(markets, needed)
    costs = place_costs(markets, needed, turn_x)
    cost_x = costs.micro_x + needed.site_micro_x
    known: dict[int, list[Bought]] = {}
    for x in np.flatnonzero(costs.base_x > limits(markets, needed)).tolist():
        units_t = needed.units_ct[int(needed.row_x[x])]
        known[x], cost = mix_at(markets, needed.left, int(needed.open_m[x]), units_t, needed.curve)
        cost_x[x] = cost + needed.site_micro_x[x]
    x = int(cost_x.argmin())
    best = float(cost_x[x])
    pair = best_pair(markets, needed, turn_x, best, mixing)
    mixes = () if pair is None else (_of_pair(markets, needed, pair),)
    if not np.isfinite(best):
        return mixes
    units_t = needed.units_ct[int(needed.row_x[x])]
    mix = known.get(x) or mix_at(markets, needed.left, int(needed.open_m[x]), units_t, needed.curve)[0]
    return (*mixes, Mix((Part(MICRO, tuple(_with_turns(markets, needed, mix, x))),), best))


def _of_pair(markets: Markets, needed: Needed, pair: Pair) -> Mix:
    """The parts of a pair: one where both stand at the same site."""
    rest = float(needed.curve.above(np.array([pair.level]))[0]) / float(needed.curve.above_t[-1])
    bought = [*_base_turns(markets, needed, pair), *_burst_turns(markets, needed, pair)]
    sites = markets.site_m[needed.open_m[[pair.base_x, pair.burst_x]]]
    if sites[0] == sites[1]:
        return Mix((Part(MICRO, tuple(bought)),), pair.cost)
    base, burst = tuple(bought[: len(pair.base)]), tuple(bought[len(pair.base) :])
    share = round(rest * MICRO)
    return Mix((Part(MICRO - share, base), Part(share, burst)), pair.cost)


def _with_turns(markets: Markets, needed: Needed, bought: list[Bought], x: int) -> list[Bought]:
    """With the use from which a unit by the month is cheaper than one by the hour of the same market."""
    m = int(needed.open_m[x])
    hourly, hour = int(markets.hour_offer_m[m]), float(markets.hour_micro_m[m]) / MILLI
    monthly = [one for one in bought if one.offer != hourly]
    if not monthly or len(monthly) == len(bought):
        return bought
    turn = {one.offer: (one.micro / hour, one.limit) for one in offers_at(markets, needed.left, m)[0]}
    # Of what is by the hour, where there are more of those by the month that cost the most.
    last = monthly[-1]
    turn[hourly] = (turn[last.offer][0] if last.units < turn[last.offer][1] else -1.0, np.inf)
    return [one._replace(break_even_milli=turn[one.offer][0]) for one in bought]


def _base_turns(markets: Markets, needed: Needed, pair: Pair) -> list[Bought]:
    """A base against as many units by the hour of the other market as would hold what it holds."""
    hour = _by_hour(markets, needed, pair)
    if hour is None:
        return pair.base
    scaling = needed.scaling.of([int(needed.row_x[pair.burst_x])])
    instead = float(units_at(np.array([pair.level]), scaling)[0, 0])
    units = sum(one.units for one in pair.base)
    return [
        one._replace(break_even_milli=float(markets.month_micro_o[one.offer]) * units / (hour * instead))
        for one in pair.base
    ]


def _burst_turns(markets: Markets, needed: Needed, pair: Pair) -> list[Bought]:
    """What is beyond a base against as many more units of the base as would hold the peak."""
    burst = _with_turns(markets, needed, pair.burst, pair.burst_x)
    hour = _by_hour(markets, needed, pair)
    if hour is None or len(burst) > 1:
        return burst
    units = sum(one.units for one in pair.base)
    more = float(needed.units_ct[needed.row_x[pair.base_x], 0]) - units
    month = float(markets.month_micro_o[pair.base[-1].offer])
    return [one._replace(break_even_milli=month * more / (hour * one.units)) for one in burst]


def _by_hour(markets: Markets, needed: Needed, pair: Pair) -> float | None:
    """What an hour costs [micro-USD per thousandth] of the units beyond a base; None where all are by the month."""
    m = int(needed.open_m[pair.burst_x])
    if pair.burst[-1].offer != markets.hour_offer_m[m]:
        return None
    return float(markets.hour_micro_m[m]) / MILLI


def _bytes_micro(problem: Problem, costs: ChunkCosts, count: int) -> Floats:
    """What is paid for bytes that come and go [micro-USD], workload × kind of site."""
    total_wk = np.zeros((count, len(problem.charging.first_k)))
    for rate in costs.site:
        if rate.term == EGRESS.name:
            columns_of(rate).add_to(total_wk, product_micro(rate.quantity_milli, rate.price_micro))
    return total_wk
