"""Which of the markets that are open may be one of a pair, and which need not be looked at whoever asks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, different
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.one_place import limits
from placement.engine.stack.peers import Peers


class Front(NamedTuple):
    """Markets of which others cost no less for a unit, and what these others are. Axis `f`: of the front."""

    x_f: Ints
    later: Ints
    """Pairs of places on `f`: the second of each costs no more for a unit, and the work scales alike on both."""
    before: Ints
    site_f: Ints
    kind_f: Ints

    def undominated(self, peers: Peers, markets: Markets) -> Ints:
        """Those for which others do not do as well for all peers, wherever the other one of a pair is.

        As well does what is as cheap for a unit, at its site and for its bytes. Both of a pair are at different sites,
        so that one such market at the same site will do, or two at two more.
        """
        kind_x = markets.kind_m[peers.open_m]
        kinds = different(kind_x)
        place_x = np.zeros(int(kinds[-1]) + 1, dtype=np.int64)
        place_x[kind_x] = np.arange(len(kind_x))
        well_kk = np.ones((len(kinds), len(kinds)), dtype=np.bool_)
        for money_wx in (peers.site_micro_wx - peers.bytes_micro_wx, peers.bytes_micro_wx):
            money_wk = money_wx[:, place_x[kinds]]
            well_kk &= (money_wk[:, None, :] <= money_wk[:, :, None]).all(axis=0)
        number_f = np.searchsorted(kinds, self.kind_f)
        well = well_kk[number_f[self.later], number_f[self.before]]
        return self.x_f[~_dropped(self.site_f, self.later[well], self.before[well])]


class Fronts(NamedTuple):
    """Of what is open to some peers."""

    bases: Front
    bursts: Front


def fronts_of(markets: Markets, open_m: Ints, class_x: Ints, left: Left) -> Fronts:
    """For bases what is sold by the month, and for the rest what is sold at all.

    Where units by the month may run out, markets stay in the front and stand in for no others: only there the
    rest may be of another shape at the same site.
    """
    fixed_x, hour_x = markets.fixed_micro_m[open_m], markets.hour_micro_m[open_m]
    few_x = np.isfinite(limits(markets, open_m, left))
    site_x = markets.site_m[open_m]
    beside_x = np.isin(site_x, site_x[few_x])
    every = np.arange(len(open_m))
    bases = _front(markets, open_m, class_x, np.flatnonzero(np.isfinite(fixed_x)), (fixed_x,), few_x)
    return Fronts(bases, _front(markets, open_m, class_x, every, (hour_x, fixed_x), beside_x))


def _front(
    markets: Markets, open_m: Ints, class_x: Ints, some: Ints, unit_prices: tuple[Floats, ...], kept_x: Bools
) -> Front:
    """Of those that cost the same the first counts. *kept_x* are left out in no case, and stand in for no others."""
    site_x, kind_x, accelerator_x = (of[open_m] for of in (markets.site_m, markets.kind_m, markets.accelerator_m))
    group_x = class_x * (markets.accelerator_m.max() + 1) + accelerator_x
    within_x = group_x * (markets.kind_m.max() + 1) + kind_x
    for group in (within_x, group_x):
        some = some[np.lexsort((some, *(price_x[some] for price_x in unit_prices[::-1]), group[some]))]
        later, before = _pairs_before(np.searchsorted(group[some], group[some]))
        well = ~kept_x[some[before]] & ~kept_x[some[later]]
        for price_x in unit_prices[1:]:
            well &= price_x[some[before]] <= price_x[some[later]]
        later, before = later[well], before[well]
        if group is within_x:
            some = some[~_dropped(site_x[some], later, before)]
    return Front(some, later, before, site_x[some], kind_x[some])


def _dropped(site_f: Ints, later: Ints, before: Ints) -> Bools:
    """Of pairs, which of the later ones have one before at the same site, or two at two more."""
    found, one_f = np.zeros(len(site_f), dtype=np.bool_), np.full(len(site_f), -1)
    found[later[site_f[before] == site_f[later]]] = True
    one_f[later] = site_f[before]
    found[later[site_f[before] != one_f[later]]] = True
    return found


def _pairs_before(first: Ints) -> tuple[Ints, Ints]:
    """All pairs of a place and one before it, from the *first* of each place on."""
    count = np.arange(len(first)) - first
    later = np.repeat(np.arange(len(first)), count)
    return later, np.arange(len(later)) - (np.cumsum(count) - count - first)[later]
