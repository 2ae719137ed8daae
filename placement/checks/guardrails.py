"""What a changed plan must not do. Every guardrail is one row of `RULES`; limits are taken from their decimal text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from placement.checks.moves import Groups, forbidden, is_named, move_words, moves
from placement.checks.outcome import Breach, Outcome
from placement.dates import latest_day
from placement.diff.model import REMOVED, PlanDiff
from placement.documents import KeyPath
from placement.inventory.guardrails import ForbiddenMove, Guardrails
from placement.units import dollars

UNKNOWN_COUNTRY = "unknown country"


class Verdict(NamedTuple):
    """Figures as text in the rule's unit. The guardrail holds when nothing breaks it."""

    measured: str
    breaches: tuple[Breach, ...] = ()
    detail: str = ""


class Facts(NamedTuple):
    """What guardrails need to know of the world."""

    today: date
    """Until which prices age."""
    groups: Groups
    """Of the catalog."""


class Rule(NamedTuple):
    """One kind of guardrail."""

    title: str
    unit: str
    judge: Callable[[PlanDiff, Any, Facts], Verdict]


def check_guardrails(diff: PlanDiff, guardrails: Guardrails, facts: Facts) -> tuple[Outcome, ...]:
    """One outcome per guardrail that is set."""
    found = []
    for name, rule in RULES.items():
        limit = getattr(guardrails, name)
        if limit is None or limit is False:
            continue
        limits: list[tuple[Any, KeyPath]] = [(limit, ())]
        if isinstance(limit, list):
            limits = [(entry, (number,)) for number, entry in enumerate(limit)]
        for value, path in limits:
            verdict = rule.judge(diff, value, facts)
            found.append(
                Outcome(
                    rule=name,
                    title=rule.title,
                    subject="the change",
                    ok=not verdict.breaches,
                    detail=verdict.detail,
                    path=("policies", "guardrails", name, *path),
                    measured=verdict.measured,
                    limit=_words(value),
                    unit=rule.unit,
                    breaches=verdict.breaches,
                )
            )
    return tuple(found)


def _words(limit: Any) -> str:
    if limit is True:
        return "none"
    return move_words(limit) if isinstance(limit, ForbiddenMove) else str(Decimal(str(limit)))


def _increase(diff: PlanDiff, limit: float, _facts: Facts) -> Verdict:
    found = dollars(diff.difference_cents)
    broken = diff.difference_cents > Decimal(str(limit)) * 100
    return Verdict(found, (Breach("the total", found),) if broken else ())


def _increase_fraction(diff: PlanDiff, limit: float, _facts: Facts) -> Verdict:
    if diff.old.inputs is None:
        return Verdict("nothing before")
    found, broken = _share(diff.difference_cents, diff.old.monthly_cost_cents, limit)
    return Verdict(found, (Breach("the total", found),) if broken else ())


def _share(difference_cents: int, old_cents: int, limit: float) -> tuple[str, bool]:
    """A difference as a share of what it was, and whether that is more than the limit allows."""
    broken = difference_cents > Decimal(str(limit)) * old_cents
    if old_cents == 0:
        return ("from nothing" if difference_cents > 0 else "0"), broken
    share = (Decimal(difference_cents) / old_cents).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    return str(share), broken


class Whole(NamedTuple):
    """A workload of which anything changed, with all of its sites, on both sides."""

    workload: str
    old_cost_cents: int | None
    """None where it was not there, or had no place; and so is the next."""
    new_cost_cents: int | None
    is_there: bool
    """Whether the new plan is about it, with a place or without."""
    reason: str
    """Why it has no place, where it has none."""

    @property
    def difference_cents(self) -> int:
        """New cost less old."""
        return (self.new_cost_cents or 0) - (self.old_cost_cents or 0)


def wholes(diff: PlanDiff) -> list[Whole]:
    """The changes by workload: one that has several sites, had them or will have them is told as one."""
    found: dict[str, Whole] = {}

    def add(name: str, old: int | None, new: int | None, is_there: bool, reason: str) -> None:
        one = found.get(name, Whole(name, None, None, False, ""))
        found[name] = Whole(
            name,
            _sum(one.old_cost_cents, old),
            _sum(one.new_cost_cents, new),
            one.is_there or is_there,
            one.reason or reason,
        )

    for change in diff.changes:
        reason = change.reason if change.new is None else ""
        add(change.whole, change.old_cost_cents, change.new_cost_cents, change.sign != REMOVED, reason)
    for site in diff.stayed:
        add(site.member_of, site.cost_cents, site.cost_cents, True, "")
    return list(found.values())


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _grown(diff: PlanDiff) -> list[Whole]:
    """Workloads that were there and cost more now, the largest increase first."""
    grown = [
        whole
        for whole in wholes(diff)
        if whole.old_cost_cents is not None and whole.new_cost_cents is not None and whole.difference_cents > 0
    ]
    return sorted(grown, key=lambda whole: (-whole.difference_cents, whole.workload))


def _workload_increase(diff: PlanDiff, limit: float, _facts: Facts) -> Verdict:
    grown = _grown(diff)
    breaches = tuple(
        Breach(whole.workload, dollars(whole.difference_cents))
        for whole in grown
        if whole.difference_cents > Decimal(str(limit)) * 100
    )
    return Verdict(dollars(grown[0].difference_cents) if grown else "0.00", breaches)


def _workload_increase_fraction(diff: PlanDiff, limit: float, _facts: Facts) -> Verdict:
    measured = [(whole, *_share(whole.difference_cents, whole.old_cost_cents or 0, limit)) for whole in _grown(diff)]
    measured.sort(key=lambda item: (-_decimal(item[1]), item[0].workload))
    breaches = tuple(Breach(whole.workload, share) for whole, share, broken in measured if broken)
    return Verdict(measured[0][1] if measured else "0", breaches)


def _decimal(share: str) -> Decimal:
    return Decimal(share) if share[:1].isdecimal() else Decimal("Infinity")


def _new_providers(diff: PlanDiff, _limit: bool, _facts: Facts) -> Verdict:
    return _new_names(diff, diff.old.providers, diff.new.providers)


def _new_countries(diff: PlanDiff, _limit: bool, _facts: Facts) -> Verdict:
    before, after = (
        frozenset(country or UNKNOWN_COUNTRY for country in side.countries) for side in (diff.old, diff.new)
    )
    return _new_names(diff, before, after)


def _new_names(diff: PlanDiff, before: frozenset[str], after: frozenset[str]) -> Verdict:
    if diff.old.inputs is None:
        return Verdict("nothing before")
    fresh = sorted(after - before)
    return Verdict(", ".join(fresh) or "none", tuple(Breach(name, "new") for name in fresh))


def _new_unplaced(diff: PlanDiff, _limit: bool, _facts: Facts) -> Verdict:
    lost = [
        whole
        for whole in wholes(diff)
        if whole.old_cost_cents is not None and whole.new_cost_cents is None and whole.is_there
    ]
    return Verdict(str(len(lost) or "none"), tuple(Breach(whole.workload, whole.reason) for whole in lost))


def _price_age(diff: PlanDiff, limit: int, facts: Facts) -> Verdict:
    """Undated prices have no known age and fail."""
    ages = []
    for text, workload in diff.new.price_dates.items():
        day = latest_day(text)
        ages.append((None if day is None else max(0, (facts.today - day).days), workload))
    known = [age for age, _ in ages if age is not None]
    old = sorted(
        ((age, workload) for age, workload in ages if age is None or age > limit),
        key=lambda item: (item[0] is not None, -(item[0] or 0), item[1]),
    )
    breaches = tuple(Breach(workload, "undated" if age is None else str(age)) for age, workload in old)
    return Verdict(str(max(known)) if known else "none", breaches, f"on {facts.today.isoformat()}")


def _forbidden_move(diff: PlanDiff, limit: ForbiddenMove, facts: Facts) -> Verdict:
    breaches = tuple(
        Breach(move.workload, f"{broken[0].offer} → {broken[1].offer}")
        for move in moves(diff)
        if is_named(move, limit.workload) and (broken := forbidden(limit, move, facts.groups)) is not None
    )
    return Verdict(str(len(breaches) or "none"), breaches)


RULES: dict[str, Rule] = {
    "max_increase_usd": Rule("the total rises by at most", "USD", _increase),
    "max_increase_fraction": Rule("the total rises by at most", "fraction", _increase_fraction),
    "max_workload_increase_usd": Rule("each workload rises by at most", "USD", _workload_increase),
    "max_workload_increase_fraction": Rule("each workload rises by at most", "fraction", _workload_increase_fraction),
    "no_new_providers": Rule("no new provider", "", _new_providers),
    "no_new_countries": Rule("no new country", "", _new_countries),
    "no_new_unplaced": Rule("no workload loses its place", "", _new_unplaced),
    "max_price_age_days": Rule("no price is older than", "days", _price_age),
    "forbidden_moves": Rule("forbidden move", "", _forbidden_move),
}
