"""Where a mix may be bought: every shape at every site, with what a unit costs there by the month and by the hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, different
from placement.engine.chunk import rows_of as some_of
from placement.engine.feasibility import Rules
from placement.engine.ledger import Fixed, chunk_costs
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Worked
from placement.engine.work.hours import MONTH_MILLI
from placement.units import HOURS_PER_MONTH
from placement.words import BY_THE_HOUR, PURCHASES


class Left(NamedTuple):
    """What others leave to a workload of what all share."""

    limit_o: Floats
    """Units of every offer, as if no other offer drew on the same power."""
    power_s: Floats
    """Power of every site [millionths of a kW]; infinite without a limit."""


class Markets(NamedTuple):
    """Axis `m`: pairs of a site and a shape at which something is open, in canonical order."""

    site_m: Ints
    shape_m: Ints
    kind_m: Ints
    """Kind of site (`Problem.charging`)."""
    accelerator_m: Ints
    """Number of the accelerator."""
    fixed_micro_m: Floats
    """The least a unit costs a month, used or not [micro-USD]; infinite where nothing is sold so."""
    fixed_offer_m: Ints
    hour_micro_m: Floats
    """The least an hour of work on a unit costs [micro-USD]; infinite where nothing is sold by the hour."""
    hour_offer_m: Ints
    further_m: list[tuple[int, ...]]
    """Where units by the month may run out: all offers by the month, the cheapest first; empty elsewhere."""
    month_micro_o: Floats
    """Of all offers: what a unit costs a month in which it is in use all the time [micro-USD]."""
    ended_micro_o: Floats
    """Of all offers: what of it is an hour of work, on nodes of a commitment that ends [micro-USD]."""
    ended_m: Bools
    """Where such nodes are."""
    power_o: Floats
    """Of all offers: what a unit draws [millionths of a kW]."""


class Hours(NamedTuple):
    """What hours of work of a row of a chunk cost on a unit [micro-USD]."""

    hour_micro_o: Floats
    """An hour, on spot with what interruptions cost and make be done on demand; infinite if not paid by the hour."""
    ended_micro_o: Floats
    """An hour on what is paid by the month: where a signed commitment ends, nodes may be by the hour after it."""


def hours_of(problem: Problem, worked: Worked, row: int, power: int) -> Hours:
    """As if a unit were in use all month, and 2 to the *power* of them at once on spot."""
    supply, one = problem.supply, some_of(worked.chunk, np.array([row]))
    by_hour_p = np.array([name in BY_THE_HOUR for name in PURCHASES])
    # As if a unit of every shape were needed all month, also of those it could not run on.
    month_wh = np.full(one.sizing.nodes_wh.shape, MONTH_MILLI)
    one = one._replace(sizing=one.sizing.with_units(np.full(month_wh.shape, 2.0**power), month_wh))
    total_o = np.zeros(len(supply.site_o))
    for rate in chunk_costs(problem, one).usage:
        total_o += rate.price_micro * rate.quantity_milli[0, supply.shape_o] / MONTH_MILLI
    by_hour_o = by_hour_p[supply.purchase_o]
    return Hours(np.where(by_hour_o, total_o, np.inf), np.where(by_hour_o, 0.0, total_o))


def powers(nodes: Floats) -> Ints:
    """Of two, the nearest: what an hour on spot costs changes little with how many there are."""
    return np.rint(np.log2(np.maximum(nodes, 1.0))).astype(np.int64)


def of_powers(markets: Mapping[int, Markets], power_m: Ints) -> Markets:
    """Each market's hours at its own power of two of units; all of *markets* differ in these alone."""
    first = next(iter(markets.values()))
    micro_m, offer_m = first.hour_micro_m.copy(), first.hour_offer_m.copy()
    for power, one in markets.items():
        mine_m = power_m == power
        micro_m[mine_m], offer_m[mine_m] = one.hour_micro_m[mine_m], one.hour_offer_m[mine_m]
    return first._replace(hour_micro_m=micro_m, hour_offer_m=offer_m)


def markets_of(problem: Problem, rules: Rules, fixed: Fixed, purchases_p: Bools, hours: Hours) -> Markets:
    """What is open to workloads that may buy so; not what stands at each of several places."""
    supply, limit_o = problem.supply, rules.limit_nodes_o
    open_o = rules.ok_o & (rules.ok_s & ~problem.spread_s)[supply.site_o] & rules.ok_h[supply.shape_o]
    open_o &= (rules.ok_p & purchases_p)[supply.purchase_o] & (limit_o >= 1)
    offers = np.flatnonzero(open_o)
    key = supply.site_o[offers] * len(supply.shapes) + supply.shape_o[offers]
    hour_x, month_micro_o = hours.hour_micro_o[offers], fixed.node_micro_o + hours.ended_micro_o * HOURS_PER_MONTH
    month_x = np.where(np.isinf(hour_x), month_micro_o[offers], np.inf)
    by_month, by_hour = (_cheapest(key, price_x) for price_x in (month_x, hour_x))
    first = np.flatnonzero(np.diff(np.sort(key), prepend=-1))
    key_m = np.sort(key)[first]
    fixed_m, hour_m = (_at(key_m, key, found) for found in (by_month, by_hour))
    fixed_offer_m, hour_offer_m = (np.where(x_m >= 0, offers[x_m], NONE) for x_m in (fixed_m, hour_m))
    names: dict[str, int] = {}
    accelerator_h = np.array([names.setdefault(shape.accelerator, len(names)) for shape in supply.shapes])
    site_m = key_m // len(supply.shapes)
    return Markets(
        site_m=site_m,
        shape_m=key_m % len(supply.shapes),
        kind_m=problem.charging.class_x[site_m],
        accelerator_m=accelerator_h[key_m % len(supply.shapes)],
        fixed_micro_m=np.where(fixed_m >= 0, month_x[fixed_m], np.inf),
        fixed_offer_m=fixed_offer_m,
        hour_micro_m=np.where(hour_m >= 0, hour_x[hour_m], np.inf),
        hour_offer_m=hour_offer_m,
        further_m=_further(key_m, key, offers, month_x, limit_o),
        month_micro_o=month_micro_o,
        ended_micro_o=hours.ended_micro_o,
        ended_m=np.isin(key_m, key[hours.ended_micro_o[offers] > 0]),
        power_o=np.nan_to_num(problem.node_power_kw_micro_o),
    )


def _cheapest(key: Ints, price_x: Floats) -> Ints:
    """Of each key the first of the cheapest, as places in the arrays; without those of no price."""
    order = np.lexsort((np.arange(len(key)), price_x, key))
    order = order[np.isfinite(price_x[order])]
    return np.asarray(order[np.diff(key[order], prepend=-1) != 0])


def _at(key_m: Ints, key: Ints, found: Ints) -> Ints:
    """Laid out by key; −1 where there is none."""
    place_m = np.full(len(key_m), -1, dtype=np.int64)
    place_m[np.searchsorted(key_m, key[found])] = found
    return place_m


def _further(key_m: Ints, key: Ints, offers: Ints, month_x: Floats, limit_o: Floats) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()] * len(key_m)
    limited_x = np.isfinite(month_x) & np.isfinite(limit_o[offers])
    for m in different(np.searchsorted(key_m, key[limited_x])).tolist():
        mine = np.flatnonzero((key == key_m[m]) & np.isfinite(month_x))
        order = np.lexsort((offers[mine], month_x[mine]))
        found[m] = tuple(offers[mine[order]].tolist())
    return found
