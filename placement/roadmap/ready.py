"""In which month a move can begin as far as it goes alone: what it needs is there, and what binds it has run out."""

from __future__ import annotations

from typing import NamedTuple

from placement.roadmap.model import Choice, Move, Wait
from placement.roadmap.money import stream_of, worth_of


class Ready(NamedTuple):
    """When a move can begin."""

    month: int
    waits: tuple[Wait, ...]
    choice: Choice | None


def ready_of(move: Move, horizon: int, rate: str) -> Ready:
    """After the lead time of what it needs; after its commitment too, unless moving earlier is worth more.

    Where it waits, the last months of the commitment are those in which old and new are both paid.
    """
    early = 1 + move.lead_months
    waits = [Wait("procurement", early)] if move.lead_months else []
    late = move.today.committed_months - move.dual_months + 1
    if move.baseline_cents is None or late <= early:
        return Ready(early, tuple(waits), None)
    choice = Choice(early, _worth(move, early, horizon, rate), late, _worth(move, late, horizon, rate))
    if choice.waits:
        waits.append(Wait("commitment", late, move.today.committed_until))
        return Ready(late, tuple(waits), choice)
    return Ready(early, tuple(waits), choice)


def _worth(move: Move, first: int, horizon: int, rate: str) -> int:
    """Present value with book value: a purchase that comes later leaves more behind, which is no gain of waiting."""
    if first > horizon:
        return 0
    return worth_of(stream_of(move, first, horizon), rate).present_value_with_book
