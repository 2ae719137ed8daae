"""Flows for which a private port is possible: the cheaper of the internet and of the ports, flow by flow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.interconnect import NO_WAY, Cheaper, Doors, cheaper, hours
from placement.engine.problem import Problem
from placement.engine.tariffs import FREE
from placement.engine.terms.base import Columns, Provenance, Rate
from placement.engine.terms.slots import Slot
from placement.engine.terms.tiered import tier_name


def private_rates(problem: Problem, doors: Doors, slot: Slot, label: str) -> list[Rate]:
    """Of the flows in a slot those that could take a private way: bytes by tier, public or private, and port hours."""
    linked_e = np.append((doors.way_es != NO_WAY).any(axis=1), False)  # an empty slot (−1) has no way
    linked_w = linked_e[slot.endpoint_w]
    if not linked_w.any():
        return []
    flow = _Linked(problem, doors, slot, np.where(linked_w, slot.volume_milli_w, 0.0))
    public_wx = ~flow.best.private_wx & (flow.tariff_x != FREE)
    return [
        *_bytes(flow, flow.tariff_x, public_wx, label, ""),
        *_bytes(flow, flow.private_tariff_x, flow.best.private_wx, label, "private port"),
        *_ports(flow, label),
    ]


class _Linked:
    """The flows of one slot that may take a private way. Axis `x`: pairs of a tariff and a way that are met."""

    def __init__(self, problem: Problem, doors: Doors, slot: Slot, volume_milli_w: Floats) -> None:
        self.problem, self.slot, self.volume_milli_w = problem, slot, volume_milli_w
        links, first_k = problem.links, problem.charging.first_k
        key_ek = doors.tariff_es[:, first_k] * len(links.ways) + doors.way_es[:, first_k]
        key_x, column_ek = np.unique(key_ek, return_inverse=True)
        self.tariff_x, self.way_x = key_x // len(links.ways), key_x % len(links.ways)
        self.columns = Columns(column_ek.reshape(key_ek.shape), slot.endpoint_w)
        self.best: Cheaper = cheaper(links, problem.tariffs, self.tariff_x, self.way_x, volume_milli_w)
        self.private_tariff_x = np.array([links.ways[way].tariff for way in self.way_x.tolist()], dtype=np.int64)

    def column(self, row: int, offer: int) -> int:
        """The column of a row of the chunk at an offer's site."""
        kind = self.problem.charging.class_x[self.problem.supply.site_o[offer]]
        return int(self.columns.of(row, kind))


def _bytes(flow: _Linked, tariff_x: Ints, taken_wx: Bools, label: str, by: str) -> Iterator[Rate]:
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
            parts = (flow.slot.about(row), by, tier_name(tariffs, int(tariff_x[flow.column(row, offer)]), tier))
            return ", ".join(part for part in parts if part)

        yield Rate(
            "egress",
            label,
            "GB",
            "wk",
            quantity_wx,
            tariffs.price_micro_tk[tariff_x, tier],
            provenance,
            detail,
            columns=flow.columns,
            flow=flow.slot.key,
            sender=flow.slot.sender,
        )


def _ports(flow: _Linked, label: str) -> Iterator[Rate]:
    """Hours of each kind of port that is taken."""
    ways = flow.problem.links.ways
    for number in range(max(len(way.ports) for way in ways)):
        taken_wx = flow.best.private_wx & (flow.best.port_wx == number)
        if not taken_wx.any():
            continue
        port_x = [ports[number] if number < len(ports := ways[way].ports) else None for way in flow.way_x.tolist()]

        def provenance(row: int, offer: int, port_x: list = port_x) -> Provenance:  # type: ignore[type-arg]
            return Provenance.of(port_x[flow.column(row, offer)].price)

        def detail(row: int, offer: int, port_x: list = port_x) -> str:  # type: ignore[type-arg]
            x = flow.column(row, offer)
            port, count = port_x[x], int(flow.best.ports_wx[row, x])
            return f"{flow.slot.about(row)}, {count} × {port.product}, {port.mbit_per_s_milli / 1_000_000:g} Gbit/s"

        yield Rate(
            "egress",
            f"{label}, private port",
            "port-hour",
            "wk",
            np.where(taken_wx, hours(flow.best.ports_wx), 0.0),
            np.array([float(port.price.micro) if port else 0.0 for port in port_x]),
            provenance,
            detail,
            columns=flow.columns,
            flow=flow.slot.key,
            sender=flow.slot.sender,
        )
