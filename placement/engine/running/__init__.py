"""Where the parts of a large problem are computed: here, one after the other, or wherever a `Runner` takes them.

A task is a function of what all parts share and of one part; it and its part can be pickled. Results come in the order
of the parts, so that no runner can change a plan.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from placement.engine.solution import Prepared

P = TypeVar("P")
R = TypeVar("R")

Task = Callable[[Prepared, P], R]


class Runner(Protocol):
    """Runs tasks on parts of one problem."""

    def __call__(self, task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
        """The results, in the order of *parts*; the task finds no workloads in what it gets of *prepared*."""


class RunError(Exception):
    """The work could not be done where it was to be done; *code* is that of a diagnostic."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


SHARES = 8
"""Parts for processes to share, so that all are done at about the same time."""


def shares(runner: Runner) -> int:
    """Into how many parts work is worth dividing, beyond what their size asks for."""
    return 1 if runner is in_process else SHARES


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: among many small objects that all live, that takes longer than the work."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def in_process(task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
    """One part after the other, here."""
    return (task(prepared, part) for part in parts)
