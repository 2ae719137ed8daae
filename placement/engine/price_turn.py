"""At which yearly change of rental prices what is bought would stop being the cheapest."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import NamedTuple

from placement.engine.ledger import ChunkCosts, Fixed
from placement.engine.price_path import average_change
from placement.engine.problem import Problem
from placement.plan.turn import PriceTurn
from placement.units import MICRO, MILLI, milli_text
from placement.words import PURCHASES, TERM_MONTHS

BOUGHT = frozenset({"lease", "owned"})

_LEAST_MILLI = -900
"""Changes a year are looked at in steps of a thousandth, from −90 % to the one that is reckoned with."""


class Other(NamedTuple):
    """An alternative, and its cost as it is reckoned with."""

    offer: int
    id: str
    nodes: int
    cost_micro: int


class PriceTurns:
    """What rented alternatives would cost, by the change of rental prices."""

    def __init__(self, problem: Problem, fixed: Fixed, costs: ChunkCosts) -> None:
        self._problem, self._costs = problem, costs
        self._committed = [rate for rate in fixed.rates if rate.term == "commitment"]
        self._milli_x = range(_LEAST_MILLI, problem.path.change_micro * MILLI // MICRO + 1)

    def turn(self, row: int, cost_micro: int, others: list[Other]) -> PriceTurn | None:
        """The mildest change with which one of *others* costs no more than is paid now; None where none ever does.

        What an alternative costs is a straight line over the average change of its prices.
        """
        found: tuple[int, str] | None = None
        for other in others:
            rented = other.nodes * self._rented_micro(row, other.offer)
            if not rented or other.cost_micro <= cost_micro:
                continue
            average = partial(self._average, self._term_months(other.offer))
            wanted = average(len(self._milli_x) - 1) - (other.cost_micro - cost_micro) / rented
            x = bisect_right(range(len(self._milli_x)), wanted, key=average) - 1
            if x >= 0 and (found is None or self._milli_x[x] > found[0]):
                found = self._milli_x[x], other.id
        return None if found is None else PriceTurn(found[1], milli_text(found[0]))

    def _rented_micro(self, row: int, offer: int) -> float:
        """What a node of an offer costs a month in rent at today's prices; 0 for nodes that are bought."""
        shape = self._problem.supply.shape_o[offer]
        hourly = [rate for rate in self._costs.usage if rate.term in ("usage", "block") and rate.price_micro[offer]]
        committed = [rate for rate in self._committed if rate.price_micro[offer]]
        micro = sum(rate.quantity_milli[row, shape] * rate.price_micro[offer] for rate in hourly)
        micro += sum(rate.quantity_milli[offer] * rate.price_micro[offer] for rate in committed)
        return float(micro) / MILLI

    def _average(self, term_months: int, x: int) -> float:
        """The average change of a price for such a term, by the change of a year; the last is the one reckoned with."""
        path = self._problem.path
        micro = path.change_micro if x == len(self._milli_x) - 1 else self._milli_x[x] * (MICRO // MILLI)
        return average_change(micro, path.discount_micro, path.horizon_months, term_months)

    def _term_months(self, offer: int) -> int:
        supply = self._problem.supply
        return int(supply.months_o[offer]) or TERM_MONTHS.get(PURCHASES[supply.purchase_o[offer]], 1)
