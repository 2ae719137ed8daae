"""In which month each move begins: once it is ready, others have left the nodes it needs, and there is time for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from placement.roadmap.model import Move, Settings, Wait
from placement.roadmap.money import cash_first
from placement.roadmap.ready import Ready, ready_of


class Timed(NamedTuple):
    """A move and when it begins; None: not within the horizon."""

    move: Move
    ready: Ready
    first: int | None
    waits: tuple[Wait, ...]


def timetable(moves: Sequence[Move], horizon: int, rate: str, settings: Settings) -> list[Timed]:
    """All *moves* with their months, in the order in which they are worth most for the cash they need first.

    What a wave may hold, and when one may begin, is not asked of those that stay where they are, or are new.
    """
    ordered = sorted(moves, key=lambda move: _value_order(move, horizon))
    ready = {move.workload: ready_of(move, horizon, rate) for move in ordered}
    leavers = _leavers(ordered)
    free = _others(ordered, leavers)
    begun: dict[str, int] = {}
    could: dict[str, int] = {}
    pending, team_free, is_first = list(ordered), 1, True
    for month in range(1, horizon + 1):
        left = {site: _have_left(leaving, begun, month) for site, leaving in leavers.items()}
        able = [move for move in pending if ready[move.workload].month <= month and _has_room(move, free, left)]
        for move in able:
            could.setdefault(move.workload, month)
        may_begin = month >= team_free and (month - 1) % settings.every_months == 0
        batch = _batch(able, settings.most_per_wave, may_begin, is_first)
        moving = [move.dual_months for move in batch if _takes_hands(move)]
        if moving and settings.most_per_wave is not None:
            team_free, is_first = month + max(1, *moving), False
        begun |= {move.workload: month for move in batch}
        pending = [move for move in pending if move.workload not in begun]
    return [_timed(move, ready[move.workload], begun, could, free) for move in ordered]


def _value_order(move: Move, horizon: int) -> tuple[bool, Fraction, str]:
    """What saves most a month for each dollar that it needs first comes first; what saves nothing comes last."""
    needed = max(1, cash_first(move, horizon))
    return move.saving_cents <= 0, -Fraction(move.saving_cents, needed), move.workload


def _batch(able: Sequence[Move], most: int | None, may_begin: bool, is_first: bool) -> list[Move]:
    """What begins together: with a limit, those that are regulated or have an SLO apart from the others.

    The first wave is of the others, for they forgive mistakes; later ones are of whichever save more.
    """
    still = [move for move in able if not _takes_hands(move)]
    moving = [move for move in able if _takes_hands(move)] if may_begin else []
    if most is None:
        return [*still, *moving]
    others, critical = ([move for move in moving if move.today.is_critical == kind][:most] for kind in (False, True))
    saved = [sum(move.saving_cents for move in part) for part in (others, critical)]
    others_go = bool(others) and (is_first or not critical or saved[0] >= saved[1])
    return [*still, *(others if others_go else critical)]


def _takes_hands(move: Move) -> bool:
    return move.kind != "stays" and move.baseline_cents is not None


_Free = Mapping[str, frozenset[str]]
"""By workload: the sites at which others have to leave nodes before it comes."""


def _others(moves: Sequence[Move], leavers: Mapping[str, Sequence[Move]]) -> _Free:
    """Where workloads would wait for each other in a circle, none of them does."""
    reached = {site: _reached(site, leavers) for site in leavers}
    found = {}
    for move in moves:
        mine = move.today.site
        sites = (site for site in move.needs_nodes_at if site in leavers)
        found[move.workload] = frozenset(site for site in sites if mine not in leavers or mine not in reached[site])
    return found


def _leavers(moves: Iterable[Move]) -> dict[str, list[Move]]:
    """By own site: the workloads that run there today and will not."""
    found: dict[str, list[Move]] = {}
    for move in moves:
        if move.today.site and move.kind != "stays" and move.today.purchase in ("", "owned"):
            found.setdefault(move.today.site, []).append(move)
    return found


def _reached(site: str, leavers: Mapping[str, Sequence[Move]]) -> set[str]:
    """The sites that whoever leaves *site* waits for, and those that they wait for, and so on."""
    found: set[str] = set()
    ahead = [site]
    while ahead:
        for move in leavers.get(ahead.pop(), ()):
            new = set(move.needs_nodes_at) - found
            found |= new
            ahead += sorted(new)
    return found


def _have_left(leaving: Iterable[Move], begun: Mapping[str, int], month: int) -> bool:
    """Whether all of them have left their nodes before *month*."""
    return all(move.workload in begun and begun[move.workload] + move.dual_months <= month for move in leaving)


def _has_room(move: Move, free: _Free, left: Mapping[str, bool]) -> bool:
    return all(left[site] for site in free[move.workload])


def _timed(move: Move, ready: Ready, begun: Mapping[str, int], could: Mapping[str, int], free: _Free) -> Timed:
    """With what held it: its own reasons, then others' nodes, then its wave."""
    first, able = begun.get(move.workload), could.get(move.workload)
    waits = list(ready.waits)
    if free[move.workload] and (able is None or able > ready.month):
        waits.append(Wait("nodes", able or 0, ", ".join(sorted(free[move.workload]))))
    if able is not None and first != able:
        waits.append(Wait("wave", first or 0))
    return Timed(move, ready, first, tuple(waits))
