"""Volumes under tiered tariffs: one rate per tier, so that every line stays quantity × unit price."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.engine.tariffs import FREE, Tariffs, within
from placement.engine.terms.base import Columns, FlowKey, Provenance, Rate
from placement.units import MILLI


class Met(NamedTuple):
    """The tariffs that some flows meet, and where each meets which. Axis `r`: ends of flows."""

    tariff_x: Ints
    column_rk: Ints
    """Number in `tariff_x`, by kind of site (`Problem.charging`)."""
    earlier_x: Ints
    """As bits, which earlier flows of the same workload the tariff's tiers count before (`terms.meeting`)."""


def met(tariff_rk: Ints, earlier_rk: Ints | None = None) -> Met:
    """The tariffs of a table."""
    count = int(tariff_rk.max(initial=0)) + 1
    key_rk = tariff_rk if earlier_rk is None else earlier_rk * count + tariff_rk
    key_x, column_rk = np.unique(key_rk, return_inverse=True)
    return Met(key_x % count, column_rk.reshape(tariff_rk.shape), key_x // count)


class Volume(NamedTuple):
    """A monthly volume of each workload under a tariff that depends on the kind of site."""

    term: str
    label: str
    unit: str
    volume_milli_w: Floats
    met: Met
    row_w: Ints
    """Row of the table of tariffs met."""
    about: Callable[[int], str]
    """What the volume of a row of the chunk is, for the brackets of the line."""
    before: Callable[[Ints, Ints], Floats | None] | None = None
    """What comes before the volumes under some pooled tariffs after some earlier flows, `wp`; None where nothing does,
    or where tiers count this volume alone."""
    flow: FlowKey | None = None
    sender: Callable[[int, int], str] | None = None
    """The flow that it is, and where that is charged, as `Rate` has them."""


def tier_rates(problem: Problem, volume: Volume) -> list[Rate]:
    """The part of the volume within each tier, at that tier's price; nothing within one place (tariff `FREE`).

    The columns of the rates are the tariffs that are met. Tiers begin at zero, or at what its pool holds before.
    """
    tariffs, met_x = problem.tariffs, volume.met.tariff_x
    columns = Columns(volume.met.column_rk, volume.row_w)

    def tariff_of(row: int, offer: int) -> int:
        return int(met_x[columns.of(row, problem.charging.class_x[problem.supply.site_o[offer]])])

    pooled = np.flatnonzero(tariffs.pooled_t[met_x])
    before_wp = volume.before(met_x[pooled], volume.met.earlier_x[pooled]) if volume.before and len(pooled) else None
    rates = []
    for tier in range(tariffs.price_micro_tk.shape[1]):
        width_x = np.where(met_x != FREE, tariffs.width_milli_tk[met_x, tier], 0.0)
        quantity_wx = within(volume.volume_milli_w[:, None], tariffs.start_milli_tk[met_x, tier], width_x)
        if before_wp is not None:
            start_p, width_p = tariffs.start_milli_tk[met_x[pooled], tier], width_x[pooled]
            upto_wp = within(before_wp + volume.volume_milli_w[:, None], start_p, width_p)
            quantity_wx[:, pooled] = upto_wp - within(before_wp, start_p, width_p)
        if not quantity_wx.any():
            continue

        def provenance(row: int, offer: int) -> Provenance:
            return Provenance.of(tariffs.values[tariff_of(row, offer)])

        def detail(row: int, offer: int, tier: int = tier) -> str:
            parts = (volume.about(row), tier_name(tariffs, tariff_of(row, offer), tier))
            return ", ".join([part for part in parts if part])

        rates.append(
            Rate(
                volume.term,
                volume.label,
                volume.unit,
                "wk",
                quantity_wx,
                tariffs.price_micro_tk[met_x, tier],
                provenance,
                detail,
                columns=columns,
                flow=volume.flow,
                sender=volume.sender,
            )
        )
    return rates


def tier_name(tariffs: Tariffs, tariff: int, tier: int) -> str:
    """`0–10,240 GB` for a tier of a tariff with several; empty otherwise."""
    steps = tariffs.values[tariff].tiers
    if len(steps) < 2:
        return ""
    return _between(steps[tier][0], steps[tier + 1][0] if tier + 1 < len(steps) else None)


@cache
def _between(begin_milli: int, end_milli: int | None) -> str:
    begin = f"{begin_milli // MILLI:,}"
    return f"over {begin} GB" if end_milli is None else f"{begin}–{end_milli // MILLI:,} GB"
