"""The derived column cache: one file per catalog content, safe to delete at any time.

Layout: a magic line, the length of a JSON payload, the payload, then the offer columns as raw little-endian int64,
and a checksum over all of it. Anything that does not fit is ignored and rebuilt.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from placement import __version__
from placement.catalog.tables import Offers

FORMAT = "placement-catalog-columns-1"
CODE = (
    "catalog/assemble.py",
    "catalog/cells.py",
    "catalog/check.py",
    "dates.py",
    "words.py",
    "catalog/model.py",
    "catalog/read.py",
    "catalog/routes.py",
    "catalog/tables.py",
    "csv_tables.py",
    "documents.py",
    "units.py",
    "validation.py",
)
"""The modules that turn files into columns: what they made before a change is not what they make after it."""

_PACKAGE = Path(__file__).resolve().parents[1]
_MAGIC = FORMAT.encode() + b"\n"
_KEPT = 4
_ABANDONED_SECONDS = 3600
"""How much older than the latest a half-written file must be to be nobody's any more."""

Stored = tuple[dict[str, Any], Offers]


def key_of(digest: str, package: Path = _PACKAGE) -> str:
    """The name under which the columns made of files with this *digest* by the code in *package* are kept."""
    total = hashlib.sha256(f"{FORMAT}\0{__version__}\0{digest}\0".encode())
    for name in CODE:
        with contextlib.suppress(OSError):  # packed in an archive, where the version has to do
            total.update((package / name).read_bytes())
        total.update(b"\0")
    return total.hexdigest()


def load(folder: Path | None, key: str) -> Stored | None:
    """The payload and columns stored under *key*, or None."""
    if folder is None:
        return None
    try:
        data = (folder / f"{key}.bin").read_bytes()
    except OSError:
        return None
    body, checksum = data[:-32], data[-32:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != checksum:
        return None
    try:
        return _unpack(body)
    except (ValueError, TypeError):
        return None


def _unpack(body: bytes) -> Stored:
    start = len(_MAGIC) + 16
    length, rows = (int.from_bytes(body[at : at + 8], "little") for at in (len(_MAGIC), len(_MAGIC) + 8))
    payload = json.loads(body[start : start + length])
    width = len(Offers._fields)
    columns = np.frombuffer(body, dtype="<i8", offset=start + length, count=rows * width).reshape(width, rows)
    return payload, Offers(*(column.astype(np.int64, copy=False) for column in columns))


def store(folder: Path | None, key: str, payload: dict[str, Any], columns: Offers) -> None:
    """Store under *key*, atomically; failure to do so is not an error."""
    if folder is None:
        return
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(len(_MAGIC) + 16 + len(text)) % 8)
    rows = len(columns.site_o)
    body = b"".join(
        [_MAGIC, len(text).to_bytes(8, "little"), rows.to_bytes(8, "little"), text,
         *(column.astype("<i8").tobytes() for column in columns)]
    )  # fmt: skip
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(body + hashlib.sha256(body).digest())
            Path(temporary).replace(folder / f"{key}.bin")
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _forget_old(folder)


def _forget_old(folder: Path) -> None:
    """Keep the newest few files, and nothing of processes that were killed, so that the folder cannot grow."""
    files = sorted(folder.glob("*.bin"), key=_written, reverse=True)
    latest = max(map(_written, files), default=0.0)  # another process may have deleted all of them
    half = [path for path in folder.glob("*.tmp") if latest - _written(path) > _ABANDONED_SECONDS]
    for path in [*files[_KEPT:], *half]:
        path.unlink(missing_ok=True)


def _written(path: Path) -> float:
    return path.stat().st_mtime
