"""The derived column cache: one file per catalog content, safe to delete at any time.

Layout: a magic line, the lengths of a JSON payload and of the tables, the payload, then the columns of the offers, of
the measured pairs and of the measurements of work as raw little-endian int64, and a checksum over all of it. Anything
that does not fit is ignored and rebuilt.
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
from placement.catalog.measured import MeasuredColumns
from placement.catalog.network import Pairs
from placement.catalog.offers import Offers
from placement.catalog.tables import Columns

FORMAT = "placement-catalog-columns-4"
CODE = (
    "catalog/assemble.py",
    "catalog/assemble_claims.py",
    "catalog/assemble_network.py",
    "catalog/assemble_work.py",
    "catalog/cells.py",
    "catalog/contracts.py",
    "catalog/check_discounts.py",
    "catalog/check.py",
    "catalog/check_claims.py",
    "catalog/claims.py",
    "catalog/check_offers.py",
    "catalog/check_rules.py",
    "catalog/distance.py",
    "dates.py",
    "words.py",
    "catalog/check_network.py",
    "catalog/check_work.py",
    "catalog/measured.py",
    "catalog/work.py",
    "catalog/legal_rules.py",
    "catalog/model.py",
    "catalog/network.py",
    "catalog/offers.py",
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

Stored = tuple[dict[str, Any], Columns]

_TABLES: tuple[Any, ...] = (Offers, Pairs, MeasuredColumns)
_HEAD = len(_MAGIC) + 8 * (1 + len(_TABLES))
"""Where the payload begins."""


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
    length, *rows = (int.from_bytes(body[at : at + 8], "little") for at in range(len(_MAGIC), _HEAD, 8))
    payload = json.loads(body[_HEAD : _HEAD + length])
    offset, tables = _HEAD + length, []
    for kind, count in zip(_TABLES, rows, strict=True):
        width = len(kind._fields)
        columns = np.frombuffer(body, dtype="<i8", offset=offset, count=count * width).reshape(width, count)
        tables.append(kind(*(column.astype(np.int64, copy=False) for column in columns)))
        offset += columns.nbytes
    if offset != len(body):
        raise ValueError("there is more than was announced")
    return payload, Columns(*tables)


def store(folder: Path | None, key: str, payload: dict[str, Any], columns: Columns) -> None:
    """Store under *key*, atomically; failure to do so is not an error."""
    if folder is None:
        return
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(_HEAD + len(text)) % 8)
    lengths = (len(text), *(len(table[0]) for table in columns))
    body = b"".join(
        [_MAGIC, *(length.to_bytes(8, "little") for length in lengths), text,
         *(column.astype("<i8").tobytes() for table in columns for column in table)]
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
