"""What is found out about owning a node: plain data, without a terminal."""

from __future__ import annotations

from typing import NamedTuple

from placement.catalog.tables import Fact, Node, Site
from placement.engine.terms.base import Provenance
from placement.units import HOURS_PER_MONTH, MICRO_PER_CENT


class OwnLine(NamedTuple):
    """One cost of one node for a month."""

    term: str
    label: str
    unit: str
    quantity_milli: int
    price_micro: int
    cents: int
    source: Provenance


class AtLife(NamedTuple):
    """All costs of one node, written off over some months."""

    life_months: int
    lines: tuple[OwnLine, ...]

    @property
    def cents(self) -> int:
        """What a month of it costs: the sum of the lines."""
        return sum(line.cents for line in self.lines)


class Owned(NamedTuple):
    """A node at one place."""

    site: Site
    at: tuple[AtLife, ...]
    """By book life, ascending."""
    counts: AtLife
    """The life that counts where one must."""
    upfront_cents: int
    """What is paid at once: the node and its switches."""
    running_cents: int
    """What a month costs whoever has paid for these."""


class Rental(NamedTuple):
    """The cheapest of one tier and purchase model."""

    tier: str
    purchase: str
    offer: str
    by_the_hour: bool
    """Whether it is paid for hours of use; else for every hour of its term."""
    micro_per_hour: int
    """Of one accelerator in use, with what restarts take [micro-USD]."""
    source: Provenance


class Versus(NamedTuple):
    """Owning at one place against a rental."""

    rental: Rental
    break_even_micro: int | None
    """The share of the month in use at which both cost the same [millionths]; None where use does not matter."""
    owning_is_cheaper: bool
    """When it is in use all month."""
    payback_months: int | None
    """Until what is paid at once has come back from a lower bill at full use; None: never."""


class Lever(NamedTuple):
    """One figure changed, all others as they are."""

    name: str
    value: str
    micro_per_hour: int


class Claim(NamedTuple):
    """What others say an hour costs, and what would lead there."""

    low: Fact
    high: Fact
    use_at_low_micro: int
    """The share of the month in use at which an hour in use costs as much as is claimed at least [millionths]."""
    use_at_high_micro: int
    levers: tuple[Lever, ...]
    """Those that lead towards the claim, or out of it where it holds; the strongest first."""


class Compared(NamedTuple):
    """A place and what it is compared with."""

    owned: Owned
    versus: tuple[Versus, ...]
    claim: Claim | None


class Tco(NamedTuple):
    """What the question was, and the answer by place."""

    node: Node
    catalog_as_of: str
    catalog_sha256: str
    rate_micro: int
    """Cost of capital a year."""
    nodes: int
    """That share a cross connect."""
    places: tuple[Compared, ...]
    sources: dict[str, str]


def hourly_micro(node: Node, cents: int) -> int:
    """A month of a node as an hour of one of its accelerators [micro-USD], half up."""
    hours = node.accelerators * HOURS_PER_MONTH
    return (2 * cents * MICRO_PER_CENT + hours) // (2 * hours)
