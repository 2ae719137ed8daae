r"""Texts as cells of a table that a spreadsheet may open: they never act, and come back as they were.

Writing: a backslash is doubled; control, line-breaking, bidirectional and invisible characters become escapes (`\n`,
`\x1b`, `\u202e`); a character that could begin a formula gets a backslash after a `;`, at which some spreadsheets
split lines; a text that begins with such a character, or with an apostrophe, gets an apostrophe in front. Reading
undoes these in the opposite order. Numbers are never touched.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from placement.diagnostics import visible

_ACTING = "=+\\-@＝＋－＠"
_BEGINS = re.compile(rf"\s*[{_ACTING}']")
_AFTER_SEMICOLON = re.compile(rf"(;\s*)([{_ACTING}])")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_PAIR = re.compile(r"((?:[^=;\\]|\\.)*)=((?:[^;\\]|\\.)*)(?:;|\Z)", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}


def escaped(text: str) -> str:
    """*text* in characters that can all be seen; `unescaped` undoes it."""
    return visible(text.replace("\\", "\\\\"))


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    return _ESCAPE.sub(_meant, text)


def _meant(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    return chr(int(code, 16)) if code else _SHORT.get(match[4], match[4])


def guarded(text: str) -> str:
    """*text* as a cell that no spreadsheet takes for a formula; `unguarded` undoes it."""
    shown = _AFTER_SEMICOLON.sub(r"\1\\\2", escaped(text))
    return f"'{shown}" if _BEGINS.match(shown) else shown


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return unescaped(cell.removeprefix("'"))


def tags_text(tags: Iterable[tuple[str, str]]) -> str:
    r"""Tags as `key=value;key=value`, by key; `\`, `=` and `;` inside keys and values get a backslash."""
    return ";".join(f"{_tag(key)}={_tag(value)}" for key, value in sorted(tags))


def _tag(text: str) -> str:
    return re.sub(r"([\\=;])", r"\\\1", text)


def tags_of(text: str) -> dict[str, str]:
    """What `tags_text` was given; of a key that is there twice, the last."""
    return {_untag(match[1]): _untag(match[2]) for match in _PAIR.finditer(text)}


def _untag(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def csv_row(cells: Iterable[str]) -> str:
    """One line of RFC 4180, with CRLF."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow(cells)
    return stream.getvalue()
