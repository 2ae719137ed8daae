"""What a reader of a roadmap has to know beside its figures: what waits, what is not counted, what is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from placement.report.numbers import money, plural, whole_money
from placement.report.roadmap_rows import month_text, wait_words
from placement.roadmap.model import Choice, Figure, Move, Roadmap, Stay, Step
from placement.roadmap.moves import ordered_tiers

NAMED = 6
"""Workloads named in a note."""


def steps_of(road: Roadmap) -> list[Step]:
    """All that begins, in its order."""
    return [*(step for wave in road.waves for step in wave.steps), *road.new]


def commitments(road: Roadmap) -> list[str]:
    """Who waits for the end of a commitment, who does not, and what both would be worth."""
    every: list[Step | Stay] = [*steps_of(road), *road.staying]
    return [_choice(road, one.move, one.choice) for one in every if one.choice is not None]


def _choice(road: Roadmap, move: Move, choice: Choice) -> str:
    early, late = (month_text(road.settings, month) for month in (choice.early_month, choice.late_month))
    paid = f"{money(move.today.committed_cents)} a month is paid until {move.today.committed_until}, used or not"
    if choice.late_month > road.horizon:
        late = "staying"
    worth = f"worth {whole_money(choice.late)} ({late}) against {whole_money(choice.early)} ({early})"
    verdict = f"{move.workload} waits" if choice.waits else f"{move.workload} does not wait"
    return f"{verdict}: {paid}; {worth}, present value with book value"


def not_in_time(road: Roadmap) -> list[str]:
    """Workloads that do not get to their place within the horizon."""
    return [
        f"{stay.move.workload} stays where it is: "
        f"{'; '.join(wait_words(road.settings, wait) for wait in stay.waits) or 'its nodes come too late'}"
        for stay in road.staying
    ]


def notes(road: Roadmap) -> list[str]:
    """What is left out or approximated."""
    return list(_notes(road))


def _notes(road: Roadmap) -> Iterator[str]:
    yield from _losing(road)
    steps = steps_of(road)
    moved = [step.move for step in steps if step.move.baseline_cents is not None and step.move.kind != "stays"]
    uncounted = [move.workload for move in moved if move.today.migration_cents is None]
    if uncounted:
        yield f"people's work is not counted of {_named(uncounted)}: state `current.migration_usd`"
    sunk = [move.workload for move in moved if move.today.purchase == "owned" and move.today.resale_cents is None]
    if sunk:
        yield (
            f"nodes of the organisation's own that are left are sunk: nothing is counted for selling those of "
            f"{_named(sunk)}; state `current.resale_usd` if they fetch anything"
        )
    unsaid = [move.workload for move in moved if not move.today.site]
    if unsaid:
        yield f"not stated is where these run today (`current.site`), so they are taken to move: {_named(unsaid)}"
    lines = [line for step in steps for placement in step.move.placements for line in placement.lines]
    if any(line.term == "egress" for line in lines):
        yield (
            "volume tiers of egress are those of the whole plan: what has moved is charged as if everything had, which "
            "is too little or too much while only some waves have"
        )
    if any("copy" in line.label for line in lines):
        yield "who reads a copy of a dataset bears its share of it from its own move on, whoever moves first"
    if road.new:
        yield "new workloads say nothing of today: their cost is in no saving, payback or peak funding"
    if road.unplaced:
        known = [cents for _, cents in road.unplaced if cents is not None]
        cost = f"{money(sum(known))} a month of today's cost goes on" if known else "what is paid today goes on"
        yield f"no place was found for {_named([name for name, _ in road.unplaced])}: {cost}, in no figure here"
    yield "prices and demand are those of the plan in every month; nodes are paid for when they arrive"


def _losing(road: Roadmap) -> Iterator[str]:
    """Waves and workloads that are worth less than nothing."""
    for wave in road.waves:
        if wave.alone.present_value < 0:
            within, with_book = money(wave.alone.present_value), money(wave.alone.present_value_with_book)
            yield (
                f"wave {wave.number} alone is worth {within} within the horizon, and {with_book} with book value less "
                f"what is owed at its end"
            )
    dearer = [step.move for wave in road.waves for step in wave.steps if step.move.saving_cents < 0]
    if dearer:
        more, names = money(-sum(move.saving_cents for move in dearer)), _named([move.workload for move in dearer])
        yield (
            f"more than today, {more} a month, is what the plan costs for {names}: "
            f"nothing cheaper keeps what the inventory asks for; whether today's places do is not checked here"
        )


def assumptions(road: Roadmap) -> list[str]:
    """Figures that are assumed, and the dollars that hang on them."""
    settings, steps = road.settings, steps_of(road)
    beside = [step for step in steps if step.move.dual_months and step.move.today.dual_months is None]
    months = plural(settings.dual_months.value, "month")
    found = []
    if beside:
        cost = whole_money(sum(sum(step.stream.dual) for step in beside))
        words = f"old and new place are both paid for {months}; {cost} in all in {plural(len(beside), 'workload')}"
        found.append(_sourced(words, settings.dual_months))
    for tier, figure in sorted(settings.lead_months.items()):
        waiting = [step.move for step in steps if _waits_for(step, tier)]
        if waiting:
            saving = whole_money(sum(move.saving_cents for move in waiting if move.baseline_cents is not None))
            words = (
                f"nodes bought or leased for {tier} are there {figure.text} {figure.unit} after month 1 begins "
                f"({plural(figure.value, 'month')}); {saving} of saving a month waits in "
                f"{plural(len(waiting), 'workload')}"
            )
            found.append(_sourced(words, figure))
    if settings.most_per_wave is not None:
        found.append(f"at most {plural(settings.most_per_wave, 'workload')} may be moving at the same time")
    if settings.every_months > 1:
        found.append(f"waves begin in month 1 and then every {settings.every_months} months")
    return found


def _waits_for(step: Step, tier: str) -> bool:
    ordered = any(wait.why == "procurement" for wait in step.waits)
    return ordered and any(tier in ordered_tiers(placement) for placement in step.move.placements)


def _sourced(words: str, figure: Figure) -> str:
    source = ", ".join(part for part in (figure.source_id, figure.as_of) if part)
    return f"{words} [{source}]" if source else words


def _named(names: Sequence[str]) -> str:
    shown = sorted(names)[:NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
