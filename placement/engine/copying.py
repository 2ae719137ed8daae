"""Datasets of which further copies may be kept, and what it takes to bring one to a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Site
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.flows import Copies
from placement.engine.senders import Senders
from placement.inventory.inventory import Inventory
from placement.units import to_milli
from placement.words import OWN


class Copying(NamedTuple):
    """Axis `d`: datasets that may have further copies; `c`: copies there are, by dataset and site."""

    names: list[str]
    size_milli_d: Floats
    changes_milli_d: Floats
    """In a month."""
    tariff_ds: Ints
    """Of bytes from its home to every site, with tiers that count them alone."""
    home_d: list[str]
    """Where it lives, as the inventory writes it."""
    sender_d: list[str]
    """Who charges for bytes from there (`Senders.sender`)."""
    home_ds: Bools
    """Sites where it lives."""
    copies: list[tuple[int, int]]
    """Number of the dataset and of the site of each copy."""
    near_cs: Bools
    """Sites that read from the copy as they would from their own storage."""


def copies_kept(copying: Copying | None, sites: Sequence[Site]) -> Copies:
    """Where datasets have copies, as an inventory names these places."""
    found: dict[str, list[str]] = {}
    if copying is None:
        return found
    for dataset, site in copying.copies:
        found.setdefault(copying.names[dataset], []).append(sites[site].id.removeprefix(f"{OWN}/"))
    return found


def copying_of(inventory: Inventory, senders: Senders, copies: Copies) -> Copying | None:
    """What may be copied; None where no dataset says how much of it changes."""
    names = [name for name, one in inventory.datasets.items() if one.changes_gb_per_month is not None]
    if not names:
        return None
    names.sort()
    datasets = [inventory.datasets[name] for name in names]
    homes = [senders.place(one.home) for one in datasets]
    kept = [(number, senders.place(site)) for number, name in enumerate(names) for site in copies.get(name, ())]
    near_cs = [senders.near(place) for _, place in kept]
    return Copying(
        names,
        np.array([to_milli(one.size_gb) for one in datasets], dtype=np.float64),
        np.array([to_milli(one.changes_gb_per_month or 0) for one in datasets], dtype=np.float64),
        np.stack([senders.alone(senders.towards(home)) for home in homes]),
        [home.name for home in homes],
        [senders.sender(home) for home in homes],
        np.stack([senders.near(home) for home in homes]),
        [(number, place.site) for number, place in kept if place.site is not None],
        np.array(near_cs, dtype=np.bool_).reshape(len(kept), len(senders.near(homes[0]))),
    )
