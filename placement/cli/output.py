"""Where output goes: the terminal, or a file that is replaced as a whole."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from placement.diagnostics import Diagnostic, InputError, Where

Pieces = Iterable[str] | Iterable[bytes] | Iterable[str | bytes]


class _Ready(NamedTuple):
    """A complete file that is to take its place."""

    output: Path
    target: Path
    temporary: Path
    earlier: Path
    """A second name of what is replaced, for as long as another file may fail."""


def write(pieces: Pieces, output: Path | None) -> None:
    """Write text or bytes to *output*, or to stdout; a file appears complete or not at all. Raises `InputError`."""
    if output is not None:
        write_all([(output, pieces)])
        return
    with _told("<stdout>"):
        _print(pieces)


def write_all(files: Iterable[tuple[Path, Pieces]]) -> None:
    """Write several files: each is complete before the first of them appears, all or none. Raises `InputError`."""
    ready: list[_Ready] = []
    try:
        for output, pieces in files:
            with _told(str(output)):
                if output.exists() and not output.is_file():
                    _pour(pieces, output)
                else:
                    _prepare(pieces, output, ready)
        _put(ready)
    finally:
        for one in ready:
            one.temporary.unlink(missing_ok=True)
            one.earlier.unlink(missing_ok=True)


def keep(output: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse an *output* that is one of the files a command reads; raises `InputError`."""
    if output is not None and os.path.isfile(output) and any(is_same(output, path) for path in inputs):  # noqa: PTH113
        refuse_input(output)


def refuse_input(output: Path) -> NoReturn:
    """Say that *output* is read; raises `InputError`."""
    message = "the command reads this file: what is in it would be lost"
    raise InputError([Diagnostic("output-is-input", message, Where(str(output)), "name another file to write to")])


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, which need not be there."""
    try:
        return os.path.samefile(one, other)  # noqa: PTH121 - `Path.samefile` asks for both, too
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """What goes wrong with the output *name*, as a diagnostic."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, RuntimeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"cannot write this file: {reason}"
        hint = "the folder must be there already" if isinstance(error, FileNotFoundError) else ""
        raise InputError([Diagnostic("output-unwritable", message, Where(name), hint)]) from None


def _print(pieces: Pieces) -> None:
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


def _encoded(pieces: Pieces) -> Iterator[bytes]:
    return (piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace") for piece in pieces)


def _pour(pieces: Pieces, output: Path) -> None:
    """Write to what is no regular file and must not be replaced by one: a device, a pipe."""
    if output.is_dir():
        raise IsADirectoryError(21, "this is a folder")
    with output.open("wb") as stream:
        stream.writelines(_encoded(pieces))


def _prepare(pieces: Pieces, output: Path, ready: list[_Ready]) -> None:
    """Write a complete file beside the one it is to replace."""
    target = output.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".placement-", suffix=".tmp")
    temporary = Path(name)
    ready.append(_Ready(output, target, temporary, temporary.with_suffix(".old")))
    with os.fdopen(handle, "wb") as stream:
        stream.writelines(_encoded(pieces))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())


def _put(ready: list[_Ready]) -> None:
    """Let files take their places; where one cannot, those before it are again what they were."""
    new = {one.target for one in ready if not one.target.exists()}
    try:
        for number, one in enumerate(ready, 1):
            if number < len(ready) and one.target not in new:
                with contextlib.suppress(OSError):  # not every file system has hard links
                    one.earlier.hardlink_to(one.target)
            with _told(str(one.output)):
                one.temporary.replace(one.target)
    except BaseException:
        for one in ready:
            if one.earlier.exists():
                one.earlier.replace(one.target)
            elif one.target in new and not one.temporary.exists():
                one.target.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
