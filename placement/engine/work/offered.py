"""Hardware of a catalog without any inventory, and what of it is rented cheapest for some work."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.listing import open_offers
from placement.catalog.tables import Catalog, Shape
from placement.engine.arrays import Floats, Ints
from placement.units import cents_of
from placement.words import PURCHASES

NO_OFFER = -1


class Chosen(NamedTuple):
    """What an accelerator comes in."""

    shape: int
    offer: int
    """Row of the catalog's offers; `NO_OFFER` where no price is known."""


def shapes_of(catalog: Catalog) -> list[Shape]:
    """Those that are rented, then nodes that are sold, and every accelerator that comes in neither alone."""
    nodes = [Shape(one.accelerator, one.accelerators, one.accelerators, one.fabric) for one in catalog.nodes.values()]
    found = list(dict.fromkeys([*catalog.shapes, *nodes]))
    there = {shape.accelerator for shape in found}
    return found + [
        Shape(name, 1, one.max_per_node or 1, "") for name, one in catalog.accelerators.items() if name not in there
    ]


def chosen_of(catalog: Catalog, accelerator_h: Ints, node_hours_milli_h: Floats, paid_h: Floats) -> dict[int, Chosen]:
    """By accelerator: the cheapest offer, ties by id; else the shape that takes the fewest accelerators.

    *node_hours_milli_h*: hours a month of all units together; infinite where the work cannot be done.
    *paid_h*: accelerators that are paid for.
    """
    offers = catalog.offers
    open_o = open_offers(catalog)
    price_o = np.where(open_o, offers.price_micro_o, 1)
    cost_o = np.where(open_o, node_hours_milli_h[offers.shape_o] * price_o, np.inf)
    priced = np.flatnonzero(np.isfinite(cost_o))
    shapes = np.flatnonzero(np.isfinite(node_hours_milli_h))
    found: dict[int, Chosen] = {}
    for offer in priced[np.argsort(cost_o[priced], kind="stable")].tolist():
        shape = int(offers.shape_o[offer])
        found.setdefault(int(accelerator_h[shape]), Chosen(shape, offer))
    for shape in shapes[np.argsort(paid_h[shapes], kind="stable")].tolist():
        found.setdefault(int(accelerator_h[shape]), Chosen(shape, NO_OFFER))
    return found


class Priced(NamedTuple):
    """An offer as it is told."""

    id: str = ""
    price_micro: int = 0
    """USD per hour of a unit."""
    as_of: str = ""
    source_id: str = ""

    def cents(self, nodes: float, hours_milli: float) -> int:
        """A month of so many units, each for so many hours [thousandths]."""
        return cents_of(self.price_micro, int(nodes) * int(hours_milli))


def priced_of(catalog: Catalog, offer: int) -> Priced | None:
    """A row of the catalog's offers; None for `NO_OFFER`."""
    if offer == NO_OFFER:
        return None
    offers, strings = catalog.offers, catalog.strings
    site, sku = catalog.sites[int(offers.site_o[offer])].id, strings[int(offers.sku_o[offer])]
    return Priced(
        f"{site}/{sku}/{PURCHASES[int(offers.purchase_o[offer])]}",
        int(offers.price_micro_o[offer]),
        strings[int(offers.as_of_o[offer])],
        strings[int(offers.source_o[offer])],
    )
