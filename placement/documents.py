"""YAML and CSV files → plain values, safely.

YAML is read as an event stream: size, depth, count, anchors, aliases, tags and merge keys are checked before anything
is built, so a hostile file costs no more than a friendly one. Scalars follow YAML 1.2 (`NO` is a string). Positions
are looked up in a second pass, and only when there is something to complain about.
"""

import csv
import gc
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from placement.diagnostics import Diagnostic, InputError, Where

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 2_000_000

Key = str | int
KeyPath = tuple[Key, ...]
Position = tuple[int, int]

_INT = re.compile(r"[-+]?[0-9]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$")
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Document:
    """A parsed file: its value, and where each key of it stands (looked up on first use)."""

    path: str
    text: str
    value: Any
    _positions: dict[KeyPath, Position] | None = None

    def where(self, path: KeyPath) -> Where:
        """The place of *path*, or of its nearest ancestor that exists (a missing key points at its parent)."""
        if self._positions is None:
            self._positions = {}
            _Composer(self.path, self.text, self._positions).compose()
        for end in range(len(path), -1, -1):
            position = self._positions.get(path[:end])
            if position is not None:
                return Where(self.path, *position)
        return Where(self.path)

    def diagnostic(self, code: str, message: str, path: KeyPath, hint: str = "") -> Diagnostic:
        """A diagnostic that points at *path* and shows its line."""
        where = self.where(path)
        return Diagnostic(code, message, where, hint, line_of(self.text, where.line))


def line_of(text: str, line: int) -> str:
    """Line number *line* (from 1) of *text*, empty when there is none."""
    if line < 1:
        return ""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
        if start == 0:
            return ""
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)].rstrip("\r")


def read_text(path: Path, shown: str | None = None) -> str:
    """The file's text; raises `InputError` when it is missing, too large, or not UTF-8."""
    name = shown if shown is not None else str(path)
    where = Where(name)
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
        raise InputError([Diagnostic("file-too-large", message, where, "split the inventory")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise InputError(
            [Diagnostic("not-utf8", "this file is not UTF-8 text", Where(name, line, column), "save it as UTF-8")]
        ) from None


def load_yaml(path: Path, shown: str | None = None) -> Document:
    """Read one YAML file; raises `InputError` with everything that is wrong with its form."""
    name = shown if shown is not None else str(path)
    return parse_yaml(read_text(path, name), name)


def parse_yaml(text: str, name: str) -> Document:
    """Parse YAML *text*; *name* is the file name to show in messages."""
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        where = Where(name, line, bad.start() - text.rfind("\n", 0, bad.start()))
        message = f"control character U+{ord(bad.group()):04X} is not allowed"
        raise InputError([Diagnostic("control-character", message, where, excerpt=line_of(text, line))])
    composer = _Composer(name, text, None)
    collecting = gc.isenabled()
    gc.disable()
    try:
        value = composer.compose()
    finally:
        if collecting:
            gc.enable()
    if composer.diagnostics:
        raise InputError(composer.diagnostics)
    return Document(name, text, value)


class _Composer:
    """One walk over libyaml's events, building plain values with an explicit stack."""

    def __init__(self, name: str, text: str, positions: dict[KeyPath, Position] | None) -> None:
        self.name = name
        self.text = text
        self.positions = positions
        self.diagnostics: list[Diagnostic] = []

    def compose(self) -> Any:
        try:
            return self._walk(_parser(self.text))
        except yaml.MarkedYAMLError as error:
            raise InputError([self._syntax(error)]) from None
        except yaml.YAMLError as error:
            message = str(error).splitlines()[0]
            raise InputError([Diagnostic("yaml-syntax", message, Where(self.name))]) from None

    def _syntax(self, error: yaml.MarkedYAMLError) -> Diagnostic:
        mark = error.problem_mark or error.context_mark
        where = Where(self.name, mark.line + 1, mark.column + 1) if mark else Where(self.name)
        excerpt = line_of(self.text, where.line)
        problem = ", ".join(part for part in (error.problem, error.context) if part)
        hint = "indent with spaces, not tabs" if "\t" in excerpt[: where.column] else ""
        return Diagnostic("yaml-syntax", problem or "this is not valid YAML", where, hint, excerpt)

    def _refuse(self, code: str, message: str, event: Any, hint: str = "") -> Diagnostic:
        mark = event.start_mark
        where = Where(self.name, mark.line + 1, mark.column + 1)
        return Diagnostic(code, message, where, hint, line_of(self.text, where.line))

    def _check(self, event: Any, depth: int, nodes: int) -> None:
        if getattr(event, "anchor", None) is not None:
            kind = "aliases" if isinstance(event, yaml.AliasEvent) else "anchors"
            hint = "write the value out where it is needed"
            raise InputError([self._refuse("yaml-alias", f"YAML {kind} are not supported", event, hint)])
        if getattr(event, "tag", None) is not None:
            raise InputError([self._refuse("yaml-tag", "YAML tags are not supported", event, "remove the `!tag`")])
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise InputError([self._refuse("yaml-too-deep", message, event)])
        if nodes > MAX_NODES:
            raise InputError([self._refuse("yaml-too-many-values", f"more than {MAX_NODES:,} values", event)])

    def _walk(self, parser: Any) -> Any:  # noqa: PLR0912 - one state machine reads better in one piece
        """Build the value. A frame is [container, pending key or None, path]."""
        root: Any = None
        documents = nodes = 0
        stack: list[list[Any]] = []
        next_event = parser.get_event
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    self._check(event, len(stack), nodes)
                value = _scalar(event.value) if event.style is None or event.style == "" else event.value
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._check(event, len(stack) + 1, nodes)
                value = {} if kind is yaml.MappingStartEvent else []
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                stack.pop()
                continue
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise InputError([self._refuse("yaml-many-documents", "only one YAML document per file", event)])
                continue
            elif kind is yaml.AliasEvent:
                self._check(event, 0, 0)
                continue
            elif kind is yaml.StreamEndEvent:
                return root
            else:
                continue
            nodes += 1
            if nodes > MAX_NODES:
                self._check(event, 0, nodes)
            path: KeyPath = ()
            if stack:
                frame = stack[-1]
                container, key, base = frame
                if type(container) is list:
                    path = (*base, len(container)) if self.positions is not None else ()
                    container.append(value)
                elif key is None:
                    frame[1] = (self._key(event, container, value),)
                    if self.positions is not None:
                        mark = event.start_mark
                        self.positions.setdefault((*base, frame[1][0], "<key>"), (mark.line + 1, mark.column + 1))
                    continue
                else:
                    path = (*base, key[0]) if self.positions is not None else ()
                    container[key[0]] = value
                    frame[1] = None
            else:
                root = value
            if self.positions is not None:
                mark = event.start_mark
                self.positions.setdefault(path, (mark.line + 1, mark.column + 1))
            if kind is not yaml.ScalarEvent:
                stack.append([value, None, path])

    def _key(self, event: Any, container: dict[str, Any], value: Any) -> str:
        if type(event) is not yaml.ScalarEvent:
            raise InputError([self._refuse("yaml-complex-key", "a key must be a plain word", event)])
        key: str = event.value
        if key == "<<" and event.style in (None, ""):
            hint = "write the keys out where they are needed"
            raise InputError([self._refuse("yaml-merge-key", "YAML merge keys are not supported", event, hint)])
        if key in container:
            self.diagnostics.append(self._refuse("duplicate-key", f"`{key}` is given twice", event, "keep one of them"))
        return key


def _parser(text: str) -> Any:
    """libyaml's event parser, or the slower pure-Python one where PyYAML was built without it."""
    try:
        from yaml.cyaml import CParser  # noqa: PLC0415 - absent where PyYAML was built without libyaml
    except ImportError:
        return yaml.Loader(text)
    return CParser(text)


def _scalar(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema; integers beyond 64 bits become floats."""
    first = text[:1]
    if first and first not in "-+.0123456789~nNtTfF":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text) if len(text) < 19 else float(text)
    if _FLOAT.match(text) or _SPECIAL_FLOAT.match(text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".n", "n")
                     .replace(".N", "N"))  # fmt: skip
    return text


def load_csv(path: Path, columns: tuple[str, ...], shown: str | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with exactly *columns*, each with its line number; raises `InputError`."""
    name = shown if shown is not None else str(path)
    text = read_text(path, name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            where = Where(name, 1, 1)
            message = f"the columns must be {','.join(columns)}"
            raise InputError([Diagnostic("csv-columns", message, where, excerpt=line_of(text, 1))])
        for row in reader:
            if len(row) != len(columns):
                where = Where(name, reader.line_num, 1)
                message = f"{len(row)} cells where {len(columns)} are needed"
                raise InputError([Diagnostic("csv-row", message, where, excerpt=line_of(text, reader.line_num))])
            yield reader.line_num, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise InputError([Diagnostic("csv-row", str(error), Where(name, reader.line_num, 1))]) from None
