"""Encoded text that is longer than memory should hold, kept until what stands before it is known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType

from placement.diagnostics import Diagnostic, InputError, Where

IN_MEMORY = 1 << 24
"""Bytes up to which no file is needed."""

BLOCK = 1 << 20


class Spool:
    """Text written piece by piece and read once, in a temporary file when there is much of it."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed with the spool
            IN_MEMORY, "w+b", prefix="placement-"
        )

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, text: bytes) -> None:
        """Write the next piece; raises `InputError` when there is no room for it."""
        try:
            self._file.write(text)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            message = f"cannot keep the plan in a temporary file: {reason}"
            hint = "set TMPDIR to a folder with room for it"
            raise InputError([Diagnostic("output-unwritable", message, Where(tempfile.gettempdir()), hint)]) from None

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while block := self._file.read(BLOCK):
            yield block
