"""A roadmap as rows of text: what the terminal and Markdown show, chosen and ordered once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from placement.finance.cash import Months
from placement.plan.model import Placement
from placement.plan.stands import stand_of
from placement.report.layers import hardware, purchase_words, way_words
from placement.report.monthly import percent
from placement.report.numbers import money, plural, whole_money
from placement.roadmap.model import Move, Roadmap, Settings, Step, Wait, Wave

MOST_MOVES = 60
"""Moves shown in tables; other forms have all."""

UNKNOWN = "–"


class MoveRow(NamedTuple):
    """One move in a table."""

    workload: str
    source: str
    target: str
    why: str
    one_off: str
    saves: str
    """A month, afterwards; of a new one what it costs."""


def caption(road: Roadmap) -> str:
    """What was computed from what."""
    moving = sum(len(wave.steps) for wave in road.waves)
    start, inputs = road.settings.start, road.inputs
    parts = [
        f"{plural(moving, 'workload')} in {plural(len(road.waves), 'wave')}" if road.waves else "no waves",
        *([f"{len(road.new):,} new"] if road.new else []),
        *([f"{len(road.staying):,} not within the horizon"] if road.staying else []),
        f"{start} to {start.later(road.horizon - 1)}",
        f"catalog of {inputs.catalog_as_of}",
        f"{percent(inputs.discount_rate_fraction)} a year",
    ]
    return " · ".join(parts)


def headline(road: Roadmap) -> list[tuple[str, str]]:
    """Figures and their labels."""
    if not road.waves:
        return []
    worth, start = road.worth, road.settings.start
    payback = worth.payback_month
    about = f"payback within {plural(road.horizon, 'month')}"
    if payback:
        about = f"payback, in {start.later(payback - 1)}: from its end on the moves have paid for themselves"
    lowest = "peak funding"
    if worth.trough_month:
        lowest += f", at the end of month {worth.trough_month}, in {start.later(worth.trough_month - 1)}"
    return [
        (money(road.compared.baseline[0]), "a month today"),
        (money(road.waves[-1].cost_cents), "a month after the last wave"),
        (f"month {payback}" if payback else "never", about),
        (money(-worth.trough), lowest),
        (money(worth.cumulative[-1]), "saved in cash against staying"),
        (money(worth.present_value), "present value of that saving"),
        (money(worth.present_value_with_book), "… with book value less what is owed at the end"),
    ]


WAVES, STOPPED = "Waves", "If nothing more moves after it"
"""Headings of the two tables of waves."""


def wave_labels(road: Roadmap) -> list[str]:
    """The wave and its first month."""
    return [f"{wave.number}: {month_text(road.settings, wave.first)}" for wave in road.waves]


def wave_cells(road: Roadmap) -> dict[str, list[str]]:
    """What each wave takes and gives; exact figures are in the other forms."""
    waves = road.waves
    return {
        "workloads": [f"{len(wave.steps):,}" for wave in waves],
        "capex": [whole_money(sum(wave.stream.capex)) for wave in waves],
        "one-off": [whole_money(sum(step.one_off_cents for step in wave.steps)) for wave in waves],
        "dual running": [whole_money(sum(wave.stream.dual)) for wave in waves],
        "paid unused": [whole_money(sum(wave.stream.idle)) for wave in waves],
        "saves a month": [whole_money(saving_of(wave.steps)) for wave in waves],
    }


def stopped_cells(road: Roadmap) -> dict[str, list[str]]:
    """What all waves so far are worth if nothing more moves."""
    waves = road.waves
    return {
        "a month": [whole_money(wave.cost_cents) for wave in waves],
        "payback": [_payback(wave) for wave in waves],
        "peak funding": [whole_money(-wave.stopped.trough) for wave in waves],
        "saved": [whole_money(wave.stopped.cumulative[-1]) for wave in waves],
        "present value": [whole_money(wave.stopped.present_value) for wave in waves],
        "with book": [whole_money(wave.stopped.present_value_with_book) for wave in waves],
    }


def _payback(wave: Wave) -> str:
    month = wave.stopped.payback_month
    return f"month {month}" if month else "never"


def saving_of(steps: Sequence[Step]) -> int:
    """A month, once all of them have moved."""
    return sum(step.move.saving_cents for step in steps)


def wave_heading(road: Roadmap, wave: Wave) -> str:
    """What a wave does, and what it adds."""
    saves = saving_of(wave.steps)
    words = f"saves {money(saves)} a month" if saves >= 0 else f"costs {money(-saves)} more a month"
    return (
        f"Wave {wave.number}, {month_text(road.settings, wave.first)}: {plural(len(wave.steps), 'workload')}, {words}; "
        f"adds {money(wave.alone.present_value)} of present value"
    )


def move_row(road: Roadmap, step: Step) -> MoveRow:
    """A move of a wave, or a new workload."""
    move = step.move
    last = money(move.saving_cents) if move.baseline_cents is not None else money(move.cost_cents)
    return MoveRow(
        move.workload,
        source_words(move),
        target_words(move),
        "; ".join(wait_words(road.settings, wait) for wait in step.waits) or "nothing",
        money(step.one_off_cents),
        last,
    )


def month_text(settings: Settings, month: int) -> str:
    """A month of the horizon as one of the calendar."""
    return str(settings.start.later(month - 1))


def source_words(move: Move) -> str:
    """Where it runs today, and how that is bought."""
    today = move.today
    if move.baseline_cents is None:
        return UNKNOWN
    return ", ".join(part for part in (today.site or "not stated", purchase_words(today.purchase)) if part)


def target_words(move: Move) -> str:
    """Where it goes, on what, bought how: every layer of every site."""
    return "; ".join(map(_target, move.placements))


def _target(placement: Placement) -> str:
    words, site = list[str](), ""
    for layer in placement.layers:
        at = stand_of(placement, layer).site
        words.append(("" if at == site else f"{at}: ") + f"{hardware(layer)}, {way_words(layer)}")
        site = at
    return " + ".join(words)


def wait_words(settings: Settings, wait: Wait) -> str:
    """Why something does not begin at once, and until when."""
    month = month_text(settings, wait.until_month) if wait.until_month else "never"
    if wait.why == "procurement":
        return f"ordered nodes: {month}"
    if wait.why == "commitment":
        return f"commitment to {wait.detail}"
    if wait.why == "nodes":
        return f"nodes left at {wait.detail}: {month}"
    return f"its wave: {month}"


def monthly_columns(road: Roadmap) -> dict[str, tuple[Months, bool]]:
    """Amounts by month, and whether a period shows their last one instead of their sum; what is nothing is left out."""
    money_of = road.compared
    moved = money_of.capex, money_of.opex
    found = {
        "as today": (money_of.baseline, False),
        "still paid": (money_of.today, False),
        "capex paid": (moved[0], False),
        "opex paid": (moved[1], False),
        "people's work": (money_of.migration, False),
        "nodes sold": (money_of.resale, False),
        "saving": (money_of.saving, False),
        "cumulative": (road.worth.cumulative, True),
    }
    optional = ("people's work", "nodes sold")
    return {name: column for name, column in found.items() if name not in optional or any(column[0])}
