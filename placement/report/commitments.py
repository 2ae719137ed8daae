"""What is signed already, in words: a calendar of what ends when, and who stands on it."""

from __future__ import annotations

from collections.abc import Sequence

from placement.plan.commitment import Commitment
from placement.report.numbers import money, plural

NAMED = 6
_THEN = {
    "renewed": "then renewed",
    "on demand": "then on demand",
    "unknown": "then nobody knows at what price",
    "": "after the horizon",
}


def commitment_items(commitments: Sequence[Commitment]) -> list[str]:
    """One sentence for each, by the month in which it ends."""
    return [f"until {one.ends}, {_THEN.get(one.then, one.then)}: {_what(one)}" for one in commitments]


def _what(one: Commitment) -> str:
    names = [*one.workloads[:NAMED]]
    more = len(one.workloads) - NAMED
    users = ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
    used = f"{one.used:,} used by {users}" if one.used else "none used"
    return f"{plural(one.nodes, 'node')} of {one.signed}, {used}; {money(one.paid_cents)} a month anyway"
