"""Plan + today's placements → roadmap. Pure: the same arguments give the same roadmap, in any order of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from placement.plan.model import Inputs, Placement
from placement.roadmap.model import Roadmap, Settings, Stay, Step, Today, Wave
from placement.roadmap.money import one_off_cents, stream_of, total, worth_of
from placement.roadmap.moves import moves_of
from placement.roadmap.timetable import Timed, timetable


def roadmap(
    inputs: Inputs, placements: Iterable[Placement], todays: Mapping[str, Today], settings: Settings
) -> Roadmap:
    """The way from where workloads run today to where the plan puts them."""
    listed = list(placements)
    horizon, rate = inputs.horizon_months, inputs.discount_rate_fraction
    moves = list(moves_of(listed, todays, settings))
    timed = timetable(moves, horizon, rate, settings)
    waves = _waves([one for one in timed if one.move.baseline_cents is not None], horizon, rate)
    fresh = [one for one in timed if one.move.baseline_cents is None]
    staying = [one for one in timed if one.first is None]
    held = [stream_of(one.move, None, horizon) for one in staying]
    compared = total([*(wave.stream for wave in waves), *held], horizon)
    new = tuple(_step(one, horizon) for one in fresh if one.first is not None)
    return Roadmap(
        inputs,
        settings,
        waves,
        tuple(sorted(new, key=lambda step: (step.first, step.move.workload))),
        tuple(Stay(one.move, one.waits, one.ready.choice) for one in staying),
        _unplaced(listed),
        compared,
        worth_of(compared, rate),
        total((step.stream for step in new), horizon),
        sum(one.cost_cents for one in moves),
    )


def _waves(timed: Sequence[Timed], horizon: int, rate: str) -> tuple[Wave, ...]:
    """What begins in the same month is a wave; each is reckoned alone, and with all before it."""
    begun = [_step(one, horizon) for one in timed if one.first is not None]
    begun.sort(key=lambda step: step.first)  # of one month in the order of the timetable
    cost = sum(one.move.baseline_cents or 0 for one in timed)
    so_far, found = total((), horizon), list[Wave]()
    for number, (first, steps) in enumerate(groupby(begun, key=lambda step: step.first), 1):
        listed = tuple(steps)
        stream = total((step.stream for step in listed), horizon)
        so_far = total((so_far, stream), horizon)
        cost -= sum(step.move.saving_cents for step in listed)
        alone, stopped = worth_of(stream, rate), worth_of(so_far, rate)
        found.append(Wave(number, first, listed, stream, alone, stopped, cost, so_far.book, so_far.owed))
    return tuple(found)


def _step(timed: Timed, horizon: int) -> Step:
    move, first = timed.move, timed.first or 1
    return Step(move, first, stream_of(move, first, horizon), one_off_cents(move), timed.waits, timed.ready.choice)


def _unplaced(placements: Sequence[Placement]) -> tuple[tuple[str, int | None], ...]:
    """Workloads of which no site has a place, with what they cost today."""
    placed = {one.whole for one in placements if one.monthly_cost_cents is not None}
    found: dict[str, int | None] = {}
    for one in placements:
        if one.whole not in placed:
            known = found.get(one.whole)
            found[one.whole] = one.baseline_cents if known is None else known + (one.baseline_cents or 0)
    return tuple(sorted(found.items()))
