"""Parts computed by the workers of a Dask cluster: one that is there already, or a local one made for the purpose.

A worker that dies is nothing to a plan: what it had is computed again by another.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from placement import __version__
from placement.engine.parts import without_rows
from placement.engine.problem import Problem
from placement.engine.running import P, R, RunError, Task, uncollected
from placement.engine.running.interrupts import starting_processes
from placement.engine.solution import Prepared, prepare

AHEAD = 2
"""Parts handed over for each worker before their results are asked for."""

TRIES = 3
"""How often the parts under way are handed over again when the cluster has lost what they need."""

TIMEOUT_SECONDS = 5
"""How long a scheduler, and its first worker, may take to answer."""


class OnDask:
    """A runner on a Dask cluster, which it joins when there is work.

    It raises `RunError` when the cluster cannot be reached, used or kept.
    """

    def __init__(self, scheduler: str | None, workers: int, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """*scheduler* is an address like `tcp://10.0.0.5:8786`; without one, *workers* processes are started here."""
        self._scheduler = scheduler
        self._workers = workers
        self._timeout_seconds = timeout_seconds
        self._stack = ExitStack()
        self._joined: Any = None
        self._common: tuple[Prepared, Any] | None = None

    def __enter__(self) -> OnDask:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def _client(self) -> Any:
        if self._joined is None:
            self._joined = self._connected()
            self._check_workers()
        return self._joined

    def _connected(self) -> Any:
        try:
            import dask  # noqa: PLC0415 - an optional extra
            from distributed import Client, LocalCluster  # noqa: PLC0415
        except ImportError:
            hint = "pip install 'placement[dask]'"
            raise RunError("dask-missing", "Dask is not installed", hint) from None
        for name in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        seconds = f"{self._timeout_seconds} s"
        self._stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": seconds}))
        address: Any = self._scheduler
        if address is None:
            with starting_processes():
                address = self._stack.enter_context(
                    LocalCluster(
                        n_workers=self._workers,
                        threads_per_worker=1,
                        dashboard_address=None,
                        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port that is free
                        silence_logs=logging.CRITICAL,
                    )
                )
        try:
            return self._stack.enter_context(Client(address, timeout=seconds, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            message = f"there is no Dask scheduler at {self._scheduler}"
            hint = f"no answer within {self._timeout_seconds:g} s; is the address right, and does it run?"
            raise RunError("scheduler-unreachable", message, hint) from error

    def _check_workers(self) -> None:
        """There is a worker, and all of them have this release: another one might make another plan."""
        try:
            self._client.wait_for_workers(1, timeout=self._timeout_seconds)
        except TimeoutError:
            message = f"the Dask scheduler at {self._scheduler} has no workers"
            raise RunError("scheduler-idle", message, "start one: dask worker ADDRESS") from None
        try:
            found = set(self._client.run(_release, on_error="return").values())
        except OSError as error:
            raise self._lost() from error
        if found != {__version__}:
            message = f"the Dask workers do not all have placement {__version__}"
            raise RunError("scheduler-release", message, "install the same release for all of them")

    def __call__(self, task: Task[P, R], prepared: Prepared, parts: Iterable[P]) -> Iterator[R]:
        """The results, in the order of *parts*."""
        under_way: deque[tuple[P, Any]] = deque()
        ahead = AHEAD * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        for part in parts:
            under_way.append((part, self._submitted(task, prepared, part)))
            if len(under_way) >= ahead:
                yield self._first(task, prepared, under_way)
        while under_way:
            yield self._first(task, prepared, under_way)

    def _submitted(self, task: Task[P, R], prepared: Prepared, part: P) -> Any:
        if self._common is None or self._common[0] is not prepared:
            self._common = (prepared, self._shared(prepared))
        return self._client.submit(_run, task, self._common[1], part, pure=False)

    def _shared(self, prepared: Prepared) -> Any:
        """What all parts share, on every worker there is now, so that none that dies takes it along."""
        try:
            return self._client.scatter(without_rows(prepared.problem), broadcast=True, hash=False)
        except (OSError, TimeoutError) as error:
            raise self._lost() from error

    def _first(self, task: Task[P, R], prepared: Prepared, under_way: deque[tuple[P, Any]]) -> R:
        """The result of the first part under way; all are handed over again when the cluster has lost something."""
        for _ in range(TRIES):
            try:
                result: R = under_way[0][1].result()
            except CancelledError:
                self._common = None
                again = [(part, self._submitted(task, prepared, part)) for part, _ in under_way]
                under_way.clear()
                under_way.extend(again)
            except Exception as error:
                if type(error).__module__.startswith("distributed"):
                    raise self._lost() from error
                raise
            else:
                under_way.popleft()
                return result
        raise self._lost()

    def _lost(self) -> RunError:
        hint = "nothing was written; look at its workers' memory and logs, and run it again"
        return RunError("scheduler-lost", "the Dask cluster was lost in the middle of the work", hint)


def _release() -> str:
    return __version__


_prepared: list[tuple[Problem, Prepared]] = []
"""In a worker: what all parts share, prepared once for as long as it is the same."""


def _run(task: Task[P, R], common: Problem, part: P) -> R:
    if not _prepared or _prepared[0][0] is not common:
        _prepared[:] = [(common, prepare(common))]
    with uncollected():
        return task(_prepared[0][1], part)
