"""The text of a plan file, cut into head, placements and tail without holding more than one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from pydantic_core import from_json

from placement.diagnostics import Diagnostic, InputError, Where
from placement.plan.dump import BETWEEN_PLACEMENTS, PLACEMENTS_BEGIN, PLACEMENTS_END

BLOCK = 1 << 20
MAX_WHOLE = 256 << 20
"""Largest file in another layout than that of `advise` [bytes]: it has to be held in memory."""

_OPEN, _CLOSE = b"    {\n", b"\n    }"
_BEGIN = PLACEMENTS_BEGIN.encode()
_BETWEEN = _CLOSE + BETWEEN_PLACEMENTS.encode() + _OPEN
_END = _CLOSE + PLACEMENTS_END.encode()
_REASONS = re.compile(rb',\n      "(?:alternatives|rejected|rejected_tiers|relaxations)": ')
_TAIL = ("assumptions", "notes", "sources", "commitments")
_JSON_LINES = b'{"record": "inputs"'
"""How a plan begins in the form for programs that read it row by row."""
_AT = re.compile(r" at line (\d+) column (\d+)$")

REWRITE = "was it edited? write it again with `placement advise … --output`"


@dataclass
class Pieces:
    """A plan's parts in the order of the file."""

    head: dict[str, Any]
    placements: Iterator[tuple[int, bytes]]
    """One JSON object each, and at which byte of the file its text begins."""
    tail: dict[str, Any] = field(default_factory=dict)
    """Filled when the placements have ended."""


def pieces_of(path: Path, skim: bool = False) -> Pieces:
    """Cut the file; raises `InputError` when it cannot be read or is not JSON.

    With *skim*, what a placement was preferred to is left out where the layout allows to tell.
    """
    try:
        if path.is_dir():
            raise InputError([Diagnostic("not-a-file", "this is a folder, not a file", Where(str(path)))])
        if not path.is_file():
            return _whole(path)  # a pipe can be read only once
        with path.open("rb") as stream:
            start = stream.read(BLOCK)
        at = start.find(_BEGIN)
        if at >= 0 and start.startswith(_OPEN, at + len(_BEGIN)):
            head = _object(path, start[:at].rstrip().rstrip(b",") + b"}", 0)
            pieces = Pieces(head, iter(()))
            chunks = _streamed(path, at + len(_BEGIN), pieces)
            pieces.placements = map(_without_reasons, chunks) if skim else chunks
            return pieces
        return _whole(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            [Diagnostic("file-unreadable", f"cannot read this file: {reason}", Where(str(path)))]
        ) from None


def _streamed(path: Path, offset: int, pieces: Pieces) -> Iterator[tuple[int, bytes]]:
    """The placements of a file in the layout of `dump`: what begins and ends each is known to the byte."""
    with path.open("rb") as stream:
        offset = stream.seek(offset + len(_OPEN))
        rest, ended = b"", False
        while not ended:
            block = stream.read(BLOCK)
            rest += block
            end = rest.find(_END)
            ended = end >= 0
            if not block and not ended:
                _damaged("the file ends in the middle of a placement", Where(str(path), _lines(path, offset) + 1, 1))
            chunks = (rest[:end] if ended else rest).split(_BETWEEN)
            rest = rest[end + len(_END) :] if ended else chunks.pop()
            for chunk in chunks:
                yield offset, b"{" + chunk + b"}"
                offset += len(chunk) + len(_BETWEEN)
        pieces.tail = _object(path, b"{" + rest + stream.read(), offset)


def _without_reasons(piece: tuple[int, bytes]) -> tuple[int, bytes]:
    """A placement up to the first of its lists of what was not chosen, which are its last keys."""
    offset, chunk = piece
    found = _REASONS.search(chunk)
    return (offset, chunk[: found.start()] + b"}") if found else piece


def _whole(path: Path) -> Pieces:
    """A file in any other layout."""
    with path.open("rb") as stream:
        data = stream.read(len(_JSON_LINES))
        if data == _JSON_LINES:
            message = "this is a plan as JSON lines, which can only be written"
            raise InputError([Diagnostic("not-a-plan", message, Where(str(path)), "write it with --format json")])
        data += stream.read(MAX_WHOLE + 1 - len(data))
    if len(data) > MAX_WHOLE:
        message = f"this file is larger than {MAX_WHOLE >> 20} MiB and not in the layout of `placement advise`"
        raise InputError([Diagnostic("file-too-large", message, Where(str(path)), REWRITE)])
    document = _object(path, data.removeprefix(b"\xef\xbb\xbf"), 0)
    placements = document.pop("placements", None)
    if not isinstance(placements, list):
        placements = []
    ends: dict[str, Any] = {key: document.pop(key) for key in _TAIL if key in document}
    return Pieces(document, ((0, json.dumps(entry).encode()) for entry in placements), ends)


def _object(path: Path, data: bytes, offset: int) -> dict[str, Any]:
    try:
        document = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        broken(path, str(error), offset)
    if not isinstance(document, dict):
        message = "this is not a plan: a JSON object is expected"
        raise InputError([Diagnostic("not-a-plan", message, Where(str(path)))])
    return document


def broken(path: Path, message: str, offset: int) -> NoReturn:
    """Refuse what is not JSON; *offset* is where in the file the text begins that the message speaks of."""
    at = _AT.search(message)
    where = Where(str(path), _lines(path, offset) + int(at[1]), max(1, int(at[2]))) if at else Where(str(path))
    _damaged(f"this is not valid JSON: {_AT.sub('', message)}", where)


def _lines(path: Path, offset: int) -> int:
    """How many lines end before byte *offset* of the file."""
    with path.open("rb") as stream:
        blocks = (stream.read(min(BLOCK, offset - start)) for start in range(0, offset, BLOCK))
        return sum(block.count(b"\n") for block in blocks)


def _damaged(message: str, where: Where) -> NoReturn:
    raise InputError([Diagnostic("plan-syntax", message, where, REWRITE)])
