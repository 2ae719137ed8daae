"""A roadmap recomputed month by month and line by line from docs/roadmap.md and docs/finance.md; nothing of the engine.

Slow and plain: every amount of every line in every month is looked up by its rule.
"""

from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from placement.plan.model import Line, Placement
from placement.roadmap.model import Today

getcontext().prec = 60


class Paid(NamedTuple):
    """Cents of one month."""

    begin: int
    end: int


def paid(line: Line, month: int, first: int) -> Paid:
    """What *line* takes in *month*, where what it pays for begins in month *first*."""
    if month < first:
        return Paid(0, 0)
    schedule = line.schedule
    if schedule is None:
        return Paid(0, line.cost_cents)
    amount = schedule.amount_cents
    if schedule.kind == "term":
        return Paid(0, amount if month >= first + schedule.after else 0)
    if schedule.kind == "upfront":
        return Paid(0 if (month - first) % schedule.months else amount, 0)
    if schedule.kind == "once":
        return Paid(amount if month == first else 0, 0)
    age = month - bought_in(line, first)
    life = schedule.months
    anew = age % life == 0 and not (schedule.kind == "held" and month == 1)
    return Paid(amount if anew else 0, -schedule.residual_cents if age % life == life - 1 else 0)


def bought_in(line: Line, first: int) -> int:
    """The month in which the life of bought hardware begins: of what is there already month 1, if it lives so long."""
    schedule = line.schedule
    assert schedule is not None
    return 1 if schedule.kind == "held" and first <= schedule.months else first


def left(line: Line, first: int, horizon: int) -> int:
    """Book value less what is owed after the horizon."""
    schedule = line.schedule
    if schedule is None or schedule.kind in ("once", "upfront"):
        return 0
    if schedule.kind == "term":
        months = max(horizon - first + 1 - schedule.after, 0)
        return -schedule.amount_cents * (schedule.months * ceil(Fraction(months, schedule.months)) - months)
    used = (horizon - bought_in(line, first)) % schedule.months + 1
    return 0 if used == schedule.months else book(line, used)


def book(line: Line, used: int) -> int:
    """What hardware is worth after *used* months of its life, written off in even shares, half up."""
    schedule = line.schedule
    assert schedule is not None
    loss = schedule.amount_cents - schedule.residual_cents
    return schedule.amount_cents - floor(Fraction(loss * used, schedule.months) + Fraction(1, 2))


def invested(line: Line, first: int) -> int:
    """The book value of what is there already when it is taken into use."""
    schedule = line.schedule
    if schedule is None or schedule.kind != "held" or first > schedule.months:
        return 0
    return schedule.amount_cents if first == 1 else book(line, first - 1)


class Account(NamedTuple):
    """A move's money against staying, by month."""

    saving: list[int]
    at_begin: list[int]
    """The part of the saving (less than 0) at the first moment of a month."""
    invested: int
    first: int
    left: int


def account(placements: list[Placement], baseline: int, today: Today, dual: int, first: int, horizon: int) -> Account:
    """The money of a workload that is at its new place from month *first* on."""
    lines = [line for placement in placements for line in placement.lines]
    saving, begins = [], []
    for month in range(1, horizon + 1):
        amounts = [paid(line, month, first) for line in lines]
        begin = sum(one.begin for one in amounts)
        if month == first:
            begin += today.migration_cents or 0
        old = 0
        if month < first + dual:
            old = baseline
        elif month <= today.committed_months:
            old = today.committed_cents
        sold = today.resale_cents or 0 if month == max(first, first + dual - 1) else 0
        saving.append(baseline - old - begin - sum(one.end for one in amounts) + sold)
        begins.append(-begin)
    book_first = sum(invested(line, first) for line in lines)
    return Account(saving, begins, book_first, first, sum(left(line, first, horizon) for line in lines))


def present(accounts: list[Account], rate: str, horizon: int, with_book: bool) -> int:
    """Cents of today, half up."""
    if not accounts:
        return 0
    month_factor = 1 / (1 + Decimal(rate)) ** (Decimal(1) / 12)
    value = Decimal(0)
    for month in range(1, horizon + 1):
        begin = sum(one.at_begin[month - 1] for one in accounts)
        end = sum(one.saving[month - 1] for one in accounts) - begin
        if with_book:
            begin -= sum(one.invested for one in accounts if one.first == month)
        if with_book and month == horizon:
            end += sum(one.left for one in accounts)
        value += begin * month_factor ** (month - 1) + end * month_factor**month
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def lead(placements: list[Placement], months: dict[str, int]) -> int:
    """Until what is bought or leased is there."""
    found = [0]
    for placement in placements:
        for line in placement.lines:
            ordered = line.schedule is not None and line.schedule.kind in ("purchase", "term")
            if line.term == "hardware" and ordered:
                layer = placement.layers[line.layer - 1] if line.layer else None
                found.append(months.get((layer.tier if layer else "") or placement.tier, 0))
    return max(found)


def begins(
    placements: list[Placement], baseline: int, today: Today, dual: int, after: int, plan: tuple[str, int]
) -> int:
    """The month in which a workload is ready by itself, *after* so many months of waiting for nodes."""
    rate, horizon = plan
    early = after + 1
    late = today.committed_months - dual + 1
    if late <= early:
        return early

    def worth(first: int) -> int:
        if first > horizon:
            return 0
        return present([account(placements, baseline, today, dual, first, horizon)], rate, horizon, True)

    return early if worth(early) > worth(late) else late
