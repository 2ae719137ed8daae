"""The chosen cells of a chunk: what each of them costs, recomputed in Python integers, and the lines that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Ints
from placement.engine.chunk import Chunk
from placement.engine.ledger import ChunkCosts, CostTooLargeError, Fixed, columns_of, exact_micro
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Extra
from placement.engine.terms import TERMS
from placement.engine.terms.base import FlowKey, Paid, Rate
from placement.plan.model import Line, Schedule
from placement.units import EXACT_LIMIT, cents, cents_of, micro_text, milli_text

_ORDER = {term.name: number for number, term in enumerate(TERMS)}


class Charge(NamedTuple):
    """One rate applied to one cell: per node where the rate is, else per placement."""

    rate: int
    quantity_milli: int
    price_micro: int


class _Said(NamedTuple):
    """What a line says of its rate and offer, whatever the quantity."""

    price: str
    listed: str
    contracted: str
    published: str
    source_id: str
    as_of: str
    assumed: bool
    note: str
    paid: Paid | None


class Billing:
    """The charges of one offer per row of a chunk."""

    def __init__(
        self,
        problem: Problem,
        chunk: Chunk,
        fixed: Fixed,
        costs: ChunkCosts,
        offer_w: Ints,
        extras: Mapping[int, tuple[Extra, ...]] = MappingProxyType({}),
        bare_w: Bools | None = None,
    ) -> None:
        """Gather the charges of *offer_w*, the offer of each row; rows with `NONE` have none.

        *extras* are those of rows that bear a part of what several use. Of rows that are *bare* another one bears what
        is charged per placement.
        """
        self._supply, self._extras, self._bare_w = problem.supply, extras, bare_w
        self._rates = sorted([*fixed.rates, *costs.usage, *costs.site], key=lambda rate: _ORDER[rate.term])
        self._offers = offer_w.tolist()
        shape_w = problem.supply.shape_o[offer_w]
        self.nodes = chunk.sizing.nodes_wh[np.arange(len(offer_w)), shape_w].astype(np.int64).tolist()
        kind_w = problem.charging.class_x[problem.supply.site_o[offer_w]]
        self._kind_w, self._horizon_months = kind_w, problem.horizon_months
        self._charges: list[list[Charge]] = [[] for _ in self._offers]
        rows = np.flatnonzero(offer_w != NONE)
        for number, rate in enumerate(self._rates):
            self._gather(number, rate, rows, offer_w[rows], shape_w[rows] if rate.axes == "wh" else kind_w[rows])
        self._at_site = [rate.axes == "wk" for rate in self._rates]
        self._row_kinds = [columns_of(rate).row_w.tolist() if rate.axes == "wk" else [] for rate in self._rates]
        self._known: dict[tuple[int, int, int], _Said] = {}

    def _gather(self, number: int, rate: Rate, rows: Ints, offers: Ints, column: Ints) -> None:
        """Note where a rate applies; what is charged per placement is a line even at a price of zero."""
        if rate.axes == "wk":
            place = columns_of(rate).of(rows, column)
            quantity, price = rate.quantity_milli[rows, place], rate.price_micro[place]
            applies = quantity != 0 if self._bare_w is None else (quantity != 0) & ~self._bare_w[rows]
        else:
            quantity = rate.quantity_milli[offers] if rate.axes == "o" else rate.quantity_milli[rows, column]
            price = rate.price_micro[offers]
            applies = (quantity != 0) & (price != 0)
        amounts = (values[applies].astype(np.int64).tolist() for values in (rows, quantity, price))
        for row, quantity_milli, price_micro in zip(*amounts, strict=True):
            self._charges[row].append(Charge(number, quantity_milli, price_micro))

    def cost_micro(self, row: int) -> int:
        """The cost of a row's offer in Python integers: the check every reported placement passes."""
        per_node = at_site = 0
        for number, quantity_milli, price_micro in self._charges[row]:
            if self._at_site[number]:
                at_site += exact_micro(quantity_milli, price_micro)
            else:
                per_node += exact_micro(quantity_milli, price_micro)
        at_site += sum([exact_micro(one.quantity_milli, one.price_micro) for one in self._extras.get(row, ())])
        total = self.nodes[row] * per_node + at_site
        if total >= EXACT_LIMIT:
            raise CostTooLargeError(row)
        return int(total)

    def lines(self, row: int) -> tuple[Line, ...]:
        """The lines of a row's offer, in the order of `TERMS`; lines without quantity are left out."""
        lines = [self._line(row, charge) for charge in self._charges[row]]
        if row in self._extras:
            lines += [line for _, line in self.extras(row)]
            lines.sort(key=lambda line: _ORDER[line.term])
        return tuple(lines)

    def flows(self, row: int) -> dict[FlowKey, list[Line]]:
        """The lines that pay for the flows of a row's workload, by flow."""
        found: dict[FlowKey, list[Line]] = {}
        for charge in self._charges[row]:
            key = self._rates[charge.rate].flow
            if key is not None:
                found.setdefault(key, []).append(self._line(row, charge))
        return found

    def extras(self, row: int) -> list[tuple[Extra, Line]]:
        """What a row bears of what several use, with the lines that say so."""
        return [(one, self._extra(one)) for one in self._extras.get(row, ())]

    def _extra(self, one: Extra) -> Line:
        source = one.provenance
        return Line(
            term=one.term,
            label=one.label,
            quantity=milli_text(one.quantity_milli),
            unit=one.unit,
            unit_price_usd=micro_text(one.price_micro),
            cost_cents=cents_of(one.price_micro, one.quantity_milli),
            source_id=source.source_id,
            as_of=source.as_of,
            assumed=source.assumed,
            note=source.note if source.assumed else "",
            schedule=None
            if one.once_milli is None
            else Schedule("once", self._horizon_months, cents_of(one.price_micro, one.once_milli)),
            sender=one.sender,
        )

    def _said(self, row: int, charge: Charge) -> _Said:
        """The part of a line that is the same for all rows of a kind is kept."""
        number, offer = charge.rate, self._offers[row]
        key = (number, offer, self._row_kinds[number][row] if self._at_site[number] else 0)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _said(self._rates[number], row, offer, charge.price_micro)
        return known

    def _line(self, row: int, charge: Charge) -> Line:
        number, quantity_milli, price_micro = charge
        rate, nodes, said = self._rates[number], self.nodes[row], self._said(row, charge)
        at_site = self._at_site[number]
        if not at_site:
            quantity_milli *= nodes
        detail = rate.detail(row, self._offers[row]) if rate.detail else ""
        return Line(  # millions of them: names would take twice the time
            rate.term,
            f"{rate.label} ({detail})" if detail else rate.label,
            milli_text(quantity_milli),
            rate.unit,
            said.price,
            cents_of(price_micro, quantity_milli),
            said.source_id,
            said.as_of,
            0 if at_site else 1,
            said.assumed,
            said.note,
            said.listed,
            self._scheduled(said.paid, row, charge),
            self._sender(rate.sender(row, self._offers[row]), self._offers[row]) if rate.sender else "",
            said.contracted,
            said.published,
        )

    def _scheduled(self, paid: Paid | None, row: int, charge: Charge) -> Schedule | None:
        """How a line is paid, if not month by month as it is used."""
        if paid is None:
            return self._once(row, charge)
        if paid.kind != "later":
            return _schedule(paid, self.nodes[row])
        whole_milli = charge.quantity_milli * self.nodes[row] * self._horizon_months
        left = self._horizon_months - paid.after
        return Schedule("term", paid.months, cents_of(charge.price_micro, -(-whole_milli // left)), 0, paid.after)

    def _sender(self, sender: str, offer: int) -> str:
        """Where a line is charged, if that is not where the work is."""
        return "" if sender == self._supply.sites[int(self._supply.site_o[offer])].id else sender

    def _once(self, row: int, charge: Charge) -> Schedule | None:
        """What is paid at once, where a line is a month's share of it."""
        rate = self._rates[charge.rate]
        if rate.once_milli is None:
            return None
        whole_milli = int(rate.once_milli[row, columns_of(rate).of(row, self._kind_w[row])])
        return Schedule("once", self._horizon_months, cents_of(charge.price_micro, whole_milli))


def _said(rate: Rate, row: int, offer: int, price_micro: int) -> _Said:
    source = rate.provenance(row, offer)
    price, listed = micro_text(price_micro), _price(rate.list_price_micro, offer)
    return _Said(
        price,
        listed if listed != price else "",
        _price(rate.contracted_price_micro, offer),
        _price(rate.published_price_micro, offer),
        source.source_id,
        source.as_of,
        source.assumed,
        source.note if source.assumed else "",
        rate.paid(offer) if rate.paid else None,
    )


def _price(price: Callable[[int], int | None] | None, offer: int) -> str:
    """A price that is stated beside the one that is paid; empty where there is none."""
    micro = price(offer) if price else None
    return "" if micro is None else micro_text(micro)


def _schedule(paid: Paid, nodes: int) -> Schedule:
    """What all nodes of a layer are paid, from what one is."""
    kind = "term" if paid.kind == "later" else paid.kind
    return Schedule(kind, paid.months, cents(nodes * paid.amount_micro), cents(nodes * paid.residual_micro), paid.after)
