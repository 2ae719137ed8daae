"""The command line: parse, call, render, exit code. Nothing here computes."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the `placement` command."""
    from placement.cli.app import app  # noqa: PLC0415 - keeps `import placement.cli` free

    try:
        app()
    except BrokenPipeError:
        # The reader has gone (`placement … | head`): not an error, and nothing more can be said.
        sys.stderr.close()
        sys.exit(0)


__all__ = ["main"]
