"""Volumes under tiered tariffs: one rate per tier, so that every line stays quantity × unit price."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.flows import FREE, Tariffs
from placement.engine.problem import Problem
from placement.engine.terms.base import Columns, Provenance, Rate
from placement.units import MILLI


class Volume(NamedTuple):
    """A monthly volume of each workload under a tariff that depends on the kind of site. Axis `r`: ends of flows."""

    term: str
    label: str
    unit: str
    volume_milli_w: Floats
    tariff_rk: Ints
    row_w: Ints
    about: Callable[[int], str]
    """What the volume of a row of the chunk is, for the brackets of the line."""


def tier_rates(problem: Problem, volume: Volume) -> list[Rate]:
    """The part of the volume within each tier, at that tier's price; nothing within one place (tariff `FREE`).

    The columns of the rates are the tariffs that are met.
    """
    tariffs = problem.tariffs
    met, column_rk = np.unique(volume.tariff_rk, return_inverse=True)
    columns = Columns(column_rk.reshape(volume.tariff_rk.shape), volume.row_w)

    def tariff_of(row: int, offer: int) -> int:
        return int(met[columns.of(row, problem.charging.class_x[problem.supply.site_o[offer]])])

    rates = []
    for tier in range(tariffs.price_micro_tk.shape[1]):
        width_x = np.where(met != FREE, tariffs.width_milli_tk[met, tier], 0.0)
        reached_wx = volume.volume_milli_w[:, None] - tariffs.start_milli_tk[met, tier]
        quantity_wx = np.minimum(np.maximum(reached_wx, 0.0, out=reached_wx), width_x, out=reached_wx)
        if not quantity_wx.any():
            continue

        def provenance(row: int, offer: int) -> Provenance:
            return Provenance.of(tariffs.values[tariff_of(row, offer)])

        def detail(row: int, offer: int, tier: int = tier) -> str:
            parts = (volume.about(row), tier_name(tariffs, tariff_of(row, offer), tier))
            return ", ".join(part for part in parts if part)

        rates.append(
            Rate(
                volume.term,
                volume.label,
                volume.unit,
                "wk",
                quantity_wx,
                tariffs.price_micro_tk[met, tier],
                provenance,
                detail,
                columns=columns,
            )
        )
    return rates


def tier_name(tariffs: Tariffs, tariff: int, tier: int) -> str:
    """`0–10,240 GB` for a tier of a tariff with several; empty otherwise."""
    steps = tariffs.values[tariff].tiers
    if len(steps) < 2:
        return ""
    begin = f"{steps[tier][0] // MILLI:,}"
    return f"{begin}–{steps[tier + 1][0] // MILLI:,} GB" if tier + 1 < len(steps) else f"over {begin} GB"
