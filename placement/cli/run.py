"""What surrounds every command: exit codes, and bad input without a traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

P = ParamSpec("P")


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """Turn a command's result into the exit code, and `InputError` into printed diagnostics and exit 2."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from placement.diagnostics import InputError  # noqa: PLC0415

        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except InputError as error:
            sys.stdout.flush()
            count = len(error.diagnostics)
            typer.echo(str(error), err=True)
            if count > 1:
                typer.echo(f"{count} errors", err=True)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        if code:
            raise typer.Exit(code)

    return run
