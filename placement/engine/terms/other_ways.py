"""Flows for which another way is possible: the cheaper of the internet and of what else carries them, flow by flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.problem import Problem
from placement.engine.tariffs import FREE
from placement.engine.terms.base import Columns, Provenance, Rate
from placement.engine.terms.slots import Slot
from placement.engine.terms.tiered import tier_name
from placement.engine.ways import NO_WAY, Carrier, Doors, Way, cheaper


class Said(NamedTuple):
    """How the lines about some flows are named."""

    term: str
    label: str
    carriers: str
    """What is added to the name of lines about what carries them."""


class Choice(NamedTuple):
    """Where flows could take which ways."""

    doors: Doors
    ways: Sequence[Way]


def other_way_rates(problem: Problem, choice: Choice, slot: Slot, said: Said) -> list[Rate]:
    """Of the flows in a slot those that could take another way: bytes by tier, either way, and what carries them."""
    linked_e = np.append((choice.doors.way_es != NO_WAY).any(axis=1), False)  # an empty slot (−1) has no way
    linked_w = linked_e[slot.endpoint_w]
    if not linked_w.any():
        return []
    flow = _Linked(problem, choice, slot, np.where(linked_w, slot.volume_milli_w, 0.0))
    public_wx = ~flow.best.taken_wx & (flow.tariff_x != FREE)
    rates = [*_bytes(flow, said, flow.tariff_x, public_wx, [None] * len(flow.tariff_x))]
    for number in range(max(map(len, choice.ways))):
        taken_wx = flow.best.taken_wx & (flow.best.carrier_wx == number)
        if taken_wx.any():
            rates += _carried(flow, said, number, taken_wx)
    return rates


class _Linked:
    """The flows of one slot that may take another way. Axis `x`: pairs of a tariff and a way that are met."""

    def __init__(self, problem: Problem, choice: Choice, slot: Slot, volume_milli_w: Floats) -> None:
        self.problem, self.slot, self.volume_milli_w = problem, slot, volume_milli_w
        doors, ways, first_k = choice.doors, choice.ways, problem.charging.first_k
        key_ek = doors.tariff_es[:, first_k] * len(ways) + doors.way_es[:, first_k]
        key_x, column_ek = np.unique(key_ek, return_inverse=True)
        self.tariff_x, way_x = key_x // len(ways), key_x % len(ways)
        self.columns = Columns(column_ek.reshape(key_ek.shape), slot.endpoint_w)
        self.best = cheaper(ways, problem.tariffs, self.tariff_x, way_x, volume_milli_w)
        self.way_x = [ways[number] for number in way_x.tolist()]

    def column(self, row: int, offer: int) -> int:
        """The column of a row of the chunk at an offer's site."""
        kind = self.problem.charging.class_x[self.problem.supply.site_o[offer]]
        return int(self.columns.of(row, kind))

    def sender(self, carrier_x: Sequence[Carrier | None], row: int, offer: int) -> str:
        """Who charges for a row of the chunk, where an offer's own site does not: the sender, or whose carriers go."""
        carrier, here = carrier_x[self.column(row, offer)], self.problem.supply.sites[self.problem.supply.site_o[offer]]
        return "" if carrier is not None and carrier.provider == here.provider else self.slot.sender(row, offer)


def _carried(flow: _Linked, said: Said, number: int, taken_wx: Bools) -> Iterator[Rate]:
    """What goes with the carrier of some *number* of its way: its bytes, and so many of the carrier."""
    carrier_x = [way[number] if number < len(way) else None for way in flow.way_x]
    tariff_x = np.array([one.tariff if one else FREE for one in carrier_x], dtype=np.int64)
    yield from _bytes(flow, said, tariff_x, taken_wx, carrier_x)
    yield _carriers(flow, said, carrier_x, taken_wx)


def _bytes(
    flow: _Linked, said: Said, tariff_x: Ints, taken_wx: Bools, carrier_x: Sequence[Carrier | None]
) -> Iterator[Rate]:
    """What goes one way, tier by tier."""
    tariffs = flow.problem.tariffs
    if not taken_wx.any():
        return
    for tier in range(tariffs.price_micro_tk.shape[1]):
        start_x, width_x = tariffs.start_milli_tk[tariff_x, tier], tariffs.width_milli_tk[tariff_x, tier]
        part_wx = np.minimum(np.maximum(flow.volume_milli_w[:, None] - start_x, 0.0), width_x)
        quantity_wx = np.where(taken_wx, part_wx, 0.0)
        if not quantity_wx.any():
            continue

        def provenance(row: int, offer: int) -> Provenance:
            return Provenance.of(tariffs.values[int(tariff_x[flow.column(row, offer)])])

        def detail(row: int, offer: int, tier: int = tier) -> str:
            x = flow.column(row, offer)
            carrier = carrier_x[x]
            parts = (flow.slot.about(row), carrier.by if carrier else "", tier_name(tariffs, int(tariff_x[x]), tier))
            return ", ".join(part for part in parts if part)

        yield Rate(
            said.term,
            said.label,
            "GB",
            "wk",
            quantity_wx,
            tariffs.price_micro_tk[tariff_x, tier],
            provenance,
            detail,
            columns=flow.columns,
            flow=flow.slot.key,
            sender=partial(flow.sender, carrier_x),
        )


def _carriers(flow: _Linked, said: Said, carrier_x: Sequence[Carrier | None], taken_wx: Bools) -> Rate:
    """So many of what carries the bytes."""

    def of(row: int, offer: int) -> tuple[Carrier, int]:
        x = flow.column(row, offer)
        carrier = carrier_x[x]
        assert carrier is not None
        return carrier, int(flow.best.count_wx[row, x])

    def provenance(row: int, offer: int) -> Provenance:
        return Provenance.of(of(row, offer)[0].price)

    def detail(row: int, offer: int) -> str:
        carrier, count = of(row, offer)
        return f"{flow.slot.about(row)}, {count} × {carrier.words}"

    unit_x = np.array([float(one.unit_milli) if one else 0.0 for one in carrier_x])
    return Rate(
        said.term,
        f"{said.label}, {said.carriers}",
        next(one.unit for one in carrier_x if one),
        "wk",
        np.where(taken_wx, flow.best.count_wx * unit_x, 0.0),
        np.array([float(one.price.micro) if one else 0.0 for one in carrier_x]),
        provenance,
        detail,
        columns=flow.columns,
        flow=flow.slot.key,
        sender=partial(flow.sender, carrier_x),
    )
