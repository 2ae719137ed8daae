"""Cost lines as money over time: what is paid when, and what each month bears. Whole cents throughout.

For every line: opening + Σ paid = Σ accrual + closing, and accrual + capital = the line's monthly cost, every month.
"""

from __future__ import annotations

from typing import NamedTuple

from placement.plan.model import Line, Schedule

Months = tuple[int, ...]
"""Cents of months 1, 2, … of the horizon."""


class Flow(NamedTuple):
    """The money of one cost line over the horizon, in cents."""

    charge_class: str
    """`capex` for what is bought, `opex` for everything else."""
    paid_at_begin: Months
    """Payments at the first moment of each month: purchases, terms paid ahead and one-off payments."""
    paid_at_end: Months
    """Payments during or at the end of each month; less than 0: the residual value of what is given away."""
    accrual: Months
    """What each month bears: depreciation, or an even share of what has to be paid."""
    capital: Months
    """Monthly cost less accrual: the cost of capital in it, which nobody pays, and what rounding left."""
    opening: int
    """Book value before month 1."""
    closing: int
    """After the horizon: book value still to be written off; less than 0: what is borne already and still owed."""

    @property
    def paid(self) -> Months:
        """All payments of each month."""
        return tuple(begin + end for begin, end in zip(self.paid_at_begin, self.paid_at_end, strict=True))


def charge_class(line: Line) -> str:
    """`capex` for bought hardware, `opex` for everything else."""
    return "capex" if line.schedule is not None and line.schedule.kind in ("purchase", "held") else "opex"


def flow_of(line: Line, horizon: int, first: int = 1) -> Flow:
    """The money of *line* over *horizon* months, where what it pays for begins in month *first*.

    Months before are 0. A term, a purchase or a one-off amount then begins later; hardware that is there already ages
    all the same, so that it is worth less by then, and is bought anew where its life is over.
    """
    schedule, cost, before = line.schedule, line.cost_cents, (0,) * (first - 1)
    months = horizon - len(before)
    if schedule is None:
        every = before + (cost,) * months
        return Flow("opex", (0,) * horizon, every, every, (0,) * horizon, 0, 0)
    opening = 0
    if schedule.kind == "held" and len(before) < schedule.months:
        begin, end, accrual = (amounts[first - 1 :] for amounts in _held(schedule, horizon))
        loss = schedule.amount_cents - schedule.residual_cents
        opening = schedule.amount_cents - borne_by(loss, schedule.months, len(before))
    else:
        begin, end, accrual = _MONEY["purchase" if schedule.kind == "held" else schedule.kind](schedule, months)
    return Flow(
        charge_class(line),
        before + begin,
        before + end,
        before + accrual,
        before + tuple(cost - borne for borne in accrual),
        opening,
        opening + sum(begin) + sum(end) - sum(accrual),
    )


def borne_by(total: int, months: int, elapsed: int) -> int:
    """What the first *elapsed* of *months* bear of *total* cents in even shares, half up: all bear all of it."""
    return (2 * total * elapsed + months) // (2 * months)


def even_shares(total: int, months: int) -> Months:
    """*total* over *months*, to the cent."""
    return tuple(borne_by(total, months, month + 1) - borne_by(total, months, month) for month in range(months))


_Money = tuple[Months, Months, Months]
"""Paid at the begin, paid at the end, borne."""


def _term(schedule: Schedule, horizon: int) -> _Money:
    """Paid month by month; the terms begun within the horizon are borne by its months from then on, in full."""
    before = min(schedule.after, horizon)
    left, nothing = horizon - before, (0,) * before
    owed = schedule.amount_cents * schedule.months * -(-left // schedule.months)
    return (0,) * horizon, (*nothing, *(schedule.amount_cents,) * left), (*nothing, *even_shares(owed, left))


def _upfront(schedule: Schedule, horizon: int) -> _Money:
    """Paid at the begin of every term; the terms begun within the horizon are borne by it, evenly and in full."""
    begin = tuple(0 if month % schedule.months else schedule.amount_cents for month in range(horizon))
    return begin, (0,) * horizon, even_shares(sum(begin), horizon)


def _bought(schedule: Schedule, horizon: int) -> _Money:
    """Bought in month 1 and again after each life; what is left of it comes back at the end of a life."""
    life, loss = schedule.months, schedule.amount_cents - schedule.residual_cents
    begin = tuple(0 if month % life else schedule.amount_cents for month in range(horizon))
    end = tuple(-schedule.residual_cents if (month + 1) % life == 0 else 0 for month in range(horizon))
    borne = (borne_by(loss, life, month % life + 1) - borne_by(loss, life, month % life) for month in range(horizon))
    return begin, end, tuple(borne)


def _held(schedule: Schedule, horizon: int) -> _Money:
    """As bought, but for the first payment, which was made before."""
    begin, end, borne = _bought(schedule, horizon)
    return (0, *begin[1:]), end, borne


def _once(schedule: Schedule, horizon: int) -> _Money:
    """Paid at once, borne by the whole horizon."""
    return (schedule.amount_cents, *(0,) * (horizon - 1)), (0,) * horizon, even_shares(schedule.amount_cents, horizon)


_MONEY = {"term": _term, "upfront": _upfront, "purchase": _bought, "once": _once}
