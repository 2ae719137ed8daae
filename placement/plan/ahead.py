"""A large plan read by a process of its own, so that two of them can be read at the same time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from placement.diagnostics import InputError
from placement.plan.load import OpenPlan, open_plan
from placement.plan.model import Placement

LARGE = 32 << 20
"""Size of a file from which a process of its own is quicker [bytes]."""

_BATCH = 500
"""Placements handed over at once."""

_Batch = list[Placement] | InputError | None


def open_ahead(path: Path) -> OpenPlan:
    """Begin to skim a plan, by another process where that pays; raises `InputError`, as `open_plan` does."""
    if (os.cpu_count() or 1) < 2 or not path.is_file() or path.stat().st_size < LARGE:
        return open_plan(path, skim=True)
    return OpenPlan(open_plan(path, skim=True).head, _placements(path), [])


def _placements(path: Path) -> Iterator[Placement]:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    reader = multiprocessing.Process(target=_read, args=(path, sender), daemon=True)
    reader.start()
    sender.close()
    try:
        while (batch := _received(receiver)) is not None:
            if isinstance(batch, InputError):
                raise batch
            yield from batch
    finally:
        receiver.close()
        reader.terminate()
        reader.join()


def _received(receiver: Connection) -> _Batch:
    try:
        batch: _Batch = receiver.recv()
    except EOFError:
        raise OSError("the process that reads the plan has died") from None
    return batch


def _read(path: Path, sender: Connection) -> None:
    """In the other process: hand the placements over in batches, then None; an error in their place."""
    batch: list[Placement] = []
    try:
        for placement in open_plan(path, skim=True).placements:
            batch.append(placement)
            if len(batch) == _BATCH:
                sender.send(batch)
                batch = []
        sender.send(batch)
        sender.send(None)
    except InputError as error:
        sender.send(error)
    except (KeyboardInterrupt, BrokenPipeError):
        return
