"""Worlds with commitments that were signed before the plan."""

from random import Random

from worlds import world

from placement.catalog.offer_ids import offer_rows
from placement.catalog.tables import Catalog
from placement.inventory.commitment import Commitment
from placement.inventory.inventory import Inventory

ENDS = ("2026-02", "2026-02", "2026-07", "2026-12", "2027-01", "2028-06", "2029-02", "2030-01")
"""The catalog is of January 2026: one month of the horizon, and more than all of it."""


def signed_world(seed: int) -> tuple[Catalog, Inventory]:
    """The world of a seed, with a few of its committed offers signed."""
    catalog, wanted = world(seed)
    random = Random(f"signed {seed}")
    names = sorted(offer_rows(catalog, frozenset({"reserved_1y", "reserved_3y", "lease"})))
    commitments = [
        Commitment(
            offer=random.choice(names), nodes=random.choice((1, 1, 2, 5, 40)), ends=random.choice(ENDS),
            usd_per_hour=random.choice((0, 0.5, 12.25)),
        )
        for _ in range(random.randint(1, 5) if names else 0)
    ]  # fmt: skip
    return catalog, wanted.model_copy(update={"commitments": commitments})
