"""Which of the markets that are open may be one of a pair, and which need not be looked at whoever asks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints, counted
from placement.engine.stack.markets import Markets
from placement.engine.stack.one_place import limits
from placement.engine.stack.peers import Peers


class Front(NamedTuple):
    """Some markets, axis `f`, and which of them cost no less for a unit than others on which the work scales alike."""

    x_f: Ints
    later: Ints
    """Pairs of places on `f`; the first of each costs no less than the second."""
    before: Ints
    kinds: Ints
    """Of pairs, the kinds of site of the second and the first, as one number."""
    site_before: Ints
    same_site: Bools

    def undominated(self, no_dearer_kk: Bools, kept_x: Bools) -> Ints:
        """Those for which others do not do as well for all peers, wherever the other one of a pair is.

        As well does what is as cheap for a unit, at its site and for its bytes. Both of a pair are at different sites,
        so that one such market at the same site will do, or two at two more. *kept_x* are left out in no case, and
        stand in for no others.
        """
        well = no_dearer_kk.ravel()[self.kinds]
        if kept_x.any():
            kept_f = kept_x[self.x_f]
            well &= ~(kept_f[self.before] | kept_f[self.later])
        pairs = np.flatnonzero(well)
        later, site = self.later[pairs], self.site_before[pairs]
        dropped, one_f = np.zeros(len(self.x_f), dtype=np.bool_), np.zeros(len(self.x_f), dtype=np.int64)
        dropped[later[self.same_site[pairs]]] = True
        one_f[later] = site
        dropped[later[site != one_f[later]]] = True
        return self.x_f[~dropped]


class Fronts(NamedTuple):
    """Of what is open to some peers."""

    bases: Front
    bursts: Front

    def undominated(self, markets: Markets, peers: Peers) -> tuple[Ints, Ints]:
        """Markets for bases and for the rest beyond them.

        Where units by the month run out, markets stay and stand in for no others: only there the rest may be of another
        shape at the same site.
        """
        site_x, kind_x = markets.site_m[peers.open_m], markets.kind_m[peers.open_m]
        kinds = int(markets.kind_m.max()) + 1
        no_dearer_kk = np.ones((kinds, kinds), dtype=np.bool_)
        for money_wx in (peers.site_micro_wx - peers.bytes_micro_wx, peers.bytes_micro_wx):
            money_wk = np.zeros((len(money_wx), kinds))
            money_wk[:, kind_x] = money_wx
            no_dearer_kk &= (money_wk[:, :, None] <= money_wk[:, None, :]).all(axis=0)
        most_x = peers.units_wct[:, :, 0].max(axis=0)[peers.row_x]
        few_x = limits(markets, peers.open_m, peers.left) < most_x
        beside_x = np.isin(site_x, site_x[few_x])
        return self.bases.undominated(no_dearer_kk, few_x), self.bursts.undominated(no_dearer_kk, beside_x)


def fronts_of(markets: Markets, open_m: Ints, class_x: Ints) -> Fronts:
    """For bases what is sold by the month, and for the rest what is sold at all."""
    fixed_x, hour_x = markets.fixed_micro_m[open_m], markets.hour_micro_m[open_m]
    bases = _front(markets, open_m, class_x, np.flatnonzero(np.isfinite(fixed_x)), (fixed_x,))
    return Fronts(bases, _front(markets, open_m, class_x, np.arange(len(open_m)), (hour_x, fixed_x)))


def _front(markets: Markets, open_m: Ints, class_x: Ints, some: Ints, unit_prices: tuple[Floats, ...]) -> Front:
    """Of those that cost the same the first counts."""
    accelerator_x = markets.accelerator_m[open_m]
    group_x = class_x * (accelerator_x.max() + 1) + accelerator_x
    some = some[np.lexsort((some, *(price_x[some] for price_x in unit_prices[::-1]), group_x[some]))]
    later, before = _pairs_before(np.searchsorted(group_x[some], group_x[some]))
    cheap = np.ones(len(later), dtype=np.bool_)
    for price_x in unit_prices[1:]:
        cheap &= price_x[some[before]] <= price_x[some[later]]
    later, before = later[cheap], before[cheap]
    site_f, kind_f = markets.site_m[open_m[some]], markets.kind_m[open_m[some]]
    kinds = kind_f[before] * (int(markets.kind_m.max()) + 1) + kind_f[later]
    return Front(some, later, before, kinds, site_f[before], site_f[before] == site_f[later])


_CHEAPEST = 128
"""So many of those on which the work scales alike may stand in for others."""


def _pairs_before(first: Ints) -> tuple[Ints, Ints]:
    """Pairs of a place and one before it, from the *first* of each place on."""
    count = np.minimum(np.arange(len(first)) - first, _CHEAPEST)
    later = np.repeat(np.arange(len(first)), count)
    return later, first[later] + counted(count)
