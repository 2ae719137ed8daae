"""How much can leave a location: the bytes that its line to the outside carries in a month."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Site
from placement.engine.alike import alike
from placement.engine.apart import Several
from placement.engine.arrays import Bools, Floats, Ints, part_of
from placement.engine.flows import Flows, Moved
from placement.engine.senders import Senders
from placement.engine.spread import Mixes
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI_GB_PER_MBIT_S, to_micro

NO_LINE = -1


class Uplinks(NamedTuple):
    """Lines of locations that state their speed. Axis `l`: these locations."""

    names: list[str]
    capacity_milli_gb_l: Floats
    """What can leave all places of a location in a month: of their lines' speed the share they are planned with; or
    what others leave of it (`taken.left_for`)."""
    whole_milli_gb_l: Floats
    """All that can leave them, whatever others send."""
    mbit_s_l: Floats
    """Speed of each place's line, as stated."""
    places_l: Floats
    """How many places a location stands for, each with a line of its own; bytes are spread evenly over them."""
    usable_fraction: float
    stands_ls: Bools
    """Whether a site stands at the location, or at it among others."""
    spread_s: Bools
    """Whether a site stands at several places; only workloads that live at all of them may use it."""
    share_micro_ml: Floats
    """Of a workload that lives at many places, the part at each of these locations, by its mix; the last row is of
    those that do not and have no part."""
    places_ml: Floats
    """At how many places of each of these locations it lives, and (`all_places_m`) at how many in all."""
    all_places_m: Floats
    mix_w: Ints
    """Its mix; −1 for those that live at one place."""
    line_wk: Ints
    """The lines behind which a workload has sources, in slots, each once."""
    sent_milli_gb_wk: Floats
    """What these send a month over each of the lines to accelerators elsewhere."""
    near_es: Bools
    """Whether a site is in the same place as an end of outflows; the last row is of an end that is nowhere near."""
    each_e: Bools
    """Whether every place sends as much to an end as any other."""
    end_wk: Ints
    """The end of each outflow, by its row; −1 is the last."""
    returned_milli_gb_wk: Floats
    """The volume of each outflow."""
    class_w: Ints
    """Workloads of one class send and return the same."""
    contended_l: Bools
    """Whether workloads that fit a line one by one may together send more over it."""

    def speed_for(self, line: Ints | int, milli_gb: Floats) -> Floats:
        """Speed of each place's line if all of the location carry so much in a month [Mbit/s]."""
        return np.asarray(milli_gb / (MILLI_GB_PER_MBIT_S * self.usable_fraction * self.places_l[line]))

    def whole_mbit_s(self, line: int, milli_gb: float) -> int:
        """The least whole Mbit/s of each place's line that carry so much in a month."""
        carried = MILLI_GB_PER_MBIT_S * round(self.usable_fraction * MICRO) * int(self.places_l[line])
        return -(-math.ceil(milli_gb) * MICRO // carried)

    def returned(self, w: Ints, line: int, site: int) -> Floats:
        """What accelerators at a site would send out over one of its lines, of the workloads *w* [thousandths of a GB].

        Of those at several locations each sends its part of the work; of what every place sends, that of its places.
        """
        away_wk = ~self.near_es[self.end_wk[w], site]
        sent_wk = np.where(away_wk, self.returned_milli_gb_wk[w], 0.0)
        if not self.spread_s[site]:
            return np.asarray(sent_wk.sum(axis=1))
        each_wk, mix_w = self.each_e[self.end_wk[w]], self.mix_w[w]
        work_w, each_w = (np.where(mask_wk, sent_wk, 0.0).sum(axis=1) for mask_wk in (~each_wk, each_wk))
        of_each_w = each_w / self.all_places_m[mix_w]  # a whole number: so much times the places is what is sent
        work_w = part_of(work_w, self.share_micro_ml[mix_w, line])
        return np.asarray(work_w + of_each_w * self.places_ml[mix_w, line])

    def left_mbit_s(self, w: Ints) -> Floats:
        """What the shortest line leaves of its speed, of the workloads *w* at every site, `ws`; 0 where none is met."""
        left_ws = np.full((len(w), self.stands_ls.shape[1]), np.inf)
        for slot in range(self.line_wk.shape[1]):
            rows = np.flatnonzero(self.line_wk[w, slot] != NO_LINE)
            line = self.line_wk[w[rows], slot]
            left = self.speed_for(line, self.capacity_milli_gb_l[line] - self.sent_milli_gb_wk[w[rows], slot])
            left_ws[rows] = np.minimum(left_ws[rows], np.where(self.stands_ls[line], np.inf, left[:, None]))
        for line, site in zip(*(axis.tolist() for axis in np.nonzero(self.stands_ls)), strict=True):
            left = self.speed_for(line, self.capacity_milli_gb_l[line] - self.returned(w, line, site))
            left_ws[:, site] = np.minimum(left_ws[:, site], left)
        return np.where(np.isinf(left_ws), 0.0, left_ws)

    def needs(self, w: int, site: int) -> Iterator[tuple[int, float]]:
        """The lines that a workload would use at a site, and for how much a month [thousandths of a GB]."""
        for line, sent in zip(self.line_wk[w].tolist(), self.sent_milli_gb_wk[w].tolist(), strict=True):
            if line != NO_LINE and not self.stands_ls[line, site]:
                yield line, sent
        for line in np.flatnonzero(self.stands_ls[:, site]).tolist():
            yield line, float(self.returned(np.array([w]), line, site)[0])

    def loads_of(self, w: int) -> dict[int, Floats]:
        """What a workload would send over contended lines from every site, `s` [whole thousandths of a GB]."""
        found: dict[int, Floats] = {}
        for line in np.flatnonzero(self.contended_l).tolist():
            sent = float(self.sent_milli_gb_wk[w][self.line_wk[w] == line].sum())
            load_s = np.where(self.stands_ls[line], 0.0, sent)
            for site in np.flatnonzero(self.stands_ls[line]).tolist():
                load_s[site] = np.ceil(self.returned(np.array([w]), line, site)[0])
            if load_s.any():
                found[line] = load_s
        return found

    def drawn(self, w: Ints, site_w: Ints) -> Iterator[tuple[int, int, float]]:
        """What the workloads *w*, at one site each, take of contended lines: row, line, whole thousandths of a GB."""
        if not self.contended_l.any():
            return
        for slot in range(self.line_wk.shape[1]):
            line_w = self.line_wk[w, slot]
            sends_w = (line_w != NO_LINE) & self.contended_l[line_w] & ~self.stands_ls[line_w, site_w]
            rows = np.flatnonzero(sends_w)
            yield from zip(
                rows.tolist(), line_w[rows].tolist(), self.sent_milli_gb_wk[w[rows], slot].tolist(), strict=True
            )
        for line, site in zip(*np.nonzero(self.stands_ls & self.contended_l[:, None]), strict=True):
            rows = np.flatnonzero(site_w == site)
            sent = np.ceil(self.returned(w[rows], line, site)).tolist()
            yield from ((row, int(line), one) for row, one in zip(rows.tolist(), sent, strict=True) if one)

    def close(self, closed_ws: Bools, w: Ints, line: int, left_w: Floats) -> None:
        """Close the sites at which the workloads *w* would send more over a line than is left for each of them."""
        for slot in range(self.line_wk.shape[1]):
            rows = np.flatnonzero((self.line_wk[w, slot] == line) & (self.sent_milli_gb_wk[w, slot] > left_w))
            closed_ws[rows] |= ~self.stands_ls[line]
        for site in np.flatnonzero(self.stands_ls[line]).tolist():
            closed_ws[:, site] |= self.returned(w, line, site) > left_w


def uplinks_of(
    catalog: Catalog,
    inventory: Inventory,
    sites: Sequence[Site],
    senders: Senders,
    moved: Moved,
    mixes: Mixes,
    several: Several | None,
) -> Uplinks:
    """The lines of locations, and what each workload would send over them."""
    lines = {name: place for name, place in inventory.locations.items() if place.uplink_mbit_s}
    usable = catalog.assumption("link_usable_fraction").micro
    number = {name: line for line, name in enumerate(lines)}
    micro = [to_micro(place.uplink_mbit_s or 0) for place in lines.values()]
    places = [place.count for place in lines.values()]
    full = [one * count for one, count in zip(micro, places, strict=True)]
    line_wk, sent_wk = _sent(_parts_of(inventory, moved.flows_in, senders, number), moved.flows_in)
    stands_ls = np.array([[name in site.at for site in sites] for name in lines], dtype=np.bool_)
    stands_ls = stands_ls.reshape(len(lines), len(sites))
    end_wk, returned_wk = _returned(moved.flows_out, several)
    mix_w = mixes.row_w
    if not stands_ls.any():  # nothing is computed behind a line
        end_wk, returned_wk, mix_w = end_wk[:, :0], returned_wk[:, :0], np.full(len(mix_w), -1, dtype=np.int64)
    near = [senders.near(senders.place(label)) for label in moved.flows_out.labels] if lines else []
    nowhere = np.zeros(len(sites), dtype=np.bool_)
    carried_l = np.array([float(one * usable * MILLI_GB_PER_MBIT_S // MICRO**2) for one in full])
    found = Uplinks(
        list(lines),
        carried_l,
        carried_l,
        np.array([one / MICRO for one in micro]),
        np.array(places, dtype=np.float64),
        usable / MICRO,
        stands_ls,
        np.array([site.spread for site in sites], dtype=np.bool_),
        *_shares(inventory, mixes, number),
        mix_w,
        line_wk,
        sent_wk,
        np.array([*near, nowhere], dtype=np.bool_),
        np.array([*moved.flows_out.each, False], dtype=np.bool_),
        end_wk,
        returned_wk,
        alike(len(line_wk), [line_wk, sent_wk, end_wk, returned_wk, mix_w]).class_x,
        np.zeros(len(lines), dtype=np.bool_),
    )
    return found._replace(contended_l=_contended(found))


def _contended(lines: Uplinks) -> Bools:
    """Lines that would be too slow if every workload sent all it may: what does not fit alone is never sent."""
    whole_l, every = lines.whole_milli_gb_l, np.arange(len(lines.line_wk))
    if not len(whole_l):
        return np.zeros(0, dtype=np.bool_)
    fits_wk = (lines.line_wk != NO_LINE) & (lines.sent_milli_gb_wk <= whole_l[lines.line_wk])
    total_l = np.bincount(lines.line_wk[fits_wk], weights=lines.sent_milli_gb_wk[fits_wk], minlength=len(whole_l))
    for line in np.flatnonzero(lines.stands_ls.any(axis=1)).tolist():
        most_w = np.zeros(len(every))
        for site in np.flatnonzero(lines.stands_ls[line]).tolist():
            back_w = lines.returned(every, line, site)
            most_w = np.maximum(most_w, np.where(back_w <= whole_l[line], np.ceil(back_w), 0.0))
        total_l[line] += most_w.sum()
    return np.asarray(total_l > whole_l)


class _Parts(NamedTuple):
    """The lines behind which ends of flows are. Axis `p`: lines of ends, end by end."""

    end_p: Ints
    line_p: Ints
    places_p: Ints
    """Of so many of its places the end is behind this line."""
    whole_p: Ints
    """All places of the end, over which its bytes are spread evenly."""


def _parts_of(inventory: Inventory, flows: Flows, senders: Senders, number: dict[str, int]) -> _Parts:
    """Those of the ends of some flows that have any."""
    found: list[tuple[int, int, int, int]] = []
    for end, label in enumerate(flows.labels if number else ()):
        counts = {name: inventory.locations[name].count for name in senders.place(label).at}
        whole = sum(counts.values())
        found += [(end, number[name], count, whole) for name, count in counts.items() if name in number]
    return _Parts(*np.array(found, dtype=np.int64).reshape(len(found), 4).T)


def _sent(parts: _Parts, flows: Flows) -> tuple[Ints, Floats]:
    """What the sources of each workload behind each line send, in slots of lines."""
    begin_e = np.searchsorted(parts.end_p, np.arange(len(flows.labels) + 1))
    count_e = np.append(np.diff(begin_e), 0)  # an empty slot (−1) is behind none
    row, slot = np.nonzero(count_e[flows.endpoint_wk])
    end = flows.endpoint_wk[row, slot]
    again = np.repeat(np.arange(len(row)), count_e[end])
    part = np.arange(len(again)) - np.searchsorted(again, again) + begin_e[end][again]
    whole, rest = np.divmod(flows.volume_milli_wk[row, slot][again], parts.whole_p[part])
    volume = whole * parts.places_p[part] + np.ceil(rest * parts.places_p[part] / parts.whole_p[part])
    row, line = row[again], parts.line_p[part]
    same = alike(len(row), [row, line])
    total = np.bincount(same.class_x, weights=volume, minlength=len(same.first_k)).astype(np.float64)
    row, line = row[same.first_k], line[same.first_k]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    shape = (len(flows.endpoint_wk), int(place.max(initial=-1)) + 1)
    line_wk, sent_wk = np.full(shape, NO_LINE, dtype=np.int64), np.zeros(shape)
    line_wk[row, place], sent_wk[row, place] = line, total
    return line_wk, sent_wk


def _returned(flows: Flows, several: Several | None) -> tuple[Ints, Floats]:
    """The end of each outflow, and its volume; replication to all further sites leaves the first member's."""
    if several is None or not several.replication_milli_g.any():
        return flows.endpoint_wk, flows.volume_milli_wk
    further_g = np.array([terms.min_sites - 1 for terms in several.terms], dtype=np.float64)
    copied_w = np.zeros(len(flows.endpoint_wk))
    copied_w[several.first_g] = several.replication_milli_g * further_g
    nowhere_w = np.full(len(copied_w), -1, dtype=np.int64)
    return np.column_stack([flows.endpoint_wk, nowhere_w]), np.column_stack([flows.volume_milli_wk, copied_w])


def _shares(inventory: Inventory, mixes: Mixes, number: dict[str, int]) -> tuple[Floats, Floats, Floats]:
    """The part of each mix at the locations that have a line, of the work and in places; and its places in all."""
    line_of = np.array([*(number.get(name, NO_LINE) for name in sorted(inventory.locations)), NO_LINE], dtype=np.int64)
    share_micro_ml, places_ml = (np.zeros((len(mixes.location_mu) + 1, len(number))) for _ in range(2))
    mix, slot = np.nonzero(line_of[mixes.location_mu] != NO_LINE)
    line = line_of[mixes.location_mu[mix, slot]]
    share_micro_ml[mix, line], places_ml[mix, line] = mixes.share_micro_mu[mix, slot], mixes.places_mu[mix, slot]
    return share_micro_ml, places_ml, np.append(mixes.places_mu.sum(axis=1), 1.0)
