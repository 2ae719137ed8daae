"""How much can leave a location: the bytes that its line to the outside carries in a month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Site
from placement.engine.alike import alike
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.flows import Flows, Moved
from placement.engine.senders import Senders
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI_GB_PER_MBIT_S, to_micro


class Uplinks(NamedTuple):
    """Lines of locations that state their speed. Axis `l`: these locations."""

    names: list[str]
    capacity_milli_gb_l: Floats
    """What can leave in a month: of the line's speed the share it is planned with."""
    mbit_s_l: Floats
    """Speed as stated."""
    usable_fraction: float
    here_ls: Bools
    """Sites at the location."""
    sent_milli_gb_wk: Floats
    """What a workload's sources at the location send a month to accelerators elsewhere; the second axis is `l`."""
    returned_milli_gb_wk: Floats
    """What accelerators at the location send elsewhere; the second axis is `l`."""
    class_w: Ints
    """Workloads of one class send and return the same."""

    def needed_milli_gb(self, w: Ints, location: int) -> Floats:
        """What would leave a location, of the workloads *w* at every site, `ws`."""
        here_s = self.here_ls[location]
        sent_w, returned_w = self.sent_milli_gb_wk[w, location], self.returned_milli_gb_wk[w, location]
        return np.asarray(np.where(here_s[None, :], returned_w[:, None], sent_w[:, None]))

    def speed_for(self, milli_gb: Floats) -> Floats:
        """Speed of a line that carries so much in a month [Mbit/s]."""
        return np.asarray(milli_gb / (MILLI_GB_PER_MBIT_S * self.usable_fraction))


def uplinks_of(
    catalog: Catalog, inventory: Inventory, sites: Sequence[Site], senders: Senders, moved: Moved
) -> Uplinks:
    """The lines of locations, and what each workload would send over them."""
    speeds = {name: place.uplink_mbit_s for name, place in inventory.locations.items() if place.uplink_mbit_s}
    usable = catalog.assumption("link_usable_fraction").micro
    count, names = len(moved.flows_in.endpoint_wk), list(speeds)
    sent = [_with(moved.flows_in, _at(moved.flows_in, senders, name)) for name in names]
    returned = [_with(moved.flows_out, ~_at(moved.flows_out, senders, name)) for name in names]
    micro = [to_micro(speed) for speed in speeds.values()]
    sent_wl, returned_wl = (np.array(columns).reshape(len(names), count).T for columns in (sent, returned))
    return Uplinks(
        names,
        np.array([float(one * usable * MILLI_GB_PER_MBIT_S // MICRO**2) for one in micro]),
        np.array([one / MICRO for one in micro]),
        usable / MICRO,
        np.array([[site.location == name for site in sites] for name in names], dtype=np.bool_),
        np.ascontiguousarray(sent_wl),
        np.ascontiguousarray(returned_wl),
        alike(count, [sent_wl, returned_wl]).class_x,
    )


def _at(flows: Flows, senders: Senders, location: str) -> Bools:
    """Ends of flows that are at a location, `e`."""
    return np.array([senders.place(label).location == location for label in flows.labels], dtype=np.bool_)


def _with(flows: Flows, meant_e: Bools) -> Floats:
    """Volume of each workload's flows with some ends, `w`; an empty slot (−1) has none."""
    if not meant_e.any():
        return np.zeros(len(flows.endpoint_wk))
    return np.asarray(np.where(meant_e[flows.endpoint_wk], flows.volume_milli_wk, 0.0).sum(axis=1))
