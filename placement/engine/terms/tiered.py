"""Volumes under tiered tariffs: one rate per tier, so that every line stays quantity × unit price."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.flows import FREE, Tariffs
from placement.engine.terms.base import Provenance, Rate
from placement.units import MILLI


class Volume(NamedTuple):
    """A monthly volume of each workload under a tariff that depends on the site."""

    term: str
    label: str
    unit: str
    volume_milli_w: Floats
    tariff_ws: Ints
    about: Callable[[int], str]
    """What the volume of a row of the chunk is, for the brackets of the line."""


def tier_rates(tariffs: Tariffs, volume: Volume, site_o: Ints) -> list[Rate]:
    """The part of the volume within each tier, at that tier's price; nothing within one place (tariff `FREE`)."""
    rates = []
    tariff_ws = volume.tariff_ws
    charged_ws = tariff_ws != FREE
    for tier in range(tariffs.price_micro_tk.shape[1]):
        start_ws = tariffs.start_milli_tk[:, tier][tariff_ws]
        width_ws = tariffs.width_milli_tk[:, tier][tariff_ws]
        quantity_ws = np.clip(volume.volume_milli_w[:, None] - start_ws, 0.0, width_ws)
        quantity_ws = np.where(charged_ws, quantity_ws, 0.0)
        if not quantity_ws.any():
            continue

        def provenance(row: int, offer: int) -> Provenance:
            return Provenance.of(tariffs.values[int(tariff_ws[row, site_o[offer]])])

        def detail(row: int, offer: int, tier: int = tier) -> str:
            parts = (volume.about(row), tier_name(tariffs, int(tariff_ws[row, site_o[offer]]), tier))
            return ", ".join(part for part in parts if part)

        price_ws = tariffs.price_micro_tk[:, tier][tariff_ws]
        rates.append(Rate(volume.term, volume.label, volume.unit, "ws", quantity_ws, price_ws, provenance, detail))
    return rates


def tier_name(tariffs: Tariffs, tariff: int, tier: int) -> str:
    """`0–10,240 GB` for a tier of a tariff with several; empty otherwise."""
    steps = tariffs.values[tariff].tiers
    if len(steps) < 2:
        return ""
    begin = f"{steps[tier][0] // MILLI:,}"
    return f"{begin}–{steps[tier + 1][0] // MILLI:,} GB" if tier + 1 < len(steps) else f"over {begin} GB"
