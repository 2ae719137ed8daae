"""Cost lines as charges in the sense of FOCUS: what is bought, what it covers, what is used and what is left unused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, NamedTuple

from placement.finance.cash import flow_of
from placement.finance.months import Month
from placement.finance.tables import About
from placement.plan.model import Layer, Line, Placement
from placement.plan.stands import Stand, layer_of, stand_of
from placement.units import HOURS_PER_MONTH

_EXACT = Context(prec=80)
_COMMITTED = frozenset({"commitment", "upfront"})
_CAPITAL = frozenset({"hardware", "network"})
_OF_ONES_OWN = frozenset({"spares", "maintenance", "staff"})
"""Terms of nodes that somebody else than the landlord is paid for: whoever runs them."""

Part = Literal["", "Purchase", "Used", "Unused"]


class Charge(NamedTuple):
    """One row: a part of a cost line in one month. Money is in cents, prices in dollars."""

    about: About
    placement: Placement
    line: Line
    number: int
    """Of the line within its placement, from 1."""
    layer: Layer | None
    month: int
    """Of the horizon, from 1."""
    part: Part
    """Of a commitment; empty for everything else."""
    quantity: Decimal
    list_price: Decimal
    contracted_price: Decimal
    """Negotiated, without the commitment's discount."""
    billed: int
    effective: int
    cash: int
    accrual: int

    @property
    def period(self) -> Month:
        """The calendar month."""
        return self.about.start.later(self.month - 1)

    @property
    def provider(self) -> str:
        """Who is paid: the sender for data that comes in, the organisation itself for what it owns."""
        own = self.about.inputs.inventory_name or "own"
        name = self.stand.provider
        if self.line.sender:
            name = self.line.sender.partition("/")[0]
        elif self.line.term in _CAPITAL:
            name = "lessor" if self.leased else "own"
        elif self.line.term in _OF_ONES_OWN:
            name = "own"
        return own if name in ("own", "") else name

    @property
    def leased(self) -> bool:
        """Whether the hardware belongs to a lessor."""
        return self.layer is not None and self.layer.purchase == "lease"

    @property
    def region(self) -> str:
        """Where it is charged."""
        return self.line.sender or self.stand.site

    @property
    def stand(self) -> Stand:
        """Where what is charged is."""
        return stand_of(self.placement, self.layer)


def charges_of(about: About, placement: Placement, months: int) -> Iterator[Charge]:
    """The charges of the first *months* of the horizon, line by line."""
    for number, line in enumerate(placement.lines, 1):
        flow = flow_of(line, about.horizon)
        paid = flow.paid
        # No price of FOCUS is below zero: what is spared at falling prices is so many hours given back.
        price, sign = Decimal(line.unit_price_usd), -1 if line.unit_price_usd.startswith("-") else 1
        charge = Charge(
            about,
            placement,
            line,
            number,
            layer_of(placement, line),
            0,
            "",
            Decimal(line.quantity) * sign,
            Decimal(line.list_unit_price_usd or line.unit_price_usd) * sign,
            price * sign,
            line.cost_cents,
            line.cost_cents,
            0,
            0,
        )
        for month in range(1, months + 1):
            dated = charge._replace(month=month, cash=paid[month - 1], accrual=flow.accrual[month - 1])
            if line.term in _COMMITTED:
                yield from _commitment(dated)
            else:
                yield dated


def _commitment(charge: Charge) -> Iterator[Charge]:
    """The purchase, and what of it the work uses and does not use."""
    price, bought = Decimal(charge.line.unit_price_usd), charge.quantity
    needed = _needed(charge, charge.layer) if charge.layer else bought
    used = min(needed, bought)
    published = Decimal(charge.line.published_unit_price_usd or price)
    purchase = charge._replace(part="Purchase", list_price=published, contracted_price=price)
    yield purchase._replace(effective=0, accrual=0)
    effective, accrual = (_share(cents, used, bought) for cents in (charge.effective, charge.accrual))
    if used:
        told = not _by_the_hour_too(charge)
        list_price = charge.list_price if told else Decimal(0)
        agreed = Decimal(charge.line.contracted_unit_price_usd or charge.list_price) if told else Decimal(0)
        yield charge._replace(
            part="Used",
            quantity=used,
            list_price=list_price,
            contracted_price=agreed,
            billed=0,
            effective=effective,
            cash=0,
            accrual=accrual,
        )
    if used < bought:
        yield purchase._replace(
            part="Unused",
            quantity=_EXACT.subtract(bought, used),
            billed=0,
            effective=charge.effective - effective,
            cash=0,
            accrual=charge.accrual - accrual,
        )


def _by_the_hour_too(charge: Charge) -> bool:
    """Whether it is the part paid ahead of nodes whose hours have a line, with the list price of the whole."""
    mine = charge.line.term, charge.line.layer
    return mine[0] == "upfront" and ("commitment", mine[1]) in ((one.term, one.layer) for one in charge.placement.lines)


def _needed(charge: Charge, layer: Layer) -> Decimal:
    """What the work needs of a commitment; of a part that is paid ahead to a thousandth of its unit, half up."""
    hours = _EXACT.multiply(Decimal(layer.hours_per_month), layer.nodes)
    schedule, horizon = charge.line.schedule, charge.about.horizon
    if schedule is None:
        return hours
    if schedule.after:
        exact = _EXACT.divide(_EXACT.multiply(hours, horizon - schedule.after), horizon)
        return exact.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP, context=_EXACT)
    if schedule.kind != "upfront":
        return hours
    whole = HOURS_PER_MONTH * -(-horizon // schedule.months) * schedule.months
    exact = _EXACT.divide(_EXACT.multiply(hours, horizon), whole)
    return exact.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP, context=_EXACT)


def _share(cents: int, part: Decimal, whole: Decimal) -> int:
    if not whole:
        return 0
    exact = _EXACT.divide(_EXACT.multiply(Decimal(cents), part), whole)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_EXACT))


def product(price: Decimal, quantity: Decimal) -> Decimal:
    """Every digit of it: FOCUS compares the written figures."""
    return _EXACT.multiply(price, quantity)
