"""Claims that articles make, as the catalog has them in memory, and what can be done with one.

What a claim needs and in what unit it is stated belongs to the experiment that judges it (`placement.claims`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Needs(NamedTuple):
    """What an experiment must be told."""

    unit: str
    """Of the claim's figures."""
    keys: tuple[str, ...]
    """Of the claim, that must be given; others must not be."""


FRACTION, RATIO, HOURLY = "fraction", "ratio", "USD/accelerator-hour"

EXPERIMENTS: Mapping[str, Needs] = {
    "list-prices": Needs(HOURLY, ("tier", "purchase", "accelerator")),
    "lowest-price": Needs(RATIO, ("tier", "purchase", "provider", "accelerator")),
    "discounts": Needs(FRACTION, ("purchase",)),
    "all-in-rate": Needs(HOURLY, ("accelerator", "count")),
    "sustained-saving": Needs(FRACTION, ("tier", "accelerator", "count")),
    "fleet-saving": Needs("USD/month", ("tier", "accelerator", "count", "usd_per_month")),
    "bill-saving": Needs(FRACTION, ()),
    "own-or-rent": Needs(RATIO, ("accelerator", "count", "hours_per_month")),
    "committed-or-not": Needs(RATIO, ("accelerator", "count", "hours_per_month")),
    "break-even": Needs(FRACTION, ("accelerator", "count")),
    "data-gravity": Needs(RATIO, ("accelerator", "count", "gb_per_month")),
    "round-trips": Needs("ms", ("tier",)),
    "card-power": Needs("W", ("among",)),
    "cluster-power": Needs("kW", ("among", "count")),
    "cooling": Needs(RATIO, ("tier",)),
    "site-power": Needs("accelerators", ("accelerator",)),
    "model-memory": Needs(RATIO, ("accelerator", "model")),
}
"""By the name of the experiment, in the order of reports."""

PARAMETERS = tuple(dict.fromkeys(key for needs in EXPERIMENTS.values() for key in needs.keys))
"""All keys that some experiment needs."""

IN_USE = "in_use_fraction"
NODE_PRICE = "node_price_ratio"
RENT = "usd_per_kw_month"

OWN_LEVERS: Mapping[str, tuple[float, float]] = {IN_USE: (0.001, 1), NODE_PRICE: (0.001, 100), RENT: (0, 100_000)}
"""Settings that are no assumption of the catalog, with their bounds: a share of the month in which what is bought
works, the price of nodes relative to the catalog's, and the rent of a kW at every colocation site."""


class Claim(NamedTuple):
    """What an article claims; of its figures at least one is known."""

    id: str
    says: str
    """The claim in the project's own words."""
    experiment: str
    low_micro: int | None
    """Ends of the range, in millionths of the unit; None where it is open."""
    high_micro: int | None
    unit: str
    as_of: str
    source_id: str
    note: str
    tier: str
    purchase: str
    provider: str
    accelerator: str
    model: str
    among: tuple[str, ...]
    """Accelerators that the claim is about."""
    number: int
    """Of accelerators (`count` in the file)."""
    hours_milli: int
    usd_per_month: int
    gb_per_month: int


class Lever(NamedTuple):
    """An assumption with the low and the high figure of a source, in millionths."""

    name: str
    low_micro: int
    high_micro: int
    unit: str
    as_of: str
    source_id: str
    note: str


def claims_of(rows: list[list[Any]]) -> tuple[Claim, ...]:
    """The claims of plain rows (see `assemble_claims`)."""
    among = Claim._fields.index("among")
    return tuple(Claim._make([*row[:among], tuple(row[among]), *row[among + 1 :]]) for row in rows)


def levers_of(rows: list[list[Any]]) -> tuple[Lever, ...]:
    """The levers of plain rows."""
    return tuple(Lever._make(row) for row in rows)
