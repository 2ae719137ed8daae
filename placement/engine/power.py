"""What bought nodes draw: the most, which is contracted; what they use while they work; what the grid has to feed."""

from __future__ import annotations

from typing import Any

from placement.catalog.tables import Catalog, Site
from placement.engine.supply import pue_fact
from placement.units import MICRO, micro_text


def used_micro(catalog: Catalog, power_micro: int) -> int:
    """Power drawn at work [millionths of a kW], of so much at most."""
    return power_micro * catalog.assumption("power_load_fraction").micro // MICRO


def grid_micro(catalog: Catalog, site: Site, power_micro: int) -> int:
    """The most that nodes of so much power and their cooling take from the grid [millionths of a kW], rounded up."""
    return -(-power_micro * pue_fact(catalog, site).micro // MICRO)


def drawn_kw(catalog: Catalog, site: Site, power_micro: int) -> dict[str, Any]:
    """The figures of a layer, by their names there; nothing of rented nodes."""
    if not power_micro:
        return {}
    return {
        "power_kw": micro_text(power_micro),
        "used_kw": micro_text(used_micro(catalog, power_micro)),
        "grid_kw": micro_text(grid_micro(catalog, site, power_micro)),
    }
