"""What a cost term declares: quantities and unit prices, never their product."""

from collections.abc import Callable, Hashable, Sequence
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from placement.catalog.tables import Fact, Tariff
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.supply import Purchase, Supply

ROWS = 256
"""Rows laid out at once. It cannot change a result."""


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

    kind: Literal["term", "later", "upfront", "purchase", "held"]
    months: int
    amount_micro: int
    residual_micro: int = 0
    after: int = 0
    """Months before the first payment; `later`: what the line costs over all months is paid in those after them."""


class Columns(NamedTuple):
    """Which column of a rate holds for a workload at a kind of site (`Problem.charging`). Axis `r`: kinds of rows."""

    table_rk: Ints
    row_w: Ints

    def of(self, rows: Ints | int, kinds: Ints | int) -> Ints:
        """The columns of some *rows* of the chunk at *kinds* of sites."""
        return np.asarray(self.table_rk[self.row_w[rows], kinds])

    def add_to(self, total_wk: Floats, value_wx: Floats) -> None:
        """Add values by column to totals by kind of site; few rows at once, so that they stay in the cache."""
        count, width = value_wx.shape
        for rows in (slice(start, start + ROWS) for start in range(0, count, ROWS)):
            if len(self.table_rk) == 1:
                total_wk[rows] += value_wx[rows, self.table_rk[0]]
            else:
                begin_w = np.arange(*rows.indices(count)) * width
                total_wk[rows] += value_wx.reshape(-1).take(self.table_rk[self.row_w[rows]] + begin_w[:, None])


class FlowKey(NamedTuple):
    """Which of a workload's flows."""

    direction: str
    """The field of the problem that has it: `flows_in`, `flows_out`, `flows_once` or `copies`."""
    slot: int


class Rate(NamedTuple):
    """One kind of cost line.

    Axes `o`: per node of an offer, fixed per month. Quantity and price are on `o`.
    Axes `wh`: per node, by the hours a workload uses. Quantity is on `wh`, price on `o` (0 where it does not apply).
    Axes `wk`: per placement. Quantity is on workload × columns of the rate's own, `wx`, price on `x`; `columns` tells
    the column from the kind of site.
    Quantities are in thousandths of `unit`, prices in micro-dollars per `unit`.
    """

    term: str
    label: str
    unit: str
    axes: Literal["o", "wh", "wk"]
    quantity_milli: Floats
    price_micro: Floats
    provenance: Callable[[int, int], Provenance]
    """Of the line of (row in the chunk, offer); of axes `wk` the same for all rows of a kind (`Columns.row_w`)."""
    detail: Callable[[int, int], str] | None = None
    """The part of the line's name that may change between plans; printed in brackets."""
    paid: Callable[[int], Paid] | None = None
    """How one node of an offer is paid for; None: month by month."""
    list_price_micro: Callable[[int], int | None] | None = None
    """What the same thing costs on demand; None where that is unknown."""
    contracted_price_micro: Callable[[int], int | None] | None = None
    """What that costs where it is negotiated; None where it is not."""
    published_price_micro: Callable[[int], int | None] | None = None
    """What is listed for the very offer, where its price is negotiated; None where it is not."""
    once_milli: Floats | None = None
    """Of axes `wk`: what is paid for once, of which the quantity is a month's share."""
    columns: Columns | None = None
    """Of axes `wk`; rates that are summed before they are laid out by kind of site share it."""
    flow: FlowKey | None = None
    """Which flow it is paid for; None for what is none."""
    sender: Callable[[int, int], str] | None = None
    """Of the line of (row in the chunk, offer), where it is charged if not where the work is placed (`Line.sender`)."""


class Term(NamedTuple):
    """A family of cost lines. `fixed` rates do not depend on workloads and are asked for once."""

    name: str
    title: str
    fixed: Callable[[Problem], list[Rate]]
    variable: Callable[[Problem, Chunk], list[Rate]]


K = TypeVar("K", bound=Hashable)


def by_offer(supply: Supply, key_s: Sequence[K], price: Callable[[Purchase, K], int]) -> Floats:
    """A price of every node that is bought, leased or there, `o`, from its terms and what is said of its site; else 0.

    Computed once for every two that occur together.
    """
    number = {key: at for at, key in enumerate(dict.fromkeys(key_s))}
    keys, number_s = list(number), np.array([number[key] for key in key_s], dtype=np.int64)
    price_o = np.zeros(len(supply.site_o))
    bought = np.flatnonzero(supply.bought_o >= 0)
    pair_b = supply.bought_o[bought] * len(keys) + number_s[supply.site_o[bought]]
    pairs, which_b = np.unique(pair_b, return_inverse=True)
    prices = [price(supply.purchases[pair // len(keys)], keys[pair % len(keys)]) for pair in pairs.tolist()]
    price_o[bought] = np.array(prices, dtype=np.float64)[which_b]
    return price_o


def nothing_fixed(_problem: Problem) -> list[Rate]:
    """For terms without fixed rates."""
    return []


def nothing_variable(_problem: Problem, _chunk: Chunk) -> list[Rate]:
    """For terms without variable rates."""
    return []
