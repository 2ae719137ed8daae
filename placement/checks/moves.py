"""Where workloads went, and which of that a guardrail forbids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from placement.diff.model import ADDED, REMOVED, Home, PlanDiff
from placement.inventory.guardrails import ForbiddenMove, HomePattern
from placement.inventory.patterns import matcher
from placement.plan.model import countries_of
from placement.plan.stands import TOGETHER
from placement.words import OWN

Groups = Mapping[str, Sequence[str]]
"""Countries by group of the catalog."""


class Move(NamedTuple):
    """A workload, or one of its sites, that is elsewhere now: every home it may be said to have left or moved to."""

    workload: str
    member_of: str
    old: tuple[Home, ...]
    new: tuple[Home, ...]
    went: bool
    """It is a site that is no more: what it did is done at any of the new homes, not at all of them."""


def moves(diff: PlanDiff) -> list[Move]:
    """The changes that have a home on both sides.

    A site that is added to a workload is moved to from each of the homes it had, and one that is given up is moved from
    to any of those it has now. Where sites take the place of a single home, or it theirs, they tell of the move.
    """
    before, after = _homes(diff)
    several = {change.member_of for change in diff.changes}
    found = []
    for change in diff.changes:
        if change.workload in several:
            continue
        old: tuple[Home, ...] = (change.old,) if change.old is not None else ()
        new: tuple[Home, ...] = (change.new,) if change.new is not None else ()
        if change.sign == ADDED:
            old = before.get(change.whole, ())
        elif change.sign == REMOVED:
            new = after.get(change.whole, ())
        if old and new:
            found.append(Move(change.workload, change.member_of, old, new, change.sign == REMOVED))
    return found


def _homes(diff: PlanDiff) -> tuple[dict[str, tuple[Home, ...]], dict[str, tuple[Home, ...]]]:
    """All homes that the workloads that changed had, and have."""
    before, after = dict[str, tuple[Home, ...]](), dict[str, tuple[Home, ...]]()
    sides = [(change.whole, change.old, change.new) for change in diff.changes]
    sides += [(site.member_of, site.home, site.home) for site in diff.stayed]
    for name, old, new in sides:
        for homes, home in ((before, old), (after, new)):
            if home is not None:
                homes[name] = (*homes.get(name, ()), home)
    return before, after


def is_named(move: Move, pattern: str) -> bool:
    """Whether a pattern names the workload, or the one that it is a site of."""
    matches = matcher(pattern)
    return matches(move.workload) or (bool(move.member_of) and matches(move.member_of))


def forbidden(limit: ForbiddenMove, move: Move, groups: Groups) -> tuple[Home, Home] | None:
    """The homes that the move went from and to where that is forbidden."""
    pairs = [(old, new) for old in move.old for new in move.new]
    broken = [(old, new) for old, new in pairs if old.offer != new.offer and is_forbidden(limit, old, new, groups)]
    enough = len(pairs) if move.went else 1
    return broken[0] if len(broken) >= enough else None


def is_forbidden(limit: ForbiddenMove, old: Home, new: Home, groups: Groups) -> bool:
    """Whether going from *old* to *new* is what *limit* forbids."""
    if limit.source is not None and not holds(limit.source, old, groups):
        return False
    if limit.target is not None:
        return holds(limit.target, new, groups)
    return limit.source is None or not holds(limit.source, new, groups) or _strays(limit.source, old, new, groups)


def _strays(pattern: HomePattern, old: Home, new: Home, groups: Groups) -> bool:
    """Whether some of the places of the new home are in countries outside of the pattern where none was before."""
    if pattern.countries is None:
        return False
    return bool(set(countries_of(new.country)) - meant(pattern.countries, groups) - set(countries_of(old.country)))


def holds(pattern: HomePattern, home: Home, groups: Groups) -> bool:
    """Whether a home is in the set that a pattern describes; one of several layers or places is where any is."""
    lists: Iterable[tuple[list[str] | None, str]] = (
        ([*pattern.tiers] if pattern.tiers is not None else None, home.tier),
        (pattern.providers, home.provider),
        ([*pattern.purchase_models] if pattern.purchase_models is not None else None, home.purchase),
    )
    if any(names is not None and set(names).isdisjoint(value.split(TOGETHER)) for names, value in lists):
        return False
    if pattern.countries is not None and meant(pattern.countries, groups).isdisjoint(countries_of(home.country)):
        return False
    return pattern.sites is None or any(_is_site(site, home) for site in pattern.sites)


def meant(names: Iterable[str], groups: Groups) -> set[str]:
    """The countries that names of countries and of groups stand for."""
    return {country for name in names for country in groups.get(name, (name,))}


def _is_site(pattern: str, home: Home) -> bool:
    """An own site has two names: the key in the inventory's `sites`, and that with `own/` before it."""
    matches = matcher(pattern)
    return any(
        matches(site) or (site.startswith(f"{OWN}/") and matches(site.removeprefix(f"{OWN}/")))
        for site in home.site.split(TOGETHER)
    )


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
