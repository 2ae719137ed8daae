"""Files as they were at a revision of the git repository they are in."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from placement.diagnostics import Diagnostic, InputError, Where, brief

_TIMEOUT_SECONDS = 60


def at_revision(path: Path, revision: str, folder: Path) -> Path | None:
    """A copy below *folder* of the file or folder *path* at *revision*; None where it was not there.

    Raises `InputError` when there is no such repository or revision, or no git.
    """
    inside = path.resolve()
    commit = _commit(inside.parent, revision)
    prefix = _git(inside.parent, "rev-parse", "--show-prefix").decode().strip()
    root = Path(_git(inside.parent, "rev-parse", "--show-toplevel").decode().strip())
    name = prefix + inside.name
    if not _git(root, "ls-tree", "-z", "--name-only", commit, "--", f":(literal){name}"):
        return None
    archive = _git(root, "archive", "--format=tar", commit, "--", f":(literal){name}")
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        _extract(tar, folder)
    return folder / name


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Plain files and folders only: no links, nothing outside the folder."""
    for member in tar.getmembers():
        target = (folder / member.name).resolve()
        if not target.is_relative_to(folder.resolve()):
            continue
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
        elif member.isfile() and (content := tar.extractfile(member)) is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


def _commit(folder: Path, revision: str) -> str:
    try:
        name = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except InputError:
        _git(folder, "rev-parse", "--git-dir")
        message = f"there is no revision `{brief(revision)}` in this repository"
        hint = "in CI, fetch the whole history (`fetch-depth: 0`)"
        raise InputError([Diagnostic("git-revision", message, Where(str(folder)), hint)]) from None
    return name.decode().strip()


def _git(folder: Path, *arguments: str) -> bytes:
    command: Iterable[str] = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(list(command), capture_output=True, check=False, timeout=_TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        message = "git is needed to read an earlier revision, and cannot be run"
        raise InputError([Diagnostic("git-unusable", message, Where(str(folder)))]) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
        raise InputError([Diagnostic("git-unusable", f"git says: {brief(said, 200)}", Where(str(folder)))])
    return done.stdout
