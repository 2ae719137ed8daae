"""What a changed plan must not do. Every guardrail is one row of `RULES`; limits are taken from their decimal text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from placement.checks.outcome import Breach, Outcome
from placement.dates import latest_day
from placement.diff.model import ADDED, MOVED, REMOVED, Change, Home, PlanDiff
from placement.documents import KeyPath
from placement.inventory.guardrails import ForbiddenMove, Guardrails, HomePattern
from placement.plan.model import countries_of
from placement.units import dollars

UNKNOWN_COUNTRY = "unknown country"


class Verdict(NamedTuple):
    """Figures as text in the rule's unit. The guardrail holds when nothing breaks it."""

    measured: str
    breaches: tuple[Breach, ...] = ()
    detail: str = ""


class Rule(NamedTuple):
    """One kind of guardrail."""

    title: str
    unit: str
    judge: Callable[[PlanDiff, Any, date], Verdict]


def check_guardrails(diff: PlanDiff, guardrails: Guardrails, today: date) -> tuple[Outcome, ...]:
    """One outcome per guardrail that is set; prices age until *today*."""
    found = []
    for name, rule in RULES.items():
        limit = getattr(guardrails, name)
        if limit is None or limit is False:
            continue
        limits: list[tuple[Any, KeyPath]] = [(limit, ())]
        if isinstance(limit, list):
            limits = [(entry, (number,)) for number, entry in enumerate(limit)]
        for value, path in limits:
            verdict = rule.judge(diff, value, today)
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


def _increase(diff: PlanDiff, limit: float, _today: date) -> Verdict:
    found = dollars(diff.difference_cents)
    broken = diff.difference_cents > Decimal(str(limit)) * 100
    return Verdict(found, (Breach("the total", found),) if broken else ())


def _increase_fraction(diff: PlanDiff, limit: float, _today: date) -> Verdict:
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


def _grown(diff: PlanDiff) -> list[Change]:
    """Workloads that were there and cost more now, the largest increase first."""
    grown = [
        change
        for change in _whole(diff)
        if change.old_cost_cents is not None and change.new_cost_cents is not None and change.difference_cents > 0
    ]
    return sorted(grown, key=lambda change: (-change.difference_cents, change.workload))


def _whole(diff: PlanDiff) -> list[Change]:
    """The changes, with a workload that has become several sites (or has been) told as one."""
    changes = {change.workload: change for change in diff.changes}
    for change in diff.changes:
        whole = changes.get(change.member_of)
        if whole is None or whole.sign not in (ADDED, REMOVED) or change.sign not in (ADDED, REMOVED):
            continue
        del changes[change.workload]
        changes[whole.workload] = whole._replace(
            old=whole.old or change.old,
            new=whole.new or change.new,
            old_cost_cents=_sum(whole.old_cost_cents, change.old_cost_cents),
            new_cost_cents=_sum(whole.new_cost_cents, change.new_cost_cents),
            reason=whole.reason or change.reason,
        )
    return list(changes.values())


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _workload_increase(diff: PlanDiff, limit: float, _today: date) -> Verdict:
    grown = _grown(diff)
    breaches = tuple(
        Breach(change.workload, dollars(change.difference_cents))
        for change in grown
        if change.difference_cents > Decimal(str(limit)) * 100
    )
    return Verdict(dollars(grown[0].difference_cents) if grown else "0.00", breaches)


def _workload_increase_fraction(diff: PlanDiff, limit: float, _today: date) -> Verdict:
    measured = [
        (change, *_share(change.difference_cents, change.old_cost_cents or 0, limit)) for change in _grown(diff)
    ]
    measured.sort(key=lambda item: (-_decimal(item[1]), item[0].workload))
    breaches = tuple(Breach(change.workload, share) for change, share, broken in measured if broken)
    return Verdict(measured[0][1] if measured else "0", breaches)


def _decimal(share: str) -> Decimal:
    return Decimal(share) if share[:1].isdecimal() else Decimal("Infinity")


def _new_providers(diff: PlanDiff, _limit: bool, _today: date) -> Verdict:
    return _new_names(diff, diff.old.providers, diff.new.providers)


def _new_countries(diff: PlanDiff, _limit: bool, _today: date) -> Verdict:
    before, after = (
        frozenset(country or UNKNOWN_COUNTRY for country in side.countries) for side in (diff.old, diff.new)
    )
    return _new_names(diff, before, after)


def _new_names(diff: PlanDiff, before: frozenset[str], after: frozenset[str]) -> Verdict:
    if diff.old.inputs is None:
        return Verdict("nothing before")
    fresh = sorted(after - before)
    return Verdict(", ".join(fresh) or "none", tuple(Breach(name, "new") for name in fresh))


def _new_unplaced(diff: PlanDiff, _limit: bool, _today: date) -> Verdict:
    told = {change.workload: change for change in diff.changes}
    lost = [
        change
        for change in _whole(diff)
        if change.new is None and (change.sign == MOVED or (change != told[change.workload] and change.old is not None))
    ]
    return Verdict(str(len(lost) or "none"), tuple(Breach(change.workload, change.reason) for change in lost))


def _price_age(diff: PlanDiff, limit: int, today: date) -> Verdict:
    """Undated prices have no known age and fail."""
    ages = []
    for text, workload in diff.new.price_dates.items():
        day = latest_day(text)
        ages.append((None if day is None else max(0, (today - day).days), workload))
    known = [age for age, _ in ages if age is not None]
    old = sorted(
        ((age, workload) for age, workload in ages if age is None or age > limit),
        key=lambda item: (item[0] is not None, -(item[0] or 0), item[1]),
    )
    breaches = tuple(Breach(workload, "undated" if age is None else str(age)) for age, workload in old)
    return Verdict(str(max(known)) if known else "none", breaches, f"on {today.isoformat()}")


def _forbidden_move(diff: PlanDiff, limit: ForbiddenMove, _today: date) -> Verdict:
    moves = [
        (change, change.old, change.new)
        for change in _moves(diff)
        if change.old is not None and change.new is not None and _named(change, limit.workload)
    ]
    breaches = tuple(
        Breach(change.workload, f"{old.offer} → {new.offer}")
        for change, old, new in moves
        if old.offer != new.offer and is_forbidden(limit, old, new)
    )
    return Verdict(str(len(breaches) or "none"), breaches)


def _moves(diff: PlanDiff) -> Iterator[Change]:
    """The changes, with each site of a workload that was at one before, or is now, as a move from there or to it."""
    changes = {change.workload: change for change in diff.changes}
    for change in diff.changes:
        whole = changes.get(change.member_of)
        if whole is not None and (whole.sign, change.sign) in ((REMOVED, ADDED), (ADDED, REMOVED)):
            yield change._replace(old=change.old or whole.old, new=change.new or whole.new)
        else:
            yield change


def _named(change: Change, pattern: str) -> bool:
    """Whether a pattern names the workload, or the one that it is a site of."""
    return fnmatchcase(change.workload, pattern) or (bool(change.member_of) and fnmatchcase(change.member_of, pattern))


def is_forbidden(move: ForbiddenMove, old: Home, new: Home) -> bool:
    """Whether going from *old* to *new* is what *move* forbids."""
    if move.source is not None and not holds(move.source, old):
        return False
    if move.target is not None:
        return holds(move.target, new)
    return move.source is None or not holds(move.source, new)


def holds(pattern: HomePattern, home: Home) -> bool:
    """Whether a home is in the set that a pattern describes."""
    lists: Iterable[tuple[list[str] | None, str]] = (
        ([*pattern.tiers] if pattern.tiers is not None else None, home.tier),
        (pattern.providers, home.provider),
        ([*pattern.purchase_models] if pattern.purchase_models is not None else None, home.purchase),
    )
    if any(names is not None and value not in names for names, value in lists):
        return False
    if pattern.countries is not None and not set(countries_of(home.country)) & set(pattern.countries):
        return False
    return pattern.sites is None or any(fnmatchcase(home.site, site) for site in pattern.sites)


def move_words(move: ForbiddenMove) -> str:
    """`chat-*: from countries DE`, as the inventory says it."""
    parts = [
        f"{word} {_pattern_words(pattern)}"
        for word, pattern in (("from", move.source), ("to", move.target))
        if pattern is not None
    ]
    return f"{move.workload}: {' '.join(parts) or 'any move'}"


def _pattern_words(pattern: HomePattern) -> str:
    given = pattern.model_dump(exclude_none=True)
    return ", ".join(f"{key} {'|'.join(names)}" for key, names in given.items()) or "anywhere"


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
