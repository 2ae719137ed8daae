"""What is wrong with the input, where, and what to do about it.

Diagnostics are data. Loaders collect all of them and raise one `InputError`; the command line prints it and exits 2.
`docs/errors.md` explains every code.
"""

from __future__ import annotations

import difflib
import heapq
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]

MAX_REPORTED = 50
"""How many diagnostics of one file are shown."""

_UNPRINTABLE = (
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
"""Control, line-breaking, bidirectional and invisible characters, and halves of surrogate pairs.

None of them is in a text that `str.isprintable` accepts, so the pattern is compiled only when there may be one.
"""

_EXCERPT_WIDTH = 100
_MANY_NAMES = 1000
_TOLERANCE = 0.1
"""How much less like a name a second suggestion may be than the best."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file; line and column count from 1, 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = visible(self.file)
        return f"{place}:{self.line}:{self.column}" if self.line else place


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is a stable, documented, lower-case word group; `message` says what is wrong in one line; `excerpt` is the
    source line it points at; `hint` says what to do.
    """

    code: str
    message: str
    where: Where
    hint: str = ""
    excerpt: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.severity}[{self.code}]: {visible(self.message)}"]
        if self.excerpt:
            lines += _framed(self.excerpt, self.where)
        if self.hint:
            lines.append(f"  hint: {visible(self.hint)}")
        return "\n".join(lines)


def _framed(excerpt: str, where: Where) -> list[str]:
    """The source line, cut to a readable width around the column, with a caret below it."""
    start = max(0, where.column - 1 - _EXCERPT_WIDTH // 2)
    before, after = (
        visible(part.replace("\t", " "))
        for part in (excerpt[start : where.column - 1], excerpt[where.column - 1 : start + _EXCERPT_WIDTH])
    )
    if start:
        before = f"…{before}"
    if len(excerpt) > start + _EXCERPT_WIDTH:
        after = f"{after}…"
    number = str(where.line)
    return [
        f"  {number} | {before}{after}".rstrip(),
        f"  {' ' * len(number)} | {' ' * _columns(before)}^",
    ]


def _columns(text: str) -> int:
    """How many terminal columns *text* takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


@dataclass(eq=False)
class InputError(Exception):
    """What was wrong with the input; never empty. `more` says that there is more of it than is listed."""

    diagnostics: Sequence[Diagnostic] = field(default_factory=list)
    more: bool = False

    def __str__(self) -> str:
        count = len(self.diagnostics)
        lines = [str(diagnostic) for diagnostic in self.diagnostics]
        if self.more:
            lines.append(f"{count:,} errors shown, there are more")
        elif count > 1:
            lines.append(f"{count:,} errors")
        return "\n".join(lines)


def visible(text: str) -> str:
    r"""*text* with control, line-breaking, bidirectional and invisible characters written as escapes (\x1b)."""
    if text.isprintable():
        return text
    return re.sub(_UNPRINTABLE, lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def has_unprintable(text: str) -> bool:
    """Whether *text* holds a character that could act on a terminal instead of being shown."""
    return not text.isprintable() and re.search(_UNPRINTABLE, text) is not None


def brief(text: str, limit: int = 80) -> str:
    """*text*, cut to *limit* characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest valid names, or lists a few when none is near."""
    names = known if isinstance(known, Collection) else set(known)
    lowered: dict[str, str] = {}
    for candidate in sorted(set(_comparable(name, names))):
        lowered.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name[:200].lower(), list(lowered), n=3, cutoff=0.5)
    near = [match for match in near if _likeness(name, match) >= _likeness(name, near[0]) - _TOLERANCE]
    if near:
        return "did you mean " + " or ".join(f"`{lowered[match]}`" for match in near) + "?"
    if otherwise:
        return otherwise
    if not names:
        return "none are known"
    shown = ", ".join(f"`{candidate}`" for candidate in heapq.nsmallest(8, names))
    return f"known: {shown}" + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, name[:200].lower()).ratio()


def _comparable(name: str, names: Collection[str]) -> Iterable[str]:
    """The *names* worth comparing: all of them, or of very many those of like length and beginning."""
    if len(names) <= _MANY_NAMES:
        return names
    alike = (other for other in names if abs(len(other) - len(name)) <= 2 and other[:1].lower() == name[:1].lower())
    return (other for other, _ in zip(alike, range(_MANY_NAMES), strict=False))
