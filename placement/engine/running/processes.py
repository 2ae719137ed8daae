"""Parts computed by several processes of this machine.

A process has one pipe to the first one and nothing else that would be left behind: when either end dies, the other one
knows. It is handed a part only when it waits for one, so neither can wait for the other for ever.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from placement.engine.parts import without_rows
from placement.engine.problem import Problem
from placement.engine.running import P, R, RunError, Task, uncollected
from placement.engine.running.interrupts import starting_processes
from placement.engine.solution import Prepared, prepare

AHEAD = 2
"""Parts per process that may be under way or wait for an earlier one, so that memory stays flat."""

GONE = (EOFError, ConnectionError)
"""What the end of a pipe says when there is nobody at the other one."""


class Processes:
    """A runner with a number of processes of its own, which end with the context."""

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._started: list[tuple[BaseProcess, Connection]] = []
        self._common: Problem | None = None

    def __enter__(self) -> Processes:
        """Start the processes, so that they are ready once there is something to compute."""
        try:
            for _ in range(self._count):
                with starting_processes():
                    self._started.append(_started())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for process, pipe in self._started:
            pipe.close()
            process.terminate()
            process.join()

    def __call__(self, task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
        """The results, in the order of *parts*; raises `RunError` when a process dies."""
        idle = self._pipes(prepared.problem)
        busy: dict[Connection, int] = {}
        done: dict[int, R | Exception] = {}
        coming, first = enumerate(parts), 0
        more = True
        while more or busy or done:
            while more and idle and len(busy) + len(done) < AHEAD * self._count:
                number, part = next(coming, (-1, None))
                more = number >= 0
                if more:
                    busy[_asked(idle.pop(), (task, part))] = number
            ready = wait(list(busy)) if busy else []  # waiting for nobody would never end
            for pipe in list(busy):
                if pipe in ready:
                    done[busy.pop(pipe)] = _answer(pipe)
                    idle.append(pipe)
            while first in done:
                yield _result(done.pop(first))
                first += 1

    def _pipes(self, problem: Problem) -> list[Connection]:
        """The pipes to all processes, which know what the parts of *problem* share."""
        pipes = [pipe for _, pipe in self._started]
        if self._common is not problem:
            common = without_rows(problem)
            for pipe in pipes:
                _asked(pipe, common)
            self._common = problem
        return pipes


def _started() -> tuple[BaseProcess, Connection]:
    # Spawned on every system: a copy of a process with threads (a progress bar, BLAS) may hang.
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, mine


def _asked(pipe: Connection, what: Any) -> Connection:
    try:
        pipe.send(what)
    except GONE:
        raise _lost() from None
    return pipe


def _answer(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except GONE:
        raise _lost() from None


def _result(answer: R | Exception) -> R:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _lost() -> RunError:
    hint = "was it killed, or out of memory? try fewer with --workers, or 1"
    return RunError("worker-lost", "a worker process has died", hint)


def _serve(pipe: Connection) -> None:
    """In a process of its own: do what is asked until nobody is there to ask."""
    prepared: Prepared | None = None
    try:
        while True:
            asked = pipe.recv()
            if isinstance(asked, Problem):
                prepared = prepare(asked)
                continue
            task, part = asked
            try:
                with uncollected():
                    answer = task(prepared, part)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is for the first process
                answer = error
            pipe.send(answer)
    except GONE:
        return
