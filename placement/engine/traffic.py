"""How long workloads' users wait for each site: their locations, weighed by the traffic that comes from each."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.alike import distinct
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.round_trips import MEDIAN, P95, End, RoundTrips, round_trips
from placement.engine.rtt_model import STEPS
from placement.engine.supply import Supply
from placement.inventory.asks import Asks
from placement.inventory.inventory import Inventory
from placement.inventory.located import resolve_location
from placement.units import MILLI, to_micro

ROWS = 256
"""Mixes evaluated at once, so that memory does not grow with their number. It cannot change a result."""


class Reached(NamedTuple):
    """What is known of the RTT [ms] between workloads and one site each."""

    rtt_w: Floats
    """NaN unknown."""
    low_w: Floats
    """Low and, next, high end of the 80 % band."""
    high_w: Floats
    step_w: Ints
    """Index of `STEPS`."""


class Traffic(NamedTuple):
    """What is known of all users. Axis `l`: locations; `r`: different mixes of them; `u`: a mix's locations."""

    trips: RoundTrips
    location_ru: Ints
    """−1, nowhere, where a mix has fewer than others."""
    share_micro_ru: Ints
    percentile_r: Floats
    """Above 50 the P95 of each location counts, else its median."""
    guessed_r: Bools
    """Whether some of a mix's users do not say how they are connected."""
    row_w: Ints
    """The mix of each workload."""

    def of_mixes(self, r: Ints) -> Floats:
        """RTT [ms] of some mixes to every site, `rs`; NaN where unknown or without users."""
        found = np.empty((len(r), self.trips.band_ls.shape[1]))
        for rows in (slice(start, start + ROWS) for start in range(0, len(r), ROWS)):
            mixes = r[rows]
            which_r = self._statistic(mixes)[:, None]
            rtt_rsu = np.moveaxis(self.trips.rtt_us_als[which_r, self.location_ru[mixes]], 1, 2)
            slot_rs = covering(rtt_rsu, self.share_micro_ru[mixes][:, None], self.percentile_r[mixes][:, None])
            found[rows] = np.take_along_axis(rtt_rsu, slot_rs[..., None], axis=-1)[..., 0] / MILLI
        return found

    def of(self, w: Ints) -> Floats:
        """RTT [ms] of the workloads *w* to every site, `ws`; NaN where unknown or without users."""
        first, index_w = distinct(self.row_w[w])
        return np.asarray(self.of_mixes(self.row_w[w][first])[index_w])

    def at(self, w: Ints, s: Ints) -> Reached:
        """RTT [ms] of the workloads *w* to one site each, by that of the location that counts."""
        mixes, trips = self.row_w[w], self.trips
        which_w = self._statistic(mixes)
        rtt_wu = trips.rtt_us_als[which_w[:, None], self.location_ru[mixes], s[:, None]]
        slot_w = covering(rtt_wu, self.share_micro_ru[mixes], self.percentile_r[mixes])
        rows, location_w = np.arange(len(w)), self.location_ru[mixes, slot_w]
        low_w, high_w = trips.range_us(which_w, location_w, s)
        step_k = np.array([STEPS.index(band.step) for band in trips.bands])
        step_w = step_k[trips.band_ls[location_w, s]]
        return Reached(rtt_wu[rows, slot_w] / MILLI, low_w / MILLI, high_w / MILLI, step_w)

    def _statistic(self, r: Ints) -> Ints:
        """Which RTT of each location counts for the mixes *r*."""
        return np.where(self.percentile_r[r] > 50, P95, MEDIAN)


def covering(rtt_xu: Floats, share_micro_xu: Ints, percentile_x: Floats) -> Ints:
    """The slowest location that is needed to cover *percentile* per cent of the traffic, by its place on the last axis.

    Locations of unknown RTT come last.
    """
    order_xu = np.argsort(rtt_xu, axis=-1, kind="stable")  # NaN last
    shares_xu = np.broadcast_to(share_micro_xu, rtt_xu.shape)
    covered_xu = np.cumsum(np.take_along_axis(shares_xu, order_xu, axis=-1), axis=-1)
    wanted_x = np.minimum(np.ceil(percentile_x * 10_000), share_micro_xu.sum(axis=-1))
    first_x = np.argmax(covered_xu >= wanted_x[..., None], axis=-1)[..., None]
    return np.asarray(np.take_along_axis(order_xu, first_x, axis=-1)[..., 0])


def traffic_of(catalog: Catalog, inventory: Inventory, asks: Asks, supply: Supply) -> Traffic:
    """Where the users of all workloads are."""
    ends = [
        End(name, *resolve_location(catalog, location), location.site, location.access)
        for name, location in inventory.locations.items()
    ]
    number = {name: index for index, name in enumerate(inventory.locations)}
    mixes = [mix for mix, _ in asks.traffic.number]
    shape = (len(mixes), max(1, *map(len, mixes)) if mixes else 1)
    location_ru, share_micro_ru = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    row = np.repeat(np.arange(len(mixes)), [len(mix) for mix in mixes])
    slot = np.array([slot for mix in mixes for slot in range(len(mix))], dtype=np.int64)
    location_ru[row, slot] = [number[name] for mix in mixes for name, _ in mix]
    share_micro_ru[row, slot] = [to_micro(share) for mix in mixes for _, share in mix]
    guessed_l = np.array([*(end.site is None and end.access is None for end in ends), False])
    return Traffic(
        trips=round_trips(catalog, ends, supply.sites),
        location_ru=location_ru,
        share_micro_ru=share_micro_ru,
        percentile_r=np.array([percentile for _, percentile in asks.traffic.number], dtype=np.float64),
        guessed_r=np.asarray(guessed_l[location_ru].any(axis=1)),
        row_w=np.array(asks.traffic.row),
    )
