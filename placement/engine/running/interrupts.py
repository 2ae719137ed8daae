"""Ctrl-C reaches every process of a terminal, but it is the first one's to end the others."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType


@contextmanager
def starting_processes() -> Iterator[None]:
    """Processes (and threads) that are started here never hear of Ctrl-C; this one does when it has started them."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield  # Windows, or somebody else's thread
        return
    resource_tracker.ensure_running()  # would take SIGINT off the mask when it starts
    heard: list[int] = []

    def listen(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    # What is started inherits the mask. It does not keep the signal from other threads of this process, for which
    # Python would interrupt the main one in the middle: so it is noted, and raised at the end.
    handler = signal.signal(signal.SIGINT, listen)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:
            raise KeyboardInterrupt
