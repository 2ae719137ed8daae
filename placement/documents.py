"""YAML files → plain values, safely; `csv_tables` reads CSV.

YAML is read as an event stream: size, depth, count, anchors, aliases, tags and merge keys are checked before anything
is built, so a hostile file costs no more than a friendly one. Scalars follow YAML 1.2 (`NO` is a string). Positions
are looked up in a second pass, and only when there is something to complain about.
"""

from __future__ import annotations

import bisect
import gc
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, brief

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 2_000_000

Key = str | int
KeyPath = tuple[Key, ...]
Position = tuple[int, int]

THE_KEY = -1
"""As the last part of a path: the key itself, not its value."""

_SPLIT = "split it into several files; workloads may stand in a fleet file (docs/fleet.md)"
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = re.compile(r"([-+]?)\.(?:(inf|Inf|INF)|(?:nan|NaN|NAN))\Z")
_LONGEST_INT = 300
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_LIBRARY_TOO_DEEP = "maximum nesting depth"
"""In libyaml's own words, since it has a limit; its scanner may meet it before the walk over its events does."""
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Lines:
    """The lines of a text, as libyaml counts them; found on first use."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []

    def _found(self) -> list[int]:
        if not self._starts:
            self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self._text))]
        return self._starts

    def __getitem__(self, line: int) -> str:
        """Line number *line*, counted from 1; empty when there is none."""
        starts = self._found()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self._text)
        return self._text[starts[line - 1] : end].rstrip("\n\r\x85\u2028\u2029")

    def position(self, offset: int) -> Position:
        """Line and column of the character at *offset*."""
        starts = self._found()
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1


class Finding(NamedTuple):
    """Something wrong with the value at *path*."""

    code: str
    message: str
    path: KeyPath
    hint: str = ""


@dataclass(slots=True)
class Document:
    """A parsed file: its value, its repeated keys, and where each key of it stands (looked up when needed)."""

    path: str
    text: str
    value: Any
    repeated: list[Diagnostic] = field(default_factory=list)
    _positions: dict[KeyPath, Position] = field(default_factory=dict)

    def locate(self, paths: Iterable[KeyPath]) -> None:
        """Find the places of *paths* in one pass over the text."""
        wanted = {path[:end] for path in paths for end in range(len(path) + 1)}
        if not wanted <= self._positions.keys():
            self._positions |= _positions(self.text, wanted, to_the_end=bool(self.repeated))

    def where(self, path: KeyPath) -> Where:
        """The place of *path*, or of its nearest ancestor that exists (a missing key points at its parent)."""
        if path not in self._positions:
            self.locate([path])
        for end in range(len(path), -1, -1):
            position = self._positions.get(path[:end])
            if position is not None:
                return Where(self.path, *position)
        return Where(self.path)

    def diagnostics(self, findings: Iterable[Finding]) -> list[Diagnostic]:
        """The findings with their places and lines, from the top of the file to its end."""
        listed = list(findings)
        self.locate(finding.path for finding in listed)
        lines = Lines(self.text)
        found = []
        for code, message, path, hint in listed:
            where = self.where(path)
            found.append(Diagnostic(code, message, where, hint, lines[where.line]))
        return sorted(found, key=lambda diagnostic: (diagnostic.where.line, diagnostic.where.column))


def read_bytes(path: Path, shown: str | None = None) -> bytes:
    """The file's content; raises `InputError` when it is missing, unreadable or too large."""
    where = Where(shown if shown is not None else str(path))
    try:
        if path.is_dir():
            raise InputError([Diagnostic("not-a-file", "this is a folder, not a file", where)])
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError([Diagnostic("file-unreadable", f"cannot read this file: {reason}", where)]) from None
    if len(data) > MAX_BYTES:
        message = f"this file is larger than {MAX_BYTES // 2**20} MiB"
        raise InputError([Diagnostic("file-too-large", message, where, _SPLIT)])
    return data


def read_text(path: Path, shown: str | None = None) -> str:
    """The file's text; raises `InputError` when it cannot be read, or is not UTF-8 text."""
    name = shown if shown is not None else str(path)
    data = read_bytes(path, name)
    return decoded(data, name)


def decoded(data: bytes, name: str, line: int | None = None) -> str:
    """The text of the file *name*, or of one *line* of it; raises `InputError` when it is not UTF-8 text."""
    first = line or 1
    try:
        text = data.decode("utf-8-sig" if line is None else "utf-8")  # a byte order mark has its place at the beginning
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8" + (", not as UTF-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "")
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8-sig")) + 1
        where = Where(name, data.count(b"\n", 0, start) + first, column)
        end = data.find(b"\n", error.start)
        excerpt = data[start : end if end >= 0 else None].decode("utf-8", "replace").rstrip("\r")
        raise InputError([Diagnostic("not-utf8", "this file is not UTF-8 text", where, hint, excerpt)]) from None
    bad = _CONTROL.search(text)
    if bad:
        lines = Lines(text)
        at, column = lines.position(bad.start())
        message = f"control character U+{ord(bad.group()):04X} is not allowed"
        hint = "save it as UTF-8, not as UTF-16" if text.count("\0") * 3 > len(text) else "remove it"
        where = Where(name, at + first - 1, column)
        raise InputError([Diagnostic("control-character", message, where, hint, lines[at])])
    return text


def load_yaml(path: Path, shown: str | None = None) -> Document:
    """Read one YAML file; raises `InputError` with everything that is wrong with its form but repeated keys."""
    name = shown if shown is not None else str(path)
    return parse_yaml(read_text(path, name), name)


def parse_yaml(text: str, name: str) -> Document:
    """Parse YAML *text*; *name* is the file name to show in messages."""
    builder = _Builder(name, text)
    collecting = gc.isenabled()
    gc.disable()
    try:
        value = builder.build(_parser(text).get_event)
    except yaml.YAMLError as error:
        raise InputError([*builder.diagnostics, _syntax(error, name, builder.lines)]) from None
    finally:
        if collecting:
            gc.enable()
    if builder.unusable:
        raise InputError(builder.diagnostics)
    return Document(name, text, value, builder.diagnostics)


def _syntax(error: yaml.YAMLError, name: str, lines: Lines) -> Diagnostic:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Diagnostic("yaml-syntax", str(error).partition("\n")[0], Where(name))
    where = Where(name, mark.line + 1, mark.column + 1)
    excerpt = lines[where.line]
    words = (getattr(error, "problem", None), getattr(error, "context", None))
    problem = ", ".join(part for part in words if part) or "this is not valid YAML"
    if _LIBRARY_TOO_DEEP in problem:
        return Diagnostic("yaml-too-deep", _TOO_DEEP, where, "", excerpt)
    hint = "indent with spaces, not tabs" if "\t" in excerpt[: where.column] else ""
    return Diagnostic("yaml-syntax", problem, where, hint, excerpt)


def yaml_events(text: str) -> Iterator[Any]:
    """The events of a YAML text, in their order."""
    parser = _parser(text)
    while (event := parser.get_event()) is not None:
        yield event
        if type(event) is yaml.StreamEndEvent:
            return


def place_in_json(path: Path, key: KeyPath) -> tuple[Where, str]:
    """Where *key* of a JSON file stands, and its line; the file as a whole where that cannot be found.

    JSON is close enough to YAML for its events to be walked.
    """
    if not path.is_file():
        return Where(str(path)), ""  # a pipe cannot be read again
    try:
        text = read_text(path)
        document = Document(str(path), text, None)
        where = document.where(key)
    except (InputError, yaml.YAMLError):
        return Where(str(path)), ""
    return where, Lines(text)[where.line] if key else ""


class _Builder:
    """One walk over libyaml's events, building plain values with an explicit stack."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = Lines(text)
        self.diagnostics: list[Diagnostic] = []
        self.unusable = False
        self.documents = 0

    def build(self, next_event: Callable[[], Any]) -> Any:  # noqa: PLR0912 - one state machine reads better in one piece
        """The value. A frame of the stack is [container, pending key or None]."""
        root: Any = None
        nodes = 0
        stack: list[list[Any]] = []
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                value = event.value if event.style else scalar(event.value)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                value = {} if kind is yaml.MappingStartEvent else []
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                stack.pop()
                continue
            elif kind is yaml.AliasEvent:
                value = None
            elif kind is yaml.StreamEndEvent:
                return root
            else:
                self._document(event)
                continue
            nodes += 1
            if event.anchor is not None or nodes > MAX_NODES or getattr(event, "tag", None) is not None:
                self._properties(event, nodes)
            if not stack:
                root = value
            else:
                container, key = frame = stack[-1]
                if type(container) is list:
                    container.append(value)
                elif key is None:
                    frame[1] = self._key(event, container)
                    continue
                else:
                    container[key] = value
                    frame[1] = None
            if kind is not yaml.ScalarEvent and kind is not yaml.AliasEvent:
                stack.append([value, None])
                if len(stack) > MAX_DEPTH:
                    self._stop("yaml-too-deep", _TOO_DEEP, event)

    def _document(self, event: Any) -> None:
        if type(event) is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self._stop("yaml-many-documents", "only one YAML document per file", event, "remove the `---`")

    def _properties(self, event: Any, nodes: int) -> None:
        if nodes > MAX_NODES:
            self._stop("yaml-too-many-values", f"more than {MAX_NODES:,} values", event)
        if event.anchor is not None:
            kind = "aliases" if isinstance(event, yaml.AliasEvent) else "anchors"
            hint = "write the value out where it is needed"
            self._refuse("yaml-alias", f"YAML {kind} are not supported", event, hint)
        else:
            self._refuse("yaml-tag", "YAML tags are not supported", event, "remove the word that begins with `!`")
        self.unusable = True

    def _key(self, event: Any, container: dict[str, Any]) -> str:
        if type(event) is not yaml.ScalarEvent:
            self._stop("yaml-complex-key", "a key must be a plain word", event)
        key: str = event.value
        if key == "<<" and not event.style:
            hint = "write the keys out where they are needed"
            self._refuse("yaml-merge-key", "YAML merge keys are not supported", event, hint)
            self.unusable = True
        elif key in container:
            self._refuse("duplicate-key", f"`{brief(key)}` is given twice", event, "keep one of them")
        return key

    def _refuse(self, code: str, message: str, event: Any, hint: str = "") -> None:
        if len(self.diagnostics) >= MAX_REPORTED:
            raise InputError(self.diagnostics, more=True)
        where = Where(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        self.diagnostics.append(Diagnostic(code, message, where, hint, self.lines[where.line]))

    def _stop(self, code: str, message: str, event: Any, hint: str = "") -> NoReturn:
        self._refuse(code, message, event, hint)
        raise InputError(self.diagnostics)


def _positions(text: str, wanted: set[KeyPath], to_the_end: bool) -> dict[KeyPath, Position]:
    """Line and column of each *wanted* path of a text that `_Builder` has accepted.

    *wanted* holds every beginning of each path, so that a part of the file nobody asks about is walked over quickly.
    A repeated key's last place counts, as its last value does; without any, the walk ends when everything is found.
    """
    found: dict[KeyPath, Position] = {}
    stack: list[list[Any]] = []  # path or None, pending key or None or the next index of a list
    next_event = _parser(text).get_event
    while True:
        event = next_event()
        kind = type(event)
        if kind is yaml.StreamEndEvent:
            return found
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            stack.pop()
            continue
        if kind not in (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent):
            continue
        path: KeyPath | None = ()
        if stack:
            base, key = frame = stack[-1]
            if key is None:
                frame[1] = event.value
                path = (*base, event.value, THE_KEY) if base is not None else None
            else:
                frame[1] = key + 1 if type(key) is int else None
                path = (*base, key) if base is not None else None
        if path is not None and path in wanted:
            found[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
            if len(found) == len(wanted) and not to_the_end:
                return found
        else:
            path = None
        if kind is not yaml.ScalarEvent:
            stack.append([path, 0 if kind is yaml.SequenceStartEvent else None])


def _parser(text: str) -> Any:
    """The event parser of libyaml, or the slower pure-Python one where PyYAML was built without it."""
    try:
        from yaml import cyaml  # noqa: PLC0415 - fails where PyYAML was built without libyaml
    except ImportError:
        return yaml.Loader(text)
    return cyaml.CParser(text)  # type: ignore[attr-defined]


def scalar(text: str) -> Any:  # noqa: PLR0911 - one return per kind of scalar
    """A plain scalar by the YAML 1.2 core schema (without octal and hexadecimal); integers of any size stay whole."""
    if text.isdecimal() and text.isascii() and len(text) <= _LONGEST_INT:
        return int(text)
    if text and text[0] not in "-+.0123456789~nNtTfF":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text) and len(text) <= _LONGEST_INT:
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    special = _SPECIAL_FLOAT.match(text)
    if special:
        return float(f"{special[1]}inf") if special[2] else float("nan")
    return text
