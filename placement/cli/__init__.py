"""The command line: parse, call, render, exit code. Nothing here computes."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Entry point of the `placement` command."""
    from placement.cli.app import app  # noqa: PLC0415 - keeps `import placement.cli` free

    # Everything lives until the process ends: collecting cycles would only cost time.
    gc.disable()
    # pydantic looks for plugins in every installed package unless told not to; none are used.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app()
    except BrokenPipeError:
        # The reader has gone (`placement … | head`): not an error, and nothing more can be said.
        sys.stderr.close()
        sys.exit(0)


__all__ = ["main"]
