"""What surrounds every command: exit codes, and bad input without a traceback."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import typer

P = ParamSpec("P")

BAD_INPUT = 2
INTERRUPTED = 130


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """Turn a command's result into the exit code, and what is wrong with the input into printed diagnostics and exit 2.

    A reader that has gone (`placement … | head`) is no error.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from placement.cli.output import silence_stdout  # noqa: PLC0415 - keeps `--help` quick
        from placement.diagnostics import Diagnostic, InputError, Where  # noqa: PLC0415

        code = 0
        _open_streams()
        try:
            code = command(*args, **kwargs)
        except InputError as error:
            code = _refused(error)
        except BrokenPipeError:
            silence_stdout()
        except OSError as error:
            where = Where(str(error.filename or "input"))
            reason = (error.strerror or str(error)).lower()
            code = _refused(InputError([Diagnostic("file-unreadable", f"cannot use this file: {reason}", where)]))
        except KeyboardInterrupt:
            code = INTERRUPTED
        if code:
            raise typer.Exit(code)

    return run


def _open_streams() -> None:
    """Let a stream that the caller has closed (`>&-`) be one that throws away."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the process ends


def _refused(error: Exception) -> int:
    typer.echo(str(error), err=True)
    return BAD_INPUT
