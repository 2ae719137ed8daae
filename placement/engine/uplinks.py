"""How much can leave a location: the bytes that its line to the outside carries in a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Site
from placement.engine.alike import alike
from placement.engine.arrays import Floats, Ints
from placement.engine.flows import Flows, Moved
from placement.engine.senders import Senders
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI_GB_PER_MBIT_S, to_micro

NO_LINE = -1


class Uplinks(NamedTuple):
    """Lines of locations that state their speed. Axis `l`: these locations."""

    names: list[str]
    capacity_milli_gb_l: Floats
    """What can leave in a month: of the line's speed the share it is planned with."""
    mbit_s_l: Floats
    """Speed as stated."""
    usable_fraction: float
    line_s: Ints
    """The line of a site's location, `NO_LINE` without one."""
    line_wk: Ints
    """The lines behind which a workload has sources, in slots, each once."""
    sent_milli_gb_wk: Floats
    """What these send a month over each of the lines to accelerators elsewhere."""
    target_line_wk: Ints
    """The line behind which the end of each outflow is."""
    returned_milli_gb_wk: Floats
    """The volume of each outflow."""
    class_w: Ints
    """Workloads of one class send and return the same."""

    def speed_for(self, milli_gb: Floats) -> Floats:
        """Speed of a line that carries so much in a month [Mbit/s]."""
        return np.asarray(milli_gb / (MILLI_GB_PER_MBIT_S * self.usable_fraction))

    def whole_mbit_s(self, milli_gb: float) -> int:
        """The least whole Mbit/s that carry so much in a month."""
        return -(-int(milli_gb) * MICRO // (MILLI_GB_PER_MBIT_S * round(self.usable_fraction * MICRO)))

    def returned(self, w: Ints, line: int) -> Floats:
        """What accelerators behind a line would send out over it, of the workloads *w* [thousandths of a GB]."""
        return np.asarray(np.where(self.target_line_wk[w] != line, self.returned_milli_gb_wk[w], 0.0).sum(axis=1))

    def left_mbit_s(self, w: Ints) -> Floats:
        """What the shortest line leaves of its speed, of the workloads *w* at every site, `ws`; 0 where none is met."""
        left_ws = np.full((len(w), len(self.line_s)), np.inf)
        for slot in range(self.line_wk.shape[1]):
            rows = np.flatnonzero(self.line_wk[w, slot] != NO_LINE)
            line = self.line_wk[w[rows], slot]
            left = self.speed_for(self.capacity_milli_gb_l[line] - self.sent_milli_gb_wk[w[rows], slot])
            away_rs = self.line_s[None, :] != line[:, None]
            left_ws[rows] = np.minimum(left_ws[rows], np.where(away_rs, left[:, None], np.inf))
        for site in np.flatnonzero(self.line_s != NO_LINE).tolist():
            line = int(self.line_s[site])
            left = self.speed_for(self.capacity_milli_gb_l[line] - self.returned(w, line))
            left_ws[:, site] = np.minimum(left_ws[:, site], left)
        return np.where(np.isinf(left_ws), 0.0, left_ws)

    def needs(self, w: int, site: int) -> Iterator[tuple[int, float]]:
        """The lines that a workload would use at a site, and for how much a month [thousandths of a GB]."""
        here = int(self.line_s[site])
        for line, sent in zip(self.line_wk[w].tolist(), self.sent_milli_gb_wk[w].tolist(), strict=True):
            if line not in (NO_LINE, here):
                yield line, sent
        if here != NO_LINE:
            yield here, float(self.returned(np.array([w]), here)[0])


def uplinks_of(
    catalog: Catalog, inventory: Inventory, sites: Sequence[Site], senders: Senders, moved: Moved
) -> Uplinks:
    """The lines of locations, and what each workload would send over them."""
    speeds = {name: place.uplink_mbit_s for name, place in inventory.locations.items() if place.uplink_mbit_s}
    usable = catalog.assumption("link_usable_fraction").micro
    number = {name: line for line, name in enumerate(speeds)}
    micro = [to_micro(speed) for speed in speeds.values()]
    line_wk, sent_wk = _sent(_lines_of(moved.flows_in, senders, number), moved.flows_in)
    out_wk, returned_wk = _returned(_lines_of(moved.flows_out, senders, number), moved.flows_out)
    line_s = np.array([number.get(site.location or "", NO_LINE) for site in sites], dtype=np.int64)
    if not (line_s != NO_LINE).any():  # nothing is computed behind a line
        out_wk, returned_wk = out_wk[:, :0], returned_wk[:, :0]
    return Uplinks(
        list(speeds),
        np.array([float(one * usable * MILLI_GB_PER_MBIT_S // MICRO**2) for one in micro]),
        np.array([one / MICRO for one in micro]),
        usable / MICRO,
        line_s,
        line_wk,
        sent_wk,
        out_wk,
        returned_wk,
        alike(len(line_wk), [line_wk, sent_wk, out_wk, returned_wk]).class_x,
    )


def _lines_of(flows: Flows, senders: Senders, number: dict[str, int]) -> Ints:
    """The line behind which each end of flows is, `e`; for an empty slot (−1) none."""
    found = [number.get(senders.place(label).location or "", NO_LINE) for label in flows.labels] if number else []
    return np.array([*(found or [NO_LINE] * len(flows.labels)), NO_LINE], dtype=np.int64)


def _sent(line_e: Ints, flows: Flows) -> tuple[Ints, Floats]:
    """What the sources of each workload behind each line send, in slots of lines."""
    row, slot = np.nonzero(line_e[flows.endpoint_wk] != NO_LINE)
    line, volume = line_e[flows.endpoint_wk[row, slot]], flows.volume_milli_wk[row, slot]
    same = alike(len(row), [row, line])
    total = np.bincount(same.class_x, weights=volume, minlength=len(same.first_k)).astype(np.float64)
    row, line = row[same.first_k], line[same.first_k]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    shape = (len(flows.endpoint_wk), int(place.max(initial=-1)) + 1)
    line_wk, sent_wk = np.full(shape, NO_LINE, dtype=np.int64), np.zeros(shape)
    line_wk[row, place], sent_wk[row, place] = line, total
    return line_wk, sent_wk


def _returned(line_e: Ints, flows: Flows) -> tuple[Ints, Floats]:
    """The line behind which each outflow ends, and its volume."""
    return line_e[flows.endpoint_wk], flows.volume_milli_wk
