"""JSON lines: one workload per line, with the keys it has in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from placement.diagnostics import InputError, brief
from placement.documents import Document, KeyPath, parse_yaml
from placement.inventory.fleet.form import Form, RowError
from placement.inventory.fleet.rows import Row, row_of_json
from placement.inventory.workload import Workload

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""Half of a character as JSON writes it; YAML knows no such thing."""


class JsonLines(Form):
    """A line is a JSON object."""

    def row(self, line: bytes) -> Row:
        """The row of a *line*; raises `ValueError`."""
        row, keys = row_of_json(line)
        if line.count(b":") != keys:  # a text with a colon, or a key that is given twice
            json.loads(line, object_pairs_hook=_once)
        return row

    def workload(self, line: bytes) -> Workload:
        """The workload of a *line* that `row` has accepted."""
        return Workload.model_validate_json(line)

    def value(self, text: str) -> Any:
        """The plain value of a line; raises `RowError`."""
        try:
            return json.loads(text, object_pairs_hook=_once)
        except json.JSONDecodeError as error:
            raise RowError(
                "json-syntax",
                f"this is not valid JSON: {error.msg.lower().removesuffix(' starting at')}",
                error.pos + 1,
            ) from None
        except RecursionError:
            raise RowError("json-syntax", "this is nested too deeply", 1) from None
        except _RepeatedKeyError as error:
            raise RowError("duplicate-key", str(error), _repeated_at(text), "keep one of them") from None
        except ValueError:
            raise RowError("json-syntax", "a number has too many digits", 1) from None

    def columns(self, text: str, paths: Iterable[KeyPath]) -> list[int]:
        """Where the values at *paths* stand in the line. JSON is close enough to YAML for its events to be walked."""
        document, wanted = Document("", _SURROGATE.sub(r"\\u0020", text), None), list(paths)
        try:
            document.locate(wanted)
            return [document.where(path).column for path in wanted]
        except yaml.YAMLError:
            return [1] * len(wanted)

    def line(self, workload: Workload) -> str:
        """The line that says *workload*."""
        plain = workload.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(_shortest(plain), ensure_ascii=False)


class _RepeatedKeyError(ValueError):
    """A key is given twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _RepeatedKeyError(f"`{brief(twice)}` is given twice")
    return found


def _repeated_at(text: str) -> int:
    """The column of the first key of *text* that is there already."""
    try:
        return min((found.where.column for found in parse_yaml(text, "").repeated), default=1)
    except InputError:
        return 1


def _shortest(value: Any) -> Any:
    """*value* with whole numbers written without a fraction."""
    if isinstance(value, dict):
        return {key: _shortest(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_shortest(part) for part in value]
    whole = isinstance(value, float) and value.is_integer() and 0 < value < 2**53
    return int(value) if whole else value
