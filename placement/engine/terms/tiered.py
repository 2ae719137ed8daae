"""Volumes under tiered tariffs: one rate per tier, so that every line stays quantity × unit price."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.flows import FREE, Tariffs
from placement.engine.problem import Problem
from placement.engine.terms.base import Provenance, Rate
from placement.units import MILLI


class Volume(NamedTuple):
    """A monthly volume of each workload under a tariff that depends on the kind of site."""

    term: str
    label: str
    unit: str
    volume_milli_w: Floats
    tariff_wk: Ints
    about: Callable[[int], str]
    """What the volume of a row of the chunk is, for the brackets of the line."""


def tier_rates(problem: Problem, volume: Volume) -> list[Rate]:
    """The part of the volume within each tier, at that tier's price; nothing within one place (tariff `FREE`)."""
    rates = []
    tariffs, tariff_wk = problem.tariffs, volume.tariff_wk

    def tariff_of(row: int, offer: int) -> int:
        return int(tariff_wk[row, problem.charging.class_x[problem.supply.site_o[offer]]])

    charged_wk = tariff_wk != FREE
    for tier in range(tariffs.price_micro_tk.shape[1]):
        start_wk = tariffs.start_milli_tk[:, tier][tariff_wk]
        width_wk = tariffs.width_milli_tk[:, tier][tariff_wk]
        quantity_wk = np.clip(volume.volume_milli_w[:, None] - start_wk, 0.0, width_wk)
        quantity_wk = np.where(charged_wk, quantity_wk, 0.0)
        if not quantity_wk.any():
            continue

        def provenance(row: int, offer: int) -> Provenance:
            return Provenance.of(tariffs.values[tariff_of(row, offer)])

        def detail(row: int, offer: int, tier: int = tier) -> str:
            parts = (volume.about(row), tier_name(tariffs, tariff_of(row, offer), tier))
            return ", ".join(part for part in parts if part)

        price_wk = tariffs.price_micro_tk[:, tier][tariff_wk]
        rates.append(Rate(volume.term, volume.label, volume.unit, "wk", quantity_wk, price_wk, provenance, detail))
    return rates


def tier_name(tariffs: Tariffs, tariff: int, tier: int) -> str:
    """`0–10,240 GB` for a tier of a tariff with several; empty otherwise."""
    steps = tariffs.values[tariff].tiers
    if len(steps) < 2:
        return ""
    begin = f"{steps[tier][0] // MILLI:,}"
    return f"{begin}–{steps[tier + 1][0] // MILLI:,} GB" if tier + 1 < len(steps) else f"over {begin} GB"
