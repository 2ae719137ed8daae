"""Where output goes: the terminal, or a file that is replaced as a whole."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from placement.diagnostics import Diagnostic, InputError, Where


def write(pieces: Iterable[str] | Iterable[bytes], output: Path | None) -> None:
    """Write text or bytes to *output*, or to stdout; a file appears complete or not at all. Raises `InputError`."""
    try:
        if output is None:
            _print(pieces)
        elif output.exists() and not output.is_file():
            _pour(pieces, output)
        else:
            _replace(pieces, output)
    except BrokenPipeError:
        raise
    except (OSError, RuntimeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"cannot write this file: {reason}"
        hint = "the folder must be there already" if isinstance(error, FileNotFoundError) else ""
        where = Where(str(output) if output is not None else "<stdout>")
        raise InputError([Diagnostic("output-unwritable", message, where, hint)]) from None


def _print(pieces: Iterable[str] | Iterable[bytes]) -> None:
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", newline="\n", errors="backslashreplace")
    try:
        for piece in pieces:
            stream.write(piece if isinstance(piece, str) else piece.decode("utf-8", "backslashreplace"))
        stream.flush()
    except OSError:
        silence_stdout()
        raise


def silence_stdout() -> None:
    """Let nothing more be written to stdout: what is left in its buffer would fail again when Python ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _encoded(pieces: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    return (piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace") for piece in pieces)


def _pour(pieces: Iterable[str] | Iterable[bytes], output: Path) -> None:
    """Write to what is no regular file and must not be replaced by one: a device, a pipe."""
    if output.is_dir():
        raise IsADirectoryError(21, "this is a folder")
    with output.open("wb") as stream:
        stream.writelines(_encoded(pieces))


def _replace(pieces: Iterable[str] | Iterable[bytes], output: Path) -> None:
    target = output.resolve()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".placement-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(_encoded(pieces))
            stream.flush()
            os.fsync(stream.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
