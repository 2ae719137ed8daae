"""What is wrong with the input, where, and what to do about it.

Diagnostics are data. Loaders collect all of them and raise one `InputError`; the command line prints it and exits 2.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_EXCERPT_WIDTH = 100


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
    shown = visible(excerpt[start : start + _EXCERPT_WIDTH].replace("\t", " "))
    number = str(where.line)
    return [
        f"  {number} | {shown}",
        f"  {' ' * len(number)} | {' ' * (where.column - 1 - start)}^",
    ]


@dataclass(eq=False)
class InputError(Exception):
    """Everything that was wrong with the input; never empty."""

    diagnostics: Sequence[Diagnostic] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(str(diagnostic) for diagnostic in self.diagnostics)


def visible(text: str) -> str:
    r"""*text* with control, line-breaking and bidirectional characters written as escapes (\x1b)."""
    return _UNPRINTABLE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def has_unprintable(text: str) -> bool:
    """Whether *text* holds a character that could act on a terminal instead of being shown."""
    return _UNPRINTABLE.search(text) is not None


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest valid names, or lists a few when none is near."""
    names = sorted(set(known))
    lowered: dict[str, str] = {}
    for candidate in names:
        lowered.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name[:200].lower(), list(lowered), n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(f"`{lowered[match]}`" for match in near) + "?"
    if otherwise:
        return otherwise
    if not names:
        return "none are known"
    shown = ", ".join(f"`{candidate}`" for candidate in names[:8])
    return f"known: {shown}" + (f" and {len(names) - 8} more" if len(names) > 8 else "")
