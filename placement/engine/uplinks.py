"""How much can leave a location: the bytes that its line to the outside carries in a month."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Site
from placement.engine.alike import alike
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.flows import Flows, Moved
from placement.engine.senders import Senders
from placement.engine.spread import Mixes
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI, MILLI_GB_PER_MBIT_S, to_micro

NO_LINE = -1


class Uplinks(NamedTuple):
    """Lines of locations that state their speed. Axes `l`: these; `x`: all locations, these first."""

    names: list[str]
    capacity_milli_gb_l: Floats
    """What can leave in a month: of the line's speed the share it is planned with, over the lines of all its places."""
    mbit_s_l: Floats
    """Speed as stated, of the line of each place."""
    places_l: Ints
    """How many places the location stands for, each with a line."""
    usable_fraction: float
    at_xs: Bools
    """Whether an own site stands at a location; no row where no line is stated. The last row is nowhere."""
    spread_s: Bools
    """Sites of several locations: each of them has a part of what is sent from there."""
    line_wk: Ints
    """The lines behind which a workload has sources, in slots, each once."""
    sent_milli_gb_wk: Floats
    """What these send a month over each of the lines to accelerators elsewhere."""
    target_wk: Ints
    """The location at which the end of each outflow is, −1 for nowhere."""
    returned_milli_gb_wk: Floats
    """The volume of each outflow."""
    mix_w: Ints
    """Row of `share_milli_ml`."""
    share_milli_ml: Floats
    """Part of a mix of locations (see `spread.Mixes`) that lives behind each line; the last row: all of it."""
    class_w: Ints
    """Workloads of one class send and return the same."""

    def speed_for(self, milli_gb: Floats, line: Ints) -> Floats:
        """Speed of the line of each place, if all together carry so much in a month [Mbit/s]."""
        return np.asarray(milli_gb / (MILLI_GB_PER_MBIT_S * self.usable_fraction) / self.places_l[line])

    def whole_mbit_s(self, milli_gb: float, line: int) -> int:
        """The least whole Mbit/s of the line of each place, so that all together carry so much in a month."""
        carried = MILLI_GB_PER_MBIT_S * round(self.usable_fraction * MICRO) * int(self.places_l[line])
        return -(-math.ceil(milli_gb) * MICRO // carried)

    def returned(self, w: Ints, line: int, site: int) -> Floats:
        """What accelerators at a site would send out over a line there, of the workloads *w* [thousandths of a GB]."""
        away_wk = ~self.at_xs[self.target_wk[w], site]
        sent_w = np.where(away_wk, self.returned_milli_gb_wk[w], 0.0).sum(axis=1)
        return np.asarray(sent_w * self.share_milli_ml[self.mix_w[w], line] / MILLI if self.spread_s[site] else sent_w)

    def behind(self) -> Iterator[tuple[int, int]]:
        """Lines and the sites behind them."""
        yield from zip(*(axis.tolist() for axis in np.nonzero(self.at_xs[: len(self.names)])), strict=True)

    def left_mbit_s(self, w: Ints) -> Floats:
        """What the shortest line leaves of its speed, of the workloads *w* at every site, `ws`; 0 where none is met."""
        left_ws = np.full((len(w), len(self.spread_s)), np.inf)
        for slot in range(self.line_wk.shape[1]):
            rows = np.flatnonzero(self.line_wk[w, slot] != NO_LINE)
            line = self.line_wk[w[rows], slot]
            left = self.speed_for(self.capacity_milli_gb_l[line] - self.sent_milli_gb_wk[w[rows], slot], line)
            left_ws[rows] = np.minimum(left_ws[rows], np.where(self.at_xs[line], np.inf, left[:, None]))
        for line, site in self.behind():
            left = self.speed_for(self.capacity_milli_gb_l[line] - self.returned(w, line, site), np.array(line))
            left_ws[:, site] = np.minimum(left_ws[:, site], left)
        return np.where(np.isinf(left_ws), 0.0, left_ws)

    def needs(self, w: int, site: int) -> Iterator[tuple[int, float]]:
        """The lines that a workload would use at a site, and for how much a month [thousandths of a GB]."""
        for line, sent in zip(self.line_wk[w].tolist(), self.sent_milli_gb_wk[w].tolist(), strict=True):
            if line != NO_LINE and not self.at_xs[line, site]:
                yield line, sent
        for line in np.flatnonzero(self.at_xs[: len(self.names), site]).tolist():
            yield line, float(self.returned(np.array([w]), line, site)[0])


def uplinks_of(
    catalog: Catalog, inventory: Inventory, sites: Sequence[Site], senders: Senders, moved: Moved, mixes: Mixes
) -> Uplinks:
    """The lines of locations, and what each workload would send over them."""
    lines = {name: place for name, place in inventory.locations.items() if place.uplink_mbit_s}
    usable = catalog.assumption("link_usable_fraction").micro
    others = [name for name in inventory.locations if name not in lines] if lines else []
    number = {name: x for x, name in enumerate([*lines, *others])}
    micro = [to_micro(place.uplink_mbit_s or 0) for place in lines.values()]
    carried = usable * MILLI_GB_PER_MBIT_S
    at_xs = _standing(sites, number)
    source_e = _located(moved.flows_in, senders, number)
    line_wk, sent_wk = _sent(np.where(source_e < len(lines), source_e, NO_LINE), moved.flows_in)
    target_wk = _located(moved.flows_out, senders, number)[moved.flows_out.endpoint_wk]
    returned_wk = moved.flows_out.volume_milli_wk
    if not at_xs[: len(lines)].any():  # nothing is computed behind a line
        target_wk, returned_wk = target_wk[:, :0], returned_wk[:, :0]
    return Uplinks(
        list(lines),
        np.array(
            [float(a * place.count * carried // MICRO**2) for a, place in zip(micro, lines.values(), strict=True)]
        ),
        np.array([one / MICRO for one in micro]),
        np.array([place.count for place in lines.values()], dtype=np.int64),
        usable / MICRO,
        at_xs,
        np.array([len(site.at) > 1 for site in sites], dtype=np.bool_),
        line_wk,
        sent_wk,
        target_wk,
        returned_wk,
        mixes.row_w,
        _shares(inventory, list(lines), mixes),
        alike(len(line_wk), [line_wk, sent_wk, target_wk, returned_wk]).class_x,
    )


def _located(flows: Flows, senders: Senders, number: dict[str, int]) -> Ints:
    """The location at which each end of flows is, `e`; for an empty slot (−1) none."""
    found = [number.get(senders.place(label).location or "", NO_LINE) for label in flows.labels] if number else []
    return np.array([*(found or [NO_LINE] * len(flows.labels)), NO_LINE], dtype=np.int64)


def _standing(sites: Sequence[Site], number: dict[str, int]) -> Bools:
    """Which own site stands at which location; the last row is nowhere."""
    at_xs = np.zeros((len(number) + 1, len(sites)), dtype=np.bool_)
    for s, site in enumerate(sites):
        at_xs[[number[name] for name in site.at if name in number], s] = True
    return at_xs


def _shares(inventory: Inventory, lines: list[str], mixes: Mixes) -> Floats:
    """The part of each mix of locations that lives behind each line; the last row is of workloads without a mix."""
    number = {name: x for x, name in enumerate(sorted(inventory.locations))}
    location_l = np.array([number[name] for name in lines], dtype=np.int64)
    mine_mul = mixes.location_mu[:, :, None] == location_l
    share_ml = np.where(mine_mul, mixes.share_milli_mu[:, :, None], 0.0).sum(axis=1)
    return np.vstack([share_ml, np.full(len(lines), float(MILLI))])


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
