"""A file of rows: read once from end to end as lines, and again in pieces, never as a whole."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, NoReturn, Protocol

from placement.diagnostics import Diagnostic, InputError, Where

JSON_LINES = ".jsonl"
CSV = ".csv"
ENDINGS = (JSON_LINES, CSV)
"""How names of fleet files end."""

MAX_ROW_BYTES = 2**20
_BLOCK_BYTES = 2**20
_BOM = b"\xef\xbb\xbf"
_PACKED = {
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a zip file or a workbook",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}
"""How packed files begin."""


class Bytes(Protocol):
    """Where rows are read again."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from *start* up to *end*."""


class Held(NamedTuple):
    """Rows in memory."""

    data: bytes

    def read(self, start: int, end: int) -> bytes:
        """The bytes from *start* up to *end*."""
        return self.data[start:end]


Line = tuple[int, int, bytes, bool]
"""A line with something in it: its number from 1, its offset in bytes, its bytes, and whether a line break ends it."""


class Source:
    """An open file; what comes through a pipe is kept in a temporary one, so that it can be read again."""

    def __init__(self, path: Path, name: str, row: str = "workload") -> None:
        """Open *path*, called *name* in messages, of which each line is a *row*; raises `InputError`."""
        self.name = name
        self._row = row
        try:
            if path.is_dir():
                raise InputError([Diagnostic("not-a-file", "this is a folder, not a file", Where(name))])
            self._stream: IO[bytes] = path.open("rb")
        except (OSError, ValueError) as error:
            self._unreadable(error)
        self._copy: IO[bytes] | None = None
        if not stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode):
            with self._copying():
                self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - until nobody needs it
        self._stamp = self._now()

    def lines(self) -> Iterator[Line]:
        """Every line that is not blank; raises `InputError` for what is no text, or has a line beyond all measure."""
        number, start, rest = 0, 0, b""
        for first, block in self._blocks():
            start = len(_BOM) if first and block.startswith(_BOM) else start
            texts = (rest + block[start if first else 0 :]).split(b"\n")
            rest = texts.pop()
            for text in texts:
                number += 1
                if len(text) > MAX_ROW_BYTES:
                    self._too_long(number, text)
                if text and not text.isspace():
                    yield number, start, trimmed(text), True
                start += len(text) + 1
            if len(rest) > MAX_ROW_BYTES:
                self._too_long(number + 1, rest)
        if rest and not rest.isspace():
            yield number + 1, start, trimmed(rest), False
        if self._copy is not None:
            with self._copying():
                self._copy.flush()
            self._stream, self._copy = self._copy, None
            self._stamp = self._now()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from *start* up to *end*; raises `InputError` when the file is no longer what it was."""
        try:
            if hasattr(os, "pread"):
                data = os.pread(self._stream.fileno(), end - start, start)
            else:
                self._stream.seek(start)
                data = self._stream.read(end - start)
        except OSError as error:
            self._unreadable(error)
        if len(data) != end - start or self._now() != self._stamp:
            message = "this file was changed while it was read"
            raise InputError([Diagnostic("file-unreadable", message, Where(self.name), "run the command again")])
        return data

    def close(self) -> None:
        """Nobody will read it again."""
        self._stream.close()

    def _blocks(self) -> Iterator[tuple[bool, bytes]]:
        first = True
        while block := self._next():
            if first:
                self._sniff(block)
            if self._copy is not None:
                with self._copying():
                    self._copy.write(block)
            yield first, block
            first = False

    def _next(self) -> bytes:
        try:
            return self._stream.read(_BLOCK_BYTES)
        except OSError as error:
            self._unreadable(error)

    def _unreadable(self, error: Exception) -> NoReturn:
        message = f"cannot read this file: {_reason(error)}"
        raise InputError([Diagnostic("file-unreadable", message, Where(self.name))]) from None

    @contextmanager
    def _copying(self) -> Iterator[None]:
        """What goes wrong with the temporary file, as a diagnostic."""
        try:
            yield
        except OSError as error:
            message = f"cannot keep this file in a temporary one: {_reason(error)}"
            hint = "set TMPDIR to a folder with room for it"
            raise InputError([Diagnostic("output-unwritable", message, Where(self.name), hint)]) from None

    def _now(self) -> tuple[int, int]:
        state = os.fstat(self._stream.fileno())
        return state.st_size, state.st_mtime_ns

    def _sniff(self, block: bytes) -> None:
        """Refuse what begins like no text."""
        for magic, kind in _PACKED.items():
            if block.startswith(magic):
                message = f"this is {kind}, not text"
                raise InputError([Diagnostic("file-packed", message, Where(self.name), "unpack it")])
        if block[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            hint = "save it as UTF-8, not as UTF-16"
            raise InputError([Diagnostic("not-utf8", "this file is not UTF-8 text", Where(self.name, 1, 1), hint)])

    def _too_long(self, number: int, text: bytes) -> NoReturn:
        other = other_line_end(text, self.name, number)
        if other is not None:
            raise InputError([other])
        message = f"this row is longer than {MAX_ROW_BYTES // 2**20} MiB"
        hint = f"each {self._row} stands in a line of its own"
        raise InputError([Diagnostic("row-too-long", message, Where(self.name, number, 1), hint)])


def other_line_end(text: bytes, name: str, number: int) -> Diagnostic | None:
    """What is to be said of a line in which CR stands alone: mostly that it is several."""
    before, found, _ = text.partition(b"\r")
    if not found:
        return None
    excerpt = before.decode("utf-8", "replace")
    hint = "save the file with LF or CRLF at the end of its lines"
    return Diagnostic("line-end", "this line ends in CR alone", Where(name, number, len(excerpt) + 1), hint, excerpt)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def trimmed(text: bytes) -> bytes:
    """A line without its end."""
    return text[:-1] if text.endswith(b"\r") else text
