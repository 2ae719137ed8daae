"""What a cost term declares: quantities and unit prices, never their product."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from placement.catalog.tables import Fact, Tariff
from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem


class Provenance(NamedTuple):
    """Where a unit price comes from."""

    source_id: str
    as_of: str
    assumed: bool = False
    note: str = ""

    @staticmethod
    def of(value: Fact | Tariff) -> "Provenance":
        """The provenance a catalog value carries."""
        return Provenance(value.source_id, value.as_of, value.assumed, value.note)


class Paid(NamedTuple):
    """How one node is paid for, where that is not month by month as it is used (see `plan.model.Schedule`)."""

    kind: Literal["term", "purchase", "held"]
    months: int
    amount_micro: int
    residual_micro: int = 0


class Rate(NamedTuple):
    """One kind of cost line.

    Axes `o`: per node of an offer, fixed per month. Quantity and price are on `o`.
    Axes `wh`: per node, by the hours a workload uses. Quantity is on `wh`, price on `o` (0 where it does not apply).
    Axes `wk`: per placement. Quantity is on workload × kind of site (`Problem.charging`), price on `k` or `wk`.
    Quantities are in thousandths of `unit`, prices in micro-dollars per `unit`.
    """

    term: str
    label: str
    unit: str
    axes: Literal["o", "wh", "wk"]
    quantity_milli: Floats
    price_micro: Floats
    provenance: Callable[[int, int], Provenance]
    """Of the line of (row in the chunk, offer)."""
    detail: Callable[[int, int], str] | None = None
    """The part of the line's name that may change between plans; printed in brackets."""
    paid: Callable[[int], Paid] | None = None
    """How one node of an offer is paid for; None: month by month."""
    list_price_micro: Callable[[int], int | None] | None = None
    """What the same thing costs on demand; None where that is unknown."""


class Term(NamedTuple):
    """A family of cost lines. `fixed` rates do not depend on workloads and are asked for once."""

    name: str
    title: str
    fixed: Callable[[Problem], list[Rate]]
    variable: Callable[[Problem, Chunk], list[Rate]]


def nothing_fixed(_problem: Problem) -> list[Rate]:
    """For terms without fixed rates."""
    return []


def nothing_variable(_problem: Problem, _chunk: Chunk) -> list[Rate]:
    """For terms without variable rates."""
    return []
