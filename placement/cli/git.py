"""Files as they were at a revision of the git repository they are in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NoReturn

from placement.diagnostics import Diagnostic, InputError, Where, brief

_TIMEOUT_SECONDS = 60

_PLAIN_FILES = ("100644", "100755")
"""Modes of what is copied: no links, no submodules."""


def at_revision(path: Path, revision: str, folder: Path) -> Path | None:
    """A copy below *folder* of the file or folder *path* as it was at *revision*; None where it was not there.

    Raises `InputError` when there is no such repository or revision, or no git.
    """
    inside = path.resolve()
    top = _git(path, inside.parent, "rev-parse", "--show-toplevel")
    if top is None:
        _refuse("git-unusable", "this is not in a git repository", path)
    root = Path(os.fsdecode(top.rstrip(b"\n")))
    commit = _git(path, root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        hint = "in CI, fetch the whole history (`fetch-depth: 0`)"
        _refuse("git-revision", f"the repository has no revision `{brief(revision)}`", path, hint)
    name = inside.relative_to(root.resolve())
    listed = _git(path, root, "ls-tree", "-r", "-z", commit.decode().strip(), "--", name.as_posix()) or b""
    for entry in listed.split(b"\0")[:-1]:
        about, _, where = entry.partition(b"\t")
        mode, _, blob = about.decode().split()
        content = _git(path, root, "cat-file", "blob", blob) if mode in _PLAIN_FILES else None
        if content is not None:
            target = folder / os.fsdecode(where)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return folder / name if (folder / name).exists() else None


def _git(path: Path, folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None when it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        _refuse("git-unusable", "git is needed to read an earlier revision, and cannot be run", path)
    return None if done.returncode else done.stdout


def _refuse(code: str, message: str, path: Path, hint: str = "") -> NoReturn:
    raise InputError([Diagnostic(code, message, Where(str(path)), hint)])
