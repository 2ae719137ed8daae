"""Outcomes of checks in words: what every form of report says, chosen once."""

from __future__ import annotations

from typing import NamedTuple

from placement.checks.outcome import Outcome, listed
from placement.diagnostics import Where
from placement.report.numbers import figure, plural

PASSED = "passed"
FAILED = "failed"


class Entry(NamedTuple):
    """An outcome and the place in a file that asked for it."""

    outcome: Outcome
    where: Where


class Checked(NamedTuple):
    """What is reported at once."""

    name: str
    """Of what was checked."""
    suite: str
    """Kind of the checks, in one word."""
    entries: tuple[Entry, ...]

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return sum(not entry.outcome.ok for entry in self.entries)


def status(outcome: Outcome) -> str:
    """`passed` or `failed`."""
    return PASSED if outcome.ok else FAILED


def tally(checked: Checked) -> str:
    """`7 passed, 1 failed`."""
    return f"{len(checked.entries) - checked.failed:,} {PASSED}, {checked.failed:,} {FAILED}"


def limit(outcome: Outcome) -> str:
    """The limit as people write it."""
    return figure(outcome.limit, outcome.unit)


def measured(outcome: Outcome) -> str:
    """What was found, as people write it."""
    return figure(outcome.measured, outcome.unit)


def about(outcome: Outcome) -> str:
    """What the check looked at: `chat-* (2 workloads)`."""
    return outcome.subject + (f" ({plural(outcome.workloads, 'workload')})" if outcome.workloads else "")


def reasons(outcome: Outcome) -> str:
    """Who breaks the check, by how much, and what else there is to say; empty when there is nothing."""
    names = [f"{breach.subject} ({figure(breach.measured, outcome.unit)})" for breach in outcome.breaches]
    return "; ".join(part for part in (listed(names), outcome.detail) if part)


def sentence(outcome: Outcome) -> str:
    """The whole outcome in one line, without its title."""
    return "; ".join(part for part in (f"{about(outcome)}: {asked(outcome)}", reasons(outcome)) if part)


def asked(outcome: Outcome) -> str:
    """The limit and what was found."""
    return f"{outcome.rule}: {limit(outcome)}, found {measured(outcome)}"
