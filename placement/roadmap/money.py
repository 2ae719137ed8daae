"""The money of a move in a given month, and what it is worth. The plan's lines are reckoned as in `finance.cash`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from operator import sub

from placement.finance.cash import Months
from placement.finance.statement import Adder, Sums, payback_month, present_value
from placement.roadmap.model import Move, Stream, Worth


def stream_of(move: Move, first: int | None, horizon: int) -> Stream:
    """Its money where the new place is paid from month *first* on; None: it never moves."""
    nothing = (0,) * horizon
    baseline = (move.baseline_cents or 0,) * horizon
    if first is None:
        return Stream._make((baseline, baseline, *[nothing] * 8, baseline, 0, 0))
    sums, today = _planned(move, first, horizon), move.today
    over = first + move.dual_months
    """The first month in which the old place is given up."""
    before = _between(baseline, 1, first)
    dual = _between(baseline, first, over)
    idle = _between((today.committed_cents,) * horizon, over, today.committed_months + 1)
    old = tuple(map(sum, zip(before, dual, idle, strict=True)))
    migration = _at(first, today.migration_cents or 0, horizon)
    return Stream(
        baseline,
        old,
        dual,
        idle,
        sums.capex,
        sums.opex,
        migration,
        _at(max(over - 1, first), today.resale_cents or 0, horizon),
        tuple(map(sum, zip(sums.at_begin, migration, strict=True))),
        _at(first, sums.opening, horizon),
        tuple(map(sum, zip(old, sums.cost, strict=True))),
        sums.book,
        sums.owed,
    )


def total(streams: Iterable[Stream], horizon: int) -> Stream:
    """All of them together."""
    listed = list(streams)
    columns = [[0] * horizon for _ in Stream._fields[:-2]]
    for stream in listed:
        for column, amounts in zip(columns, stream[:-2], strict=True):
            for month, amount in enumerate(amounts):
                column[month] += amount
    book, owed = sum(stream.book for stream in listed), sum(stream.owed for stream in listed)
    return Stream._make((*map(tuple, columns), book, owed))


def worth_of(stream: Stream, rate: str) -> Worth:
    """Against staying, at the yearly *rate*; the same figures as those of a plan's cash-flow statement."""
    saving = stream.saving
    cumulative = tuple(accumulate(saving))
    trough = min(0, *cumulative)
    outlay = tuple(-paid for paid in stream.at_begin)
    less = [tuple(map(sub, amounts, stream.invested)) for amounts in (saving, outlay)]
    return Worth(
        cumulative,
        payback_month(cumulative),
        trough,
        cumulative.index(trough) + 1 if trough else None,
        present_value(rate, saving, outlay),
        present_value(rate, less[0], less[1], 0, stream.book - stream.owed),
    )


def one_off_cents(move: Move) -> int:
    """What is paid once when it moves: bytes, fees and people's work."""
    schedules = (line.schedule for placement in move.placements for line in placement.lines)
    once = sum(one.amount_cents for one in schedules if one is not None and one.kind == "once")
    return once + (move.today.migration_cents or 0)


def cash_first(move: Move, horizon: int) -> int:
    """What has to be laid out before it saves: purchases, what is paid once, and the old place while both are paid."""
    return (
        _planned(move, 1, horizon).at_begin[0]
        + (move.today.migration_cents or 0)
        + move.dual_months * (move.baseline_cents or 0)
    )


def _planned(move: Move, first: int, horizon: int) -> Sums:
    adder = Adder(horizon, first)
    for placement in move.placements:
        adder.add(placement)
    return adder.sums()


def _between(amounts: Months, first: int, until: int) -> Months:
    """*amounts* of the months from *first* to before *until*, and 0 in all others."""
    return tuple(amount if first <= month < until else 0 for month, amount in enumerate(amounts, 1))


def _at(month: int, cents: int, horizon: int) -> Months:
    return tuple(cents if other == month else 0 for other in range(1, horizon + 1))
