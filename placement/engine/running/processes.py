"""Parts computed by several processes of this machine."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType

from placement.engine.parts import without_rows
from placement.engine.problem import Problem
from placement.engine.running import P, R, RunError, Task, uncollected
from placement.engine.solution import Prepared, prepare

AHEAD = 2
"""Parts handed to each process before their results are asked for, so that none waits and memory stays flat."""


class Processes:
    """A runner with a number of processes of its own, which end with the context."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def __call__(self, task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
        """The results, in the order of *parts*; raises `RunError` when a process dies."""
        pool = self._pool = self._pool or _pool(self._workers, without_rows(prepared.problem))
        under_way: deque[Future[R]] = deque()
        try:
            for part in parts:
                under_way.append(pool.submit(_run, task, part))
                if len(under_way) >= self._workers * AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            hint = "was it killed, or out of memory? try fewer with --workers, or 1"
            raise RunError("worker-lost", "a worker process has died", hint) from None


def _pool(workers: int, common: Problem) -> ProcessPoolExecutor:
    # Spawned on every system: a copy of a process with threads (a progress bar, BLAS) may hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(common,))


_prepared: list[Prepared] = []
"""In a worker: what all parts share, prepared once."""


def _begin(common: Problem) -> None:
    # Ctrl-C reaches every process of the terminal: it is the first one's to end the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prepared[:] = [prepare(common)]


def _run(task: Task[P, R], part: P) -> R:
    with uncollected():
        return task(_prepared[0], part)
