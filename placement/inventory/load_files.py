"""Files of loads: hourly values, or a trace of requests. Read line by line, whatever their length."""

from __future__ import annotations

import csv
import json
import math
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from placement.csv_tables import cell_begin
from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, brief
from placement.documents import decoded, scalar
from placement.inventory.curves import HOURLY, Curve, hourly_curve
from placement.inventory.fleet.source import Line, Source, other_line_end
from placement.inventory.loads import BUCKET_MINUTES, HOURS_WORDS, PERCENTILE, Load
from placement.inventory.rate import LEAST, MOST
from placement.inventory.traces import Buckets, Lengths, Rates, Requests, trace_curve
from placement.inventory.work import MOST_CONTEXT

Progress = Callable[[int], None]
"""Told how many bytes of a file have been read."""

TIMES = ("timestamp", "timestamp_s", "time", "arrived_at")
INPUTS = ("contexttokens", "input_tokens", "prompt_tokens")
OUTPUTS = ("generatedtokens", "output_tokens", "completion_tokens")
RATES = ("total_rate_rps", "rate_rps")
"""Names of columns, in whatever case."""

_REPORT_LINES = 2**13
_LATEST_S = 1e11
"""Later numbers of seconds are of milliseconds."""

_FEWEST = 2
"""Complete buckets."""


def read_curve(load: Load, path: Path, name: str, report: Progress) -> Curve:
    """What the file of a *load* says, which messages call *name*; raises `InputError`."""
    source = Source(path, name, "value" if load.trace is None else "request")
    try:
        lines = _reported(source.lines(), report)
        return _hourly(lines, name) if load.trace is None else _trace(lines, name, load)
    finally:
        source.close()


def _reported(lines: Iterator[Line], report: Progress) -> Iterator[Line]:
    for count, line in enumerate(lines):
        if count % _REPORT_LINES == 0:
            report(line[1])
        yield line


def _hourly(lines: Iterator[Line], name: str) -> Curve:
    """The curve of a column of hourly values."""
    values, count, found, header = array("d"), 0, list[Diagnostic](), True
    for line in lines:
        text = _text(line, name)
        value = scalar(text.strip(' "'))
        if header and isinstance(value, str) and "," not in text:
            header = False
            continue
        header = False
        wrong = _wrong_value(value)
        if wrong:
            message = "one column of values is needed" if "," in text else f"a value of an hour {wrong}"
            found.append(Diagnostic("load-value", message, Where(name, line[0], 1), excerpt=text))
            if len(found) > MAX_REPORTED:
                break
            continue
        count += 1
        if count <= max(HOURLY):
            values.append(value)
    if found:
        raise InputError(found[:MAX_REPORTED], more=len(found) > MAX_REPORTED)
    if not count:
        raise InputError([Diagnostic("empty-file", "there is no value in this file", Where(name))])
    if count not in HOURLY:
        raise InputError([Diagnostic("load-hours", HOURS_WORDS.format(count=f"{count:,}"), Where(name))])
    if max(values) < LEAST:
        raise InputError([Diagnostic("load-empty", "there is nothing to do at any hour", Where(name))])
    return hourly_curve(values)


def _wrong_value(value: object) -> str:
    """What is wrong with a value, if it is none per second."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number" if value is None else f"must be a number, not `{brief(str(value))}`"
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    return "" if 0 <= value <= MOST else f"must be at least 0 and at most {MOST:,.0f}"


def _text(line: Line, name: str) -> str:
    """The text of a line; raises `InputError` for what is none."""
    other = other_line_end(line[2], name, line[0])
    if other is not None:
        raise InputError([other])
    return decoded(line[2], name, line[0])


class _Columns(NamedTuple):
    """Where things stand in a row: numbers of cells, or keys of an object. None for what is not there."""

    time: Any
    input: Any
    output: Any
    rate: Any


def _columns(names: dict[str, Any]) -> _Columns | None:
    """The columns among *names*; None where no time is among them."""
    known = {name.strip(' "').lower(): at for name, at in names.items()}

    def first(of: tuple[str, ...]) -> Any:
        return next((known[name] for name in of if name in known), None)

    time = first(TIMES)
    return None if time is None else _Columns(time, first(INPUTS), first(OUTPUTS), first(RATES))


def _trace(lines: Iterator[Line], name: str, load: Load) -> Curve:
    """The curve of a trace."""
    minutes = load.bucket_minutes or BUCKET_MINUTES
    percentile = PERCENTILE if load.percentile is None else load.percentile
    first = next(lines, None)
    if first is None:
        raise InputError([Diagnostic("empty-file", "there is nothing in this file", Where(name))])
    reading = _Reading(name, _text(first, name), first, minutes * 60)
    if reading.is_json:
        reading.take(first)
    for line in lines:
        reading.take(line)
    buckets = reading.finished()
    where, most = Where(name), max(buckets.spent, default=0.0)
    if buckets.complete < _FEWEST:
        message = f"this trace is shorter than {_FEWEST} buckets of {minutes:.4g} minutes"
        raise InputError([Diagnostic("trace-short", message, where, "take a longer one, or shorter `bucket_minutes`")])
    curve = trace_curve(buckets, percentile, reading.lengths())
    if curve.peak < LEAST:
        busy = "no buckets" if not most else f"at most {100 - percentile:.4g} % of the buckets"
        hint = "take longer `bucket_minutes`, or a higher `percentile`" if most else ""
        raise InputError([Diagnostic("load-empty", f"{busy} of {minutes:.4g} minutes have a request", where, hint)])
    return curve


class _Reading:
    """What has been read of a trace."""

    def __init__(self, name: str, head: str, line: Line, bucket_s: float) -> None:
        self.name = name
        self.is_json = head.lstrip().startswith("{")
        names = self._object(line, head) if self.is_json else _numbered(head)
        columns = _columns({key: key for key in names} if self.is_json else names)
        if columns is None:
            given = ", ".join(f"`{brief(key)}`" for key in list(names)[:6])
            message = f"none of these is a time stamp: {given}" if given else "this line names no columns"
            hint = f"name it {', '.join(f'`{known}`' for known in TIMES)}"
            raise InputError([Diagnostic("trace-columns", message, Where(name, line[0], 1), hint, head)])
        self.columns = columns
        self.width = len(names)
        self.rates = Rates(bucket_s) if columns.rate is not None else None
        self.requests = Requests(bucket_s)
        self.count, self.input, self.output = 0, 0.0, 0.0
        self.zoned: bool | None = None
        self.numeric: bool | None = None
        self.found: list[Diagnostic] = []

    def take(self, line: Line) -> None:
        """One row; raises `InputError` where nothing after it could be understood, or when there are many errors."""
        try:
            cells = self._cells(line)
            at = self._stamp(cells, line)
            if self.rates is not None:
                self._later(at, self.rates, line, repeated=True)
                self.rates.add(at, self._number(cells, self.columns.rate, line, MOST))
                return
            self._later(at, self.requests, line)
            self.requests.add(at)
            self.count += 1
            if self.columns.input is not None:
                self.input += self._number(cells, self.columns.input, line, _MOST_TOKENS)
            if self.columns.output is not None:
                self.output += self._number(cells, self.columns.output, line, _MOST_TOKENS)
        except _CellError as error:
            self.found.append(error.diagnostic)
            if error.final or len(self.found) > MAX_REPORTED:
                raise InputError(self.found[:MAX_REPORTED], more=len(self.found) > MAX_REPORTED) from None

    def finished(self) -> Buckets:
        """What was counted; raises `InputError` with all errors."""
        if self.found:
            raise InputError(self.found)
        buckets = self.rates or self.requests
        if buckets.first is None:
            message = "there is no request in this file"
            raise InputError([Diagnostic("empty-file", message, Where(self.name), "each line below the names is one")])
        if self.rates is not None:
            self.rates.end()
        return buckets

    def lengths(self) -> Lengths:
        """Tokens of a request on average."""
        return Lengths(self.input / self.count, self.output / self.count) if self.count else Lengths()

    def _cells(self, line: Line) -> Any:
        try:
            text = line[2].decode()
        except UnicodeDecodeError:
            text = _text(line, self.name)
        if self.is_json:
            return self._object(line, text)
        cells = text.split(",") if '"' not in text else _quoted(text)
        if len(cells) != self.width:
            message = f"{len(cells)} cells where {self.width} are needed" if cells else "quotes do not match here"
            self._fail("csv-row", message, line)
        return cells

    def _object(self, line: Line, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            column = getattr(error, "pos", 0) + 1
            message = "this line is not valid JSON"
            where = Where(self.name, line[0], column)
            raise InputError([Diagnostic("json-syntax", message, where, excerpt=text)]) from None
        if not isinstance(found, dict):
            message = "this line must be an object of keys and values"
            raise InputError([Diagnostic("json-syntax", message, Where(self.name, line[0], 1), excerpt=text)])
        return found

    def _stamp(self, cells: Any, line: Line) -> float:
        """When the request arrived [s]."""
        said = cells.get(self.columns.time) if self.is_json else cells[self.columns.time]
        if type(said) is str:
            try:
                at = datetime.fromisoformat(said.strip(' "'))
            except ValueError:
                said = scalar(said.strip(' "'))
            else:
                if said.isdecimal():  # a date without dashes, were it no number of seconds
                    return self._seconds(float(said), line)
                return self._instant(at, line)
        if said is None or said == "":
            self._fail("trace-time", "the time stamp is missing", line, self.columns.time)
        if type(said) not in (int, float):
            hint = "write it as 2026-03-31 14:00:00, or in seconds"
            self._fail("trace-time", f"`{brief(str(said))}` is no time stamp", line, self.columns.time, hint)
        return self._seconds(said, line)

    def _seconds(self, at: float, line: Line) -> float:
        if not -_LATEST_S <= at <= _LATEST_S:
            message = f"`{brief(str(at))}` is no time in seconds"
            hint = "milliseconds are divided by 1,000"
            self._fail("trace-time", message, line, self.columns.time, hint)
        self._same_kind(line, numeric=True)
        return float(at)

    def _instant(self, at: datetime, line: Line) -> float:
        zoned = at.tzinfo is not None
        self._same_kind(line, numeric=False)
        if self.zoned is None:
            self.zoned = zoned
        elif self.zoned is not zoned:
            message = "this time stamp has no zone, and those before have one"
            if zoned:
                message = "this time stamp has a zone, and those before have none"
            self._fail("trace-zone", message, line, self.columns.time, "give all of them one, or none", final=True)
        return (at - (_EPOCH if zoned else _PLAIN_EPOCH)).total_seconds()

    def _same_kind(self, line: Line, *, numeric: bool) -> None:
        if self.numeric is None:
            self.numeric = numeric
        elif self.numeric is not numeric:
            message = "some time stamps are numbers of seconds, and some are not"
            self._fail("trace-time", message, line, self.columns.time, "write all of them alike", final=True)

    def _later(self, at: float, buckets: Buckets, line: Line, *, repeated: bool = False) -> None:
        if buckets.first is None or at > buckets.last or (at == buckets.last and not repeated):
            return
        message = "this is no later than the line before" if repeated else "this is earlier than the line before"
        self._fail("trace-unsorted", message, line, self.columns.time, "sort the file by time", final=True)

    def _number(self, cells: Any, key: Any, line: Line, most: float) -> float:
        """What stands in a cell."""
        said = cells.get(key) if self.is_json else cells[key]
        if type(said) is str:
            if said.isdecimal() and said.isascii() and len(said) < _SHORT:
                return float(said)
            said = scalar(said.strip(' "'))
        wrong = _wrong_value(said) or ("" if said <= most else f"must be at most {most:,.0f}")
        if wrong:
            self._fail("load-value", f"this {wrong}", line, key)
        return float(said)

    def _fail(
        self, code: str, message: str, line: Line, key: Any = None, hint: str = "", *, final: bool = False
    ) -> None:
        text = _text(line, self.name)
        column = cell_begin(text, key) + 1 if isinstance(key, int) else 1
        raise _CellError(Diagnostic(code, message, Where(self.name, line[0], column), hint, text), final)


class _CellError(Exception):
    """A row that says nothing that can be understood."""

    def __init__(self, diagnostic: Diagnostic, final: bool) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.final = final


def _numbered(head: str) -> dict[str, Any]:
    """The names of columns with their numbers."""
    return {name: number for number, name in enumerate(_quoted(head))}


def _quoted(text: str) -> list[str]:
    """The cells of a line; none where quotes do not match."""
    try:
        return next(csv.reader((text,), strict=True), [])
    except csv.Error:
        return []


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN_EPOCH = datetime(1970, 1, 1)
_MOST_TOKENS = MOST_CONTEXT
_SHORT = 9
"""Digits of a number of tokens that needs no second look."""
