r"""Texts and lists in cells of a fleet's CSV: easy to write by hand, safe to open in a spreadsheet, never lossy.

A list is written `a;b`, a pair `name=value`. A backslash before `;`, `=`, `\`, `'` or a character that begins formulas
takes its meaning away; before anything else it is a plain character. A cell that would begin a formula begins with an
apostrophe, which is taken off again; an apostrophe alone is the empty text, as opposed to an empty cell.
"""

from __future__ import annotations

import re

_ACTING = "=+\\-@＝＋－＠"
_ESCAPED = re.compile(rf"\\([\\;'{_ACTING}])")
_AFTER_SEMICOLON = re.compile(rf"(;\s*)([{_ACTING}])")
_BEGINS = re.compile(rf"\s*[{_ACTING}']|\Z")
_IN_LIST = re.compile(r"[\\;=]")
_AT = {separator: re.compile(rf"\\[\\;'{_ACTING}]|{separator}") for separator in ";="}


def text_of(cell: str) -> str:
    """The text that a cell means."""
    return _meant(cell.removeprefix("'"))


def cell_of(text: str) -> str:
    """The cell that means a text; not empty."""
    cell = _AFTER_SEMICOLON.sub(r"\1\\\2", text.replace("\\", "\\\\"))
    return f"'{cell}" if _BEGINS.match(cell) else cell


def list_of(cell: str) -> list[str]:
    """The entries of a list, as they are written."""
    return _split(cell.removeprefix("'"), ";")


def pair_of(entry: str) -> tuple[str, str | None]:
    """An entry's name, and the value as it is written; None without `=`."""
    if "\\" not in entry:
        name, equals, value = entry.partition("=")
        return name.rstrip(" "), value.lstrip(" ") if equals else None
    name, *values = _split(entry, "=", 1)
    return _meant(name), values[0] if values else None


def entry_text(entry: str) -> str:
    """The text that an entry, or the value of a pair, means."""
    return _meant(entry)


def entry_of(text: str) -> str:
    """The entry of a list that means a text."""
    entry = _IN_LIST.sub(r"\\\g<0>", text)
    return f"\\{entry}" if entry[:1] != "\\" and _BEGINS.match(text or "x") else entry


def _meant(written: str) -> str:
    return _ESCAPED.sub(r"\1", written) if "\\" in written else written


def _split(written: str, separator: str, most: int = -1) -> list[str]:
    """The parts between unescaped separators, without spaces around them."""
    if "\\" not in written:
        return [part.strip(" ") for part in written.split(separator, most)]
    parts: list[str] = []
    start = 0
    for match in _AT[separator].finditer(written):
        if match.group() == separator and len(parts) != most:
            parts.append(written[start : match.start()].strip(" "))
            start = match.end()
    return [*parts, written[start:].strip(" ")]
