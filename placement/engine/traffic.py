"""How long workloads' users wait for each site: their locations, weighed by the traffic that comes from each."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.alike import distinct
from placement.engine.arrays import Floats, Ints
from placement.engine.network import Place, median_rtt_ms
from placement.engine.supply import Supply, resolve_location
from placement.inventory.asks import Asks
from placement.inventory.inventory import Inventory
from placement.units import MICRO, to_milli

ROWS = 256
"""Mixes evaluated at once, so that memory does not grow with their number. It cannot change a result."""


class Traffic(NamedTuple):
    """What is known of all users. Axis `l`: locations; `r`: different mixes of them; `u`: a mix's locations."""

    rtt_ls: Floats
    """Median RTT [ms], NaN unknown; the last row is nowhere's."""
    location_ru: Ints
    """−1, nowhere, where a mix has fewer than others."""
    share_milli_ru: Ints
    percentile_r: Floats
    above_median: float
    """Factor on the median for percentiles above 50."""
    row_w: Ints
    """The mix of each workload."""

    def of_mixes(self, r: Ints) -> Floats:
        """RTT [ms] of some mixes to every site, `rs`; NaN where unknown or without users."""
        found = np.empty((len(r), self.rtt_ls.shape[1]))
        for rows in (slice(start, start + ROWS) for start in range(0, len(r), ROWS)):
            mixes = r[rows]
            rtt_rsu = np.moveaxis(self.rtt_ls[self.location_ru[mixes]], 1, 2)
            found[rows] = self._covering(rtt_rsu, mixes[:, None])
        return found

    def of(self, w: Ints) -> Floats:
        """RTT [ms] of the workloads *w* to every site, `ws`; NaN where unknown or without users."""
        first, index_w = distinct(self.row_w[w])
        return np.asarray(self.of_mixes(self.row_w[w][first])[index_w])

    def at(self, w: Ints, s: Ints) -> Floats:
        """RTT [ms] of the workloads *w* to one site each."""
        mixes = self.row_w[w]
        return self._covering(self.rtt_ls[self.location_ru[mixes], s[:, None]], mixes)

    def _covering(self, rtt_xu: Floats, r: Ints) -> Floats:
        """RTT within which the percentile of the mixes *r* stays, from the RTT of their locations on the last axis."""
        percentile_x = self.percentile_r[r]
        value_x = covering_ms(rtt_xu, self.share_milli_ru[r], percentile_x)
        value_x = np.where(percentile_x > 50, value_x * self.above_median, value_x)
        return np.asarray(np.rint(value_x * 1000) / 1000)


def covering_ms(rtt_xu: Floats, share_milli_xu: Ints, percentile_x: Floats) -> Floats:
    """RTT [ms] of the slowest location that is needed to cover *percentile* per cent of the traffic.

    Locations of unknown RTT come last; the result is NaN where one of them is needed.
    """
    order_xu = np.argsort(rtt_xu, axis=-1, kind="stable")  # NaN last
    shares_xu = np.broadcast_to(share_milli_xu, rtt_xu.shape)
    covered_xu = np.cumsum(np.take_along_axis(shares_xu, order_xu, axis=-1), axis=-1)
    wanted_x = np.minimum(np.ceil(percentile_x * 10), share_milli_xu.sum(axis=-1))
    first_x = np.argmax(covered_xu >= wanted_x[..., None], axis=-1)[..., None]
    which_x = np.take_along_axis(order_xu, first_x, axis=-1)
    return np.asarray(np.take_along_axis(rtt_xu, which_x, axis=-1)[..., 0])


def traffic_of(catalog: Catalog, inventory: Inventory, asks: Asks, supply: Supply) -> Traffic:
    """Where the users of all workloads are."""
    places: list[Place] = [
        (name, *resolve_location(catalog, location)[1:]) for name, location in inventory.locations.items()
    ]
    number = {name: index for index, name in enumerate(inventory.locations)}
    mixes = [mix for mix, _ in asks.traffic.number]
    shape = (len(mixes), max(1, *map(len, mixes)) if mixes else 1)
    location_ru, share_milli_ru = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    row = np.repeat(np.arange(len(mixes)), [len(mix) for mix in mixes])
    slot = np.array([slot for mix in mixes for slot in range(len(mix))], dtype=np.int64)
    location_ru[row, slot] = [number[name] for mix in mixes for name, _ in mix]
    share_milli_ru[row, slot] = [to_milli(share) for mix in mixes for _, share in mix]
    return Traffic(
        rtt_ls=np.vstack([median_rtt_ms(catalog, places, supply.sites), np.full((1, len(supply.sites)), np.nan)]),
        location_ru=location_ru,
        share_milli_ru=share_milli_ru,
        percentile_r=np.array([percentile for _, percentile in asks.traffic.number], dtype=np.float64),
        above_median=catalog.assumption("rtt_p95_over_p50_ratio").micro / MICRO,
        row_w=np.array(asks.traffic.row),
    )
