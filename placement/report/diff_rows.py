"""A comparison of two plans as rows of text: what the terminal and Markdown show, chosen and ordered once."""

from __future__ import annotations

from typing import NamedTuple

from placement.diff.model import ADDED, CAUSES, CHANGED, MOVED, REMOVED, Cause, Change, Home, PlanDiff
from placement.report.layers import purchase_words
from placement.report.numbers import change, money, plural, signed_money

LEGEND = f"{ADDED} added, {REMOVED} removed, {CHANGED} changed, {MOVED} moved"

_NAMED = 3
"""Subjects of one kind of cause that are named; more are counted."""

_IN_SENTENCE = 3


class CauseRow(NamedTuple):
    """One cause in words."""

    cost: str
    words: str
    cents: int


class ChangeRow(NamedTuple):
    """One line of a workload, or of a site of one."""

    sign: str
    workload: str
    was: str
    now: str
    old_cost: str
    new_cost: str
    difference: str
    cents: int
    causes: str
    lost: bool
    """It had a place and has none: no saving."""


def headline(diff: PlanDiff) -> str:
    """The difference of the totals: `+$41,210.00 a month (+12 %)`."""
    if diff.old.inputs is None:
        return f"{signed_money(diff.difference_cents)} a month"
    return f"{signed_money(diff.difference_cents)} a month ({_share(diff)})"


def _share(diff: PlanDiff) -> str:
    if diff.difference_cents == 0:
        return "no change"
    if diff.old.monthly_cost_cents == 0:
        return "from nothing"
    return change(diff.new.monthly_cost_cents, diff.old.monthly_cost_cents)


def totals(diff: PlanDiff) -> str:
    """Both totals and how many workloads they are of."""
    old, new = diff.old, diff.new
    counts = (
        plural(new.workloads, "workload")
        if old.workloads == new.workloads
        else f"{old.workloads:,} → {plural(new.workloads, 'workload')}"
    )
    lost = len({one.whole for one in diff.changes if is_lost(one)})
    parts = [counts, f"{diff.unchanged:,} unchanged", *([f"{lost:,} without a place any more"] if lost else [])]
    return f"{money(old.monthly_cost_cents)} → {money(new.monthly_cost_cents)}, {', '.join(parts)}"


def sentence(diff: PlanDiff) -> str:
    """The difference and its largest causes in one line, for a log or a title."""
    rows = sorted(cause_rows(diff.causes), key=lambda row: -abs(row.cents))
    words = [f"{row.cost} {row.words}" for row in rows[:_IN_SENTENCE]]
    rest = sum(row.cents for row in rows[_IN_SENTENCE:])
    more = (
        [f"{signed_money(rest)} for {plural(len(rows) - _IN_SENTENCE, 'other cause')}"] if rows[_IN_SENTENCE:] else []
    )
    told = ": " + ", ".join(words + more) if words else ""
    return f"{signed_money(diff.difference_cents)} a month{told}"


def change_sentence(change: Change) -> str:
    """One change in one line: what it costs more or less, why, and from where to where."""
    row = _row(change)
    homes = f"{row.was} → {row.now}" if row.was and row.now else row.was or row.now
    return f"{row.difference} a month ({row.causes}); {homes}" if row.causes else f"{row.difference} a month; {homes}"


def cause_rows(causes: tuple[Cause, ...]) -> list[CauseRow]:
    """One row per cause; many of one kind are counted, not named. Their costs add up to the difference."""
    rows = []
    for kind, words in CAUSES.items():
        mine = [cause for cause in causes if cause.kind == kind]
        if not mine:
            continue
        named = mine if len(mine) <= _NAMED or kind == "price" else []
        rows += [
            CauseRow(signed_money(cause.monthly_cost_cents), f"{words} {cause.subject}", cause.monthly_cost_cents)
            for cause in named
        ]
        if not named:
            total = sum(cause.monthly_cost_cents for cause in mine)
            rows.append(CauseRow(signed_money(total), f"{words} {plural(len(mine), 'workload')}", total))
    return rows


def change_rows(diff: PlanDiff, most: int) -> tuple[list[ChangeRow], list[Change]]:
    """The *most* changes that matter most, and those left out."""
    ordered = sorted(diff.changes, key=lambda one: (-abs(one.difference_cents), one.workload))
    return [_row(one) for one in ordered[:most]], ordered[most:]


def _row(one: Change) -> ChangeRow:
    was = _home(one.old) if one.sign != ADDED else ""
    now = _home(one.new) if one.sign != REMOVED else ""
    return ChangeRow(
        one.sign,
        one.workload,
        was,
        now if now != was else "",
        _cost(one.old_cost_cents),
        _cost(one.new_cost_cents),
        signed_money(one.difference_cents),
        one.difference_cents,
        _because(one),
        is_lost(one),
    )


def is_lost(one: Change) -> bool:
    """Whether a workload had a place and has none, which looks like a saving and is not."""
    return one.sign == MOVED and one.new is None


def _because(one: Change) -> str:
    if is_lost(one):
        return f"no place any more: {one.reason}"
    if one.sign not in (CHANGED, MOVED):
        return one.reason
    return ", ".join(f"{row.cost} {row.words.removesuffix(f' of {one.whole}')}" for row in cause_rows(one.causes))


def _home(home: Home | None) -> str:
    if home is None:
        return "unplaced"
    return f"{home.site}, {home.hardware}, {purchase_words(home.purchase)}"


def _cost(cents: int | None) -> str:
    return "–" if cents is None else money(cents)
