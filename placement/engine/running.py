"""Where the parts of a large problem are computed: here, one after the other, or wherever a `Runner` takes them.

A task is a function of what all parts share and of one part; it and its part can be pickled. Results come in the order
of the parts, so that no runner can change a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from placement.engine.solution import Prepared

P = TypeVar("P")
R = TypeVar("R")

Task = Callable[[Prepared, P], R]


class Runner(Protocol):
    """Runs a task on every part."""

    def __call__(self, task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
        """The results, in the order of *parts*. Only what *prepared* holds beside workloads may be used."""


def in_process(task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
    """One part after the other, here."""
    return (task(prepared, part) for part in parts)
