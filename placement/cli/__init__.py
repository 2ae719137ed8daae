"""The command line: parse, call, render, exit code. Nothing here computes."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Entry point of the `placement` command."""
    # Everything lives until the process ends: collecting cycles would only cost time.
    gc.disable()
    # pydantic looks for plugins in every installed package unless told not to; none are used.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # numpy starts threads for products of matrices unless told not to; those that there are are small.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        _run(sys.argv[1:])
    except KeyboardInterrupt:
        # Met while modules are imported; commands end with the same code.
        os._exit(130)
    except BrokenPipeError:
        # The reader has gone (`placement … | head`): not an error, and nothing more can be said.
        os._exit(0)
    except OSError:
        # A full disk behind stdout, met by the help text.
        os._exit(2)
    except SystemExit as end:
        _leave(end.code)


def _run(arguments: list[str]) -> None:
    """Answer the command line; raises `SystemExit`."""
    from placement.cli.overview import overview  # noqa: PLC0415 - keeps `import placement.cli` free

    page = overview(arguments)
    if page is not None and sys.stdout is not None:
        sys.stdout.write(page)
        sys.exit(0)
    from placement.cli.app import narrowed  # noqa: PLC0415 - typer takes longer than all of the above

    narrowed(arguments)()


def _leave(code: object) -> None:
    """End the process at once: taking a plan apart object by object takes longer than printing it."""
    status = code if isinstance(code, int) else 0 if code is None else 1
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            status = 0
        except OSError:
            status = status or 2
    os._exit(status)


__all__ = ["main"]
