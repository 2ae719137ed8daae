"""Where output goes: the terminal, or a file that is replaced as a whole."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from placement.diagnostics import Diagnostic, InputError, Where


def write(pieces: Iterable[str], output: Path | None) -> None:
    """Write text to *output*, or to stdout; a file appears complete or not at all. Raises `InputError`."""
    if output is None:
        stream = sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", newline="\n")
        for piece in pieces:
            stream.write(piece)
        return
    try:
        _replace(pieces, output)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"cannot write this file: {reason}"
        raise InputError([Diagnostic("output-unwritable", message, Where(str(output)))]) from None


def _replace(pieces: Iterable[str], output: Path) -> None:
    if output.is_dir():
        raise IsADirectoryError(21, "this is a folder")
    target = output.resolve()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(pieces)
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
